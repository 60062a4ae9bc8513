/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * codec.h - messages of the bus (proto.h) to bytes and back; internal to libsabus, sabusd and their tests.
 *
 * Pure: no I/O, no allocation, no globals, any thread, never blocks.  Bytes are written and walked with libmnl.
 *
 * Decoding trusts nothing.  A packet is refused with -EBADMSG when a length does not tile exactly, an attribute has the wrong size or
 * the wrong nesting flag, a string is not terminated (or has a NUL inside), an enumeration is out of its range, an attribute that
 * comes once comes twice, one that must come is missing, or a list is longer than its array.  Unknown attributes are skipped (append
 * only format), whatever is inside them.  Depth is bounded by the schema (message, SA, TS), not by the packet.  What was refused and
 * where is in struct sabus_fault, whose strings are constants.
 *
 * Encoding omits members that are zero inside SA, FLOW, SESSION, TUNNEL, CALL, REPLY and TS; attributes of the message itself are always written.
 * encode(decode(x)) is canonical: attributes in the order of their numbers, strings without slack, padding zero.
 */
#ifndef SABUS_CODEC_H
#define SABUS_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "proto.h"
#include "sabus.h"

struct nlattr;
struct nlmsghdr;

/*
 * Members of SABUS_A_SA.  Append only.  Sizes are those of the member of struct sabus_sa, u8 and u16 are sent as such; enums as u32.
 * *_ADDR: 4 or 16 bytes.  Strings: NUL-terminated, at most the size of the member.
 */
enum sabus_sa_attr {
	SABUS_SA_A_UNSPEC,
	SABUS_SA_A_ID,			/* u32, must be there, not 0 */
	SABUS_SA_A_IKE_ID,
	SABUS_SA_A_REPLACES,
	SABUS_SA_A_STATE,		/* u32 enum sabus_sa_state */
	SABUS_SA_A_FLAGS,		/* u32 SABUS_SAF_*, unknown bits are kept */
	SABUS_SA_A_NAME,
	SABUS_SA_A_IKE_NAME,
	SABUS_SA_A_IKE_VERSION,		/* u8 */
	SABUS_SA_A_PROTO,		/* u8 50 or 51 */
	SABUS_SA_A_MODE,		/* u8 enum sabus_mode */
	SABUS_SA_A_ENCR,		/* u16, this and the next three */
	SABUS_SA_A_ENCR_BITS,
	SABUS_SA_A_INTEG,
	SABUS_SA_A_REPLAY_WINDOW,
	SABUS_SA_A_SPI_IN,		/* u32, host byte order like all integers */
	SABUS_SA_A_SPI_OUT,
	SABUS_SA_A_CPI_IN,		/* u16 */
	SABUS_SA_A_CPI_OUT,
	SABUS_SA_A_REQID,		/* u32, up to and with SET_MARK_IN_MASK */
	SABUS_SA_A_IF_ID_IN,
	SABUS_SA_A_IF_ID_OUT,
	SABUS_SA_A_MARK_IN,
	SABUS_SA_A_MARK_IN_MASK,
	SABUS_SA_A_MARK_OUT,
	SABUS_SA_A_MARK_OUT_MASK,
	SABUS_SA_A_SET_MARK_IN,
	SABUS_SA_A_SET_MARK_IN_MASK,
	SABUS_SA_A_LOCAL_ADDR,
	SABUS_SA_A_LOCAL_PORT,		/* u16 */
	SABUS_SA_A_REMOTE_ADDR,
	SABUS_SA_A_REMOTE_PORT,
	SABUS_SA_A_TS_DROPPED,		/* u8 */
	SABUS_SA_A_TS,			/* nested SABUS_TS_A_*, up to SABUS_TS_MAX times */
	SABUS_SA_A_ID_LOCAL,
	SABUS_SA_A_ID_REMOTE,
	SABUS_SA_A_ID_EAP,
	SABUS_SA_A_AUTH,
	SABUS_SA_A_INSTALLED,		/* u64, CLOCK_MONOTONIC seconds */
	SABUS_SA_A_REKEY_AT,
	SABUS_SA_A_EXPIRES_AT,
};

/* Members of SABUS_SA_A_TS: one pair of selectors. */
enum sabus_ts_attr {
	SABUS_TS_A_UNSPEC,
	SABUS_TS_A_LOCAL_FROM,		/* address */
	SABUS_TS_A_LOCAL_TO,
	SABUS_TS_A_LOCAL_PORT_FROM,	/* u16 */
	SABUS_TS_A_LOCAL_PORT_TO,
	SABUS_TS_A_LOCAL_PROTO,		/* u8 */
	SABUS_TS_A_REMOTE_FROM,
	SABUS_TS_A_REMOTE_TO,
	SABUS_TS_A_REMOTE_PORT_FROM,
	SABUS_TS_A_REMOTE_PORT_TO,
	SABUS_TS_A_REMOTE_PROTO,
};

