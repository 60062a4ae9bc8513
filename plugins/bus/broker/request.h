/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - what a session asks of the publisher, or of another session, and who waits for which answer.
 *
 *   asked ---> unsent ---> sent ---> RESULT of the publisher
 *      |          |          |
 *      |          +----------+--> RESULT by us: EPIPE (the publisher went away), ETIMEDOUT (SABUS_REQUEST_MS are over)
 *      +--> RESULT by us: ENOTCONN (no synced publisher), EBUSY (REQUESTS_MAX wait already)
 *
 * To the publisher a request has a number of ours, so that two sessions cannot choose the same and none can answer for another.  When the publisher's
 * socket is full requests stay unsent until there is room; nothing waits for it.  A session that ends takes its requests along, but for
 * the DELETEs that are not sent yet; what the publisher says to those, or too late, is thrown away.  So each request has exactly one RESULT as long as there is somebody to tell.
 *
 * A request to a session (close, change) is sent at once or answered by us: ENOENT, ENOTSUP (its pppd does not take it), EBUSY (it does not read, SESSION_DUTIES_MAX of its own wait
 * already, or SESSION_REQUESTS_MAX of all).  Then its RESULT, or ours: EPIPE (the session is gone), ETIMEDOUT (SABUS_SESSION_REQUEST_MS).  They have a list of their own, which keeps both
 * sorted by deadline, and limits of their own, so that a flood of these leaves xl2tpd's requests to charon alone.
 */
#ifndef SABUSD_REQUEST_H
#define SABUSD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#define REQUESTS_MAX	     8192 /* waiting, of all sessions: more than the 5,000 tunnels that may end at once */
#define SESSION_REQUESTS_MAX 8192 /* waiting, to all sessions */
#define SESSION_DUTIES_MAX   8	  /* waiting, to one session */

struct client;
struct sabus_msg_view;
struct server;

struct request {
	uint32_t seq;	    /* ours */
	uint32_t asked_seq; /* the session's */
	struct client *asker; /* NULL: it is gone, and what it asked for shall be done all the same */
	struct client *owner; /* of the session who has to answer; NULL: the publisher */
	int64_t deadline; /* ms */
	bool sent, lasting; /* lasting: a DELETE, which an xl2tpd leaves behind when it ends */
	struct request *prev, *next;   /* in requests.waiting, or at_sessions */
	struct request *uprev, *unext; /* in requests.unsent */
	struct request *aprev, *anext; /* in asker->requests */
	struct request *oprev, *onext; /* in owner->duties */
	UT_hash_handle hh;
	uint32_t len;
	_Alignas(8) uint8_t msg[]; /* as the publisher gets it */
};

struct requests {
	struct request *by_seq;
	struct request *waiting; /* for the publisher: all, oldest first */
	struct request *at_sessions; /* for sessions, oldest first */
	struct request *unsent;	 /* oldest first */
	uint32_t n, n_at_sessions, last_seq;
	bool full; /* the publisher's socket; EPOLLOUT is armed */
};

void request_ask(struct server *s, struct client *c, const struct sabus_msg_view *v);
void request_result(struct server *s, const struct client *c, const struct sabus_msg_view *v); /* of the publisher, or a session */
void requests_flush(struct server *s);				       /* the publisher's socket has room again */
void requests_forget(struct server *s, struct client *c);	       /* c is closing */
void requests_abandon(struct server *s);			       /* the publisher is gone, or another one */
void requests_session_gone(struct server *s, struct client *c);	       /* c has no session any more */
void requests_expire(struct server *s);

#endif
