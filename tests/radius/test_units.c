// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parts that are pure: messages between plugin and helper, RADIUS packets as octets, hidden values, the queue.  Besides examples: random and mutilated input, from a fixed seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sabus-attributes.h"
#include "../../plugins/radius/client/packet.h"
#include "../../plugins/radius/client/queue.h"
#include "../../plugins/radius/client/secret.h"
#include "../../plugins/radius/frame.h"
#include "../../plugins/radius/worker.h"

#define ROUNDS 20000

static uint32_t seed = 1;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* ---- worker.h ---- */
static struct worker_message m1, m2;
static uint8_t buf[WORKER_MESSAGE_MAX];

static void random_message(struct worker_message *m)
{
	uint8_t value[WORKER_VALUE_MAX];
	int n = (int)rnd(20);

	memset(m, 0, sizeof(*m));
	m->op = 1 + rnd(WORKER_OP_END - 1);
	m->id = rnd(1u << 24);
	m->arg = rnd(1u << 24);
	m->arg2 = rnd(1u << 24);
	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)rnd(256);
	while (n--)
		assert_int_equal(worker_put(&m->list, rnd(3) ? 0 : 311, (uint16_t)rnd(256), value, rnd(300)), 0);
}

static void test_worker_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		int n;

		random_message(&m1);
		n = worker_encode(&m1, buf, sizeof(buf));
		assert_true(n >= WORKER_HEAD);
		assert_int_equal(worker_decode(&m2, buf, (size_t)n), 0);
		assert_int_equal(m1.op, m2.op);
		assert_int_equal(m1.id, m2.id);
		assert_int_equal(m1.arg, m2.arg);
		assert_int_equal(m1.arg2, m2.arg2);
		assert_int_equal(m1.list.len, m2.list.len);
		assert_memory_equal(m1.list.b, m2.list.b, m1.list.len);
		assert_int_equal(worker_encode(&m1, buf, (size_t)n - 1), -ENOBUFS);
	}
}

/* Whatever is decoded from mutilated octets, its attributes are within it. */
static void test_worker_mutilated(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct worker_attr a;
		size_t at = 0;
		int n, len;

		if (i % 50 == 0)
			random_message(&m1);
		n = worker_encode(&m1, buf, sizeof(buf));
		buf[rnd((uint32_t)n)] = (uint8_t)rnd(256);
		len = rnd(4) ? n : (int)rnd((uint32_t)n + 1);
		if (worker_decode(&m2, buf, (size_t)len))
			continue;
		assert_int_equal(m2.list.len, len - WORKER_HEAD);
		while (worker_next(&m2.list, &at, &a)) {
			assert_true(a.value >= m2.list.b && a.value + a.len <= m2.list.b + m2.list.len);
			assert_true(a.len <= WORKER_VALUE_MAX);
		}
		assert_int_equal(at, m2.list.len);
	}
}

static void test_worker_limits(void **state)
{
	static uint8_t big[WORKER_VALUE_MAX + 1];
	struct worker_attr a;
	uint32_t v;
	char text[4];

	(void)state;
	worker_list_init(&m1.list);
	assert_int_equal(worker_put(&m1.list, 0, 1, big, sizeof(big)), -EMSGSIZE);
	assert_true(m1.list.overflow);
	m1.op = WORKER_OP_AUTH;
	assert_int_equal(worker_encode(&m1, buf, sizeof(buf)), -EOVERFLOW);
	worker_list_init(&m1.list);
	while (!worker_put(&m1.list, 0, 1, big, WORKER_VALUE_MAX))
		;
	assert_true(m1.list.overflow);
	assert_true(m1.list.len <= WORKER_LIST_MAX);
	worker_list_init(&m2.list);
	assert_int_equal(worker_put_list(&m2.list, &m1.list), -ENOSPC);
	worker_list_init(&m1.list);
	worker_put_text(&m1.list, 0, 1, "abcdef");
	assert_true(worker_find(&m1.list, 0, 1, &a));
	assert_string_equal(worker_text(&a, text, sizeof(text)), "abc");
	assert_int_equal(worker_u32(&a, &v), -EINVAL);
	assert_false(worker_find(&m1.list, 0, 2, NULL));
	assert_int_equal(worker_decode(&m2, buf, 0), -EBADMSG);
	buf[0] = WORKER_VERSION + 1;
	assert_int_equal(worker_decode(&m2, buf, WORKER_HEAD), -EPROTONOSUPPORT);
}

/* ---- packet.h ---- */

/* RFC 2865 section 7.1: user nemo, password arctangent, secret xyzzy5461 */
static const uint8_t nemo[] = { 0x01, 0x00, 0x00, 0x38, 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83,
				0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a, 0x01, 0x06, 0x6e, 0x65, 0x6d, 0x6f, 0x02, 0x12,
				0x0d, 0xbe, 0x70, 0x8d, 0x93, 0xd4, 0x13, 0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a,
				0x0a, 0xee, 0x04, 0x06, 0xc0, 0xa8, 0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x03 };