/* Members of SABUS_A_FLOW and SABUS_S_FLOW. */
enum sabus_flow_attr {
	SABUS_F_UNSPEC,
	SABUS_F_LOCAL_ADDR,
	SABUS_F_LOCAL_PORT,		/* u16 */
	SABUS_F_REMOTE_ADDR,
	SABUS_F_REMOTE_PORT,
	SABUS_F_MARK,			/* u32 */
};

/* Members of SABUS_A_SESSION. */
enum sabus_session_attr {
	SABUS_S_UNSPEC,
	SABUS_S_PID,			/* u32 */
	SABUS_S_ROLE,			/* u8, 0 LNS, 1 client */
	SABUS_S_UP,			/* u8, 0 or 1 */
	SABUS_S_IFNAME,
	SABUS_S_USER,
	SABUS_S_FLOW,			/* nested SABUS_F_* */
	SABUS_S_TUNNEL_ID,		/* u16, this and the next three */
	SABUS_S_SESSION_ID,
	SABUS_S_PEER_TUNNEL_ID,
	SABUS_S_PEER_SESSION_ID,
	SABUS_S_SA_ID,			/* u32 */
	SABUS_S_SPI_IN,
	SABUS_S_SPI_OUT,
	SABUS_S_REASON,
	SABUS_S_MPPE,
	SABUS_S_CCP,
	SABUS_S_ECP,
	SABUS_S_MTU,			/* u16 */
	SABUS_S_MRU,
	SABUS_S_MTU_SUM,
	SABUS_S_SINCE,			/* u64, CLOCK_REALTIME seconds */
	SABUS_S_ACCT_ID,
	SABUS_S_ADDRESS,		/* address */
};

/* Members of SABUS_A_TUNNEL. */
enum sabus_tunnel_attr {
	SABUS_T_UNSPEC,
	SABUS_T_PID,			/* u32 */
	SABUS_T_ROLE,			/* u8, 0 LNS, 1 client */
	SABUS_T_STATE,			/* u8 enum sabus_tunnel_state */
	SABUS_T_FLOW,			/* nested SABUS_F_* */
	SABUS_T_TUNNEL_ID,		/* u16, must be there, not 0 */
	SABUS_T_PEER_TUNNEL_ID,
	SABUS_T_SA_ID,			/* u32 */
	SABUS_T_PEER_HOST,
	SABUS_T_SECTION,
	SABUS_T_REASON,
	SABUS_T_CALLS,			/* u32 */
	SABUS_T_SINCE,			/* u64, CLOCK_REALTIME seconds */
};

/* Members of SABUS_A_CALL. */
enum sabus_call_attr {
	SABUS_C_UNSPEC,
	SABUS_C_PID,			/* u32 */
	SABUS_C_PPPD_PID,
	SABUS_C_TUNNEL_ID,		/* u16, must be there, not 0 */
	SABUS_C_CALL_ID,		/* u16, must be there, not 0 */
	SABUS_C_PEER_CALL_ID,
	SABUS_C_UP,			/* u8, 0 or 1 */
	SABUS_C_SERIAL,			/* u32 */
	SABUS_C_CALLING,
	SABUS_C_CALLED,
	SABUS_C_SINCE,			/* u64, CLOCK_REALTIME seconds */
};

/* Members of SABUS_A_REPLY.  HAS tells which of those that did not come are 0 and which there are not. */
enum sabus_reply_attr {
	SABUS_R_A_UNSPEC,
	SABUS_R_A_HAS,			/* u32 SABUS_RP_*, unknown bits are kept; this to INTERIM */
	SABUS_R_A_ENCRYPTION,
	SABUS_R_A_MS_POLICY,
	SABUS_R_A_MS_TYPES,
	SABUS_R_A_MANDATE,
	SABUS_R_A_MIN_STRENGTH,
	SABUS_R_A_MTU_CAP,
	SABUS_R_A_FRAMED_MTU,
	SABUS_R_A_SESSION_TIMEOUT,
	SABUS_R_A_IDLE_TIMEOUT,
	SABUS_R_A_INTERIM,
	SABUS_R_A_FILTER_ID,
	SABUS_R_A_IDENTITY,		/* string, up to SABUS_REPLY_IDS times */
};

