// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The codec of sabus-dynauth: a good request and each way in which one is not, its attributes, the answer.  Each packet is looked at in a copy without slack, so that the sanitizer
 * sees a read beyond it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include "make.h"
#include "request.h"
#include "sabus-attributes.h"

#define NOW 1700000000u

/* dyn_verify() on an exact copy; what was good stays good through the other readers. */
static enum dyn_verdict judge(const uint8_t *p, size_t len, bool need_ma)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum dyn_verdict v;
	struct dyn_request rq;
	struct dyn_refusal why;
	uint32_t stamp;
	size_t whole;

	assert_non_null(copy);
	memcpy(copy, p, len);
	v = dyn_verify(copy, len, MAKE_SECRET, need_ma, &whole);
	if (v == DYN_GOOD) {
		dyn_timestamp(copy, whole, &stamp);
		dyn_request_decode(copy, whole, &rq, &why);
	}
	free(copy);
	return v;
}

static void test_good(void **state)
{
	struct make m;
	uint32_t stamp = 0;
	size_t whole = 0;

	(void)state;
	make_good(&m, NOW);
	assert_int_equal(judge(m.p, m.len, true), DYN_GOOD);
	assert_int_equal(dyn_verify(m.p, m.len + 60, MAKE_SECRET, true, &whole), DYN_GOOD); /* padding */
	assert_int_equal(whole, m.len);
	assert_true(dyn_timestamp(m.p, whole, &stamp));
	assert_int_equal(stamp, NOW);
	assert_int_equal(dyn_verify(m.p, m.len, "another secret", true, &whole), DYN_BAD_AUTH);
	m.p[0] = DYN_COA_REQUEST;
	make_sign(&m, MAKE_SECRET);
	assert_int_equal(judge(m.p, m.len, true), DYN_GOOD);
}

static void test_every_truncation(void **state)
{
	struct make m;

	(void)state;
	make_good(&m, NOW);
	for (size_t len = 0; len < m.len; len++) {
		struct make cut = m;

		assert_int_equal(judge(m.p, len, true), DYN_MALFORMED);
		if (len < RADIUS_HEAD)
			continue;
		/* the packet says so, too: it ends within an attribute, or is another packet */
		cut.p[2] = 0;
		cut.p[3] = (uint8_t)len;
		assert_int_not_equal(judge(cut.p, len, true), DYN_GOOD);
		assert_int_not_equal(judge(cut.p, m.len, true), DYN_GOOD);
		/* and signed by who knows the secret, but with a Message-Authenticator of the whole */
		cut.len = len;
		cut.ma = 0;
		make_sign(&cut, MAKE_SECRET);
		assert_int_not_equal(judge(cut.p, len, true), DYN_GOOD);
	}
}

