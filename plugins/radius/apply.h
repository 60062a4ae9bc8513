/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply.h - a server's answer put into effect in pppd: addresses, name servers, limits, keys, environment of the scripts.
 */
#ifndef SABUS_RADIUS_APPLY_H
#define SABUS_RADIUS_APPLY_H

#include "radsession.h"

/* Takes over the hooks for the peer's address.  Once, from plugin_init(). */
void apply_hook(struct session *s);

/* Can it be put into effect?  0, or -EINVAL: why. */
int apply_possible(const struct session *s, const struct reading *r, char *why, size_t size);

/* Puts s->reading into effect, and takes back what an earlier answer on this link had and this one has not. */
void apply_reading(struct session *s);

/* The MPPE keys of an answer to MS-CHAP, or none.  challenge: of MS-CHAPv1, 8 octets; NULL for other protocols, which have no use for MS-CHAP-MPPE-Keys. */
void apply_keys(const struct reading *r, unsigned char *challenge);

/* Filter-Id in the scripts' environment, and the administrator's program for it, if there is one: waits for it (5 s), and ends the link when it fails. */
void apply_filter(struct session *s);

#endif
