/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publisher.h - keeps sabusd told of the shadow table, and never lets anybody wait for sabusd.
 *
 *   OFF -> GREETING -> SYNCING -> LIVE
 *    ^        |           |        |      any error, end of stream, or EAGAIN while LIVE: close, pause, again from the start
 *    +--------+-----------+--------+
 *
 * Hooks call publisher_put() and publisher_del() from any thread: they change the shadow under a short mutex and, when LIVE, do one
 * non-blocking send.  If that fails the hook cuts the connection (shutdown, so that sabusd sees the end of the stream at once and answers
 * UNKNOWN) and wakes the publisher's thread; nothing else.  In every other state hooks only write the shadow.
 *
 * An SA that cannot be kept (no memory, a value that cannot be encoded) is `missing`: the table is not whole, and must not be taken for whole.  So the
 * connection is cut and the next sync does not end before that SA is gone or kept after all; sabusd answers UNKNOWN until then.
 *
 * Requests come in on the same connection and are handed on by the thread; their results are sent by whoever has them, like a change of the shadow.
 *
 * One thread runs publisher_run(): it alone connects, waits for sabusd's HELLO, sends SYNC_BEGIN, everything dirty, SYNC_END, and may wait for
 * room in the socket.  It goes LIVE in the same critical section in which nothing was dirty any more, so no change falls between.
 * Waiting for HELLO first means that a stopped sabusd costs one connection and one log line, not one of each per second.
 *
 * Log lines appear on changes only: absent, connected, lost (with the reason).  No charon type is used here.
 */
#ifndef SABUS_PUBLISHER_H
#define SABUS_PUBLISHER_H

#include "logline.h"
#include "shadow.h"

struct publisher;

struct publisher_config {
	const char *path;			   /* of sabusd's socket; copied */
	const char *name;			   /* who speaks, <= 63 bytes; copied */
	unsigned retry_ms;			   /* pause between two attempts */
	uint64_t epoch;				   /* random number of this process instance */
	/* prio as for syslog(3); called from publisher_run()'s thread only, without locks held */
	void (*log)(void *data, int prio, const struct logline *line);
	void *data;
	/* A REQUEST of sabusd's; must not block.  From publisher_run()'s thread, no lock is held; *ev is valid during the call.  NULL: ignored. */
	void (*request)(void *data, uint32_t connection, const struct sabus_event *ev);
	void *request_data;
};

/* 0 or -errno (-ENOMEM, -EMFILE ...).  *out is freed by publisher_free(). */
int publisher_new(struct publisher **out, const struct publisher_config *config);
/* After publisher_run() has returned (or was never called).  NULL is fine. */
void publisher_free(struct publisher *p);

/* The thread's work; BLOCKS until publisher_stop(). */
void publisher_run(struct publisher *p);
/* Makes publisher_run() return.  Any thread, never blocks. */
void publisher_stop(struct publisher *p);

/* Any thread; never block on anything but the short mutex.  Errors of shadow_put(): the SA is not published, and sabusd will say UNKNOWN. */
int publisher_put(struct publisher *p, const struct sabus_sa *sa);
bool publisher_del(struct publisher *p, uint32_t id, enum sabus_cause cause);
bool publisher_has(struct publisher *p, uint32_t id);
bool publisher_get(struct publisher *p, uint32_t id, struct sabus_sa *sa);
uint32_t publisher_predecessor(struct publisher *p, const struct sabus_sa *sa);
/* An installed SA that covers flow (cover.h) into *sa. */
bool publisher_find(struct publisher *p, const struct sabus_flow *flow, struct sabus_sa *sa);

/* An attempt of IKE that made no SA.  Told now or never: it is advice, and a sabusd that is not there or does not take it is not told later. */
void publisher_ike_failed(struct publisher *p, const struct sabus_flow *flow, enum sabus_ike_failure what);

/* The result of a request; dropped when that connection has ended, because sabusd has answered for us then.  Any thread. */
void publisher_result(struct publisher *p, uint32_t connection, uint32_t seq, int error, const char *text);

#endif
