/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * release.h - tunnel gone, SA unused: charon deletes it (RFC 3193 section 3.1), and the IKE_SA if nothing else uses that.
 *
 * RELEASE_AFTER_MS after the last tunnel of an SA has gone, and only where no tunnel is on it, its successor, or another of the same peer for the
 * same policy: a peer that comes back at once finds its SA.
 */
#ifndef SABUS_XL2TPD_RELEASE_H
#define SABUS_XL2TPD_RELEASE_H

#include "tunnels.h"

#define RELEASE_AFTER_MS 1000

/* t, which had an answer, is about to be removed from the table. */
void release_tunnel(const struct tun *t);

/* Events of the bus. */
void release_sa_put(const struct sabus_sa *sa);
void release_sa_del(uint32_t id);
void release_result(const struct sabus_event *ev);
void release_snapshot(void); /* one begins: what is not in it is gone */
void release_done(void);     /* it is complete */
void release_lost(void);     /* the connection, and what was asked on it */
void release_pump(void);

/* xl2tpd ends: asks for all at once, waits for nothing, forgets all. */
void release_all(void);

#endif
