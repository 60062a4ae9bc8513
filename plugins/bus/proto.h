/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proto.h - the wire format of the bus, version 1.
 *
 * Transport: AF_UNIX SOCK_SEQPACKET, one message per packet, at most SABUS_MSG_MAX bytes.  A message is a struct nlmsghdr followed by
 * netlink attributes (libmnl writes and validates them): nlmsg_len = whole packet, nlmsg_type = enum sabus_msg, nlmsg_seq = chosen by
 * the asking side and repeated in the answer (0 in unasked events), nlmsg_flags = 0, nlmsg_pid = 0.  Integers are in host byte order (both ends share a
 * host), addresses in network byte order.  Unknown attributes are ignored; an unknown message type is answered with ERROR.  Types and attributes are append only;
 * the golden corpus in tests/bus/golden pins the bytes.
 *
 *   publisher (charon)              sabusd                         reader / session (sabusctl, pppd)
 *   HELLO(version, name, epoch) ->  -> HELLO(version, epoch, revision)   <- HELLO(version, name)
 *   SYNC_BEGIN, SA_PUT*, SYNC_END ->                               <- LOOKUP(flow)          -> LOOKUP_ACK(answer, revision, SA*)   one packet
 *   SA_PUT(SA), SA_DEL(id) ...    ->                               <- WATCH([flow])         -> SA_PUT*, SESSION_PUT*, TUNNEL_PUT*, CALL_PUT*, DONE(revision), then events as they come
 *                                                                  <- SESSION_PUT(session), SESSION_DEL    -> REQUEST(seq, op, SESSION_ID) <- RESULT(seq, errno, text)
 *   IKE_FAILED(flow, failure)     ->  (if sabusd's HELLO says that it takes it)
 *                                                                  <- TUNNEL_PUT, TUNNEL_DEL, CALL_PUT, CALL_DEL      (xl2tpd; to watchers that asked for sessions)
 *   <- REQUEST(seq, op, ...)         <-                            <- REQUEST(op, SA_ID | FLOW [, NAME])
 *   RESULT(seq, errno, text) ->                                    -> RESULT(errno, text)
 *
 * IKE_FAILED is news of an attempt that made no SA.  sabusd keeps the last one of each remote address for a while and adds it to a LOOKUP_ACK that has no SA, so that a person can
 * be told why; nothing is decided by it.  An older sabusd would take it for nonsense, so it is sent only to one whose HELLO has the OPS bit SABUS_TAKES_IKE_FAILED.
 *
 * Roles: the socket decides what a client may say: sa.sock publisher, session.sock session (LOOKUP, WATCH, SESSION_*, TUNNEL_*, CALL_*, REQUEST, RESULT), read.sock reader (LOOKUP, WATCH).
 * What a role may not say is answered with ERROR(-EPERM) and the connection ends.
 *
 * Ordering and visibility: before sabusd answers LOOKUP or starts a WATCH it accepts and drains the publisher's socket; so a publish whose send()
 * returned is visible to everyone who asks from then on.  A publisher that cannot send (EAGAIN) must close; sabusd sees the end of the stream and answers
 * UNKNOWN until a new publisher has completed a sync.
 *
 * Requests: sabusd passes a REQUEST on with a seq of its own and remembers who asked; each REQUEST gets exactly one RESULT: the publisher's, or sabusd's own
 * ENOTCONN (no synced publisher), EBUSY (too many waiting, or the publisher does not read), EPIPE (the publisher went away before it answered).
 * A publisher that does not know REQUEST ignores it, so sabusd ends one that waits longer than SABUS_REQUEST_MS with ETIMEDOUT.
 *
 * Requests to a session (OP close, change) go to the connection that put it, which answers likewise.  sabusd's own RESULTs are ENOENT (no such session), ENOTSUP (its OPS
 * do not have that OP: a pppd from before it would take the REQUEST for nonsense), EBUSY (it does not read, or too many wait), EPIPE (it ended, or took its session back, before it
 * answered), ETIMEDOUT (SABUS_SESSION_REQUEST_MS).
 */
#ifndef SABUS_PROTO_H
#define SABUS_PROTO_H

#define SABUS_PROTO_VERSION	1
#define SABUS_MSG_MAX		65536	/* bytes, any message; LOOKUP_ACK is the large one */
#define SABUS_PUT_MAX		8192	/* bytes, what a client may send */
#define SABUS_REQUEST_MS	60000	/* ms that a REQUEST may wait for its RESULT; IKE itself gives up later */
#define SABUS_SESSION_REQUEST_MS 10000	/* ms that a REQUEST to a session may wait */
#define SABUS_ANSWER_MAX	16	/* SAs in one LOOKUP_ACK; more are cut and TRUNCATED is set, as it is when the table itself has turned SAs away */

