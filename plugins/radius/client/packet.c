// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet.c - see packet.h.
 */
#include <errno.h>
#include <string.h>
#include "../frame.h"
#include "packet.h"
#include "sabus-attributes.h"

int packet_sign(const uint8_t *p, size_t len, const char *secret, uint8_t *out)
{
	size_t whole;
	int at;

	if (!frame_whole(p, len, &whole) || p[0] != RC_ACCESS_REQUEST)
		return -EBADMSG;
	at = frame_find_ma(p, whole);
	if (at < 0)
		return -EBADMSG;
	if (at) {
		memcpy(out, p, whole);
	} else {
		if (whole + FRAME_MA_LEN > RADIUS_MAX)
			return -EMSGSIZE;
		at = RADIUS_HEAD;
		memcpy(out, p, RADIUS_HEAD);
		out[at] = RA_MESSAGE_AUTHENTICATOR;
		out[at + 1] = FRAME_MA_LEN;
		memcpy(out + at + FRAME_MA_LEN, p + at, whole - RADIUS_HEAD);
		whole += FRAME_MA_LEN;
		frame_set_len(out, whole);
	}
	frame_mac(out, whole, out + 4, (size_t)at, secret, out + at + 2);
	return (int)whole;
}

static bool answers(uint8_t code, uint8_t request)
{
	if (request == RC_ACCOUNTING_REQUEST)
		return code == RC_ACCOUNTING_RESPONSE;
	return code == RC_ACCESS_ACCEPT || code == RC_ACCESS_REJECT || code == RC_ACCESS_CHALLENGE;
}

static bool ma_right(const uint8_t *p, size_t whole, int at, const struct packet_request *rq, const char *secret)
{
	uint8_t mac[RADIUS_AUTH];

	frame_mac(p, whole, rq->authenticator, (size_t)at, secret, mac);
	return frame_same(mac, p + at + 2);
}

enum packet_verdict packet_verify(const uint8_t *p, size_t len, const struct packet_request *rq, const char *secret, bool need_ma,
				  size_t *whole)
{
	uint8_t mac[RADIUS_AUTH];
	size_t n;
	int ma;

	if (len < RADIUS_HEAD)
		return PACKET_MALFORMED;
	if (p[1] != rq->id || !answers(p[0], rq->code))
		return PACKET_OTHER;
	if (!frame_whole(p, len, &n))
		return PACKET_MALFORMED;
	ma = frame_find_ma(p, n);
	if (!ma && need_ma && rq->code == RC_ACCESS_REQUEST)
		return PACKET_NO_MA;
	if (ma < 0 || (ma && !ma_right(p, n, ma, rq, secret)))
		return PACKET_BAD_MA;
	frame_authenticator(p, n, rq->authenticator, secret, mac);
	if (!frame_same(mac, p + 4))
		return PACKET_BAD_AUTH;
	*whole = n;
	return PACKET_GOOD;
}

void packet_head(const uint8_t *p, const struct packet_request *rq, const char *secret, uint8_t *out)
{
	memcpy(out, p, 2);
	frame_set_len(out, RADIUS_HEAD);
	frame_authenticator(out, RADIUS_HEAD, rq->authenticator, secret, out + 4);
}

/* One vendor-specific attribute of ours or of Microsoft: any number of sub-attributes. */
static int vendor_attributes(uint32_t vendor, const uint8_t *p, size_t len, struct worker_list *out)
{
	int err = 0;

	while (len && !err) {
		if (len < 2 || p[1] < 2 || p[1] > len)
			return -EBADMSG;
		err = worker_put(out, vendor, p[0], p + 2, (size_t)p[1] - 2);
		len -= p[1];
		p += p[1];
	}
	return err;
}

static int specific(const uint8_t *p, size_t len, struct worker_list *out)
{
	uint32_t vendor;

	if (len < 4)
		return -EBADMSG;
	vendor = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	if (vendor != RA_MICROSOFT && vendor != SABUS_RADIUS_VENDOR)
		return 0;
	return vendor_attributes(vendor, p + 4, len - 4, out);
}

int packet_attributes(const uint8_t *p, size_t whole, struct worker_list *out)
{
	int err = 0;

	for (size_t at = RADIUS_HEAD; at < whole && !err; at += p[at + 1]) {
		if (p[at] == RA_VENDOR_SPECIFIC)
			err = specific(p + at + 2, (size_t)p[at + 1] - 2, out);
		else
			err = worker_put(out, 0, p[at], p + at + 2, (size_t)p[at + 1] - 2);
	}
	return err;
}

const char *packet_verdict_text(enum packet_verdict v)
{
	static const char *const text[PACKET_VERDICTS] = {
		[PACKET_GOOD] = "good",
		[PACKET_OTHER] = "not the answer to this request",
		[PACKET_MALFORMED] = "malformed",
		[PACKET_NO_MA] = "no Message-Authenticator",
		[PACKET_BAD_MA] = "wrong Message-Authenticator (is the secret the same at both ends?)",
		[PACKET_BAD_AUTH] = "wrong Response Authenticator (is the secret the same at both ends?)",
	};

	return v < PACKET_VERDICTS ? text[v] : "?";
}
