/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch.c - tells watchers what they have not been told: one path for snapshot, event, catch-up and resync.
 *
 * A watcher is in one of three states:
 *   up to date   all that passes its filter was sent.  Its cursor is not kept; the first change that concerns it sets it to just before that.
 *   dirty        in the queue; the pump walks the log from the cursor.
 *   blocked      its socket is full.  Nothing happens until EPOLLOUT, then it is dirty again.  What changes meanwhile costs nothing here.
 * A cursor below table.purged has missed deletions that nobody remembers: RESYNC, and from 0 again.  The snapshot ends (DONE) at the end of the log,
 * not at the revision it began with: what changed meanwhile has moved behind that, and "you have seen all" must include it.
 */
#include "config.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <utlist.h>
#include "log.h"
#include "server.h"

#define PUMP_SLICE 64 /* packets to one watcher before the next one has its turn */
#define PUMP_WALK  8  /* what a walk costs at least, in packets */

static struct client *client_of(struct watch *w)
{
	return (struct client *)((char *)w - offsetof(struct client, watch));
}

static void enqueue(struct server *s, struct watch *w)
{
	w->dirty = true;
	DL_APPEND2(s->queue, w, qprev, qnext);
}

static void dequeue(struct server *s, struct watch *w)
{
	w->dirty = false;
	DL_DELETE2(s->queue, w, qprev, qnext);
}

static void begin_snapshot(struct server *s, struct watch *w)
{
	w->cursor = 0;
	w->base = s->table.revision;
	w->need_done = true;
}

void watch_start(struct server *s, struct client *c, const struct sabus_flow *flow, bool sessions)
{
	struct watch *w = &c->watch;

	watch_stop(s, c);
	w->on = true;
	w->sessions = sessions;
	if (flow) {
		w->bucket = bucket_get(&s->table, &flow->remote.addr);
	} else {
		w->bucket = s->table.any;
		bucket_ref(w->bucket);
	}
	DL_APPEND(w->bucket->watchers, w);
	if (sessions)
		DL_APPEND2(s->session_watchers, w, sprev, snext);
	begin_snapshot(s, w);
	enqueue(s, w);
}

void watch_stop(struct server *s, struct client *c)
{
	struct watch *w = &c->watch;

	if (!w->on)
		return;
	if (w->dirty)
		dequeue(s, w);
	if (w->blocked)
		client_poll_out(s, c, false);
	if (w->sessions)
		DL_DELETE2(s->session_watchers, w, sprev, snext);
	DL_DELETE(w->bucket->watchers, w);
	bucket_put(&s->table, w->bucket);
	*w = (struct watch){ 0 };
	client_release(s, c);
}

static bool passes(const struct server *s, const struct watch *w, const struct entry *e)
{
	if (e->kind == ENTRY_PUBLISHER)
		return true;
	if (entry_is_message(e))
		return w->sessions;
	return w->bucket == s->table.any || entry_in(e, w->bucket) || entry_in(e, s->table.any);
}

static void wake(struct server *s, struct watch *w, const struct entry *e)
{
	if (w->blocked || w->dirty || !passes(s, w, e))
		return;
	w->cursor = e->revision - 1;
	enqueue(s, w);
}

static void wake_list(struct server *s, struct bucket *b, const struct entry *e)
{
	struct watch *w;

	if (!b)
		return;
	DL_FOREACH(b->watchers, w)
		wake(s, w, e);
}

static void wake_everybody(struct server *s, const struct entry *e)
{
	struct client *c;

	DL_FOREACH(s->clients, c) {
		if (c->watch.on)
			wake(s, &c->watch, e);
	}
}

/* The publisher's state and SAs with wide selectors, both rare, concern watchers of any bucket; other SAs only those of their own. */
void watch_changed(void *server, const struct entry *e)
{
	struct server *s = server;
	struct watch *w;

	if (entry_is_message(e)) {
		DL_FOREACH2(s->session_watchers, w, snext)
			wake(s, w, e);
		return;
	}
	if (e->kind == ENTRY_PUBLISHER || entry_in(e, s->table.any)) {
		wake_everybody(s, e);
		return;
	}
	wake_list(s, s->table.any, e);
	wake_list(s, e->link[0].bucket, e);
	wake_list(s, e->link[1].bucket, e);
}

bool entry_decode(const struct entry *e, struct sabus_sa *sa)
{
	if (sabus_sa_decode(e->blob, e->len, sa) < 0)
		return false;
	if (e->orphan)
		sa->flags |= SABUS_SAF_ORPHAN;
	return true;
}

static int encode_put(struct server *s, const struct entry *e, uint64_t revision)
{
	struct sabus_sa sa;

	if (!e->orphan)
		return sabus_codec_sa_put_blob(s->out, sizeof(s->out), e->blob, e->len, revision);
	if (!entry_decode(e, &sa))
		return -EINVAL;
	return sabus_codec_sa_put(s->out, sizeof(s->out), &sa, revision, NULL);
}

