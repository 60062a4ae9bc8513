/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.c - life and death of the entries.  See table.h for the idea.
 *
 * An SA's struct entry outlives the SA: put -> live, deleted -> tombstone in `tombs`, put again (charon counts its ids from 1 after a restart)
 * -> live again, purged -> freed.  The entry of a session, tunnel or call belongs to its client while live and to the table as a tombstone.
 */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "log.h"
#include "table.h"

static struct entry *entry_new(enum entry_kind kind, uint32_t id)
{
	bool links = kind == ENTRY_SA || kind == ENTRY_MOVED;
	struct entry *e = must_calloc(1, sizeof(*e) + (links ? 2 * sizeof(e->link[0]) : 0));

	e->kind = kind;
	e->id = id;
	e->has_links = links;
	return e;
}

static void entry_free(struct table *t, struct entry *e)
{
	log_forget(t, e);
	if (e->kind == ENTRY_SA)
		HASH_DEL(t->by_id, e);
	for (int i = 0; e->has_links && i < 2; i++)
		bucket_put(t, e->link[i].bucket);
	free(e->blob);
	free(e);
}

static void purge_oldest(struct table *t)
{
	struct entry *e = t->tombs;

	if (e->revision > t->purged)
		t->purged = e->revision;
	DL_DELETE(t->tombs, e);
	t->n_tombs--;
	entry_free(t, e);
}

/* e has just died and has its last revision.  The list stays sorted by revision. */
static void bury(struct table *t, struct entry *e)
{
	DL_APPEND(t->tombs, e);
	t->n_tombs++;
	while (t->n_tombs > TABLE_TOMBSTONES)
		purge_oldest(t);
}

static void unbury(struct table *t, struct entry *e)
{
	DL_DELETE(t->tombs, e);
	t->n_tombs--;
}

static void set_orphan(struct table *t, struct entry *e, bool orphan)
{
	if (e->orphan == orphan)
		return;
	e->orphan = orphan;
	if (orphan)
		t->n_orphans++;
	else
		t->n_orphans--;
}

static void set_stale(struct table *t, struct entry *e, bool stale)
{
	if (e->stale == stale)
		return;
	e->stale = stale;
	if (stale)
		t->n_stale++;
	else
		t->n_stale--;
}

static bool is_full(const struct table *t)
{
	return t->n_sas - (t->syncing ? t->n_stale : 0) >= t->max_sas;
}

static void set_blob(struct entry *e, const void *blob, size_t len)
{
	if (e->len != len)
		e->blob = must_realloc(e->blob, len);
	memcpy(e->blob, blob, len);
	e->len = (uint32_t)len;
}

static void drop_blob(struct entry *e)
{
	free(e->blob);
	e->blob = NULL;
	e->len = 0;
}

/* e leaves the buckets it has; their watchers get a MOVED entry that points to its id.  It takes over e's references. */
static void leave_forwarding(struct table *t, struct entry *e)
{
	struct entry *m = entry_new(ENTRY_MOVED, e->id);

	for (int i = 0; i < 2; i++) {
		m->link[i].bucket = e->link[i].bucket;
		e->link[i].bucket = NULL;
	}
	log_touch(t, m);
	bury(t, m);
}

static void rehang(struct table *t, struct entry *e, const struct sabus_sa *sa)
{
	struct bucket *now[2];

	bucket_of_sa(t, sa, now);
	if (e->link[0].bucket && (e->link[0].bucket != now[0] || e->link[1].bucket != now[1]))
		leave_forwarding(t, e);
	for (int i = 0; i < 2; i++) {
		bucket_put(t, e->link[i].bucket);
		e->link[i].bucket = now[i];
	}
	entry_hang(e);
}

static struct entry *sa_new(struct table *t, uint32_t id)
{
	struct entry *e = entry_new(ENTRY_SA, id);

	HASH_ADD(hh, t->by_id, id, sizeof(e->id), e);
	return e;
}

/* Takes e off the lists that depend on its contents, so that it can get new ones. */
static void sa_detach(struct table *t, struct entry *e)
{
	if (e->live) {
		entry_unhang(e);
		if (e->state == SABUS_SA_PENDING)
			DL_DELETE(t->pending, e);
	} else if (e->revision) {
		unbury(t, e);
	}
}

static void sa_attach(struct table *t, struct entry *e, const struct sabus_sa *sa, int64_t now)
{
	e->state = sa->state;
	e->set_mark = sa->set_mark_in;
	set_stale(t, e, false);
	set_orphan(t, e, false);
	if (!e->live)
		t->n_sas++;
	e->live = true;
	rehang(t, e, sa);
	if (e->state == SABUS_SA_PENDING) {
		e->deadline = now + TABLE_PENDING_MS;
		DL_APPEND(t->pending, e);
	}
}