enum sabus_msg {
	SABUS_MSG_HELLO = 16,		/* both ways */
	SABUS_MSG_ERROR = 17,		/* to client: ERRNO, ERRTEXT */
	SABUS_MSG_SYNC_BEGIN = 18,	/* publisher: what I do not put until SYNC_END is gone */
	SABUS_MSG_SYNC_END = 19,
	SABUS_MSG_SA_PUT = 20,		/* publisher -> sabusd -> watchers: SA, (to watchers) REVISION */
	SABUS_MSG_SA_DEL = 21,		/* SA_ID, CAUSE, (to watchers) REVISION */
	SABUS_MSG_LOOKUP = 22,		/* FLOW */
	SABUS_MSG_LOOKUP_ACK = 23,	/* ANSWER, REVISION, [TRUNCATED], SA*, [IKE_FAILURE, FAILED_AGO] (not with PRESENT) */
	SABUS_MSG_WATCH = 24,		/* [FLOW] (only SAs whose remote address is the flow's), [SESSIONS flag: sessions too] */
	SABUS_MSG_DONE = 25,		/* to watcher: you have seen all up to REVISION */
	SABUS_MSG_SESSION_PUT = 26,	/* session -> sabusd: SESSION, [OPS]; -> watchers: SESSION, SESSION_ID */
	SABUS_MSG_SESSION_DEL = 27,	/* SESSION_ID */
	SABUS_MSG_PUBLISHER = 28,	/* to watcher: PUBLISHER_STATE changed */
	SABUS_MSG_RESYNC = 29,		/* to watcher: you were too slow, forget all; a snapshot and DONE follow */
	SABUS_MSG_STATS = 30,		/* reader -> sabusd (empty) -> STATS with counters as ATTR_STAT nests */
	SABUS_MSG_REQUEST = 31,		/* session -> sabusd -> publisher: OP, SA_ID (delete) | FLOW, [NAME] (initiate), [ERRTEXT] why; -> the session's owner: OP, SESSION_ID, [REPLY] (change), [ERRTEXT] why */
	SABUS_MSG_RESULT = 32,		/* who was asked -> sabusd -> who asked: ERRNO (0 = done), ERRTEXT */
	SABUS_MSG_TUNNEL_PUT = 33,	/* session -> sabusd -> watchers: TUNNEL */
	SABUS_MSG_TUNNEL_DEL = 34,	/* session: TUNNEL (tunnel_id only); to watchers TUNNEL (with pid).  Its calls go with it, each told */
	SABUS_MSG_CALL_PUT = 35,	/* session -> sabusd -> watchers: CALL */
	SABUS_MSG_CALL_DEL = 36,	/* session: CALL (tunnel_id and call_id only); to watchers CALL (with pid) */
	SABUS_MSG_IKE_FAILED = 37,	/* publisher: FLOW (the addresses of IKE), IKE_FAILURE */
};

enum sabus_attr {
	SABUS_A_UNSPEC,
	SABUS_A_VERSION,	/* u32 */
	SABUS_A_NAME,		/* strz, <= 64; in REQUEST <= 128: connection[/child] */
	SABUS_A_EPOCH,		/* u64, random per process instance */
	SABUS_A_REVISION,	/* u64 */
	SABUS_A_ERRNO,		/* u32, positive errno; in RESULT also 0 */
	SABUS_A_ERRTEXT,	/* strz, <= 256; in REQUEST <= 64 */
	SABUS_A_ANSWER,		/* u32 enum sabus_answer */
	SABUS_A_TRUNCATED,	/* flag */
	SABUS_A_SA,		/* nested SABUS_SA_A_* */
	SABUS_A_SA_ID,		/* u32 */
	SABUS_A_CAUSE,		/* u32 enum sabus_cause */
	SABUS_A_FLOW,		/* nested SABUS_F_* */
	SABUS_A_SESSION,	/* nested SABUS_S_* */
	SABUS_A_SESSION_ID,	/* u32, given by the broker, unique in its life */
	SABUS_A_SESSIONS,	/* flag */
	SABUS_A_PUBLISHER_STATE, /* u32 enum sabus_publisher */
	SABUS_A_STAT,		/* nested: NAME, VALUE */
	SABUS_A_VALUE,		/* u64 */
	SABUS_A_OP,		/* u32 enum sabus_op */
	SABUS_A_TUNNEL,		/* nested SABUS_T_* */
	SABUS_A_CALL,		/* nested SABUS_C_* */
	SABUS_A_REPLY,		/* nested SABUS_R_A_*: struct sabus_reply */
	SABUS_A_OPS,		/* u32, bit 1 << enum sabus_op for each that the session takes; without it none.  In sabusd's HELLO: SABUS_TAKES_* */
	SABUS_A_IKE_FAILURE,	/* u32 enum sabus_ike_failure; one that the receiver does not know is none */
	SABUS_A_FAILED_AGO,	/* u32, seconds since */
};

#define SABUS_TAKES_IKE_FAILED 1u

/* enum sabus_answer, sabus_cause, sabus_publisher are in sabus.h (public). */

#endif