static void test_every_bit(void **state)
{
	struct make m;

	(void)state;
	make_good(&m, NOW);
	for (size_t bit = 0; bit < m.len * 8; bit++) {
		m.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(judge(m.p, m.len, true), DYN_GOOD);
		assert_int_not_equal(judge(m.p, m.len, false), DYN_GOOD);
		m.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(judge(m.p, m.len, true), DYN_GOOD);
}

static void test_lengths(void **state)
{
	static uint8_t long_one[RADIUS_MAX + 1];
	struct make m;
	size_t whole;

	(void)state;
	make_good(&m, NOW);
	m.p[2] = 0x10; /* 4096 and more than came */
	assert_int_equal(judge(m.p, m.len, true), DYN_MALFORMED);
	m.p[2] = 0;
	m.p[3] = RADIUS_HEAD - 1;
	assert_int_equal(judge(m.p, m.len, true), DYN_MALFORMED);
	memcpy(long_one, m.p, m.len);
	long_one[3] = (uint8_t)m.len;
	assert_int_equal(dyn_verify(long_one, RADIUS_MAX, MAKE_SECRET, true, &whole), DYN_GOOD);
	assert_int_equal(dyn_verify(long_one, RADIUS_MAX + 1, MAKE_SECRET, true, &whole), DYN_MALFORMED);
	for (int len = 0; len < 2; len++) { /* an attribute shorter than its own head */
		make_start(&m, DYN_COA_REQUEST, 1);
		make_attr(&m, RA_USER_NAME, "x", 1);
		m.p[RADIUS_HEAD + 1] = (uint8_t)len;
		make_sign(&m, MAKE_SECRET);
		assert_int_equal(judge(m.p, m.len, false), DYN_MALFORMED);
	}
	make_start(&m, DYN_COA_REQUEST, 1);
	make_attr(&m, 0, "x", 1); /* number 0 is none */
	make_sign(&m, MAKE_SECRET);
	assert_int_equal(judge(m.p, m.len, false), DYN_MALFORMED);
}

static void test_message_authenticator(void **state)
{
	struct make m;

	(void)state;
	make_start(&m, DYN_DISCONNECT_REQUEST, 1);
	make_attr(&m, RA_USER_NAME, "alice", 5);
	make_sign(&m, MAKE_SECRET);
	assert_int_equal(judge(m.p, m.len, true), DYN_NO_MA);
	assert_int_equal(judge(m.p, m.len, false), DYN_GOOD);
	make_ma(&m); /* at the end */
	make_sign(&m, MAKE_SECRET);
	assert_int_equal(judge(m.p, m.len, true), DYN_GOOD);
	make_attr(&m, RA_MESSAGE_AUTHENTICATOR, m.p + m.ma + 2, RADIUS_AUTH); /* two */
	make_sign(&m, MAKE_SECRET);
	assert_int_equal(judge(m.p, m.len, false), DYN_BAD_MA);
	make_start(&m, DYN_DISCONNECT_REQUEST, 1);
	make_attr(&m, RA_MESSAGE_AUTHENTICATOR, "0123456789abcde", 15); /* of a wrong length */
	make_sign(&m, MAKE_SECRET);
	assert_int_equal(judge(m.p, m.len, false), DYN_BAD_MA);
	make_start(&m, DYN_DISCONNECT_REQUEST, 1);
	make_attr(&m, RA_MESSAGE_AUTHENTICATOR, "0123456789abcdef", 16); /* a wrong one */
	make_sign(&m, MAKE_SECRET);
	assert_int_equal(judge(m.p, m.len, false), DYN_BAD_MA);
}

static void test_codes(void **state)
{
	struct make m;

	(void)state;
	for (unsigned int code = 0; code < 256; code++) {
		bool ours = code == DYN_DISCONNECT_REQUEST || code == DYN_COA_REQUEST;

		make_good(&m, NOW);
		m.p[0] = (uint8_t)code;
		make_sign(&m, MAKE_SECRET);
		assert_int_equal(judge(m.p, m.len, true), ours ? DYN_GOOD : DYN_OTHER_CODE);
	}
}

static void test_timestamps(void **state)
{
	struct make m;
	uint32_t out;

	(void)state;
	make_start(&m, DYN_COA_REQUEST, 1);
	assert_false(dyn_timestamp(m.p, m.len, &out));
	make_attr(&m, RA_EVENT_TIMESTAMP, "abc", 3);
	assert_false(dyn_timestamp(m.p, m.len, &out));
	make_start(&m, DYN_COA_REQUEST, 1);
	make_attr(&m, RA_VENDOR_SPECIFIC, "\0", 1); /* what is wrong elsewhere does not hide it */
	make_u32(&m, RA_EVENT_TIMESTAMP, NOW);
	assert_true(dyn_timestamp(m.p, m.len, &out));
	assert_int_equal(out, NOW);
	make_u32(&m, RA_EVENT_TIMESTAMP, NOW);
	assert_false(dyn_timestamp(m.p, m.len, &out)); /* which one? */
}

static void test_cursor(void **state)
{
	struct dyn_cursor c;
	struct dyn_attr a;
	struct make m;
	uint32_t v;

	(void)state;
	make_start(&m, DYN_COA_REQUEST, 1);
	make_vsa_u32(&m, SABUS_RADIUS_VENDOR, SABUS_AT_MTU_CAP, 1300);
	make_attr(&m, RA_VENDOR_SPECIFIC, "\0\0\1\x37\7\6\0\0\0\2\x8\6\0\0\0\4", 16); /* two of Microsoft's in one */
	make_attr(&m, RA_VENDOR_SPECIFIC, "\0\0\0\x9\1", 5);
	make_attr(&m, RA_STATE, "", 0);
	dyn_cursor_init(&c, m.p, m.len);
	assert_int_equal(dyn_next(&c, &a), 1);
	assert_int_equal(a.vendor, SABUS_RADIUS_VENDOR);
	assert_int_equal(a.type, SABUS_AT_MTU_CAP);
	assert_true(dyn_u32(&a, &v));
	assert_int_equal(v, 1300);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(dyn_next(&c, &a), 1);
		assert_int_equal(a.vendor, RA_MICROSOFT);
		assert_int_equal(a.type, 7 + i);
		assert_true(dyn_u32(&a, &v));
		assert_int_equal(v, 2 + 2 * i);
	}
	assert_int_equal(dyn_next(&c, &a), 1);
	assert_int_equal(a.vendor, 9);
	assert_int_equal(a.type, 0);
	assert_int_equal(dyn_next(&c, &a), 1);
	assert_int_equal(a.type, RA_STATE);
	assert_int_equal(a.len, 0);
	assert_false(dyn_u32(&a, &v));
	assert_int_equal(dyn_next(&c, &a), 0);
	assert_int_equal(dyn_next(&c, &a), 0);
}

/* Every way in which what is inside a Vendor-Specific does not fit. */
static void test_bad_vendor(void **state)
{
	static const struct {
		const char *value;
		size_t len;
	} cases[] = {
		{ "", 0 },
		{ "\0\0\0", 3 },
		{ "\0\0\0\0\1\3x", 7 }, /* vendor 0 */
		{ "\0\0\1\x37", 4 },	/* nothing inside */
		{ "\0\0\1\x37\7", 5 },
		{ "\0\0\1\x37\7\0", 6 },
		{ "\0\0\1\x37\7\1", 6 },
		{ "\0\0\1\x37\7\3", 6 }, /* reaches beyond */
		{ "\0\0\1\x37\0\2", 6 }, /* number 0 */
	};
	struct dyn_cursor c;
	struct dyn_attr a;
	struct make m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *copy;

		make_start(&m, DYN_COA_REQUEST, 1);
		make_attr(&m, RA_VENDOR_SPECIFIC, cases[i].value, cases[i].len);
		copy = malloc(m.len);
		assert_non_null(copy);
		memcpy(copy, m.p, m.len);
		dyn_cursor_init(&c, copy, m.len);
		assert_int_equal(dyn_next(&c, &a), -EBADMSG);
		free(copy);
	}
}

