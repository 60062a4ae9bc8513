// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * secret.c - see secret.h.
 */
#include <errno.h>
#include <string.h>
#include <nettle/md5.h>
#include <nettle/memxor.h>
#include "secret.h"

#define BLOCK 16

/* pad = MD5(secret, a, b) */
static void pad(const char *secret, const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t out[BLOCK])
{
	struct md5_ctx m;

	md5_init(&m);
	md5_update(&m, strlen(secret), (const uint8_t *)secret);
	md5_update(&m, a_len, a);
	if (b_len)
		md5_update(&m, b_len, b);
	md5_digest(&m, BLOCK, out);
}

/* Blocks of cipher text, the first one with salt. */
static void reveal(const uint8_t *c, size_t len, const char *secret, const uint8_t *authenticator, const uint8_t *salt, uint8_t *out)
{
	uint8_t p[BLOCK];

	pad(secret, authenticator, RADIUS_AUTH, salt, salt ? 2 : 0, p);
	for (size_t at = 0; at < len; at += BLOCK) {
		if (at)
			pad(secret, c + at - BLOCK, BLOCK, NULL, 0, p);
		memxor3(out + at, c + at, p, BLOCK);
	}
	explicit_bzero(p, sizeof(p));
}

int secret_salted(const uint8_t *value, size_t len, const char *secret, const uint8_t *authenticator, uint8_t *out)
{
	size_t blocks, n;

	if (len < 2 + BLOCK || (len - 2) % BLOCK || !(value[0] & 0x80))
		return -EINVAL;
	blocks = len - 2;
	reveal(value + 2, blocks, secret, authenticator, value, out);
	n = out[0];
	if (n > blocks - 1)
		return -EINVAL;
	memmove(out, out + 1, n);
	return (int)n;
}

int secret_chap_keys(const uint8_t *value, size_t len, const char *secret, const uint8_t *authenticator, uint8_t out[32])
{
	if (len != 32)
		return -EINVAL;
	reveal(value, len, secret, authenticator, NULL, out);
	return 0;
}

static int reveal_microsoft(const struct worker_attr *a, const char *secret, const uint8_t *authenticator, struct worker_list *out,
			    const char **bad)
{
	uint8_t plain[WORKER_VALUE_MAX];
	int n;

	if (a->number == RA_MS_CHAP_MPPE_KEYS) {
		*bad = "MS-CHAP-MPPE-Keys";
		n = secret_chap_keys(a->value, a->len, secret, authenticator, plain);
		n = n ? n : 32;
	} else {
		*bad = a->number == RA_MS_MPPE_SEND_KEY ? "MS-MPPE-Send-Key" : "MS-MPPE-Recv-Key";
		n = secret_salted(a->value, a->len, secret, authenticator, plain);
	}
	if (n >= 0)
		n = worker_put(out, a->vendor, a->number, plain, (size_t)n);
	explicit_bzero(plain, sizeof(plain));
	return n;
}

static int reveal_password(const struct worker_attr *a, const char *secret, const uint8_t *authenticator, struct worker_list *out,
			   const char **bad)
{
	uint8_t plain[WORKER_VALUE_MAX + 1];
	int n = -EINVAL;

	*bad = "Tunnel-Password";
	if (a->len) {
		plain[0] = a->value[0]; /* tag */
		n = secret_salted(a->value + 1, (size_t)a->len - 1, secret, authenticator, plain + 1);
	}
	if (n >= 0)
		n = worker_put(out, 0, a->number, plain, (size_t)n + 1);
	explicit_bzero(plain, sizeof(plain));
	return n;
}

static bool is_hidden_microsoft(const struct worker_attr *a)
{
	return a->vendor == RA_MICROSOFT &&
	       (a->number == RA_MS_CHAP_MPPE_KEYS || a->number == RA_MS_MPPE_SEND_KEY || a->number == RA_MS_MPPE_RECV_KEY);
}

int secret_reveal(const struct worker_list *in, const char *secret, const uint8_t *authenticator, struct worker_list *out, const char **bad)
{
	struct worker_attr a;
	size_t at = 0;
	int err = 0;

	while (!err && worker_next(in, &at, &a)) {
		*bad = "an attribute";
		if (is_hidden_microsoft(&a))
			err = reveal_microsoft(&a, secret, authenticator, out, bad);
		else if (!a.vendor && a.number == RA_TUNNEL_PASSWORD)
			err = reveal_password(&a, secret, authenticator, out, bad);
		else
			err = worker_put(out, a.vendor, a.number, a.value, a.len);
	}
	return err;
}
