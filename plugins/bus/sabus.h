/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sabus.h - libsabus, the client side of the SA bus.
 *
 * One struct sabus is one connection to sabusd: one file descriptor, no threads, no timers, no hidden I/O.  The caller polls sabus_fd() for
 * POLLIN and calls sabus_recv() until it returns 0, or uses the one blocking convenience, sabus_lookup(), with a deadline.
 * A struct sabus may be used by one thread at a time.  Every function returns 0 (or a count) or -errno and leaves the reason in sabus_strerror().
 * After any error but -EAGAIN, -EINVAL, -EMSGSIZE and -ETIMEDOUT the connection is dead: sabus_close() and, after a pause, sabus_open() again.
 * Integers are in host byte order.  Nothing here ever raises SIGPIPE.
 */
#ifndef SABUS_H
#define SABUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ikefail.h"
#include "reply.h"
#include "sa.h"
#include "session.h"
#include "tunnel.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SABUS_DIR		"/run/sabus"
#define SABUS_SOCK_PUBLISH	SABUS_DIR "/sa.sock"		/* mode 0600: publishers */
#define SABUS_SOCK_SESSION	SABUS_DIR "/session.sock"	/* mode 0600: pppd, xl2tpd */
#define SABUS_SOCK_READ		SABUS_DIR "/read.sock"		/* mode 0660: sabusctl, exporters */

/* What sabusd knows of a flow.  UNKNOWN is never to be taken for protected, nor for "no SA". */
enum sabus_answer { SABUS_UNKNOWN = 0, SABUS_ABSENT = 1, SABUS_PRESENT = 2 };

/* Why an SA left the table. */
enum sabus_cause {
	SABUS_CAUSE_DELETED = 1,	/* deleted by us or by the peer */
	SABUS_CAUSE_EXPIRED = 2,	/* hard lifetime */
	SABUS_CAUSE_REKEYED = 3,	/* replaced, the successor is in the table */
	SABUS_CAUSE_FAILED = 4,		/* announced as pending, negotiation failed */
	SABUS_CAUSE_RESYNC = 5,		/* the publisher came back without it */
	SABUS_CAUSE_PUBLISHER_LOST = 6,	/* orphan grace is over */
};

enum sabus_publisher { SABUS_PUB_NONE = 0, SABUS_PUB_SYNCING = 1, SABUS_PUB_SYNCED = 2 };

enum sabus_event_type {
	SABUS_EV_HELLO,		/* revision, epoch (of sabusd); takes_failures */
	SABUS_EV_SA_PUT,	/* sa, revision */
	SABUS_EV_SA_DEL,	/* sa_id, cause, revision */
	SABUS_EV_ANSWER,	/* seq, answer, revision, truncated; the SAs are in sas[0..n_sas-1]; not PRESENT: ike_failure, failed_ago of that peer */
	SABUS_EV_DONE,		/* revision */
	SABUS_EV_SESSION_PUT,	/* session, session_id */
	SABUS_EV_SESSION_DEL,	/* session_id */
	SABUS_EV_PUBLISHER,	/* publisher */
	SABUS_EV_RESYNC,
	SABUS_EV_ERROR,		/* error (positive errno), text; the connection is about to end */
	SABUS_EV_STATS,		/* n_stats, stats */
	SABUS_EV_TUNNEL_PUT,	/* tunnel */
	SABUS_EV_TUNNEL_DEL,	/* tunnel.pid, tunnel.tunnel_id */
	SABUS_EV_CALL_PUT,	/* call */
	SABUS_EV_CALL_DEL,	/* call.pid, call.tunnel_id, call.call_id */
	SABUS_EV_REQUEST,	/* to a publisher: seq, op, sa_id (text = why) or flow (text = connection, "" = choose by the flow); to the owner of a session: seq, op, session_id, text = why, reply (CHANGE); answer with sabus_result() */
	SABUS_EV_RESULT,	/* to who asked: seq, error (positive errno, 0 = done), text */
};

/* What charon, or a session's pppd, is asked to do.  Values are part of the wire format: append only. */
enum sabus_op {
	SABUS_OP_DELETE = 1,	/* delete this CHILD_SA, and its IKE_SA when it was the last one there (RFC 3193 section 3.1) */
	SABUS_OP_INITIATE = 2,	/* bring up an SA that covers this flow; done when it is installed */
	SABUS_OP_CLOSE = 3,	/* to the pppd of a session: end it (RFC 5176 Disconnect-Request, sabusctl) */
	SABUS_OP_CHANGE = 4,	/* to the pppd of a session: these reply attributes hold from now on (RFC 5176 CoA-Request) */
};

