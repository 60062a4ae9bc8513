// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plugin.c - xl2tpd's hooks, and who does their work.
 *
 * xl2tpd calls, we answer at once: accept or refuse need sabusd's answer, so a tunnel's request is always deferred (request.c).  From its
 * answer on a tunnel is followed (events.c, life.c) until xl2tpd says that it is down.  Hooks that come for a tunnel that we do not know
 * refuse: there is no such tunnel, unless memory was short.
 *
 * State is static: xl2tpd has one configuration and loads a plugin once.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "ask.h"
#include "bus.h"
#include "dial.h"
#include "host.h"
#include "join.h"
#include "kernel.h"
#include "life.h"
#include "limit.h"
#include "options.h"
#include "publish.h"
#include "release.h"
#include "report.h"
#include "request.h"

const struct xl2tpd_host *xl2tpd;

/* ---- configuration, begin and end ---- */

static int on_open(const struct xl2tpd_host *host, char *err, size_t errlen)
{
	if (host->version >> 16 != XL2TPD_API_MAJOR) {
		snprintf(err, errlen, "sabus: made for version %d of the plugin interface, this xl2tpd has %u", XL2TPD_API_MAJOR,
			 host->version >> 16);
		return -1;
	}
	xl2tpd = host;
	options_reset();
	return 0;
}

static int on_start(char *err, size_t errlen)
{
	if (kernel_start(err, errlen))
		return -1;
	if (bus_start()) {
		kernel_stop();
		snprintf(err, errlen, "sabus: out of memory");
		return -1;
	}
	return 0;
}

static void on_close(void)
{
	if (!xl2tpd)
		return;
	release_all();
	publish_lost();
	bus_stop();
	life_stop();
	for (struct tun *t = tunnels_first(); t; t = tunnels_next(t)) {
		request_forget(t);
		ask_forget(t);
		dial_forget(t);
	}
	tunnels_clear();
	kernel_stop();
	limit_reset();
	options_reset();
}

/* ---- tunnels ---- */

static int on_socket(int fd, const struct xl2tpd_tunnel_info *info)
{
	const struct tun *t = info ? tunnels_find(info->our_tid) : NULL;
	int err;

	if (info && !t)
		return -1;
	err = t ? kernel_tunnel_socket(fd, t) : kernel_listen(fd);
	if (err)
		report_pin_failed(t, err);
	return err;
}

static void forget(struct tun *t)
{
	request_forget(t);
	ask_forget(t);
	dial_forget(t);
	life_forget(t);
	publish_tunnel_gone(t);
	tunnels_remove(t);
}

static bool read_flow(struct sabus_flow *f, const struct xl2tpd_tunnel_info *info)
{
	memset(f, 0, sizeof(*f));
	f->mark = info->mark;
	return !sabus_endpoint_from_sockaddr(&f->remote, (const struct sockaddr *)&info->peer, sizeof(info->peer)) &&
	       !sabus_endpoint_from_sockaddr(&f->local, (const struct sockaddr *)&info->local, sizeof(info->local));
}

static int refuse_early(const struct sabus_flow *flow, const struct xl2tpd_tunnel_info *info, struct xl2tpd_cause *cause,
			enum sabus_reason reason, const char *why)
{
	struct tun t = { .tid = info->our_tid, .flow = *flow, .role = info->lac ? SABUS_ROLE_CLIENT : SABUS_ROLE_LNS };

	report_clean(t.section, sizeof(t.section), info->section);
	report_refusal(&t, reason, why);
	request_cause(cause, reason, why);
	return XL2TPD_REFUSE;
}

static struct tun *new_tunnel(const struct xl2tpd_tunnel_info *info, const struct sabus_flow *flow)
{
	struct tun *t = tunnels_find(info->our_tid);

	if (t)
		forget(t); /* xl2tpd has given the id away again without telling us: the old one cannot be there */
	t = tunnels_add(info->our_tid, &flow->remote.addr);
	if (!t)
		return NULL;
	t->role = info->lac ? SABUS_ROLE_CLIENT : SABUS_ROLE_LNS;
	t->flow = *flow;
	t->peer_tid = info->peer_tid;
	t->since = (uint64_t)time(NULL);
	report_clean(t->host, sizeof(t->host), info->peer_hostname);
	report_clean(t->section, sizeof(t->section), info->section);
	options_for(info->lac, info->section, &t->opt);
	return t;
}

static int on_tunnel_request(const struct xl2tpd_tunnel_info *info, struct xl2tpd_cause *cause)
{
	struct sabus_flow flow;
	struct tun *t;
	char why[96];
	int err;

	if (!read_flow(&flow, info))
		return refuse_early(&flow, info, cause, SABUS_R_TUNNEL_UNKNOWN, "the peer's address is not an IP address");
	err = info->lac ? dial_local_address(&flow) : 0;
	if (err) {
		snprintf(why, sizeof(why), "there is no way to the peer: %s", strerror(-err));
		return refuse_early(&flow, info, cause, SABUS_R_SA_IMPOSSIBLE, why);
	}
	t = new_tunnel(info, &flow);
	return t ? request_begin(t, cause) : refuse_early(&flow, info, cause, SABUS_R_INTERNAL, "out of memory");
}

