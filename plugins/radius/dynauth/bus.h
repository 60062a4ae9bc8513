/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.h - our connection to sabusd: comes when it can, follows all sessions and SAs, puts requests to sessions and brings their results.
 *
 *   down --(pause, sabus_open, WATCH)--> told --(DONE)--> ready
 *     ^                                    |                |
 *     +------------ error, end ------------+----------------+     the pause doubles from BUS_PAUSE_MIN to BUS_PAUSE_MAX, a DONE makes it short again
 *
 * Never blocks.  One thread.
 */
#ifndef SABUS_DYNAUTH_BUS_H
#define SABUS_DYNAUTH_BUS_H

#include "dynauth.h"
#include "sabus.h"

#define BUS_PAUSE_MIN 200 /* ms */
#define BUS_PAUSE_MAX 5000
#define BUS_BURST     256 /* events per turn */

struct bus {
	const char *path;
	struct dynauth *dynauth;
	struct sabus *s; /* NULL: down */
	int64_t again;	 /* ms, when to try next */
	int pause;	 /* ms, of the next failure */
	bool told;	 /* the log has that it is down */
	struct sabus_event ev;
};

void bus_init(struct bus *b, const char *path, struct dynauth *d);
/* Connects if it is time. */
void bus_turn(struct bus *b, int64_t now, int64_t clock);
int bus_fd(const struct bus *b); /* to poll for POLLIN; -1: down */
void bus_readable(struct bus *b, int64_t now, int64_t clock);
int bus_patience(const struct bus *b, int64_t now); /* ms until bus_turn() is due; -1: never */
/* dynauth's `ask`; ctx: struct bus. */
int bus_ask(struct bus *b, uint32_t session_id, const struct dyn_request *rq, const char *why, uint32_t *seq);
void bus_close(struct bus *b);

#endif
