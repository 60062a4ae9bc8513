/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue.h - accounting messages that wait for a server.
 *
 * In order: a Start before its Interim-Updates before the Stop.  An Interim-Update that waits is replaced by a newer one, and a Stop replaces it, so at most a handful waits
 * however long the servers are down.  Pure but for malloc(); time is the caller's, in ms of any steady clock.
 *
 *   waiting --due--> tried --ok, or never--> done        tried --no answer--> waiting (1, 2, 4 ... 30 s) --give_up--> done
 */
#ifndef SABUS_RADIUS_QUEUE_H
#define SABUS_RADIUS_QUEUE_H

#include <stdint.h>
#include "../worker.h"

#define QUEUE_MAX 8 /* messages; a session has Start, Stop and one Interim-Update, and a few sessions can follow one another on a link */

struct queue_item {
	uint32_t id;
	uint32_t status; /* Acct-Status-Type */
	int64_t since;	 /* of the event */
	int64_t due;	 /* when it is to be tried */
	int64_t give_up;
	int tries;
	struct worker_list *list;
};

struct queue {
	int n;
	struct queue_item item[QUEUE_MAX];
};

/*
 * Adds a message; its list is copied.  keep_ms: how long it is tried for.  0, -ENOMEM, -ENOSPC (the queue is full of what cannot be replaced).
 * *dropped gets the ids of messages that it replaced (*n_dropped of them, at most QUEUE_MAX).
 */
int queue_add(struct queue *q, uint32_t id, uint32_t status, const struct worker_list *list, int64_t now, int64_t keep_ms,
	      uint32_t *dropped, int *n_dropped);

/* The first message, if its time has come; else NULL. */
struct queue_item *queue_due(struct queue *q, int64_t now);

/* When the first message is due; -1: nothing waits. */
int64_t queue_next(const struct queue *q);

/* The first message was tried without an answer.  true: it waits on; false: its time is over, the caller removes it. */
bool queue_retry(struct queue *q, int64_t now);

void queue_remove_first(struct queue *q);

/* Nothing is tried longer than until `when` any more, and what waits is due at once. */
void queue_hurry(struct queue *q, int64_t now, int64_t when);

void queue_clear(struct queue *q);

#endif