/* Why a packet was refused: message type name, then up to two attribute names (outer, inner), then the fault.  All constants, NULL = none. */
struct sabus_fault {
	const char *msg, *nest, *attr, *what;
};

#define SABUS_FAULT_STRLEN 128
/* "SA_PUT: SA.NAME: not terminated" (cut at the size of buf); "no fault" for a zeroed *f.  Returns buf. */
const char *sabus_fault_text(const struct sabus_fault *f, char buf[SABUS_FAULT_STRLEN]);

#define SABUS_MSG_LAST SABUS_MSG_IKE_FAILED

#define SABUS_CODEC_NAME_MAX 64		/* SABUS_A_NAME with its NUL, in HELLO */
#define SABUS_CODEC_CONN_MAX 128	/* SABUS_A_NAME with its NUL, in REQUEST: NAME/CHILD */
#define SABUS_CODEC_WHY_MAX  64		/* SABUS_A_ERRTEXT with its NUL, in REQUEST */
#define SABUS_CODEC_TEXT_MAX 256	/* SABUS_A_ERRTEXT with its NUL */

/*
 * A parsed packet.  Pointers go into the packet and live as long as its buffer.  `has` tells which attributes came (SABUS_HAS); what did
 * not come is zero.  The nests SA, SESSION, TUNNEL, CALL, REPLY and STAT are bounds-checked but not opened: sabus_codec_get_*() does.  FLOW is decoded.
 */
struct sabus_msg_view {
	uint16_t type;			/* enum sabus_msg, or any other number: the caller refuses what it does not know */
	uint32_t seq;
	uint64_t has;			/* bit per enum sabus_attr */
	uint32_t version;
	const char *name;		/* < SABUS_CODEC_NAME_MAX bytes (REQUEST: SABUS_CODEC_CONN_MAX), NUL-terminated; NULL = none */
	uint64_t epoch, revision;
	uint32_t error;			/* positive errno, 1..4095; in RESULT also 0 */
	const char *text;		/* < SABUS_CODEC_TEXT_MAX bytes, NUL-terminated; NULL = none */
	uint32_t answer;		/* enum sabus_answer, in range */
	uint32_t cause;			/* enum sabus_cause, in range */
	uint32_t publisher;		/* enum sabus_publisher, in range */
	uint32_t sa_id, session_id;	/* not 0 when they came */
	uint32_t op;			/* enum sabus_op, in range; what it needs is there */
	uint32_t ops;			/* bit 1 << enum sabus_op, of any value */
	uint32_t ike_failure, failed_ago; /* enum sabus_ike_failure, of any value; seconds */
	bool truncated, sessions;	/* flags */
	struct sabus_flow flow;
	const struct nlattr *session, *tunnel, *call, *reply;
	uint16_t n_sas, n_stats;
	const struct nlattr *sas[SABUS_ANSWER_MAX];
	const struct nlattr *stats[SABUS_STATS_MAX];
};

#define SABUS_HAS(v, attr) ((((v)->has) >> (attr)) & 1u)

/*
 * Checks the packet and fills *v.  pkt must be aligned to 4 bytes.  0, -EBADMSG (*fault says why; v->type and v->seq are valid
 * if the header was, else 0), -EINVAL for a misaligned pkt.  A message type that is not in enum sabus_msg is no error here.
 * fault may be NULL in all of these.
 */
int sabus_codec_parse(const void *pkt, size_t len, struct sabus_msg_view *v, struct sabus_fault *fault);

/* Opens a nest found by sabus_codec_parse().  The output is completely written (zeros where nothing came).  0 or -EBADMSG. */
int sabus_codec_get_sa(const struct nlattr *nest, struct sabus_sa *sa, struct sabus_fault *fault);
int sabus_codec_get_session(const struct nlattr *nest, struct sabus_session *session, struct sabus_fault *fault);
int sabus_codec_get_tunnel(const struct nlattr *nest, struct sabus_tunnel_info *tunnel, struct sabus_fault *fault);
int sabus_codec_get_call(const struct nlattr *nest, struct sabus_call_info *call, struct sabus_fault *fault);
int sabus_codec_get_reply(const struct nlattr *nest, struct sabus_reply *reply, struct sabus_fault *fault);
int sabus_codec_get_stat(const struct nlattr *nest, struct sabus_stat *stat, struct sabus_fault *fault);

/* "SA_PUT"; "unknown" for other numbers. */
const char *sabus_codec_msg_name(uint16_t type);