struct sabus_stat {
	char name[48];
	uint64_t value;
};

#define SABUS_STATS_MAX 32

/* One event.  Filled by sabus_recv(); the union-free layout is large (~47 KiB): keep one per connection, not on a small stack. */
struct sabus_event {
	enum sabus_event_type type;
	uint32_t seq;
	uint64_t revision, epoch;
	enum sabus_answer answer;
	enum sabus_publisher publisher;
	enum sabus_cause cause;
	uint32_t sa_id, session_id;
	int error;
	char text[256];
	bool truncated;
	bool takes_failures;	/* sabus_ike_failed() may be called on this connection */
	enum sabus_ike_failure ike_failure;
	uint32_t failed_ago;	/* seconds */
	size_t n_sas;
	struct sabus_sa sas[16];	/* SA_PUT uses sas[0] */
	struct sabus_session session;
	struct sabus_tunnel_info tunnel;
	struct sabus_call_info call;
	enum sabus_op op;
	struct sabus_flow flow;
	struct sabus_reply reply;
	size_t n_stats;
	struct sabus_stat stats[SABUS_STATS_MAX];
};

struct sabus;

/*
 * Connects to the socket at path (NULL: SABUS_SOCK_PUBLISH with an epoch, else SABUS_SOCK_READ) and sends HELLO.  Does not wait for the answer; never blocks.
 * name (<= 63 bytes) tells sabusd who speaks ("charon", "pppd ppp0"); epoch: random number of this process instance, publishers only (else 0).
 * -ENOENT / -ECONNREFUSED: no sabusd; -EACCES: not allowed; -EAGAIN: its accept queue is full, try later; -ENAMETOOLONG;
 * -EINVAL: name is NULL or too long.
 * On success *out is owned by the caller and freed by sabus_close().  The descriptor is O_NONBLOCK and O_CLOEXEC.
 */
int sabus_open(struct sabus **out, const char *path, const char *name, uint64_t epoch);
void sabus_close(struct sabus *s);	/* NULL is fine */
int sabus_fd(const struct sabus *s);
const char *sabus_strerror(const struct sabus *s);	/* of the last failed call; valid until the next call */

/* ---- publisher (sa.sock).  Each sends one packet with MSG_DONTWAIT; -EAGAIN means sabusd does not keep up: close (see proto.h).
 * -EINVAL: a value that cannot be sent, sabus_strerror() names the member.  -EPIPE or -ECONNRESET: sabusd has closed; sabus_recv() may still give its ERROR. ---- */
int sabus_sync_begin(struct sabus *s);
int sabus_sync_end(struct sabus *s);
int sabus_sa_put(struct sabus *s, const struct sabus_sa *sa);
int sabus_sa_del(struct sabus *s, uint32_t sa_id, enum sabus_cause cause);

/*
 * An attempt of IKE that made no SA: flow has its addresses and ports.  Only after a HELLO with takes_failures.  It changes nothing that sabusd knows of SAs; who
 * looks this remote address up and finds no SA is told.
 */
int sabus_ike_failed(struct sabus *s, const struct sabus_flow *flow, enum sabus_ike_failure failure);

/* The encoded SA (attribute bytes), for a publisher's own table: much smaller than the struct.  Decoding needs no
 * alignment.  Encode returns bytes or -EMSGSIZE / -EINVAL, decode 0 or -EMSGSIZE / -EBADMSG. */
#define SABUS_SA_BLOB_MAX 4096
int sabus_sa_encode(const struct sabus_sa *sa, void *buf, size_t size);
int sabus_sa_decode(const void *buf, size_t len, struct sabus_sa *sa);
int sabus_sa_put_blob(struct sabus *s, const void *blob, size_t len);

/* ---- reader and session ---- */
/* Asks; the answer comes as SABUS_EV_ANSWER with *seq. */
int sabus_lookup_send(struct sabus *s, const struct sabus_flow *flow, uint32_t *seq);
/* Asks and waits up to timeout_ms for the answer, which *ev holds on 0.  Other events that arrive meanwhile are handed to `other` (may be NULL: dropped).
 * -ETIMEDOUT (a late answer is an "other" event of the next call), -EPROTO: sabusd answered ERROR, its text is in sabus_strerror().  BLOCKS. */
