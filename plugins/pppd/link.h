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
#include "reply.h"
#include "sa.h"
#include "session.h"
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

	/* grant.c: what section and RADIUS reply say together */
	struct sabus_merged merged; /* the policy in force, always valid */
	bool have_reply;	    /* reply is valid */
	bool fresh;		    /* it came since LCP's last begin */
	bool denied;		    /* it does not let this user in; denial says why */
	struct sabus_reply reply;
	struct sabus_decision denial;
	char reply_user[SABUS_USER_MAX];

	/* linkapi.c: what accounting says, "" and family 0 where it says nothing */
	char acct_user[SABUS_USER_MAX], acct_id[SABUS_ACCT_MAX];
	struct sabus_addr acct_addr;

	bool mppe_up;	 /* ccp.c: MPPE runs in both directions */
	bool bound;	 /* bind.c: the user was found to fit the SA's identity */
	bool network;	 /* sabus.c: network phase reached */
	bool closing;	 /* close.c: the link is being ended by us */
	enum sabus_reason close_reason; /* close.c: valid with closing */
	int exit_status; /* close.c, grant.c: what pppd's status shall be; 0 = pppd's own */
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
