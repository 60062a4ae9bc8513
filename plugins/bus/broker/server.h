/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server.h - sabusd's one loop: who is connected, and what happens in which order.
 *
 * One thread, one epoll, nothing blocks and nothing is queued per client: a client is a socket, a role and a cursor into the table's log.
 * A round is:
 *
 *   events -> (lookups are answered at once) -> timers -> pump watchers that have something to be told -> reap closed clients
 *
 * Causal visibility.  publisher_drain() runs before a LOOKUP is answered and before a WATCH begins.  When the client's request could be
 * read, every publish whose send() had returned before the request was sent is in a publisher's socket (or its connection in the accept
 * queue), so after the drain it is in the table.  That costs two system calls per request and no promise from the publisher.
 *
 * Closing.  client_close() takes effect on the state at once but the struct lives until client_reap() at the end of the round, because events
 * of the same round and list walks may still point to it.
 *
 * State of knowledge: ABSENT is said only when a publisher is connected, has completed its sync, and no SA was turned away since.
 */
#ifndef SABUSD_SERVER_H
#define SABUSD_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include "codec.h"
#include "failures.h"
#include "listen.h"
#include "options.h"
#include "request.h"
#include "table.h"

#define SERVER_PUBLISHERS_MAX 16   /* connections on sa.sock; only the newest one with a HELLO counts */
#define SERVER_DRAIN_MAX      8192 /* messages; more than a socket's buffer can hold when the drain starts */
#define SERVER_READ_BURST     16   /* messages from one client per round */
#define SERVER_ACCEPT_BURST   64   /* connections per listener and round */
#define SERVER_PUMP_BUDGET    256  /* packets to watchers per round, so that a lookup never waits long */
#define SERVER_SPARE_FDS      64   /* descriptors beyond --max-clients */
#define CLIENT_SNDBUF	      49152 /* bytes (the kernel doubles it): one LOOKUP_ACK fits, and 1,000 deaf clients pin < 100 MiB in the kernel */

enum source_kind { SOURCE_SIGNAL, SOURCE_LISTENER, SOURCE_CLIENT };

/* What epoll's data.ptr points to: the first member of each that can have events. */
struct source {
	enum source_kind kind;
	int fd;
};

struct listener {
	struct source source;
	enum role role;
};

/* A watching client's place in the log; watch.c. */
struct watch {
	bool on, sessions;
	bool blocked;		     /* its socket is full, EPOLLOUT is armed */
	bool dirty;		     /* in the server's queue */
	bool need_done;		     /* a snapshot is under way */
	uint64_t cursor;	     /* all up to here was sent; only meaningful while dirty or blocked, else: all */
	uint64_t base;		     /* revision when the snapshot began: older deletions are none of its business */
	struct bucket *bucket;	     /* the filter, holds a reference; table.any: everything */
	struct watch *prev, *next;   /* in bucket->watchers */
	struct watch *qprev, *qnext; /* in the server's queue */
	struct watch *sprev, *snext; /* in the server's session_watchers, with `sessions` */
};

/*
 * A tunnel, or a call (its call id is not 0), that an xl2tpd has put; tunnels.c.  The key is the process's, not the connection's: an xl2tpd that comes
 * back before its old connection is seen to have ended takes over what it puts again.
 */
struct l2tp {
	uint64_t key; /* pid, tunnel id, call id */
	struct client *owner;
	struct entry *entry;
	struct l2tp *calls;	     /* of a tunnel */
	struct l2tp *oprev, *onext;  /* in owner->l2tp */
	struct l2tp *cprev, *cnext;  /* in its tunnel's calls */
	UT_hash_handle hh;
};

struct client {
	struct source source;
	enum role role;
	bool hello, closing;
	bool held; /* watches, and is full of what it has not read: its requests wait */
	bool denied;  /* wrong user for this socket: told so when it says HELLO */
	bool counted; /* in readers */
	uint32_t pid;
	uid_t uid;
	uint64_t serial;	/* newer connections have greater numbers */
	int64_t hello_deadline; /* ms */
	char name[24];		/* from HELLO, for log lines */
	struct entry *session;
	struct l2tp *l2tp;	 /* what it has put; order is of no meaning */
	struct request *requests; /* that it waits for */
	struct request *duties;	  /* requests to its session that it has to answer */
	uint32_t session_id, ops; /* of its session: the key in sessions; bit 1 << enum sabus_op for each that it takes */
	struct watch watch;
	struct client *prev, *next;   /* in clients */
	struct client *gprev, *gnext; /* in greeting, until HELLO */
	struct client *dead;	      /* in dead */
	UT_hash_handle shh;	      /* in sessions, with a session */
};