static const uint8_t nemo_accept[] = { 0x02, 0x00, 0x00, 0x26, 0x86, 0xfe, 0x22, 0x0e, 0x76, 0x24, 0xba, 0x2a, 0x10,
				       0x05, 0xf6, 0xbf, 0x9b, 0x55, 0xe0, 0xb2, 0x06, 0x06, 0x00, 0x00, 0x00, 0x01,
				       0x0f, 0x06, 0x00, 0x00, 0x00, 0x00, 0x0e, 0x06, 0xc0, 0xa8, 0x01, 0x03 };
#define SECRET "xyzzy5461"

static struct packet_request nemo_request(void)
{
	struct packet_request rq = { .code = nemo[0], .id = nemo[1] };

	memcpy(rq.authenticator, nemo + 4, RADIUS_AUTH);
	return rq;
}

static void test_packet_of_the_rfc(void **state)
{
	struct packet_request rq = nemo_request();
	uint8_t copy[64], head[RADIUS_HEAD];
	size_t whole = 0;

	(void)state;
	assert_int_equal(packet_verify(nemo_accept, sizeof(nemo_accept), &rq, SECRET, false, &whole), PACKET_GOOD);
	assert_int_equal(whole, sizeof(nemo_accept));
	assert_int_equal(packet_verify(nemo_accept, sizeof(nemo_accept), &rq, SECRET, true, &whole), PACKET_NO_MA);
	assert_int_equal(packet_verify(nemo_accept, sizeof(nemo_accept), &rq, "other", false, &whole), PACKET_BAD_AUTH);
	assert_int_equal(packet_verify(nemo_accept, sizeof(nemo_accept) - 1, &rq, SECRET, false, &whole), PACKET_MALFORMED);
	for (size_t i = 0; i < sizeof(nemo_accept); i++) {
		memcpy(copy, nemo_accept, sizeof(nemo_accept));
		copy[i] ^= 0x10;
		assert_int_not_equal(packet_verify(copy, sizeof(nemo_accept), &rq, SECRET, false, &whole), PACKET_GOOD);
	}
	packet_head(nemo_accept, &rq, SECRET, head);
	assert_int_equal(packet_verify(head, sizeof(head), &rq, SECRET, false, &whole), PACKET_GOOD);
	assert_int_equal(whole, RADIUS_HEAD);
}

/* The answer to a request with another identifier or of another kind, or a request that came back. */
static void test_packet_of_others(void **state)
{
	struct packet_request rq = nemo_request();
	size_t whole;

	(void)state;
	rq.id = 1;
	assert_int_equal(packet_verify(nemo_accept, sizeof(nemo_accept), &rq, SECRET, false, &whole), PACKET_OTHER);
	rq = nemo_request();
	rq.code = RC_ACCOUNTING_REQUEST;
	assert_int_equal(packet_verify(nemo_accept, sizeof(nemo_accept), &rq, SECRET, false, &whole), PACKET_OTHER);
	rq = nemo_request();
	assert_int_equal(packet_verify(nemo, sizeof(nemo), &rq, SECRET, false, &whole), PACKET_OTHER);
}

static void test_packet_sign(void **state)
{
	uint8_t out[RADIUS_MAX], again[RADIUS_MAX], long_one[RADIUS_MAX];
	int n;

	(void)state;
	n = packet_sign(nemo, sizeof(nemo), SECRET, out);
	assert_int_equal(n, sizeof(nemo) + 18);
	assert_int_equal(out[20], RA_MESSAGE_AUTHENTICATOR);
	assert_int_equal(out[2] << 8 | out[3], n);
	assert_memory_equal(out + 38, nemo + 20, sizeof(nemo) - 20);
	/* one that is signed stays as it is, at the same place */
	assert_int_equal(packet_sign(out, (size_t)n, SECRET, again), n);
	assert_memory_equal(out, again, (size_t)n);
	/* what is no Access-Request, or has two, or does not fit */
	assert_int_equal(packet_sign(nemo_accept, sizeof(nemo_accept), SECRET, again), -EBADMSG);
	assert_int_equal(packet_sign(nemo, sizeof(nemo) - 1, SECRET, again), -EBADMSG);
	memcpy(again + n, out + 20, 18);
	memcpy(again, out, (size_t)n);
	again[2] = (uint8_t)((n + 18) >> 8);
	again[3] = (uint8_t)(n + 18);
	assert_int_equal(packet_sign(again, (size_t)n + 18, SECRET, out), -EBADMSG);
	memset(long_one, 1, sizeof(long_one));
	memcpy(long_one, nemo, 20);
	long_one[2] = RADIUS_MAX >> 8;
	long_one[3] = 0;
	for (size_t at = 20; at < RADIUS_MAX; at += long_one[at + 1])
		long_one[at + 1] = (uint8_t)(RADIUS_MAX - at < 255 ? RADIUS_MAX - at : RADIUS_MAX - at < 257 ? 250 : 255);
	assert_int_equal(packet_sign(long_one, sizeof(long_one), SECRET, out), -EMSGSIZE);
}

