// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What holds for any bytes whatsoever:
 * - as they are they are judged without a read beyond them (the copy has no slack: the sanitizer sees);
 * - signed by somebody who has the secret they are refused with a cause and a word, or are a request that matching takes;
 * - either way the answer to them is a whole packet, or does not fit;
 * - as a configuration they are refused with a line, or have a client.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <nettle/md5.h>
#include "check_input.h"
#include "conf.h"
#include "request.h"

#define SECRET "secret"

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "dynauth: %s\n", what);
	abort();
}

static uint8_t *exact_copy(const uint8_t *data, size_t len, size_t more)
{
	uint8_t *copy = calloc(1, len + more ? len + more : 1);

	require(copy != NULL, "out of memory");
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

static void sign(uint8_t *p, size_t len)
{
	struct md5_ctx d;

	p[0] = p[0] & 1 ? DYN_COA_REQUEST : DYN_DISCONNECT_REQUEST;
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	memset(p + 4, 0, RADIUS_AUTH);
	md5_init(&d);
	md5_update(&d, len, p);
	md5_update(&d, strlen(SECRET), (const uint8_t *)SECRET);
	md5_digest(&d, RADIUS_AUTH, p + 4);
}

static void check_answer(const uint8_t *p, size_t whole, enum dyn_cause cause)
{
	uint8_t out[RADIUS_MAX];
	int len = dyn_answer(out, p, whole, cause, 1, SECRET);
	size_t at = RADIUS_HEAD;

	if (len < 0)
		return;
	require(len >= RADIUS_HEAD + 18 && len <= RADIUS_MAX && (out[2] << 8 | out[3]) == len, "the answer's length");
	while (at < (size_t)len) {
		require((size_t)len - at >= 2 && out[at + 1] >= 2, "an attribute of the answer");
		at += out[at + 1];
	}
	require(at == (size_t)len, "the answer's attributes do not tile");
}

static int check_signed(const uint8_t *p, size_t whole)
{
	struct sabus_session session = { .user = "alice", .ifname = "ppp0" };
	struct dyn_refusal why;
	struct dyn_request rq;
	uint32_t stamp;
	int ret = dyn_request_decode(p, whole, &rq, &why);

	dyn_timestamp(p, whole, &stamp);
	require((ret < 0) == (why.cause != DYN_CAUSE_NONE), "refused without a cause, or a cause without refusal");
	require(why.reason && *why.reason, "no word for it");
	require(ret < 0 || (rq.has & DYN_IDENTIFIES), "it names no session");
	require(ret < 0 || rq.disconnect || rq.reply.has || rq.reply.n_identities, "it changes nothing");
	require(rq.reply.n_identities <= SABUS_REPLY_IDS, "too many identities");
	dyn_request_means(&rq, &session, NULL);
	check_answer(p, whole, why.cause);
	return ret == 0;
}

static int check_packet(const uint8_t *data, size_t len)
{
	uint8_t *copy = exact_copy(data, len, 0);
	size_t whole = 0;
	int ret = 0;

	dyn_verify(copy, len, SECRET, true, &whole);
	if (len >= RADIUS_HEAD && len <= RADIUS_MAX) {
		sign(copy, len);
		if (dyn_verify(copy, len, SECRET, false, &whole) == DYN_GOOD) {
			require(whole == len, "its length is another one");
			ret = check_signed(copy, whole);
		}
	}
	free(copy);
	return ret;
}

static void check_conf(const uint8_t *data, size_t len)
{
	char *text = (char *)exact_copy(data, len, 1), error[CONF_ERROR_MAX] = "";
	struct conf *c = calloc(1, sizeof(*c));
	struct sabus_addr a = { 0 };

	require(c != NULL, "out of memory");
	if (conf_parse("fuzz", text, c, error) < 0) {
		require(*error && memchr(error, 0, sizeof(error)), "refused without a line");
	} else {
		require(c->n_clients > 0, "no client");
		for (size_t i = 0; i < c->n_clients; i++)
			a = c->clients[i].net;
		require(conf_client_of(c, &a) != NULL, "a client is not found");
	}
	free(text);
	free(c);
}

int check_input(const uint8_t *data, size_t len)
{
	check_conf(data, len);
	return check_packet(data, len);
}
