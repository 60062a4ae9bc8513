// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * events.c - an event is a hint that something concerns a tunnel; what it means is asked (ask.c), so that it is judged from one consistent
 * table, by the same rules as at the start.
 *
 * An SA concerns the tunnels that are on it, those on the SA that it replaces, and those of its remote address; in tunnel mode its remote
 * address says nothing, then all.
 */
#include "answer.h"
#include "ask.h"
#include "dial.h"
#include "events.h"
#include "life.h"
#include "publish.h"
#include "release.h"
#include "request.h"

/* Nothing about our SA has changed that could change the judgement. */
static bool no_news(const struct tun *t, const struct sabus_sa *sa)
{
	return sa->state == SABUS_SA_INSTALLED && !t->cause && !t->moved && !t->unsure && t->sa->replaces == sa->replaces;
}

static void our_sa(struct tun *t, const struct sabus_sa *sa)
{
	t->moved = !sabus_sa_covers(sa, &t->flow);
	if (!t->moved && no_news(t, sa)) {
		*t->sa = *sa; /* e.g. the outer port of a NAT */
		return;
	}
	t->cause = 0;
	ask_for(t);
}

static void hint(struct tun *t, const struct sabus_sa *sa)
{
	if (t->phase == TUN_ASKED) {
		ask_for(t);
		return;
	}
	if (!tun_open(t) || !t->sa)
		return;
	if (answer_same_sa(sa, t->sa)) {
		our_sa(t, sa);
	} else if (sa->id == t->sa->id) {
		t->cause = SABUS_CAUSE_RESYNC; /* a new charon has given our number to another */
		ask_for(t);
	} else if (sabus_sa_covers(sa, &t->flow)) {
		ask_for(t);
	}
}

static void hint_all(const struct sabus_sa *sa)
{
	for (struct tun *t = tunnels_first(); t; t = tunnels_next(t))
		hint(t, sa);
}

static void sa_put(const struct sabus_sa *sa)
{
	struct tun *t;

	release_sa_put(sa);
	if (sa->mode != SABUS_MODE_TRANSPORT) {
		hint_all(sa);
		return;
	}
	for (t = tunnels_of_peer(&sa->remote.addr); t; t = t->peer_next)
		hint(t, sa);
	for (t = tunnels_on_sa(sa->id); t; t = t->sa_next)
		if (!sabus_addr_equal(&t->flow.remote.addr, &sa->remote.addr))
			hint(t, sa);
}

static void ask_waiting(void)
{
	for (struct tun *t = tunnels_first(); t; t = tunnels_next(t))
		if (t->phase == TUN_ASKED)
			ask_for(t);
}

static void sa_del(uint32_t id, enum sabus_cause cause)
{
	release_sa_del(id);
	if (cause == SABUS_CAUSE_FAILED)
		ask_waiting(); /* it was announced only: whose it was is not told */
	for (struct tun *t = tunnels_on_sa(id); t; t = t->sa_next) {
		/* once a new charon is there without our SA, its deletions are not about us */
		if (!tun_open(t) || (t->cause && !answer_deliberate(t->cause)))
			continue;
		t->cause = cause;
		t->moved = false;
		ask_for(t);
	}
}

static void ask_all(void)
{
	for (struct tun *t = tunnels_first(); t; t = tunnels_next(t))
		if (t->phase == TUN_ASKED || (tun_open(t) && t->sa))
			ask_for(t);
}

void events_handle(const struct sabus_event *ev)
{
	switch (ev->type) {
	case SABUS_EV_SA_PUT: sa_put(&ev->sas[0]); break;
	case SABUS_EV_SA_DEL: sa_del(ev->sa_id, ev->cause); break;
	case SABUS_EV_ANSWER: ask_answered(ev); break;
	case SABUS_EV_RESULT:
		if (!dial_result(ev))
			release_result(ev);
		break;
	case SABUS_EV_RESYNC: release_snapshot(); break;
	case SABUS_EV_DONE: release_done(); /* fall through */
	case SABUS_EV_PUBLISHER: ask_all(); break;
	default: break;
	}
}

void events_connected(void)
{
	release_snapshot();
	publish_all(); /* who waits for an answer is in the queue of ask.c */
}

void events_lost(void)
{
	ask_lost();
	publish_lost();
	dial_lost();
	release_lost();
	for (struct tun *t = tunnels_first(); t; t = tunnels_next(t)) {
		if (t->phase == TUN_ASKED)
			request_lost(t);
		life_unsure(t);
	}
}
