/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.h - requests of RFC 5176 as octets: is one whole and from who knows the secret, what is in it, and the answer to it.
 *
 * Nothing that came is looked at before dyn_verify() has found it good; after that every attribute is read through the cursor, which knows where the packet ends.
 * All functions: pure, never block, no allocation, any thread.  Numbers on the wire are big-endian, in structs host byte order.
 */
#ifndef SABUS_DYNAUTH_PACKET_H
#define SABUS_DYNAUTH_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../rfc.h"

/* RFC 5176 section 2, and what rfc.h does not have. */
enum dyn_code {
	DYN_DISCONNECT_REQUEST = 40,
	DYN_DISCONNECT_ACK = 41,
	DYN_DISCONNECT_NAK = 42,
	DYN_COA_REQUEST = 43,
	DYN_COA_ACK = 44,
	DYN_COA_NAK = 45,
};

enum dyn_attribute {
	DYN_NAS_IDENTIFIER = 32,
	DYN_PROXY_STATE = 33,
	DYN_NAS_PORT_ID = 87,
	DYN_ERROR_CAUSE = 101,
};

/* RFC 5176 section 3.5 */
enum dyn_cause {
	DYN_CAUSE_NONE = 0,			/* no such attribute: an ACK */
	DYN_CAUSE_UNSUPPORTED_ATTRIBUTE = 401,
	DYN_CAUSE_MISSING_ATTRIBUTE = 402,
	DYN_CAUSE_NAS_MISMATCH = 403,
	DYN_CAUSE_INVALID_REQUEST = 404,
	DYN_CAUSE_UNSUPPORTED_SERVICE = 405,
	DYN_CAUSE_UNSUPPORTED_EXTENSION = 406,
	DYN_CAUSE_INVALID_VALUE = 407,
	DYN_CAUSE_NO_SESSION = 503,
	DYN_CAUSE_NOT_REMOVABLE = 504,
	DYN_CAUSE_RESOURCES = 506,
	DYN_CAUSE_SEVERAL_SESSIONS = 508,
};

/* What became of a packet that came.  All but GOOD are dropped without an answer (RFC 5176 section 2.3). */
enum dyn_verdict {
	DYN_GOOD,
	DYN_MALFORMED,	/* its lengths do not fit */
	DYN_OTHER_CODE,	/* neither Disconnect-Request nor CoA-Request */
	DYN_BAD_AUTH,	/* Request Authenticator: another secret, or changed on its way */
	DYN_NO_MA,	/* no Message-Authenticator, and one is needed */
	DYN_BAD_MA,	/* a wrong one, or several */
	DYN_VERDICTS,
};

/* The stable word for the log: "malformed", "bad-authenticator", ... */
const char *dyn_verdict_word(enum dyn_verdict v);

/*
 * Judges the len octets of a datagram; secret: NUL-terminated.  The Request Authenticator is MD5 as in an Accounting-Request (RFC 5176 section 2.3), the Message-Authenticator
 * an HMAC over the packet with an authenticator of zeros (section 3.4).  *whole is the packet's length when DYN_GOOD; the rest of the datagram, of at most RADIUS_MAX octets, is
 * padding (RFC 2865 section 3).
 */
enum dyn_verdict dyn_verify(const uint8_t *p, size_t len, const char *secret, bool need_ma, size_t *whole);

/* One attribute; value points into the packet. */
struct dyn_attr {
	uint32_t vendor;	/* 0: a standard attribute */
	uint8_t type;		/* of another vendor: 0 */
	const uint8_t *value;
	size_t len;		/* 0..253 */
};

/* Where we are in a whole packet. */
struct dyn_cursor {
	const uint8_t *at, *end;
	const uint8_t *sub, *sub_end;	/* within a Vendor-Specific of Microsoft's or ours */
	uint32_t vendor;
};

void dyn_cursor_init(struct dyn_cursor *c, const uint8_t *p, size_t whole);
/* 1: *a is the next one; the Vendor-Specific of Microsoft and of ours is taken apart, another vendor's comes as one of type 0.  0: the end.  -EBADMSG: inner lengths do not fit. */
int dyn_next(struct dyn_cursor *c, struct dyn_attr *a);

/* A value of exactly four octets as a number; false for another length. */
bool dyn_u32(const struct dyn_attr *a, uint32_t *out);

/* Event-Timestamp of a whole packet, seconds since 1970; false: none, several, or of a wrong length. */
bool dyn_timestamp(const uint8_t *p, size_t whole, uint32_t *out);

/*
 * Writes the answer to a whole request: ACK, or NAK with its Error-Cause; Message-Authenticator first, Proxy-State in order and State as they came (RFC 5176 sections 3.1 and 3.3),
 * and where there is room an Event-Timestamp (now: seconds since 1970).  Returns its length, or -EMSGSIZE: there is no room for what must be copied.
 */
int dyn_answer(uint8_t out[RADIUS_MAX], const uint8_t *request, size_t whole, enum dyn_cause cause, uint32_t now, const char *secret);

#endif
