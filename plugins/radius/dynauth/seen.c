// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * seen.c - see seen.h.  All entries live equally long, so the list is sorted by its end.
 */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "seen.h"

struct seen *seen_find(const struct seen_cache *c, const struct seen_key *key)
{
	struct seen *s;

	HASH_FIND(hh, c->by_key, key, sizeof(*key), s);
	return s;
}

struct seen *seen_add(struct seen_cache *c, const struct seen_key *key, int64_t until)
{
	struct seen *s = HASH_COUNT(c->by_key) < SEEN_MAX ? calloc(1, sizeof(*s)) : NULL;

	if (!s)
		return NULL;
	s->key = *key;
	s->until = until;
	HASH_ADD(hh, c->by_key, key, sizeof(s->key), s);
	DL_APPEND(c->oldest, s);
	return s;
}

void seen_answered(struct seen *s, const uint8_t *answer, size_t len)
{
	s->answer = malloc(len);
	if (!s->answer)
		return;
	memcpy(s->answer, answer, len);
	s->len = len;
}

void seen_forget(struct seen_cache *c, struct seen *s)
{
	HASH_DEL(c->by_key, s);
	DL_DELETE(c->oldest, s);
	free(s->answer);
	free(s);
}

void seen_expire(struct seen_cache *c, int64_t now)
{
	while (c->oldest && c->oldest->until <= now)
		seen_forget(c, c->oldest);
}

void seen_free(struct seen_cache *c)
{
	while (c->oldest)
		seen_forget(c, c->oldest);
}
