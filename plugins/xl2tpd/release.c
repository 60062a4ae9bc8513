// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * release.c - a list of SAs that have lost their tunnel.
 *
 *   WAITING --1 s--> DUE --asked--> ASKED --answer--> (gone)
 *
 * An entry follows its SA: a rekey replaces it by the successor, a deletion ends it.  An id alone names no SA, since a restarted
 * charon counts from 1 again; so after each reconnection only entries live on whose SA, by id and SPIs, is in the snapshot.
 */
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>
#include "answer.h"
#include "bus.h"
#include "host.h"
#include "judge.h"
#include "release.h"
#include "report.h"

enum state { WAITING, DUE, ASKED };

struct entry {
	struct sabus_sa sa;
	enum state state;
	bool seen; /* in the snapshot that is under way */
	int timer;
	uint32_t seq;
	struct entry *prev, *next;
};

static struct entry *list;
static bool in_snapshot;

static void drop(struct entry *e)
{
	if (e->timer > 0)
		xl2tpd->timer_cancel(e->timer);
	DL_DELETE(list, e);
	free(e);
}

static void on_time(void *arg)
{
	struct entry *e = arg;

	e->timer = 0;
	e->state = DUE;
	release_pump();
}

static void wait_more(struct entry *e)
{
	e->state = WAITING;
	e->timer = xl2tpd->timer(RELEASE_AFTER_MS, on_time, e);
	if (e->timer <= 0)
		e->state = DUE;
}

static struct entry *find(uint32_t id)
{
	struct entry *e;

	DL_FOREACH(list, e)
		if (e->sa.id == id)
			return e;
	return NULL;
}

void release_tunnel(const struct tun *t)
{
	bool gone = t->phase == TUN_ENDING && t->end_reason == SABUS_R_SA_GONE;
	struct entry *e;

	if (!options_global()->delete_sa || !t->sa || gone)
		return;
	e = find(t->sa->id);
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return; /* the SA expires by itself */
		DL_APPEND(list, e);
	}
	e->sa = *t->sa;
	e->seen = true;
	if (e->state == ASKED)
		return;
	if (e->timer > 0) /* an earlier tunnel of the same SA: the last one counts */
		xl2tpd->timer_cancel(e->timer);
	wait_more(e);
}

/* ---- is it used? ---- */

static bool used(const struct sabus_sa *sa)
{
	for (const struct tun *t = tunnels_first(); t; t = tunnels_next(t))
		if (t->sa && t->phase == TUN_OPEN && judge_one_protection(t->sa, sa))
			return true;
	return false;
}

/* A tunnel of this peer that has no answer yet may be about to use it. */
static bool wanted(const struct sabus_sa *sa)
{
	for (const struct tun *t = tunnels_of_peer(&sa->remote.addr); t; t = t->peer_next)
		if (t->phase == TUN_ASKED)
			return true;
	return false;
}

static int ask(struct sabus *bus, struct entry *e)
{
	int err = sabus_request_delete(bus, e->sa.id, "its last L2TP tunnel is gone", &e->seq);

	if (!err)
		e->state = ASKED;
	return err;
}

void release_pump(void)
{
	struct sabus *bus = bus_live();
	struct entry *e, *next;

	DL_FOREACH_SAFE(list, e, next) {
		int err = 0;

		if (e->state != DUE || !bus || in_snapshot)
			continue;
		if (used(&e->sa))
			drop(e);
		else if (wanted(&e->sa))
			wait_more(e);
		else
			err = ask(bus, e);
		if (err) {
			bus_full(err);
			return;
		}
	}
}

/* ---- events ---- */

void release_sa_put(const struct sabus_sa *sa)
{
	struct entry *e;

	DL_FOREACH(list, e) {
		if (answer_same_sa(sa, &e->sa)) {
			e->seen = true;
		} else if (sa->replaces && sa->replaces == e->sa.id && e->state != ASKED && sa->state == SABUS_SA_INSTALLED) {
			e->sa = *sa;
			e->seen = true;
		}
	}
}

void release_sa_del(uint32_t id)
{
	struct entry *e, *next;

	DL_FOREACH_SAFE(list, e, next)
		if (e->sa.id == id && e->state != ASKED) /* what was asked for gets its answer */
			drop(e);
}

void release_result(const struct sabus_event *ev)
{
	struct entry *e, *next;

	DL_FOREACH_SAFE(list, e, next) {
		if (e->state != ASKED || e->seq != ev->seq)
			continue;
		report_delete(&e->sa, ev->error == ENOENT ? 0 : ev->error, ev->text);
		drop(e);
		return;
	}
}

void release_snapshot(void)
{
	struct entry *e;

	in_snapshot = true;
	DL_FOREACH(list, e)
		e->seen = false;
}

void release_done(void)
{
	struct entry *e, *next;

	if (!in_snapshot)
		return;
	in_snapshot = false;
	DL_FOREACH_SAFE(list, e, next)
		if (!e->seen && e->state != ASKED)
			drop(e);
	release_pump();
}

void release_lost(void)
{
	struct entry *e;

	in_snapshot = false;
	DL_FOREACH(list, e)
		if (e->state == ASKED)
			e->state = DUE;
}

/* ---- the end ---- */

static void ask_for_tunnels(struct sabus *bus)
{
	for (const struct tun *t = tunnels_first(); t; t = tunnels_next(t)) {
		uint32_t seq;

		if (t->sa && t->phase == TUN_OPEN && tunnels_on_sa(t->sa->id) == t &&
		    sabus_request_delete(bus, t->sa->id, "xl2tpd has ended", &seq)) {
			report_event(LOG_WARNING, "delete result=failed text=\"not all SAs could be given back: %s\"", sabus_strerror(bus));
			return;
		}
	}
}

void release_all(void)
{
	struct sabus *bus = bus_live();
	struct entry *e, *next;

	if (bus && options_global()->delete_sa)
		ask_for_tunnels(bus);
	DL_FOREACH_SAFE(list, e, next) {
		if (bus && e->state != ASKED)
			ask(bus, e);
		drop(e);
	}
	in_snapshot = false;
}
