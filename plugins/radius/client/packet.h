/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.h - a client's RADIUS packets as octets: what must be in one that is sent, and whether one that came is to be believed (RFC 2865 section 3, RFC 3579 section 3.2).
 *
 * Pure functions; never block, any thread.  A packet is read only as far as both the datagram and its own length say.
 */
#ifndef SABUS_RADIUS_PACKET_H
#define SABUS_RADIUS_PACKET_H

#include "../rfc.h"
#include "../worker.h"

/* What became of a packet that came. */
enum packet_verdict {
	PACKET_GOOD,
	PACKET_OTHER,	  /* not the answer to this request: identifier or code */
	PACKET_MALFORMED, /* its lengths do not fit: no attribute was looked at further */
	PACKET_NO_MA,	  /* no Message-Authenticator, and one is needed */
	PACKET_BAD_MA,
	PACKET_BAD_AUTH, /* Response Authenticator */
	PACKET_VERDICTS, /* not a verdict */
};

/* What was asked. */
struct packet_request {
	uint8_t code, id;
	uint8_t authenticator[RADIUS_AUTH];
};

/*
 * Copies an Access-Request of len octets to out, with a Message-Authenticator as its first attribute; any that it had stays the only one where it is, made anew.
 * Returns the new length, or -EBADMSG (not a whole Access-Request), -EMSGSIZE (it would not fit RADIUS_MAX).  out holds RADIUS_MAX octets.
 */
int packet_sign(const uint8_t *p, size_t len, const char *secret, uint8_t *out);

/*
 * Is this the answer to rq?  With need_ma an Access-Accept, -Reject or -Challenge must have a Message-Authenticator; one that is there must be right in any case.
 * *whole is the packet's length when the verdict is PACKET_GOOD.
 */
enum packet_verdict packet_verify(const uint8_t *p, size_t len, const struct packet_request *rq, const char *secret, bool need_ma,
				  size_t *whole);

/*
 * The head alone of a verified answer, with an authenticator of its own, for who only wants to know the code.  out: RADIUS_HEAD octets.
 */
void packet_head(const uint8_t *p, const struct packet_request *rq, const char *secret, uint8_t *out);

/*
 * The attributes of a whole packet, vendor-specific ones (RFC 2865 section 5.26) taken apart.  0; -EBADMSG when the inner lengths of a vendor that we know
 * (Microsoft, ours) do not fit; -ENOSPC.  Other vendors' are left out.
 */
int packet_attributes(const uint8_t *p, size_t whole, struct worker_list *out);

const char *packet_verdict_text(enum packet_verdict v);

#endif
