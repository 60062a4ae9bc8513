// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * limit.c - buckets of tokens for each address, and one of refusals for all addresses together (a sender may forge them).
 */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include "limit.h"
#include "tokens.h"

struct entry {
	struct sabus_addr peer;
	struct tokens lines[LIMIT_KINDS];
	UT_hash_handle hh; /* in the order of the last use */
};

static const struct tokens full[LIMIT_KINDS] = {
	[LIMIT_REFUSALS] = { .burst = LIMIT_BURST, .pause_ms = LIMIT_PAUSE_MS },
	[LIMIT_LIVES] = { .burst = LIMIT_LIFE_BURST, .pause_ms = LIMIT_LIFE_MS },
};
static struct entry *table;
static struct tokens all = { .burst = LIMIT_ALL, .pause_ms = LIMIT_PAUSE_MS / LIMIT_ALL };

void limit_reset(void)
{
	struct entry *e, *next;

	HASH_ITER(hh, table, e, next) {
		HASH_DEL(table, e);
		free(e);
	}
	all.used = all.suppressed = 0;
}

static struct entry *get(const struct sabus_addr *peer)
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
		memcpy(e->lines, full, sizeof(full));
	}
	HASH_ADD(hh, table, peer, sizeof(e->peer), e);
	return e;
}

bool limit_allows(enum limit_kind kind, const struct sabus_addr *peer, int64_t now, unsigned int *suppressed)
{
	struct entry *e = get(peer);
	unsigned int of_all, mine;

	*suppressed = 0;
	if (!e || !tokens_take(&e->lines[kind], now, &mine))
		return false;
	if (kind == LIMIT_REFUSALS && !tokens_take(&all, now, &of_all)) {
		tokens_return(&e->lines[kind], mine);
		return false;
	}
	*suppressed = mine;
	return true;
}
