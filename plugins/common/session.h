/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - a PPP session over L2TP as its pppd publishes it: which tunnel, which SA below, what was decided.
 *
 * For people and tools (sabusctl status, RADIUS, metrics); nothing is enforced by it.  Plain data like struct sabus_sa.
 * A session lives as long as the bus connection that put it.
 */
#ifndef SABUS_SESSION_H
#define SABUS_SESSION_H

#include <stdint.h>
#include "sa.h"

#define SABUS_IFNAME_MAX 16
#define SABUS_USER_MAX	 256
#define SABUS_WORD_MAX	 32
#define SABUS_SUM_MAX	 160
#define SABUS_ACCT_MAX	 64

struct sabus_session {
	uint32_t pid;			/* of the pppd; filled in by the broker from SO_PEERCRED */
	uint8_t role;			/* enum sabus_role */
	uint8_t up;			/* 1 = network phase reached */
	char ifname[SABUS_IFNAME_MAX];	/* "ppp0", "" before it exists */
	char user[SABUS_USER_MAX];	/* peer's authenticated name, "" = none */
	struct sabus_flow flow;		/* the tunnel's UDP endpoints */
	uint16_t tunnel_id, session_id;			/* ours (RFC 2661) */
	uint16_t peer_tunnel_id, peer_session_id;	/* the peer's */
	uint32_t sa_id;			/* struct sabus_sa.id of the SA below, 0 = none */
	uint32_t spi_in, spi_out;	/* of that SA, host byte order */
	char reason[SABUS_WORD_MAX];	/* word of reason.h */
	char mppe[SABUS_WORD_MAX];	/* "refused" "mirror" "required", with ":up" when it runs both ways */
	char ccp[SABUS_WORD_MAX];
	char ecp[SABUS_WORD_MAX];
	uint16_t mtu, mru;		/* bytes, in effect */
	char mtu_sum[SABUS_SUM_MAX];	/* sabus_mtu_text() */
	uint64_t since;			/* CLOCK_REALTIME seconds */
	char acct_id[SABUS_ACCT_MAX];	/* Acct-Session-Id, "" = no RADIUS accounting */
	struct sabus_addr address;	/* the peer's PPP address (Framed-IP-Address), family 0 = none yet */
};

#endif