static int encode_del(struct server *s, const struct entry *e)
{
	return sabus_codec_sa_del(s->out, sizeof(s->out), e->id, e->cause, e->revision);
}

/* The SA has left the watcher's bucket: what it is now, unless its own entry tells this watcher anyhow. */
static int encode_moved(struct server *s, const struct watch *w, const struct entry *e)
{
	const struct entry *now = table_sa_find(&s->table, e->id);

	if (now && passes(s, w, now))
		return 0;
	if (now && now->live)
		return encode_put(s, now, e->revision);
	return sabus_codec_sa_del(s->out, sizeof(s->out), e->id, now ? now->cause : SABUS_CAUSE_DELETED, e->revision);
}

/* The packet for e in s->out: its length, 0 = nothing to tell, or -errno. */
static int encode(struct server *s, const struct watch *w, const struct entry *e)
{
	if (!passes(s, w, e) || (!e->live && e->revision <= w->base))
		return 0;
	switch (e->kind) {
	case ENTRY_PUBLISHER: return sabus_codec_publisher(s->out, sizeof(s->out), s->table.publisher_state);
	case ENTRY_MOVED: return encode_moved(s, w, e);
	case ENTRY_SA: return e->live ? encode_put(s, e, e->revision) : encode_del(s, e);
	case ENTRY_SESSION:
	case ENTRY_TUNNEL:
	case ENTRY_CALL:
	case ENTRY_KINDS: break;
	}
	memcpy(s->out, e->blob, e->len);
	return (int)e->len;
}

/* The packet in s->out goes to w; `len` as from encode().  0, -EAGAIN or another -errno. */
static int tell(struct server *s, struct watch *w, int len)
{
	int r = len;

	if (len > 0)
		r = client_crowded(client_of(w)) ? -EAGAIN : client_send(client_of(w), s->out, (size_t)len);
	if (len > 0 && r == 0)
		s->stats.events_sent++;
	return r;
}

/* RESYNC when the cursor has fallen behind what is remembered. */
static int catch_purged(struct server *s, struct watch *w)
{
	uint64_t seen = w->cursor > w->base ? w->cursor : w->base;
	int r;

	if (s->table.purged <= seen)
		return 0;
	r = tell(s, w, sabus_codec_empty(s->out, sizeof(s->out), 0, SABUS_MSG_RESYNC));
	if (r == 0) {
		s->stats.resyncs++;
		begin_snapshot(s, w);
	}
	return r;
}

/* Is there surely nothing for w in this record?  Cheaper than passes(), which decides. */
static bool out_of_scope(const struct table *t, const struct watch *w, const struct log_rec *rec)
{
	if (!rec->entry || rec->scope == t)
		return !rec->entry || !w->sessions;
	return rec->scope && rec->scope != w->bucket && w->bucket != t->any;
}

/* From the cursor to the end of the log: 0 = at the end, 1 = the slice is used up, -EAGAIN = socket full, or -errno. */
static int pump(struct server *s, struct watch *w, unsigned int *budget)
{
	const struct table *t = &s->table;
	int r = catch_purged(s, w);

	for (size_t i = log_after(t, w->cursor); r == 0 && i < t->log_len; i++) {
		int len = out_of_scope(t, w, &t->log[i]) ? 0 : encode(s, w, t->log[i].entry);

		if (len && !*budget)
			return 1;
		r = tell(s, w, len);
		if (r < 0)
			return r;
		w->cursor = t->log[i].revision;
		*budget -= len != 0;
	}
	if (r == 0 && w->need_done) {
		r = tell(s, w, sabus_codec_done(s->out, sizeof(s->out), 0, t->revision));
		w->need_done = r < 0;
	}
	return r;
}

static void settle(struct server *s, struct watch *w, int r)
{
	if (r == 1) {
		enqueue(s, w);
	} else if (r == -EAGAIN) {
		w->blocked = true;
		client_poll_out(s, client_of(w), true);
	} else if (r == -EPIPE) {
		watch_stop(s, client_of(w)); /* as in client_answer() */
	} else if (r < 0) {
		client_close(s, client_of(w));
	}
}

void watch_pump_all(struct server *s)
{
	unsigned int total = SERVER_PUMP_BUDGET;

	while (s->queue && total) {
		struct watch *w = s->queue;
		unsigned int slice = total < PUMP_SLICE ? total : PUMP_SLICE, left = slice;

		dequeue(s, w);
		settle(s, w, pump(s, w, &left));
		left = slice - left > PUMP_WALK ? slice - left : PUMP_WALK;
		total -= left < total ? left : total;
	}
}

void watch_unblocked(struct server *s, struct client *c)
{
	if (!c->watch.blocked)
		return;
	c->watch.blocked = false;
	client_poll_out(s, c, false);
	enqueue(s, &c->watch);
}