int table_sa_put(struct table *t, const struct sabus_sa *sa, const void *blob, size_t len, int64_t now)
{
	struct entry *e = table_sa_find(t, sa->id);
	bool same = e && e->live && !e->orphan && e->len == len && !memcmp(e->blob, blob, len);

	if ((!e || !e->live) && is_full(t)) {
		t->overflow = true;
		return -ENOSPC;
	}
	if (!e)
		e = sa_new(t, sa->id);
	sa_detach(t, e);
	sa_attach(t, e, sa, now);
	set_blob(e, blob, len);
	if (!same) /* a sync that repeats what is known tells nobody */
		log_touch(t, e);
	return 0;
}

static void sa_kill(struct table *t, struct entry *e, enum sabus_cause cause)
{
	sa_detach(t, e);
	set_orphan(t, e, false);
	set_stale(t, e, false);
	e->live = false;
	e->state = SABUS_SA_NONE;
	e->cause = cause;
	drop_blob(e);
	t->n_sas--;
	log_touch(t, e);
	bury(t, e);
}

bool table_sa_del(struct table *t, uint32_t id, enum sabus_cause cause)
{
	struct entry *e = table_sa_find(t, id);

	if (!e || !e->live)
		return false;
	sa_kill(t, e, cause);
	return true;
}

struct entry *table_sa_find(const struct table *t, uint32_t id)
{
	struct entry *e;

	HASH_FIND(hh, t->by_id, &id, sizeof(id), e);
	return e;
}

void table_sync_begin(struct table *t)
{
	struct entry *e, *next;

	t->overflow = false;
	t->syncing = true;
	HASH_ITER(hh, t->by_id, e, next)
		set_stale(t, e, e->live);
}

/* Burying one entry may free another one (the oldest tombstone), so a plain HASH_ITER would walk into freed memory: collect, then kill. */
static void kill_where(struct table *t, bool (*match)(const struct entry *e), enum sabus_cause cause)
{
	uint32_t *ids = must_calloc(t->n_sas + 1, sizeof(*ids)), n = 0;
	struct entry *e, *next;

	HASH_ITER(hh, t->by_id, e, next) {
		if (e->live && match(e))
			ids[n++] = e->id;
	}
	while (n)
		table_sa_del(t, ids[--n], cause);
	free(ids);
}

static bool is_stale(const struct entry *e)
{
	return e->stale;
}

static bool is_orphan(const struct entry *e)
{
	return e->orphan;
}

void table_sync_end(struct table *t)
{
	kill_where(t, is_stale, SABUS_CAUSE_RESYNC);
	t->syncing = false;
}

void table_drop_orphans(struct table *t)
{
	kill_where(t, is_orphan, SABUS_CAUSE_PUBLISHER_LOST);
}

void table_orphan_all(struct table *t)
{
	struct entry *e, *next;

	t->syncing = false;
	HASH_ITER(hh, t->by_id, e, next) {
		if (e->live)
			set_orphan(t, e, true);
	}
}

void table_expire_pending(struct table *t, int64_t now)
{
	while (t->pending && t->pending->deadline <= now)
		sa_kill(t, t->pending, SABUS_CAUSE_FAILED);
}

void table_set_publisher(struct table *t, enum sabus_publisher state)
{
	if (t->publisher_state == state)
		return;
	t->publisher_state = state;
	log_touch(t, t->publisher);
}

bool entry_is_message(const struct entry *e)
{
	return e->kind >= ENTRY_SESSION;
}

struct entry *table_message_new(struct table *t, enum entry_kind kind)
{
	struct entry *e = entry_new(kind, ++t->next_id);

	t->n_messages[kind]++;
	return e;
}

void table_message_put(struct table *t, struct entry *e, const void *msg, size_t len)
{
	if (e->live && e->len == len && !memcmp(e->blob, msg, len))
		return;
	e->live = true;
	set_blob(e, msg, len);
	log_touch(t, e);
}

void table_message_del(struct table *t, struct entry *e, const void *msg, size_t len)
{
	e->live = false;
	set_blob(e, msg, len);
	t->n_messages[e->kind]--;
	log_touch(t, e);
	bury(t, e);
}

void table_init(struct table *t, uint32_t max_sas, void (*changed)(void *, const struct entry *), void *ctx)
{
	memset(t, 0, sizeof(*t));
	t->max_sas = max_sas;
	t->changed = changed;
	t->ctx = ctx;
	t->any = must_calloc(1, sizeof(*t->any));
	t->any->refs = 1;
	t->publisher = entry_new(ENTRY_PUBLISHER, 0);
	t->publisher->live = true;
	log_touch(t, t->publisher);
}

void table_free(struct table *t)
{
	struct entry *e, *next;

	while (t->tombs)
		purge_oldest(t);
	HASH_ITER(hh, t->by_id, e, next)
		entry_free(t, e);
	entry_free(t, t->publisher);
	free(t->any);
	free(t->log);
	memset(t, 0, sizeof(*t));
}
