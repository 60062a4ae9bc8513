/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain.h - a decision with all that led to it, and how it is shown.
 */
#ifndef SABUSCTL_EXPLAIN_H
#define SABUSCTL_EXPLAIN_H

#include "facts.h"

struct explanation {
	struct facts facts;
	struct sabus_merged merged; /* the policy that held, with the reply's share */
	struct sabus_decision decision;
	uint32_t mtu; /* bytes, after the cap; 0 = not known */
	bool capped;
};

void explain_text(const struct explanation *e, bool colour);
void explain_json(const struct explanation *e);

#endif