struct uid_count {
	uid_t uid;
	uint32_t n;
	UT_hash_handle hh;
};

/* What sabusctl stats shows; counted since the start. */
struct stats {
	uint64_t publishes, lookups, watches, resyncs, refused, bad_messages, dropped, events_sent, publisher_changes, requests, failed_requests;
};

struct server {
	const struct options *opt;
	struct table table;
	int epoll_fd, spare_fd;
	bool stop;
	struct source signals;
	struct listener listeners[ROLE_COUNT];
	struct client *clients, *greeting, *dead;
	struct client *publishers[SERVER_PUBLISHERS_MAX]; /* all on sa.sock, NULL = free place */
	struct client *publisher;			  /* the one that counts, or NULL */
	struct uid_count *readers;
	struct client *sessions; /* who has put one, by session_id */
	struct l2tp *l2tp; /* by key */
	struct requests requests;
	struct failures failures;
	struct watch *queue;		/* watchers that have something to be told */
	struct watch *session_watchers; /* few; thousands of others must not cost a session's change anything */
	uint32_t n_clients, max_clients;
	uint64_t epoch, serial;
	int64_t now;		 /* ms, of this round */
	int64_t orphan_deadline; /* ms, valid while table.n_orphans */
	struct stats stats;
	_Alignas(8) uint8_t in[SABUS_PUT_MAX];
	_Alignas(8) uint8_t out[SABUS_MSG_MAX];
};

/* ---- server.c ---- */
/* Before the first socket file: a signal from then on waits for server_run(), which ends cleanly and removes them. */
void server_hold_signals(void);
bool server_init(struct server *s, const struct options *opt, struct listeners *l);
void server_run(struct server *s); /* until SIGTERM or SIGINT */
void server_free(struct server *s);

/* ---- client.c ---- */
/* Accepts what waits on l, at most `burst` connections; how many there were. */
unsigned int client_accept(struct server *s, struct listener *l, unsigned int burst);
/* One packet out of s->in, dispatched.  1 = there was one, 0 = nothing there now or the client is closing. */
int client_read(struct server *s, struct client *c);
/* 0, -EAGAIN, or -errno; does not close. */
int client_send(const struct client *c, const void *buf, size_t len);
/* Like client_send(), for an answer that the client has asked for: when it does not take it, it is closed. */
void client_answer(struct server *s, struct client *c, const void *buf, int len);
/* Tells it why (ERROR), logs it, closes. */
void client_fail(struct server *s, struct client *c, uint32_t seq, int err, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void client_close(struct server *s, struct client *c);
void client_reap(struct server *s);
void client_poll_out(struct server *s, struct client *c, bool on);
bool client_crowded(const struct client *c); /* no room for events, only for answers */
bool client_may_ask(struct server *s, struct client *c); /* may its next request be read now?  If not, it is held until there is room */
void client_release(struct server *s, struct client *c);

/* ---- publisher.c ---- */
void publisher_message(struct server *s, struct client *c, const struct sabus_msg_view *v);
void publisher_hello(struct server *s, struct client *c);
void publisher_gone(struct server *s, struct client *c); /* c is closing; no matter whether it counts */
void publisher_drain(struct server *s);			 /* everything that publishers have sent, and who of them is new */

/* ---- reader.c ---- */
void session_gone(struct server *s, struct client *c); /* c is closing, or has deleted its session */
void reader_message(struct server *s, struct client *c, const struct sabus_msg_view *v);

/* ---- tunnels.c ---- */
void tunnels_message(struct server *s, struct client *c, const struct sabus_msg_view *v); /* TUNNEL_PUT, TUNNEL_DEL, CALL_PUT, CALL_DEL */
void tunnels_gone(struct server *s, struct client *c);					  /* c is closing */

/* ---- lookup.c ---- */
void lookup_answer(struct server *s, struct client *c, const struct sabus_msg_view *v);

/* ---- watch.c ---- */
void watch_start(struct server *s, struct client *c, const struct sabus_flow *flow, bool sessions);
void watch_stop(struct server *s, struct client *c);
void watch_changed(void *server, const struct entry *e); /* the table's callback: who must be told? */
void watch_unblocked(struct server *s, struct client *c);
void watch_pump_all(struct server *s);

/* Decodes a live SA's blob into *sa and sets its ORPHAN flag.  False never happens with what was put. */
bool entry_decode(const struct entry *e, struct sabus_sa *sa);

#endif