/* A LAC's own address is known for sure only now. */
static void check_local(struct tun *t, const struct xl2tpd_tunnel_info *info)
{
	struct sabus_flow now;

	if (!read_flow(&now, info) || sabus_addr_is_any(&now.local.addr) || sabus_addr_equal(&now.local.addr, &t->flow.local.addr))
		return;
	t->flow.local = now.local;
	if (!t->sa)
		return;
	t->moved = !sabus_sa_covers(t->sa, &t->flow);
	ask_for(t);
}

static void on_tunnel_up(const struct xl2tpd_tunnel_info *info)
{
	struct tun *t = tunnels_find(info->our_tid);

	if (!t)
		return;
	t->up = true;
	t->peer_tid = info->peer_tid;
	report_clean(t->host, sizeof(t->host), info->peer_hostname);
	report_tunnel(t, "up");
	publish_tunnel(t);
	check_local(t, info);
}

static void on_tunnel_down(const struct xl2tpd_tunnel_info *info, const struct xl2tpd_cause *cause)
{
	struct tun *t = tunnels_find(info->our_tid);

	if (!t)
		return;
	if (t->phase == TUN_OPEN || t->phase == TUN_ENDING) {
		report_down(t, cause);
		release_tunnel(t);
	}
	forget(t);
}

/* ---- calls ---- */

static int refuse_call(const struct tun *t, struct xl2tpd_cause *cause, const char *detail)
{
	request_cause(cause, SABUS_R_TUNNEL_ENDING, detail);
	if (t)
		report_refusal(t, SABUS_R_TUNNEL_ENDING, detail);
	return XL2TPD_REFUSE;
}

/* The call in our table, as xl2tpd has it now; NULL: refuse it. */
static struct call *note_call(struct tun *t, const struct xl2tpd_call_info *info)
{
	struct call *c = tunnels_call(t, info->our_cid, true);

	if (!c)
		return NULL;
	c->info.peer_call_id = info->peer_cid;
	c->info.serial = info->serial;
	c->info.pppd_pid = info->pppd_pid > 0 ? (uint32_t)info->pppd_pid : 0;
	if (!c->info.since)
		c->info.since = (uint64_t)time(NULL);
	report_clean(c->info.called, sizeof(c->info.called), info->called ? info->called : "");
	report_clean(c->info.calling, sizeof(c->info.calling), info->calling ? info->calling : "");
	publish_call(t, c);
	return c;
}

static int take_call(const struct xl2tpd_tunnel_info *ti, const struct xl2tpd_call_info *ci, struct xl2tpd_cause *cause, struct tun **out)
{
	struct tun *t = tunnels_find(ti->our_tid);

	*out = t;
	if (!t || !life_takes_calls(t))
		return refuse_call(t, cause, NULL);
	return note_call(t, ci) ? XL2TPD_OK : refuse_call(t, cause, "out of memory");
}

static int on_call_request(const struct xl2tpd_tunnel_info *ti, const struct xl2tpd_call_info *ci, struct xl2tpd_cause *cause)
{
	struct tun *t;

	return take_call(ti, ci, cause, &t);
}

static int on_call_start(const struct xl2tpd_tunnel_info *ti, const struct xl2tpd_call_info *ci, void *opts, struct xl2tpd_cause *cause)
{
	struct tun *t;
	int verdict = take_call(ti, ci, cause, &t);

	if (verdict != XL2TPD_OK)
		return verdict;
	return join_add_options(t, ci, opts) ? refuse_call(t, cause, "pppd's command line is full") : XL2TPD_OK;
}

static void on_call_up(const struct xl2tpd_tunnel_info *ti, const struct xl2tpd_call_info *ci)
{
	struct tun *t = tunnels_find(ti->our_tid);
	struct call *c = t ? note_call(t, ci) : NULL;

	if (c)
		c->info.up = 1;
}

static void on_call_down(const struct xl2tpd_tunnel_info *ti, const struct xl2tpd_call_info *ci, const struct xl2tpd_cause *cause)
{
	struct tun *t = tunnels_find(ti->our_tid);
	struct call *c = t ? tunnels_call(t, ci->our_cid, false) : NULL;

	(void)cause;
	if (!c)
		return;
	publish_call_gone(t, c);
	tunnels_drop_call(t, c);
	life_call_gone(t);
}

__attribute__((visibility("default"))) extern const struct xl2tpd_plugin xl2tpd_plugin;

const struct xl2tpd_plugin xl2tpd_plugin = {
	.version = XL2TPD_API_VERSION,
	.name = "sabus",
	.open = on_open,
	.option = options_set,
	.start = on_start,
	.close = on_close,
	.socket = on_socket,
	.tunnel_request = on_tunnel_request,
	.tunnel_up = on_tunnel_up,
	.tunnel_down = on_tunnel_down,
	.call_request = on_call_request,
	.call_start = on_call_start,
	.call_up = on_call_up,
	.call_down = on_call_down,
};
