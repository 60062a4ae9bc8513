/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sa_classes.h - one SA of every kind that the policy tells apart, with what a person would say of it.
 *
 * `refused` is the floor's reason whatever the policy (SABUS_R_COUNT: none); `tunnel`, `strength` and `cover` are what the policy goes by.
 */
#ifndef SABUS_TEST_SA_CLASSES_H
#define SABUS_TEST_SA_CLASSES_H

#include "fixture.h"
#include "policy.h"

enum what { ENCRYPTS, INTEGRITY_ONLY, NOTHING };

struct sa_class {
	const char *name;
	enum sabus_reason refused;
	enum what what;
	enum sabus_strength strength;
	bool needs_tunnel_mode; /* refused without allow_tunnel_mode */
	bool ipcomp;
	struct sabus_sa sa; /* filled in by sa_classes() */
};

/* The classes, ready for use; *n is their number. */
const struct sa_class *sa_classes(size_t *n);
const struct sa_class *sa_class(const char *name);

#endif
