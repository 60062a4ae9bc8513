// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * limit.c - a bucket of lines per address, a token each LIMIT_PAUSE_MS, and one bucket for all addresses together (a sender may forge them).
 */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include "limit.h"

struct entry {
	struct sabus_addr peer;
	int64_t since; /* when tokens was right */
	unsigned int tokens, left_out;
	UT_hash_handle hh; /* in the order of the last use */
};

static struct entry *table;
static int64_t all_since;
static unsigned int all_lines;

void limit_reset(void)
{
	struct entry *e, *next;

	HASH_ITER(hh, table, e, next) {
		HASH_DEL(table, e);
		free(e);
	}
	all_since = 0;
	all_lines = 0;
}

static struct entry *get(const struct sabus_addr *peer, int64_t now)
{
	struct entry *e;

	HASH_FIND(hh, table, peer, sizeof(*peer), e);
	if (e) {
		HASH_DEL(table, e); /* and to the end of the order */
	} else if (HASH_COUNT(table) >= LIMIT_ADDRESSES) {
		e = table;
		HASH_DEL(table, e);
		memset(e, 0, sizeof(*e));
	} else {
		e = calloc(1, sizeof(*e));
	}
	if (!e)
		return NULL;
	if (!e->peer.family) {
		e->peer = *peer;
		e->tokens = LIMIT_BURST;
		e->since = now;
	}
	HASH_ADD(hh, table, peer, sizeof(e->peer), e);
	return e;
}

static void refill(struct entry *e, int64_t now)
{
	int64_t n = (now - e->since) / LIMIT_PAUSE_MS;

	if (n <= 0)
		return;
	e->tokens = n + e->tokens > LIMIT_BURST ? LIMIT_BURST : e->tokens + (unsigned int)n;
	e->since += n * LIMIT_PAUSE_MS;
}

static bool all_allow(int64_t now)
{
	if (now - all_since >= LIMIT_PAUSE_MS) {
		all_since = now;
		all_lines = 0;
	}
	return all_lines++ < LIMIT_ALL;
}

bool limit_allows(const struct sabus_addr *peer, int64_t now, unsigned int *left_out)
{
	struct entry *e = get(peer, now);

	*left_out = 0;
	if (!e)
		return false;
	refill(e, now);
	if (!e->tokens || !all_allow(now)) {
		e->left_out++;
		return false;
	}
	e->tokens--;
	*left_out = e->left_out;
	e->left_out = 0;
	return true;
}
