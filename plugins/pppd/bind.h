/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bind.h - only the PPP users that the tunnel's IKE identity stands for (RFC 3193 section 5.1.1).
 *
 * All of it does nothing where sabus-bind-identity is none.
 */
#ifndef SABUS_PPPD_BIND_H
#define SABUS_PPPD_BIND_H

#include "link.h"
#include "sabus.h"

/* Is what the options demand possible: a map, well-formed and root's own?  false: why (size bytes) names file, line and fault. */
bool bind_ready(const struct plugin_options *o, char *why, size_t size);

/* Authentication is over, the network phase comes next (NF_AUTH_UP): ends the link, or l->bound. */
void bind_user(struct link *l);

/* l->sa has changed on a living link: may the user still be here?  false: the link is being ended. */
bool bind_still(struct link *l);

/* Is the SA that has replaced the link's own, among those of an answer, another identity's?  true: the link is being ended. */
bool bind_usurped(struct link *l, const struct sabus_event *ev);

#endif
