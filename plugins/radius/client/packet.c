// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet.c - see packet.h.
 *
 * A packet is code, identifier, length (2), authenticator (16), attributes: number, length (both included), value.
 */
#include <errno.h>
#include <string.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include "packet.h"
#include "sabus-attributes.h"

#define MA_LEN 18

static size_t packet_len(const uint8_t *p)
{
	return (size_t)(p[2] << 8 | p[3]);
}

static void set_len(uint8_t *p, size_t len)
{
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
}

bool packet_whole(const uint8_t *p, size_t len, size_t *whole)
{
	size_t at = RADIUS_HEAD;

	if (len < RADIUS_HEAD || packet_len(p) < RADIUS_HEAD || packet_len(p) > len || packet_len(p) > RADIUS_MAX)
		return false;
	len = packet_len(p);
	while (at < len) {
		if (len - at < 2 || !p[at] || p[at + 1] < 2 || p[at + 1] > len - at)
			return false;
		at += p[at + 1];
	}
	*whole = len;
	return true;
}

/* Offset of the only Message-Authenticator of a whole packet; 0: none; -1: several, or of a wrong length. */
static int find_ma(const uint8_t *p, size_t whole)
{
	int found = 0;

	for (size_t at = RADIUS_HEAD; at < whole; at += p[at + 1]) {
		if (p[at] != RA_MESSAGE_AUTHENTICATOR)
			continue;
		if (found || p[at + 1] != MA_LEN)
			return -1;
		found = (int)at;
	}
	return found;
}

static void hmac(const uint8_t *p, size_t len, const char *secret, uint8_t out[RADIUS_AUTH])
{
	struct hmac_md5_ctx h;

	hmac_md5_set_key(&h, strlen(secret), (const uint8_t *)secret);
	hmac_md5_update(&h, len, p);
	hmac_md5_digest(&h, RADIUS_AUTH, out);
}

int packet_sign(const uint8_t *p, size_t len, const char *secret, uint8_t *out)
{
	size_t whole;
	int at;

	if (!packet_whole(p, len, &whole) || p[0] != RC_ACCESS_REQUEST)
		return -EBADMSG;
	at = find_ma(p, whole);
	if (at < 0)
		return -EBADMSG;
	if (at) {
		memcpy(out, p, whole);
	} else {
		if (whole + MA_LEN > RADIUS_MAX)
			return -EMSGSIZE;
		at = RADIUS_HEAD;
		memcpy(out, p, RADIUS_HEAD);
		out[at] = RA_MESSAGE_AUTHENTICATOR;
		out[at + 1] = MA_LEN;
		memcpy(out + at + MA_LEN, p + at, whole - RADIUS_HEAD);
		whole += MA_LEN;
		set_len(out, whole);
	}
	memset(out + at + 2, 0, RADIUS_AUTH);
	hmac(out, whole, secret, out + at + 2);
	return (int)whole;
}

/* MD5(code, identifier, length, request's authenticator, attributes, secret) */
static void response_authenticator(const uint8_t *p, size_t whole, const uint8_t *request, const char *secret, uint8_t out[RADIUS_AUTH])
{
	struct md5_ctx m;

	md5_init(&m);
	md5_update(&m, 4, p);
	md5_update(&m, RADIUS_AUTH, request);
	md5_update(&m, whole - RADIUS_HEAD, p + RADIUS_HEAD);
	md5_update(&m, strlen(secret), (const uint8_t *)secret);
	md5_digest(&m, RADIUS_AUTH, out);
}

static bool answers(uint8_t code, uint8_t request)
{
	if (request == RC_ACCOUNTING_REQUEST)
		return code == RC_ACCOUNTING_RESPONSE;
	return code == RC_ACCESS_ACCEPT || code == RC_ACCESS_REJECT || code == RC_ACCESS_CHALLENGE;
}

static bool ma_right(const uint8_t *p, size_t whole, int at, const struct packet_request *rq, const char *secret)
{
	uint8_t copy[RADIUS_MAX], mac[RADIUS_AUTH];

	memcpy(copy, p, whole);
	memcpy(copy + 4, rq->authenticator, RADIUS_AUTH);
	memset(copy + at + 2, 0, RADIUS_AUTH);
	hmac(copy, whole, secret, mac);
	return memeql_sec(mac, p + at + 2, RADIUS_AUTH);
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
	if (!packet_whole(p, len, &n))
		return PACKET_MALFORMED;
	ma = find_ma(p, n);
	if (!ma && need_ma && rq->code == RC_ACCESS_REQUEST)
		return PACKET_NO_MA;
	if (ma < 0 || (ma && !ma_right(p, n, ma, rq, secret)))
		return PACKET_BAD_MA;
	response_authenticator(p, n, rq->authenticator, secret, mac);
	if (!memeql_sec(mac, p + 4, RADIUS_AUTH))
		return PACKET_BAD_AUTH;
	*whole = n;
	return PACKET_GOOD;
}

void packet_head(const uint8_t *p, const struct packet_request *rq, const char *secret, uint8_t *out)
{
	memcpy(out, p, 2);
	set_len(out, RADIUS_HEAD);
	response_authenticator(out, RADIUS_HEAD, rq->authenticator, secret, out + 4);
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