/*
 * ---- Builders ----
 * Each writes one whole message into buf (aligned to 4, size bytes) and returns its length in bytes, -EMSGSIZE when it does not fit,
 * or -EINVAL when a value could not be decoded again (string not terminated, enum out of range, SA id 0): *fault, when given, says which.
 * Arguments are only read.
 */
int sabus_codec_hello(void *buf, size_t size, uint32_t seq, const char *name, uint64_t epoch);		/* client; epoch 0: left out */
int sabus_codec_hello_ack(void *buf, size_t size, uint32_t seq, uint64_t epoch, uint64_t revision);	/* sabusd */
int sabus_codec_error(void *buf, size_t size, uint32_t seq, int err, const char *text);	/* err: positive errno; text is cut at its limit */
int sabus_codec_empty(void *buf, size_t size, uint32_t seq, enum sabus_msg type);	/* SYNC_BEGIN, SYNC_END, RESYNC, STATS request */
/* revision 0: left out (publisher to sabusd). */
int sabus_codec_sa_put(void *buf, size_t size, const struct sabus_sa *sa, uint64_t revision, struct sabus_fault *fault);
int sabus_codec_sa_put_blob(void *buf, size_t size, const void *blob, size_t len, uint64_t revision);	/* blob is not checked */
int sabus_codec_sa_del(void *buf, size_t size, uint32_t sa_id, enum sabus_cause cause, uint64_t revision);
int sabus_codec_lookup(void *buf, size_t size, uint32_t seq, const struct sabus_flow *flow);
int sabus_codec_watch(void *buf, size_t size, uint32_t seq, const struct sabus_flow *flow, bool sessions);	/* flow NULL: none */
int sabus_codec_done(void *buf, size_t size, uint32_t seq, uint64_t revision);
/* session_id 0: left out (session to sabusd). */
int sabus_codec_session_put(void *buf, size_t size, const struct sabus_session *session, uint32_t session_id, struct sabus_fault *fault);
int sabus_codec_add_ops(void *buf, size_t size, uint32_t ops); /* to a SESSION_PUT or sabusd's HELLO, as other additions below */
int sabus_codec_session_del(void *buf, size_t size, uint32_t session_id);
/* type: TUNNEL_PUT or TUNNEL_DEL, CALL_PUT or CALL_DEL; both directions look the same. */
int sabus_codec_tunnel(void *buf, size_t size, enum sabus_msg type, const struct sabus_tunnel_info *tunnel, struct sabus_fault *fault);
int sabus_codec_call(void *buf, size_t size, enum sabus_msg type, const struct sabus_call_info *call, struct sabus_fault *fault);
/* why, name: NULL or "" = none. */
int sabus_codec_request_delete(void *buf, size_t size, uint32_t seq, uint32_t sa_id, const char *why);
int sabus_codec_request_initiate(void *buf, size_t size, uint32_t seq, const struct sabus_flow *flow, const char *name);
int sabus_codec_request_close(void *buf, size_t size, uint32_t seq, uint32_t session_id, const char *why);
int sabus_codec_request_change(void *buf, size_t size, uint32_t seq, uint32_t session_id, const struct sabus_reply *reply, const char *why,
			       struct sabus_fault *fault);
int sabus_codec_result(void *buf, size_t size, uint32_t seq, int err, const char *text); /* err: positive errno or 0; text NULL = "", cut */
int sabus_codec_ike_failed(void *buf, size_t size, const struct sabus_flow *flow, uint32_t failure); /* enum sabus_ike_failure */
int sabus_codec_publisher(void *buf, size_t size, enum sabus_publisher state);

/*
 * LOOKUP_ACK and STATS grow: build the head, then add to the message in buf.  Each returns the new length; after -EMSGSIZE or -EINVAL
 * the message is as it was before the call and may be sent.  Room for TRUNCATED (4 bytes) is the caller's to keep, by passing a
 * size 4 smaller to add_sa.
 */
int sabus_codec_lookup_ack(void *buf, size_t size, uint32_t seq, enum sabus_answer answer, uint64_t revision);
int sabus_codec_add_sa(void *buf, size_t size, const struct sabus_sa *sa, struct sabus_fault *fault);
int sabus_codec_add_sa_blob(void *buf, size_t size, const void *blob, size_t len);
int sabus_codec_add_truncated(void *buf, size_t size);
int sabus_codec_add_failure(void *buf, size_t size, uint32_t failure, uint32_t seconds_ago); /* to a LOOKUP_ACK */
int sabus_codec_stats(void *buf, size_t size, uint32_t seq);
int sabus_codec_add_stat(void *buf, size_t size, const char *name, uint64_t value);	/* name < sizeof(struct sabus_stat.name) */

#endif
