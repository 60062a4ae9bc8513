/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dynauth.h - from a datagram to its answer: a Dynamic Authorization Server (RFC 5176) without sockets.
 *
 *   datagram -> known client? -> dyn_verify -> Event-Timestamp -> seen before? -> decode -> our NAS? -> bus? -> which sessions? -> ask each -> answer
 *               \_____________ no: dropped, one log line _____________/   \_ the same answer     \___________ no: NAK with an Error-Cause ___________/
 *
 * A job is a request whose sessions were asked and have not all answered; it has a deadline, and dies with the bus.  Each good request gets exactly one answer, which is also
 * what its retransmissions get.
 * The caller moves bytes: `ask` puts a request on the bus, `send` sends a datagram; neither may block, nor call back.  One thread.
 */
#ifndef SABUS_DYNAUTH_DYNAUTH_H
#define SABUS_DYNAUTH_DYNAUTH_H

#include "conf.h"
#include "known.h"
#include "seen.h"

#define DYNAUTH_SESSIONS_MAX 256	/* that one Disconnect-Request may end */
#define DYNAUTH_ASKS_MAX     4096	/* waiting, of all jobs */
#define DYNAUTH_JOB_MS	     12000	/* sabusd answers earlier (SABUS_SESSION_REQUEST_MS), but for one that hangs */
#define DYNAUTH_KEEP_MS	     30000	/* that an answer is kept beyond its timestamp's window: longer than any job */

/* Where a datagram came from and went to; `socket` is the caller's. */
struct dyn_peer {
	struct sabus_endpoint from;
	struct sabus_addr to; /* family 0: not known */
	unsigned int ifindex;
	int socket;
};

struct ask;
struct job;

struct dynauth {
	struct conf conf;
	char hostname[256];
	struct known known;
	bool ready; /* the bus is there and has told all sessions */
	struct seen_cache seen;
	struct job *jobs; /* oldest first */
	struct ask *asks; /* by seq */
	/* Asks the session's pppd: to end (rq->disconnect), or to change.  0 and *seq, or -errno. */
	int (*ask)(void *ctx, uint32_t session_id, const struct dyn_request *rq, const char *why, uint32_t *seq);
	void (*send)(void *ctx, const struct dyn_peer *peer, const uint8_t *answer, size_t len);
	void *ctx;
};

/* now: ms of now_ms(); clock: seconds since 1970. */
void dynauth_datagram(struct dynauth *d, const struct dyn_peer *peer, const uint8_t *p, size_t len, int64_t now, int64_t clock);
/* The bus's RESULT; of a seq that nobody waits for: nothing. */
void dynauth_result(struct dynauth *d, uint32_t seq, int error, const char *text, int64_t clock);
/* The bus is gone: what waits is answered with NAK, and nothing is known any more. */
void dynauth_bus_lost(struct dynauth *d, int64_t clock);
/* Ends what is due; returns ms until it must be called again, -1: nothing is waiting. */
int dynauth_timers(struct dynauth *d, int64_t now, int64_t clock);
void dynauth_free(struct dynauth *d);

#endif
