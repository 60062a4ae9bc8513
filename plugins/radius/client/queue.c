// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * queue.c - see queue.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../rfc.h"
#include "queue.h"

#define WAIT_FIRST 1000
#define WAIT_MOST  30000

static void remove_at(struct queue *q, int i)
{
	explicit_bzero(q->item[i].list, sizeof(*q->item[i].list));
	free(q->item[i].list);
	q->n--;
	memmove(&q->item[i], &q->item[i + 1], (size_t)(q->n - i) * sizeof(q->item[0]));
}

/* A newer Interim-Update or a Stop says all that a waiting Interim-Update does. */
static void replace_interims(struct queue *q, uint32_t *dropped, int *n_dropped)
{
	for (int i = q->n - 1; i >= 0 && q->item[i].status == RV_ACCT_INTERIM; i--) {
		dropped[(*n_dropped)++] = q->item[i].id;
		remove_at(q, i);
	}
}

int queue_add(struct queue *q, uint32_t id, uint32_t status, const struct worker_list *list, int64_t now, int64_t keep_ms,
	      uint32_t *dropped, int *n_dropped)
{
	struct queue_item *it;

	*n_dropped = 0;
	if (status != RV_ACCT_START)
		replace_interims(q, dropped, n_dropped);
	if (q->n == QUEUE_MAX)
		return -ENOSPC;
	it = &q->item[q->n];
	*it = (struct queue_item){ .id = id, .status = status, .since = now, .due = now, .give_up = now + keep_ms };
	it->list = malloc(sizeof(*it->list));
	if (!it->list)
		return -ENOMEM;
	*it->list = *list;
	q->n++;
	return 0;
}

struct queue_item *queue_due(struct queue *q, int64_t now)
{
	return q->n && q->item[0].due <= now ? &q->item[0] : NULL;
}

int64_t queue_next(const struct queue *q)
{
	return q->n ? q->item[0].due : -1;
}

bool queue_retry(struct queue *q, int64_t now)
{
	struct queue_item *it = &q->item[0];
	int64_t wait = it->tries < 5 ? (int64_t)WAIT_FIRST << it->tries : WAIT_MOST;

	it->tries++;
	if (now >= it->give_up)
		return false;
	it->due = now + wait < it->give_up ? now + wait : it->give_up;
	return true;
}

void queue_remove_first(struct queue *q)
{
	remove_at(q, 0);
}

void queue_hurry(struct queue *q, int64_t now, int64_t when)
{
	for (int i = 0; i < q->n; i++) {
		if (q->item[i].give_up > when)
			q->item[i].give_up = when;
		if (q->item[i].due > now)
			q->item[i].due = now;
	}
}

void queue_clear(struct queue *q)
{
	while (q->n)
		remove_at(q, 0);
}
