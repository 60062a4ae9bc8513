/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shadow.c - two indices (by id, by reqid) and a list of what is dirty over one set of entries.  See shadow.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>
#include "cover.h"
#include "shadow.h"

struct entry {
	uint32_t id;
	enum sabus_cause cause;
	bool gone, sent, dirty;
	bool installed, transport; /* these and the next: to skip it without decoding */
	struct sabus_addr remote;
	size_t len;
	uint8_t *blob;
	struct bucket *bucket;		       /* of its reqid; NULL when gone */
	struct entry *dirty_prev, *dirty_next; /* list of the dirty ones */
	struct entry *same_prev, *same_next;   /* list of its bucket */
	UT_hash_handle hh;		       /* by id */
};

struct bucket {
	uint32_t reqid;
	struct entry *entries;
	UT_hash_handle hh;
};

struct shadow {
	struct entry *by_id;
	struct bucket *by_reqid;
	struct entry *dirty;
	size_t count;
};

struct shadow *shadow_new(void)
{
	return calloc(1, sizeof(struct shadow));
}

static struct entry *find(const struct shadow *s, uint32_t id)
{
	struct entry *e;

	HASH_FIND(hh, s->by_id, &id, sizeof(id), e);
	return e;
}

static void mark_dirty(struct shadow *s, struct entry *e)
{
	if (!e->dirty)
		DL_APPEND2(s->dirty, e, dirty_prev, dirty_next);
	e->dirty = true;
}

static void unmark_dirty(struct shadow *s, struct entry *e)
{
	if (e->dirty)
		DL_DELETE2(s->dirty, e, dirty_prev, dirty_next);
	e->dirty = false;
}

static void leave_bucket(struct shadow *s, struct entry *e)
{
	struct bucket *b = e->bucket;

	if (!b)
		return;
	DL_DELETE2(b->entries, e, same_prev, same_next);
	e->bucket = NULL;
	if (!b->entries) {
		HASH_DELETE(hh, s->by_reqid, b);
		free(b);
	}
}

static int join_bucket(struct shadow *s, struct entry *e, uint32_t reqid)
{
	struct bucket *b;

	if (e->bucket && e->bucket->reqid == reqid)
		return 0;
	HASH_FIND(hh, s->by_reqid, &reqid, sizeof(reqid), b);
	if (!b) {
		b = calloc(1, sizeof(*b));
		if (!b)
			return -ENOMEM;
		b->reqid = reqid;
		HASH_ADD(hh, s->by_reqid, reqid, sizeof(b->reqid), b);
	}
	leave_bucket(s, e);
	DL_APPEND2(b->entries, e, same_prev, same_next);
	e->bucket = b;
	return 0;
}

static void drop(struct shadow *s, struct entry *e)
{
	unmark_dirty(s, e);
	leave_bucket(s, e);
	HASH_DELETE(hh, s->by_id, e);
	free(e->blob);
	free(e);
}

void shadow_free(struct shadow *s)
{
	struct entry *e, *next;

	if (!s)
		return;
	HASH_ITER(hh, s->by_id, e, next)
	{
		drop(s, e);
	}
	free(s);
}

static struct entry *add(struct shadow *s, uint32_t id)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->id = id;
	e->gone = true; /* until it has a blob */
	HASH_ADD(hh, s->by_id, id, sizeof(e->id), e);
	return e;
}

/* Gives e a copy of the encoded SA; a new entry that cannot have one is dropped again. */
static int store(struct shadow *s, struct entry *e, const uint8_t *blob, size_t len, const struct sabus_sa *sa)
{
	uint8_t *copy = malloc(len);
	int r = copy ? join_bucket(s, e, sa->reqid) : -ENOMEM;

	if (!copy || r < 0) {
		free(copy);
		if (!e->blob)
			drop(s, e);
		return r;
	}
	memcpy(copy, blob, len);
	free(e->blob);
	e->blob = copy;
	e->len = len;
	e->installed = sa->state == SABUS_SA_INSTALLED;
	e->transport = sa->mode == SABUS_MODE_TRANSPORT;
	e->remote = sa->remote.addr;
	if (e->gone)
		s->count++;
	e->gone = false;
	mark_dirty(s, e);
	return 0;
}

