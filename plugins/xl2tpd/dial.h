/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dial.h - client role: charon is asked to bring up the SA of a tunnel before its SCCRQ goes.
 */
#ifndef SABUS_XL2TPD_DIAL_H
#define SABUS_XL2TPD_DIAL_H

#include "tunnels.h"

/*
 * Fills in the local address of a flow that has none: the one that the kernel's routes give to what goes to the peer.  0 or -errno
 * (-ENETUNREACH ...).  Sends nothing, does not wait.
 */
int dial_local_address(struct sabus_flow *flow);

/* Asks charon, as soon as there is room; request_dialled() follows. */
void dial_initiate(struct tun *t);

/* SABUS_EV_RESULT: true if it was about an SA to bring up. */
bool dial_result(const struct sabus_event *ev);

void dial_forget(struct tun *t);
void dial_lost(void); /* the connection is gone, and what was asked with it */
void dial_pump(void);

#endif
