/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tunnel.h - an L2TP tunnel and its calls as xl2tpd's plugin publishes them: which peer, which SA below, since when.
 *
 * For people and tools, like session.h; nothing is enforced by it.  The session of a call is its pppd's business (session.h); the ids join them.
 * Plain data of fixed size.  A tunnel or call lives on the bus until it is deleted or the connection that put it ends.
 */
#ifndef SABUS_TUNNEL_H
#define SABUS_TUNNEL_H

#include <stdint.h>
#include "sa.h"

#define SABUS_HOST_MAX	  64	/* L2TP host name and section name, with NUL */
#define SABUS_NUMBER_MAX  64	/* called and calling number, with NUL */
#define SABUS_TREASON_MAX 32	/* word of reason.h, with NUL */

/* Values are part of the wire format: append only. */
enum sabus_tunnel_state {
	SABUS_TSTATE_ASKED = 1,	/* SCCRQ came, or is held back until its SA is there */
	SABUS_TSTATE_UP = 2,	/* SCCCN came or went */
	SABUS_TSTATE_ENDING = 3, /* being closed; no new calls */
};

struct sabus_tunnel_info {
	uint32_t pid;			/* of the xl2tpd; filled in by the broker from SO_PEERCRED */
	uint8_t role;			/* enum sabus_role */
	uint8_t state;			/* enum sabus_tunnel_state */
	struct sabus_flow flow;		/* UDP endpoints and mark */
	uint16_t tunnel_id;		/* ours (RFC 2661), the key together with pid; never 0 */
	uint16_t peer_tunnel_id;	/* the peer's, 0 = not known yet */
	uint32_t sa_id;			/* struct sabus_sa.id of the SA below, 0 = none */
	char peer_host[SABUS_HOST_MAX];	/* Host Name AVP of the peer, unprintable bytes as '?' */
	char section[SABUS_HOST_MAX];	/* of xl2tpd.conf: "default" */
	char reason[SABUS_TREASON_MAX];	/* word of reason.h */
	uint32_t calls;			/* how many it has now */
	uint64_t since;			/* CLOCK_REALTIME seconds */
};

struct sabus_call_info {
	uint32_t pid;			/* of the xl2tpd; filled in by the broker */
	uint32_t pppd_pid;		/* 0 = none (yet) */
	uint16_t tunnel_id;		/* ours */
	uint16_t call_id;		/* ours, the key together with pid and tunnel_id; never 0 */
	uint16_t peer_call_id;
	uint8_t up;			/* 1 = pppd runs or the call was taken over */
	uint32_t serial;		/* Call Serial Number AVP */
	char calling[SABUS_NUMBER_MAX], called[SABUS_NUMBER_MAX];
	uint64_t since;			/* CLOCK_REALTIME seconds */
};

#endif