int sabus_lookup(struct sabus *s, const struct sabus_flow *flow, int timeout_ms, struct sabus_event *ev,
		 void (*other)(void *data, const struct sabus_event *ev), void *data);
/* Snapshot, DONE, then events.  flow == NULL: everything, else SAs of that remote address only.  sessions: sessions too. */
int sabus_watch(struct sabus *s, const struct sabus_flow *flow, bool sessions);
/* Put again replaces.  Who puts a session takes requests for it: SABUS_EV_REQUEST with SABUS_OP_CLOSE and SABUS_OP_CHANGE, to be answered with sabus_result(). */
int sabus_session_put(struct sabus *s, const struct sabus_session *session);
int sabus_session_del(struct sabus *s);
int sabus_stats_send(struct sabus *s, uint32_t *seq);

/* ---- session.sock: xl2tpd's tunnels and calls.  Put again replaces; all of them end with the connection.  Errors as for publishers. ---- */
int sabus_tunnel_put(struct sabus *s, const struct sabus_tunnel_info *tunnel);
int sabus_tunnel_del(struct sabus *s, uint16_t tunnel_id);	/* and its calls */
int sabus_call_put(struct sabus *s, const struct sabus_call_info *call);
int sabus_call_del(struct sabus *s, uint16_t tunnel_id, uint16_t call_id);

/*
 * Asks charon, through sabusd, to delete the CHILD_SA sa_id; `why` goes to charon's log (<= 63 bytes, NULL = none).  charon leaves the IKE_SA alone when it has
 * other CHILD_SAs.  The answer comes as SABUS_EV_RESULT with *seq: 0, ENOENT (there is none, which is as good), ENOTCONN, EBUSY, EPIPE, ETIMEDOUT.
 * Rekeyed meanwhile: charon deletes the successor.
 */
int sabus_request_delete(struct sabus *s, uint32_t sa_id, const char *why, uint32_t *seq);
/*
 * Asks charon to bring up an SA that covers flow (addresses in network byte order, ports in host byte order).  connection: NULL = the one whose remote address and
 * selectors fit, "NAME" = that connection, "NAME/CHILD" = that CHILD_SA of it (<= 127 bytes).  SABUS_EV_RESULT with *seq: 0 = installed (or was there), ENOENT = no
 * configuration fits, EINVAL = more than one does (text names them), ETIMEDOUT, ECONNREFUSED = negotiation failed (text says what charon knows), ENOTCONN, EBUSY, EPIPE.
 */
int sabus_request_initiate(struct sabus *s, const struct sabus_flow *flow, const char *connection, uint32_t *seq);

/*
 * Asks the pppd that put the session (session_id is the broker's, from SABUS_EV_SESSION_PUT) to end it, or to go by these reply attributes from now on.  why goes to its
 * log (<= 63 bytes, NULL = none).  SABUS_EV_RESULT with *seq: 0 = done (the link is being ended, or meets the change), ENOENT = no such session, EPERM = the change ends the
 * link (it is being ended), EINVAL or ENOTSUP = refused, nothing was changed (text says why), EBUSY (it does not read, or too many
 * wait), EPIPE (it ended before it answered), ETIMEDOUT.  -EINVAL: reply has more identities than SABUS_REPLY_IDS, or why is too long.  session.sock only.
 */
int sabus_request_close(struct sabus *s, uint32_t session_id, const char *why, uint32_t *seq);
int sabus_request_change(struct sabus *s, uint32_t session_id, const struct sabus_reply *reply, const char *why, uint32_t *seq);

/* ---- publisher, owner of a session: the answer to SABUS_EV_REQUEST.  error: positive errno or 0; text may be NULL. ---- */
int sabus_result(struct sabus *s, uint32_t seq, int error, const char *text);

/* Takes the next event: 1 = *ev filled, 0 = nothing there now, -ECONNRESET = sabusd closed, -EBADMSG = it sent nonsense,
 * -EPROTO = it speaks another version.  Never blocks.  Of *ev, entries of sas[] and stats[] beyond n_sas and n_stats are not written. */
int sabus_recv(struct sabus *s, struct sabus_event *ev);

const char *sabus_cause_name(enum sabus_cause c);
const char *sabus_version(void);

#ifdef __cplusplus
}
#endif
#endif