static void check_answer(const uint8_t *out, size_t len, const uint8_t *request)
{
	uint8_t mac[RADIUS_AUTH], copy[RADIUS_MAX];
	struct hmac_md5_ctx h;
	struct md5_ctx d;

	assert_int_equal(out[2] << 8 | out[3], len);
	memcpy(copy, out, len);
	memcpy(copy + 4, request + 4, RADIUS_AUTH);
	md5_init(&d);
	md5_update(&d, len, copy);
	md5_update(&d, strlen(MAKE_SECRET), (const uint8_t *)MAKE_SECRET);
	md5_digest(&d, RADIUS_AUTH, mac);
	assert_memory_equal(mac, out + 4, RADIUS_AUTH);
	assert_int_equal(copy[RADIUS_HEAD], RA_MESSAGE_AUTHENTICATOR);
	memset(copy + RADIUS_HEAD + 2, 0, RADIUS_AUTH);
	hmac_md5_set_key(&h, strlen(MAKE_SECRET), (const uint8_t *)MAKE_SECRET);
	hmac_md5_update(&h, len, copy);
	hmac_md5_digest(&h, RADIUS_AUTH, mac);
	assert_memory_equal(mac, out + RADIUS_HEAD + 2, RADIUS_AUTH);
}

static void test_answer(void **state)
{
	static const uint8_t ack[] = { DYN_PROXY_STATE, 5, 'o', 'n', 'e', DYN_PROXY_STATE, 5, 't', 'w', 'o', RA_EVENT_TIMESTAMP, 6, 0x65, 0x53, 0xf1, 0 };
	static const uint8_t cause[] = { DYN_ERROR_CAUSE, 6, 0, 0, 1, 0xf7 };
	uint8_t out[RADIUS_MAX];
	struct make m;
	int len;

	(void)state;
	make_good(&m, NOW);
	len = dyn_answer(out, m.p, m.len, DYN_CAUSE_NONE, NOW, MAKE_SECRET);
	assert_int_equal(len, RADIUS_HEAD + 18 + (int)sizeof(ack));
	assert_int_equal(out[0], DYN_DISCONNECT_ACK);
	assert_int_equal(out[1], 7);
	assert_memory_equal(out + RADIUS_HEAD + 18, ack, sizeof(ack));
	check_answer(out, (size_t)len, m.p);
	m.p[0] = DYN_COA_REQUEST;
	make_sign(&m, MAKE_SECRET);
	len = dyn_answer(out, m.p, m.len, DYN_CAUSE_NO_SESSION, NOW, MAKE_SECRET);
	assert_int_equal(out[0], DYN_COA_NAK);
	assert_memory_equal(out + RADIUS_HEAD + 18, cause, sizeof(cause));
	assert_memory_equal(out + RADIUS_HEAD + 18 + sizeof(cause), ack, sizeof(ack));
	check_answer(out, (size_t)len, m.p);
}

/* Each size of what must be copied, up to what does not fit. */
static void test_answer_room(void **state)
{
	static const uint8_t filler[253];
	uint8_t out[RADIUS_MAX];
	struct make m;

	(void)state;
	for (size_t total = 3500; total <= RADIUS_MAX; total++) {
		size_t copies = total - RADIUS_HEAD, want = RADIUS_HEAD + 18 + 6 + copies;
		int len;

		make_start(&m, DYN_COA_REQUEST, 1);
		while (m.len + 255 <= total)
			make_attr(&m, DYN_PROXY_STATE, filler, 253);
		if (total - m.len == 1)
			continue;
		if (total > m.len)
			make_attr(&m, RA_STATE, filler, total - m.len - 2);
		make_sign(&m, MAKE_SECRET);
		len = dyn_answer(out, m.p, m.len, DYN_CAUSE_RESOURCES, NOW, MAKE_SECRET);
		assert_int_equal(len, want > RADIUS_MAX ? -EMSGSIZE : (int)(want + 6 > RADIUS_MAX ? want : want + 6));
		if (len > 0)
			check_answer(out, (size_t)len, m.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	   cmocka_unit_test(test_every_truncation),	  cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_lengths),	   cmocka_unit_test(test_message_authenticator), cmocka_unit_test(test_codes),
		cmocka_unit_test(test_timestamps), cmocka_unit_test(test_cursor),		  cmocka_unit_test(test_bad_vendor),
		cmocka_unit_test(test_answer),	   cmocka_unit_test(test_answer_room),
	};

	return cmocka_run_group_tests_name("dynauth, packets", tests, NULL, NULL);
}
