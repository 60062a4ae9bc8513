/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changelog.c - the log of the table: an array sorted by revision, each entry in it once.
 *
 * A change leaves a hole at the old place and appends.  When holes are more than a quarter, the live records are moved together; so a change
 * costs amortised O(1) and the array is at most a third longer than there are entries.  Cursors are revisions, not indexes, and survive that.
 */
#include "config.h"
#include "log.h"
#include "table.h"

#define LOG_MIN 256 /* records; below that holes are not worth a pass */

static void compact(struct table *t)
{
	size_t to = 0;

	for (size_t i = 0; i < t->log_len; i++) {
		if (!t->log[i].entry)
			continue;
		t->log[to] = t->log[i];
		t->log[to].entry->log_pos = (uint32_t)to;
		to++;
	}
	t->log_len = to;
	t->log_dead = 0;
}

static void make_room(struct table *t)
{
	if (t->log_len >= LOG_MIN && t->log_dead > t->log_len / 4)
		compact(t);
	if (t->log_len < t->log_cap)
		return;
	t->log_cap = t->log_cap ? t->log_cap + t->log_cap / 2 : LOG_MIN;
	t->log = must_realloc(t->log, t->log_cap * sizeof(*t->log));
}

void log_forget(struct table *t, struct entry *e)
{
	if (!e->revision)
		return;
	t->log[e->log_pos].entry = NULL;
	t->log_dead++;
	e->revision = 0;
}

static const void *scope_of(const struct table *t, const struct entry *e)
{
	if (entry_is_message(e))
		return t;
	if (!e->has_links || e->link[1].bucket || e->link[0].bucket == t->any)
		return NULL;
	return e->link[0].bucket;
}

void log_touch(struct table *t, struct entry *e)
{
	log_forget(t, e);
	make_room(t);
	e->revision = ++t->revision;
	e->log_pos = (uint32_t)t->log_len;
	t->log[t->log_len].revision = e->revision;
	t->log[t->log_len].entry = e;
	t->log[t->log_len].scope = scope_of(t, e);
	t->log_len++;
	t->changed(t->ctx, e);
}

size_t log_after(const struct table *t, uint64_t cursor)
{
	size_t lo = 0, hi = t->log_len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->log[mid].revision > cursor)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}
