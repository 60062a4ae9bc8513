// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * linkapi.c - the one object that other plugins of this pppd may use; sabus-link.h is its contract.
 *
 * It only translates: facts are copied out of the link, wishes are passed on to the modules that know how.
 */
#include "linkapi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "close.h"
#include "grant.h"
#include "host.h"
#include "options.h"
#include "report.h"
#include "sabus-link.h"
#include "watch.h"

#define NOT_OURS (SABUS_RP_SESSION_TIMEOUT | SABUS_RP_IDLE_TIMEOUT | SABUS_RP_INTERIM | SABUS_RP_FILTER_ID)

static struct link *the_link;
static void (*the_watcher)(void *data, unsigned int what);
static void *the_watcher_data;
static int (*the_server)(void *data, const struct sabus_reply *late, bool commit, const char **text);
static void *the_server_data;

/* ---- facts ---- */

static void tunnel_facts(const struct link *l, struct sabus_link_facts *out)
{
	const struct join_names *n = &l->opt->names;

	out->have_tunnel = l->have_tun;
	out->role = l->tun.role;
	out->compulsory = l->opt->compulsory;
	out->flow = l->tun.flow;
	out->tunnel_id = l->tun.tunnel_id;
	out->peer_tunnel_id = l->tun.peer_tunnel_id;
	out->session_id = l->tun.session_id;
	out->peer_session_id = l->tun.peer_session_id;
	snprintf(out->local_host, sizeof(out->local_host), "%s", n->local);
	snprintf(out->peer_host, sizeof(out->peer_host), "%s", n->peer);
	out->serial = n->serial;
}

static enum sabus_reason reason_of(const struct link *l)
{
	if (l->closing)
		return l->close_reason;
	return l->denied ? l->denial.reason : l->decision.reason;
}

static void facts(struct sabus_link_facts *out)
{
	const struct link *l = the_link;

	memset(out, 0, sizeof(*out));
	out->reason = SABUS_R_INTERNAL;
	if (!l->opt)
		return; /* no link yet */
	out->judged = l->judged;
	out->closing = l->closing;
	tunnel_facts(l, out);
	out->have_sa = l->have_sa;
	if (l->have_sa)
		out->sa = l->sa;
	out->reason = reason_of(l);
	out->mppe_wanted = l->decision.mppe;
	out->mppe_up = l->mppe_up;
	snprintf(out->ccp, sizeof(out->ccp), "%s", report_compression());
	out->mtu = l->network ? ppp_get_mtu(0) : 0;
}

/* ---- wishes ---- */

static void watch(void (*changed)(void *data, unsigned int what), void *data)
{
	the_watcher = changed;
	the_watcher_data = data;
}

static int authorize(const struct sabus_reply *reply, enum sabus_reason *why)
{
	return grant_authorize(the_link, reply, why);
}

static void close_link(enum sabus_reason reason, const char *detail)
{
	if (!the_link->opt)
		the_link->opt = options_get();
	close_soon(the_link, reason, detail);
}

static void account(const char *user, const char *acct_session_id, const struct sabus_addr *addr)
{
	struct link *l = the_link;

	snprintf(l->acct_user, sizeof(l->acct_user), "%s", user ? user : "");
	snprintf(l->acct_id, sizeof(l->acct_id), "%s", acct_session_id ? acct_session_id : "");
	l->acct_addr = addr ? *addr : (struct sabus_addr){ .family = 0 };
	watch_publish(l);
}

static void serve(int (*change)(void *data, const struct sabus_reply *late, bool commit, const char **text), void *data)
{
	the_server = change;
	the_server_data = data;
}

__attribute__((visibility("default"))) extern const struct sabus_link_api sabus_link_api;

const struct sabus_link_api sabus_link_api = {
	.version = SABUS_LINK_VERSION,
	.size = sizeof(struct sabus_link_api),
	.facts = facts,
	.watch = watch,
	.authorize = authorize,
	.close = close_link,
	.account = account,
	.serve = serve,
};

/* ---- the inner side ---- */

void linkapi_init(struct link *l)
{
	the_link = l;
}

void linkapi_changed(unsigned int what)
{
	if (the_watcher)
		the_watcher(the_watcher_data, what);
}

int linkapi_change(const struct sabus_reply *late, bool commit, const char **text)
{
	int err;

	*text = "";
	if (the_server) {
		err = the_server(the_server_data, late, commit, text);
		if (!*text)
			*text = "";
		return err < 0 ? -err : err;
	}
	if (!(late->has & NOT_OURS))
		return 0;
	*text = "Session-Timeout, Idle-Timeout, Acct-Interim-Interval and Filter-Id need sabus-radius.so";
	return ENOTSUP;
}
