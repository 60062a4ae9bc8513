/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - what a verified request asks for: which NAS, which session, and for a CoA-Request which attributes are to hold from now on.
 *
 * RFC 5176 section 3: every attribute is mandatory.  One that we do not know, or that has a value which is none, refuses the whole request; nothing is done in part.
 * One table says what is known (request.c).  Pure functions, any thread.
 */
#ifndef SABUS_DYNAUTH_REQUEST_H
#define SABUS_DYNAUTH_REQUEST_H

#include "packet.h"
#include "reply.h"
#include "sa.h"
#include "session.h"

#define DYN_STRING_MAX 254 /* with NUL */

/* struct dyn_request.has: which members came */
#define DYN_HAS_USER	     0x0001u
#define DYN_HAS_ACCT_ID	     0x0002u
#define DYN_HAS_FRAMED_IP    0x0004u
#define DYN_HAS_FRAMED_IPV6  0x0008u
#define DYN_HAS_PORT	     0x0010u
#define DYN_HAS_PORT_ID	     0x0020u
#define DYN_HAS_CALLING	     0x0040u
#define DYN_HAS_CALLED	     0x0080u
#define DYN_HAS_NAS_ID	     0x0100u
#define DYN_HAS_NAS_IP	     0x0200u
#define DYN_HAS_NAS_IPV6     0x0400u
#define DYN_HAS_STATE	     0x0800u

/* Each of these says which session is meant; Called-Station-Id alone does not, it is the same for all. */
#define DYN_IDENTIFIES \
	(DYN_HAS_USER | DYN_HAS_ACCT_ID | DYN_HAS_FRAMED_IP | DYN_HAS_FRAMED_IPV6 | DYN_HAS_PORT | DYN_HAS_PORT_ID | DYN_HAS_CALLING)

struct dyn_request {
	bool disconnect;	/* else a change */
	uint32_t has;
	char user[DYN_STRING_MAX], acct_id[DYN_STRING_MAX], calling[DYN_STRING_MAX], called[DYN_STRING_MAX];
	char port_id[DYN_STRING_MAX], nas_id[DYN_STRING_MAX];
	struct sabus_addr framed_ip, framed_ipv6, nas_ip, nas_ipv6;
	uint32_t port;
	struct sabus_reply reply;	/* of a change */
};

/* Why a request is refused. */
struct dyn_refusal {
	enum dyn_cause cause;	/* DYN_CAUSE_NONE: it is not */
	const char *reason;	/* stable word for the log */
	uint32_t vendor;	/* of the attribute, when type is not 0 */
	uint8_t type;
};

/* Takes a packet apart that dyn_verify() found good.  0, or -EINVAL with *why. *rq is completely written. */
int dyn_request_decode(const uint8_t *p, size_t whole, struct dyn_request *rq, struct dyn_refusal *why);

/*
 * Does the request mean this session?  Everything that it has must fit.  outer: remote endpoint of the SA below (its port is that of the NAT), NULL: not known.
 * Calling-Station-Id is ADDRESS (of the tunnel's peer, or outer's), ADDRESS:PORT or [ADDRESS]:PORT (outer's); sessions of a client's side are nobody's to end from outside.
 */
bool dyn_request_means(const struct dyn_request *rq, const struct sabus_session *session, const struct sabus_endpoint *outer);

#endif
