// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * request.c - carries out what judge.c says.
 */
#include <stdio.h>
#include <string.h>
#include "answer.h"
#include "ask.h"
#include "bus.h"
#include "dial.h"
#include "host.h"
#include "judge.h"
#include "kernel.h"
#include "publish.h"
#include "report.h"
#include "request.h"

void request_cause(struct xl2tpd_cause *cause, enum sabus_reason reason, const char *detail)
{
	memset(cause, 0, sizeof(*cause));
	cause->result = 2;
	cause->error = 6;
	report_message(cause->msg, sizeof(cause->msg), reason, detail);
}

void request_forget(struct tun *t)
{
	if (t->timer > 0)
		xl2tpd->timer_cancel(t->timer);
	t->timer = 0;
}

static void settle(struct tun *t, enum tun_phase phase, enum sabus_reason reason)
{
	request_forget(t);
	ask_forget(t);
	t->phase = phase;
	t->reason = reason;
}

/* Has another client's tunnel these addresses and ports, and nothing tells the two apart? */
static bool taken(const struct tun *t, const struct sabus_sa *sa)
{
	for (const struct tun *o = tunnels_of_peer(&t->flow.remote.addr); o; o = o->peer_next) {
		if (o == t || !tun_open(o) || !o->sa)
			continue;
		if (o->flow.remote.port != t->flow.remote.port || o->flow.local.port != t->flow.local.port ||
		    !sabus_addr_equal(&o->flow.local.addr, &t->flow.local.addr))
			continue;
		if (!judge_may_share(sa, o->sa))
			return true;
	}
	return false;
}

static void fill(struct judge_request *r, const struct tun *t, const struct sabus_sa *sa, bool expired)
{
	const struct global_options *g = options_global();

	*r = (struct judge_request){
		.role = t->role,
		.known = t->known,
		.sa = sa,
		.taken = sa && taken(t, sa),
		.can_pin = sa && kernel_can_pin(sa),
		.optional = t->opt.optional,
		.clear_peer = guard_exempts(options_clear(), &t->flow.remote.addr),
		.named = t->opt.connection[0] != 0,
		.any_mode = g->any_mode,
		.min_strength = g->min_strength,
		.dial = t->dial,
		.dial_text = t->dial_text,
		.expired = expired,
		.bus_why = bus_why(),
	};
}

static void refuse(struct tun *t, const struct sabus_sa *sa, enum sabus_reason reason, const char *text)
{
	struct xl2tpd_cause cause;

	settle(t, TUN_REFUSED, reason);
	if (sa)
		kernel_mark_as(t, sa); /* an SA that is not good enough for a tunnel still carries the refusal */
	report_refusal(t, reason, text);
	publish_tunnel(t);
	request_cause(&cause, reason, text);
	t->deferred = false;
	xl2tpd->decide(t->tid, &cause);
}

static void admit(struct tun *t, const struct sabus_sa *sa, enum sabus_reason reason)
{
	if (!tunnels_set_sa(t, sa)) {
		refuse(t, NULL, SABUS_R_INTERNAL, "out of memory");
		return;
	}
	settle(t, TUN_OPEN, reason);
	if (kernel_mark(t)) {
		tunnels_set_sa(t, NULL);
		refuse(t, NULL, SABUS_R_PIN_FAILED, "xl2tpd cannot mark what it sends for the tunnel; it needs CAP_NET_ADMIN");
		return;
	}
	report_tunnel(t, "accept");
	publish_tunnel(t);
	t->deferred = false;
	xl2tpd->decide(t->tid, NULL);
}

static void consider(struct tun *t, const struct sabus_sa *sa, bool expired)
{
	struct judge_request r;
	struct judge_verdict v;

	fill(&r, t, sa, expired);
	judge_request(&r, &v);
	switch (v.step) {
	case JUDGE_ACCEPT: admit(t, v.on_sa ? sa : NULL, v.reason); break;
	case JUDGE_REFUSE: refuse(t, sa, v.reason, v.text); break;
	case JUDGE_INITIATE: dial_initiate(t); /* fall through */
	case JUDGE_WAIT: publish_tunnel(t); break;
	}
}

void request_answered(struct tun *t, const struct sabus_event *ev)
{
	struct sabus_sa sa;

	t->known = answer_read(ev, &t->flow, NULL, &sa);
	consider(t, t->known == SABUS_K_SA ? &sa : NULL, false);
}

void request_dialled(struct tun *t)
{
	if (t->dial == DIAL_FAILED)
		consider(t, NULL, false);
	else
		ask_for(t);
}

static void on_deadline(void *arg)
{
	struct tun *t = arg;

	t->timer = 0;
	if (!bus_live())
		t->known = SABUS_K_BUS_DOWN;
	else if (t->known == SABUS_K_BUS_DOWN)
		t->known = SABUS_K_TIMEOUT; /* it is there, and has not said anything */
	consider(t, NULL, true);
}

void request_lost(struct tun *t)
{
	t->known = SABUS_K_BUS_DOWN;
}

int request_begin(struct tun *t, struct xl2tpd_cause *cause)
{
	t->known = SABUS_K_BUS_DOWN; /* until sabusd has said something */
	t->timer = xl2tpd->timer(t->opt.wait_ms, on_deadline, t);
	if (t->timer <= 0 || kernel_mark(t)) {
		settle(t, TUN_REFUSED, t->timer <= 0 ? SABUS_R_INTERNAL : SABUS_R_PIN_FAILED);
		report_refusal(t, t->reason, NULL);
		request_cause(cause, t->reason, NULL);
		return XL2TPD_REFUSE;
	}
	t->deferred = true;
	ask_for(t);
	return XL2TPD_DEFER;
}
