/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * choose.h - which of charon's configurations brings up an SA for a flow?
 *
 * Without a name: connections whose remote address is the flow's peer, one single host (a responder's %any or a network cannot be initiated), whose local
 * address admits ours, with a CHILD_SA whose selectors admit UDP between the flow's ports.  With NAME or NAME/CHILD the addresses of the connection are the
 * administrator's business, the selectors must still admit the flow: an SA that does not cover it would help nobody.  Exactly one must be left.
 */
#ifndef SABUS_CHOOSE_H
#define SABUS_CHOOSE_H

#include "charon.h"
#include "sa.h"

struct choice {
	peer_cfg_t *peer;
	child_cfg_t *child;
};

/*
 * 0 = *out holds references, which choice_release() returns; ENOENT = none fits, EINVAL = several do; *why tells (names, remedy).
 * May look up names in DNS, as charon does with its configurations: for jobs, not for hooks.
 */
int choose(const struct sabus_flow *flow, const char *connection, struct choice *out, char *why, size_t size);
void choice_release(struct choice *c);

#endif
