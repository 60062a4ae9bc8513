// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frame.c - see frame.h.
 *
 * A packet is code, identifier, length (2), authenticator (16), attributes: number, length (both octets included), value.
 */
#include "frame.h"

#include <string.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>

const uint8_t frame_zeros[RADIUS_AUTH];

bool frame_whole(const uint8_t *p, size_t len, size_t *whole)
{
	size_t at = RADIUS_HEAD, own;

	if (len < RADIUS_HEAD)
		return false;
	own = (size_t)(p[2] << 8 | p[3]);
	if (own < RADIUS_HEAD || own > len || own > RADIUS_MAX)
		return false;
	while (at < own) {
		if (own - at < 2 || !p[at] || p[at + 1] < 2 || p[at + 1] > own - at)
			return false;
		at += p[at + 1];
	}
	*whole = own;
	return true;
}

void frame_set_len(uint8_t *p, size_t len)
{
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
}

int frame_find_ma(const uint8_t *p, size_t whole)
{
	int found = 0;

	for (size_t at = RADIUS_HEAD; at < whole; at += p[at + 1]) {
		if (p[at] != RA_MESSAGE_AUTHENTICATOR)
			continue;
		if (found || p[at + 1] != FRAME_MA_LEN)
			return -1;
		found = (int)at;
	}
	return found;
}

void frame_authenticator(const uint8_t *p, size_t whole, const uint8_t *auth, const char *secret, uint8_t out[RADIUS_AUTH])
{
	struct md5_ctx m;

	md5_init(&m);
	md5_update(&m, 4, p);
	md5_update(&m, RADIUS_AUTH, auth);
	md5_update(&m, whole - RADIUS_HEAD, p + RADIUS_HEAD);
	md5_update(&m, strlen(secret), (const uint8_t *)secret);
	md5_digest(&m, RADIUS_AUTH, out);
}

void frame_mac(const uint8_t *p, size_t whole, const uint8_t *auth, size_t ma, const char *secret, uint8_t out[RADIUS_AUTH])
{
	struct hmac_md5_ctx h;

	hmac_md5_set_key(&h, strlen(secret), (const uint8_t *)secret);
	hmac_md5_update(&h, 4, p);
	hmac_md5_update(&h, RADIUS_AUTH, auth);
	hmac_md5_update(&h, ma + 2 - RADIUS_HEAD, p + RADIUS_HEAD);
	hmac_md5_update(&h, RADIUS_AUTH, frame_zeros);
	hmac_md5_update(&h, whole - ma - FRAME_MA_LEN, p + ma + FRAME_MA_LEN);
	hmac_md5_digest(&h, RADIUS_AUTH, out);
}

bool frame_same(const uint8_t a[RADIUS_AUTH], const uint8_t b[RADIUS_AUTH])
{
	return memeql_sec(a, b, RADIUS_AUTH);
}