int shadow_put(struct shadow *s, const struct sabus_sa *sa)
{
	uint8_t blob[SABUS_SA_BLOB_MAX];
	int n = sabus_sa_encode(sa, blob, sizeof(blob));
	struct entry *e;

	if (n < 0)
		return n;
	if (!sa->id || !n)
		return -EINVAL;
	e = find(s, sa->id);
	if (e && !e->gone && e->len == (size_t)n && !memcmp(e->blob, blob, (size_t)n))
		return 0;
	if (!e)
		e = add(s, sa->id);
	if (!e)
		return -ENOMEM;
	return store(s, e, blob, (size_t)n, sa);
}

bool shadow_del(struct shadow *s, uint32_t id, enum sabus_cause cause)
{
	struct entry *e = find(s, id);

	if (!e || e->gone)
		return false;
	s->count--;
	if (!e->sent) {
		drop(s, e);
		return true;
	}
	leave_bucket(s, e);
	e->gone = true;
	e->cause = cause;
	mark_dirty(s, e);
	return true;
}

bool shadow_has(const struct shadow *s, uint32_t id)
{
	const struct entry *e = find(s, id);

	return e && !e->gone;
}

bool shadow_get(const struct shadow *s, uint32_t id, struct sabus_sa *sa)
{
	const struct entry *e = find(s, id);

	return e && !e->gone && sabus_sa_decode(e->blob, e->len, sa) == 0;
}

static bool same_peer(const struct sabus_sa *a, const struct sabus_sa *b)
{
	if (a->ike_id == b->ike_id)
		return true;
	return sabus_addr_equal(&a->remote.addr, &b->remote.addr) && a->remote.port == b->remote.port &&
	       !strcmp(a->id_remote, b->id_remote) && !strcmp(a->id_eap, b->id_eap) && !strcmp(a->ike_name, b->ike_name);
}

uint32_t shadow_predecessor(const struct shadow *s, const struct sabus_sa *sa)
{
	const struct bucket *b;
	const struct entry *e;
	struct sabus_sa other;
	uint32_t best = 0;

	HASH_FIND(hh, s->by_reqid, &sa->reqid, sizeof(sa->reqid), b);
	if (!b)
		return 0;
	DL_FOREACH2(b->entries, e, same_next)
	{
		if (e->id == sa->id || e->id <= best || sabus_sa_decode(e->blob, e->len, &other) < 0)
			continue;
		if (other.state == SABUS_SA_INSTALLED && same_peer(&other, sa))
			best = e->id;
	}
	return best;
}

static bool may_cover(const struct entry *e, const struct sabus_flow *flow)
{
	return !e->gone && e->installed && (!e->transport || sabus_addr_equal(&e->remote, &flow->remote.addr));
}

bool shadow_find(const struct shadow *s, const struct sabus_flow *flow, struct sabus_sa *sa)
{
	const struct entry *e, *next;

	HASH_ITER(hh, s->by_id, e, next)
	{
		if (may_cover(e, flow) && sabus_sa_decode(e->blob, e->len, sa) == 0 && cover(sa, flow))
			return true;
	}
	return false;
}

bool shadow_dirty(const struct shadow *s)
{
	return s->dirty != NULL;
}

void shadow_restart(struct shadow *s)
{
	struct entry *e, *next;

	HASH_ITER(hh, s->by_id, e, next)
	{
		e->sent = false;
		if (e->gone)
			drop(s, e);
		else
			mark_dirty(s, e);
	}
}

bool shadow_next(const struct shadow *s, struct shadow_item *item)
{
	const struct entry *e = s->dirty;

	if (!e)
		return false;
	*item = (struct shadow_item){ .id = e->id, .gone = e->gone, .cause = e->cause, .blob = e->blob, .len = e->len };
	return true;
}

void shadow_sent(struct shadow *s)
{
	struct entry *e = s->dirty;

	if (!e)
		return;
	if (e->gone) {
		drop(s, e);
		return;
	}
	unmark_dirty(s, e);
	e->sent = true;
}

size_t shadow_count(const struct shadow *s)
{
	return s->count;
}
