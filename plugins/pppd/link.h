/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h - the one link of this pppd process, and what is known of it.
 *
 * pppd has one link per process and calls many of its hooks without a context, so there is one struct link (in sabus.c).  Everybody
 * reads it; each member is written by the module named beside it.
 */
#ifndef SABUS_PPPD_LINK_H
#define SABUS_PPPD_LINK_H

#include <stdbool.h>
#include "overhead.h"
#include "policy.h"
#include "sa.h"
#include "tunnel.h"

struct plugin_options;

struct link {
	const struct plugin_options *opt;

	/* verdict.c: set before the first packet, kept up to date by watch.c */
	bool judged;   /* the fields below are valid */
	bool have_tun; /* tun was identified */
	struct tunnel tun;
	enum sabus_knowledge knowledge;
	bool have_sa;
	struct sabus_sa sa; /* protects the tunnel; valid with have_sa */
	struct sabus_mtu_in path;
	struct sabus_decision decision;

	bool mppe_up;	 /* ccp.c: MPPE runs in both directions */
	bool bound;	 /* bind.c: the user was found to fit the SA's identity */
	bool network;	 /* sabus.c: network phase reached */
	bool closing;	 /* close.c: the link is being ended by us */
	int exit_status; /* close.c, sabus.c: what pppd's status shall be; 0 = pppd's own */
};

static inline uint8_t link_family(const struct link *l)
{
	return l->tun.flow.remote.addr.family;
}

static inline bool link_live(const struct link *l)
{
	return l->judged && l->decision.accept && !l->closing;
}

#endif
