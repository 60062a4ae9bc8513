// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * publish.c - a list of tunnels with something to tell, and one of what is gone.
 *
 * A refused tunnel is not told of at all, unless it was before, while it waited.  When the connection is gone sabusd forgets all by itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "bus.h"
#include "host.h"
#include "publish.h"
#include "report.h"

#define DELAY_MS 50

/* A tunnel (call_id 0) or call that sabusd knows and that is no more. */
struct grave {
	uint16_t tid, cid;
	struct grave *prev, *next;
};

static struct tun *dirty;
static struct grave *graves;
static int timer;
static bool due;

static void on_time(void *arg)
{
	(void)arg;
	timer = 0;
	due = true;
	publish_pump();
}

static void soon(void)
{
	if (timer <= 0 && bus_live())
		timer = xl2tpd->timer(DELAY_MS, on_time, NULL);
}

static void mark(struct tun *t)
{
	if (!bus_live())
		return; /* all is told when it is back */
	if (!t->dirty)
		DL_APPEND2(dirty, t, pub_prev, pub_next);
	t->dirty = true;
	soon();
}

static void unmark(struct tun *t)
{
	if (t->dirty)
		DL_DELETE2(dirty, t, pub_prev, pub_next);
	t->dirty = false;
}

void publish_tunnel(struct tun *t)
{
	mark(t);
}

void publish_call(struct tun *t, struct call *c)
{
	c->dirty = true;
	mark(t);
}

static void bury(uint16_t tid, uint16_t cid)
{
	struct grave *g = bus_live() ? calloc(1, sizeof(*g)) : NULL;

	if (!g)
		return; /* out of memory: sabusctl shows it until xl2tpd reconnects */
	g->tid = tid;
	g->cid = cid;
	DL_APPEND(graves, g);
	soon();
}

void publish_tunnel_gone(struct tun *t)
{
	unmark(t);
	if (t->told)
		bury(t->tid, 0);
}

void publish_call_gone(struct tun *t, const struct call *c)
{
	if (c->told)
		bury(t->tid, c->info.call_id);
	mark(t);
}

/* ---- sending ---- */

static uint8_t state_of(const struct tun *t)
{
	if (t->phase == TUN_ENDING)
		return SABUS_TSTATE_ENDING;
	return t->up ? SABUS_TSTATE_UP : SABUS_TSTATE_ASKED;
}

static int tell_tunnel(struct sabus *bus, struct tun *t)
{
	struct sabus_tunnel_info i = {
		.role = (uint8_t)t->role,
		.state = state_of(t),
		.flow = t->flow,
		.tunnel_id = t->tid,
		.peer_tunnel_id = t->peer_tid,
		.sa_id = t->sa ? t->sa->id : 0,
		.calls = t->n_calls,
		.since = t->since,
	};
	int err;

	memcpy(i.peer_host, t->host, sizeof(i.peer_host));
	memcpy(i.section, t->section, sizeof(i.section));
	snprintf(i.reason, sizeof(i.reason), "%s",
		 t->phase == TUN_ASKED ? "sa-pending" : sabus_reason_word(t->phase == TUN_ENDING ? t->end_reason : t->reason));
	err = sabus_tunnel_put(bus, &i);
	t->told = t->told || !err;
	return err;
}

static int tell_calls(struct sabus *bus, struct tun *t)
{
	struct call *c;

	LL_FOREACH(t->calls, c)
	{
		int err;

		if (!c->dirty)
			continue;
		err = sabus_call_put(bus, &c->info);
		if (err)
			return err;
		c->dirty = false;
		c->told = true;
	}
	return 0;
}

static int tell_gone(struct sabus *bus)
{
	struct grave *g, *next;

	DL_FOREACH_SAFE(graves, g, next) {
		int err = g->cid ? sabus_call_del(bus, g->tid, g->cid) : sabus_tunnel_del(bus, g->tid);

		if (err)
			return err;
		DL_DELETE(graves, g);
		free(g);
	}
	return 0;
}

void publish_pump(void)
{
	struct sabus *bus = bus_live();
	int err;

	if (!bus || !due)
		return;
	err = tell_gone(bus); /* first: ids are used again */
	while (!err && dirty) {
		err = dirty->phase == TUN_REFUSED ? 0 : tell_tunnel(bus, dirty);
		if (!err)
			err = tell_calls(bus, dirty);
		if (!err)
			unmark(dirty);
	}
	if (err)
		bus_full(err);
	else
		due = false;
}

/* ---- the connection ---- */

void publish_lost(void)
{
	struct grave *g, *next;
	struct call *c;

	DL_FOREACH_SAFE(graves, g, next) {
		DL_DELETE(graves, g);
		free(g);
	}
	for (struct tun *t = tunnels_first(); t; t = tunnels_next(t)) {
		unmark(t);
		t->told = false;
		LL_FOREACH(t->calls, c)
		c->told = false;
	}
	publish_stop();
}

void publish_all(void)
{
	struct call *c;

	for (struct tun *t = tunnels_first(); t; t = tunnels_next(t)) {
		LL_FOREACH(t->calls, c)
		c->dirty = true;
		publish_tunnel(t);
	}
}

void publish_stop(void)
{
	if (timer > 0)
		xl2tpd->timer_cancel(timer);
	timer = 0;
	due = false;
}
