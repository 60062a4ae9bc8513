// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include "make.h"

void make_start(struct make *m, uint8_t code, uint8_t id)
{
	memset(m, 0, sizeof(*m));
	m->p[0] = code;
	m->p[1] = id;
	m->len = RADIUS_HEAD;
}

void make_attr(struct make *m, uint8_t type, const void *value, size_t len)
{
	m->p[m->len] = type;
	m->p[m->len + 1] = (uint8_t)(len + 2);
	if (len)
		memcpy(m->p + m->len + 2, value, len);
	m->len += len + 2;
}

static void big_endian(uint8_t out[4], uint32_t v)
{
	out[0] = (uint8_t)(v >> 24);
	out[1] = (uint8_t)(v >> 16);
	out[2] = (uint8_t)(v >> 8);
	out[3] = (uint8_t)v;
}

void make_u32(struct make *m, uint8_t type, uint32_t value)
{
	uint8_t b[4];

	big_endian(b, value);
	make_attr(m, type, b, sizeof(b));
}

void make_vsa_u32(struct make *m, uint32_t vendor, uint8_t type, uint32_t value)
{
	uint8_t b[10];

	big_endian(b, vendor);
	b[4] = type;
	b[5] = 6;
	big_endian(b + 6, value);
	make_attr(m, RA_VENDOR_SPECIFIC, b, sizeof(b));
}

void make_ma(struct make *m)
{
	static const uint8_t zeros[RADIUS_AUTH];

	m->ma = m->len;
	make_attr(m, RA_MESSAGE_AUTHENTICATOR, zeros, sizeof(zeros));
}

void make_sign(struct make *m, const char *secret)
{
	struct hmac_md5_ctx h;
	struct md5_ctx d;

	m->p[2] = (uint8_t)(m->len >> 8);
	m->p[3] = (uint8_t)m->len;
	memset(m->p + 4, 0, RADIUS_AUTH);
	if (m->ma) {
		memset(m->p + m->ma + 2, 0, RADIUS_AUTH);
		hmac_md5_set_key(&h, strlen(secret), (const uint8_t *)secret);
		hmac_md5_update(&h, m->len, m->p);
		hmac_md5_digest(&h, RADIUS_AUTH, m->p + m->ma + 2);
	}
	md5_init(&d);
	md5_update(&d, m->len, m->p);
	md5_update(&d, strlen(secret), (const uint8_t *)secret);
	md5_digest(&d, RADIUS_AUTH, m->p + 4);
}

void make_good(struct make *m, uint32_t timestamp)
{
	make_start(m, DYN_DISCONNECT_REQUEST, 7);
	make_ma(m);
	make_attr(m, RA_USER_NAME, "alice", 5);
	make_attr(m, DYN_PROXY_STATE, "one", 3);
	make_u32(m, RA_EVENT_TIMESTAMP, timestamp);
	make_attr(m, DYN_PROXY_STATE, "two", 3);
	make_sign(m, MAKE_SECRET);
}