/* Random octets, most of them with lengths that fit: nothing outside the packet is read (ASan), and what is called whole is. */
static void test_packet_random(void **state)
{
	struct packet_request rq = nemo_request();
	static struct worker_list l;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = rnd(120), whole = 0, sum = RADIUS_HEAD;
		uint8_t *p = malloc(len + 1); /* exactly as long, for the sanitizer; one more, for len 0 */

		for (size_t k = 0; k < len; k++)
			p[k] = (uint8_t)rnd(rnd(2) ? 256 : 30);
		if (len > 4) {
			p[0] = 2;
			p[1] = rq.id;
			p[2] = 0;
			p[3] = (uint8_t)(rnd(3) ? len : rnd(256));
		}
		packet_verify(p, len, &rq, SECRET, rnd(2), &whole);
		if (frame_whole(p, len, &whole)) {
			assert_true(whole <= len);
			for (size_t at = RADIUS_HEAD; at < whole; at += p[at + 1])
				sum += p[at + 1];
			assert_int_equal(sum, whole);
			worker_list_init(&l);
			packet_attributes(p, whole, &l);
			assert_false(l.overflow);
		}
		free(p);
	}
}

static void test_packet_verdicts_have_texts(void **state)
{
	(void)state;
	for (int v = 0; v < PACKET_VERDICTS; v++)
		assert_true(strlen(packet_verdict_text((enum packet_verdict)v)) > 3);
	assert_string_equal(packet_verdict_text(PACKET_VERDICTS), "?");
}

/* ---- secret.h ---- */
static void test_secret_lengths(void **state)
{
	uint8_t in[256], out[256], auth[RADIUS_AUTH] = { 1 };

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = rnd(100);
		int n;

		for (size_t k = 0; k < len; k++)
			in[k] = (uint8_t)rnd(256);
		memset(out, 0xee, sizeof(out));
		n = secret_salted(in, len, SECRET, auth, out);
		assert_true(n == -EINVAL || (n >= 0 && (size_t)n <= len - 3));
		for (size_t k = len; k < sizeof(out); k++)
			assert_int_equal(out[k], 0xee);
	}
	assert_int_equal(secret_chap_keys(in, 31, SECRET, auth, out), -EINVAL);
	assert_int_equal(secret_chap_keys(in, 32, SECRET, auth, out), 0);
}

/* ---- queue.h ---- */
static struct queue q;
static uint32_t dropped[QUEUE_MAX];
static int n_dropped;

static int add(uint32_t id, uint32_t status, int64_t now)
{
	return queue_add(&q, id, status, &m1.list, now, status == RV_ACCT_STOP ? 100000 : 600000, dropped, &n_dropped);
}

static void test_queue_order(void **state)
{
	(void)state;
	worker_list_init(&m1.list);
	assert_int_equal(queue_next(&q), -1);
	assert_int_equal(add(1, RV_ACCT_START, 0), 0);
	assert_int_equal(add(2, RV_ACCT_INTERIM, 0), 0);
	assert_int_equal(add(3, RV_ACCT_INTERIM, 10), 0);
	assert_int_equal(n_dropped, 1);
	assert_int_equal(dropped[0], 2);
	assert_int_equal(add(4, RV_ACCT_STOP, 20), 0);
	assert_int_equal(dropped[0], 3);
	assert_int_equal(q.n, 2);
	assert_int_equal(queue_due(&q, 20)->id, 1);
	queue_remove_first(&q);
	assert_int_equal(queue_due(&q, 20)->id, 4);
	queue_clear(&q);
	assert_null(queue_due(&q, 1000000));
}

static void test_queue_waits(void **state)
{
	int64_t now = 0, last = 0;
	int tries = 0;

	(void)state;
	add(1, RV_ACCT_STOP, 0);
	for (;;) {
		assert_int_equal(queue_due(&q, now)->id, 1);
		tries++;
		if (!queue_retry(&q, now))
			break;
		assert_null(queue_due(&q, now));
		now = queue_next(&q);
		assert_in_range(now - last, 1000, 30000);
		last = now;
	}
	assert_int_equal(now, 100000); /* a last time at the end */
	assert_in_range(tries, 7, 12);
	queue_clear(&q);
}

static void test_queue_hurry_and_full(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < QUEUE_MAX; i++)
		assert_int_equal(add(i, i % 2 ? RV_ACCT_STOP : RV_ACCT_START, 0), 0);
	assert_int_equal(add(99, RV_ACCT_STOP, 0), -ENOSPC);
	queue_retry(&q, 0);
	queue_hurry(&q, 5, 5000);
	assert_int_equal(queue_next(&q), 5);
	assert_true(queue_retry(&q, 4999));
	assert_false(queue_retry(&q, 5000));
	queue_clear(&q);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worker_round_trip), cmocka_unit_test(test_worker_mutilated),
		cmocka_unit_test(test_worker_limits),	  cmocka_unit_test(test_packet_of_the_rfc),
		cmocka_unit_test(test_packet_of_others),  cmocka_unit_test(test_packet_sign),
		cmocka_unit_test(test_packet_random),	  cmocka_unit_test(test_packet_verdicts_have_texts),
		cmocka_unit_test(test_secret_lengths),	  cmocka_unit_test(test_queue_order),
		cmocka_unit_test(test_queue_waits),	  cmocka_unit_test(test_queue_hurry_and_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
