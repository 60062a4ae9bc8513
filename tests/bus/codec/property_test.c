// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Properties of the codec over random contents: any SA or session whose members are in range makes the round trip unchanged, and no
 * damage to a good packet makes the codec break its promises (check_packet.c).
 *
 * The generator is seeded, so every run is the same; SABUS_SEED=n tries another, the seed is printed on failure.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "check_packet.h"
#include "codec_schema.h"
#include "sample.h"

#define ROUNDS 3000

static uint64_t state64 = 1;

/* splitmix64: public-domain constants by Sebastiano Vigna. */
static uint64_t rnd(void)
{
	uint64_t z = (state64 += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t below(size_t n)
{
	return (size_t)(rnd() % n);
}

static void random_struct(const struct sabus_schema *schema, uint8_t *out);

static void random_number(const struct sabus_field *f, uint8_t *member)
{
	size_t width = (size_t)1 << (f->kind - FIELD_U8);
	uint64_t value = rnd() >> below(64);

	if (f->max != 0)
		value = f->min + value % (f->max - f->min + 1);
	if (width < 8)
		value &= (UINT64_C(1) << 8 * width) - 1;
	if (value == 0 && f->nonzero)
		value = 1;
	/* low bytes first: little-endian only, like the golden files; elsewhere the values are others but in range for widths that matter */
	for (size_t i = 0; i < width; i++)
		member[__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? i : width - 1 - i] = (uint8_t)(value >> 8 * i);
}

static void random_addr(struct sabus_addr *addr)
{
	addr->family = rnd() & 1 ? AF_INET : AF_INET6;
	for (size_t i = 0; i < (addr->family == AF_INET ? 4u : 16u); i++)
		addr->b[i] = (uint8_t)rnd();
}

static void random_member(const struct sabus_field *f, uint8_t *base)
{
	uint8_t *member = base + f->offset;
	size_t n;

	switch (f->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64: random_number(f, member); break;
	case FIELD_STR:
		n = below(f->size);
		for (size_t i = 0; i < n; i++)
			member[i] = (uint8_t)(1 + below(255));
		break;
	case FIELD_STR_LIST:
		n = below(f->limit + 1u);
		base[f->count_offset] = (uint8_t)n;
		for (size_t i = 0; i < n; i++)
			for (size_t j = below(f->size); j > 0; j--)
				member[i * f->size + j - 1] = (uint8_t)(1 + below(255));
		break;
	case FIELD_ADDR: random_addr((struct sabus_addr *)(void *)member); break;
	case FIELD_NEST: random_struct(f->sub, member); break;
	case FIELD_LIST:
		n = below(f->limit + 1u);
		base[f->count_offset] = (uint8_t)n;
		for (size_t i = 0; i < n; i++)
			random_struct(f->sub, member + i * f->size);
		break;
	default: break;
	}
}

/* Half of the members stay zero. */
static void random_struct(const struct sabus_schema *schema, uint8_t *out)
{
	for (size_t i = 0; i < schema->n; i++)
		if (schema->fields[i].must || (rnd() & 1))
			random_member(&schema->fields[i], out);
}

static void test_sa(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct sabus_sa in, out;
		uint8_t blob[SABUS_SA_BLOB_MAX];
		int len;

		memset(&in, 0, sizeof(in));
		random_struct(&sabus_schema_sa, (uint8_t *)&in);
		len = sabus_sa_encode(&in, blob, sizeof(blob));
		assert_true(len > 0);
		assert_int_equal(sabus_sa_decode(blob, (size_t)len, &out), 0);
		assert_memory_equal(&in, &out, sizeof(in));
	}
}

static void test_session(void **state)
{
	_Alignas(8) uint8_t packet[SABUS_PUT_MAX];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct sabus_session in, out;
		struct sabus_msg_view v;
		int len;

		memset(&in, 0, sizeof(in));
		random_struct(&sabus_schema_session, (uint8_t *)&in);
		len = sabus_codec_session_put(packet, sizeof(packet), &in, (uint32_t)rnd(), NULL);
		assert_true(len > 0);
		assert_int_equal(sabus_codec_parse(packet, (size_t)len, &v, NULL), 0);
		assert_int_equal(sabus_codec_get_session(v.session, &out, NULL), 0);
		assert_memory_equal(&in, &out, sizeof(in));
	}
}

static void test_tunnel_and_call(void **state)
{
	_Alignas(8) uint8_t packet[SABUS_PUT_MAX];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct sabus_tunnel_info tunnel, tunnel_out;
		struct sabus_call_info call, call_out;
		struct sabus_msg_view v;
		int len;

		memset(&tunnel, 0, sizeof(tunnel));
		memset(&call, 0, sizeof(call));
		random_struct(&sabus_schema_tunnel, (uint8_t *)&tunnel);
		random_struct(&sabus_schema_call, (uint8_t *)&call);
		len = sabus_codec_tunnel(packet, sizeof(packet), SABUS_MSG_TUNNEL_PUT, &tunnel, NULL);
		assert_true(len > 0);
		assert_int_equal(sabus_codec_parse(packet, (size_t)len, &v, NULL), 0);
		assert_int_equal(sabus_codec_get_tunnel(v.tunnel, &tunnel_out, NULL), 0);
		assert_memory_equal(&tunnel, &tunnel_out, sizeof(tunnel));
		len = sabus_codec_call(packet, sizeof(packet), SABUS_MSG_CALL_DEL, &call, NULL);
		assert_true(len > 0);
		assert_int_equal(sabus_codec_parse(packet, (size_t)len, &v, NULL), 0);
		assert_int_equal(sabus_codec_get_call(v.call, &call_out, NULL), 0);
		assert_memory_equal(&call, &call_out, sizeof(call));
	}
}

static void test_reply(void **state)
{
	_Alignas(8) uint8_t packet[SABUS_PUT_MAX];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct sabus_reply in, out;
		struct sabus_msg_view v;
		int len;

		memset(&in, 0, sizeof(in));
		random_struct(&sabus_schema_reply, (uint8_t *)&in);
		len = sabus_codec_request_change(packet, sizeof(packet), 1, 1 + (uint32_t)below(99), &in, "why", NULL);
		assert_true(len > 0);
		assert_int_equal(sabus_codec_parse(packet, (size_t)len, &v, NULL), 0);
		assert_int_equal(sabus_codec_get_reply(v.reply, &out, NULL), 0);
		assert_memory_equal(&in, &out, sizeof(in));
	}
}

/* A random good packet. */
static size_t random_packet(uint8_t *buf, size_t size)
{
	struct sabus_sa sa;
	struct sabus_session session;
	struct sabus_tunnel_info tunnel;
	struct sabus_flow flow;
	struct sabus_reply reply;
	int len;

	memset(&reply, 0, sizeof(reply));
	memset(&sa, 0, sizeof(sa));
	memset(&session, 0, sizeof(session));
	memset(&tunnel, 0, sizeof(tunnel));
	memset(&flow, 0, sizeof(flow));
	switch (below(7)) {
	case 0:
		random_struct(&sabus_schema_sa, (uint8_t *)&sa);
		len = sabus_codec_sa_put(buf, size, &sa, rnd(), NULL);
		break;
	case 1:
		random_struct(&sabus_schema_session, (uint8_t *)&session);
		len = sabus_codec_session_put(buf, size, &session, (uint32_t)rnd(), NULL);
		break;
	case 2:
		random_struct(&sabus_schema_sa, (uint8_t *)&sa);
		sabus_codec_lookup_ack(buf, size, (uint32_t)rnd(), SABUS_PRESENT, rnd());
		sabus_codec_add_sa(buf, size, &sa, NULL);
		len = sabus_codec_add_sa(buf, size, &sa, NULL);
		break;
	case 3:
		random_struct(&sabus_schema_tunnel, (uint8_t *)&tunnel);
		len = sabus_codec_tunnel(buf, size, SABUS_MSG_TUNNEL_PUT, &tunnel, NULL);
		break;
	case 4:
		random_struct(&sabus_schema_flow, (uint8_t *)&flow);
		len = sabus_codec_request_initiate(buf, size, (uint32_t)rnd(), &flow, "road/l2tp");
		break;
	case 5:
		random_struct(&sabus_schema_reply, (uint8_t *)&reply);
		len = sabus_codec_request_change(buf, size, (uint32_t)rnd(), 1, &reply, NULL, NULL);
		break;
	default:
		sabus_codec_stats(buf, size, (uint32_t)rnd());
		len = sabus_codec_add_stat(buf, size, "clients", rnd());
		break;
	}
	assert_true(len > 0);
	return (size_t)len;
}

/* Damage of one kind: a byte, a 16-bit length, an end cut off, a piece doubled. */
static size_t damage(uint8_t *buf, size_t len)
{
	size_t at = below(len);
	uint32_t fixed;

	switch (below(4)) {
	case 0: buf[at] = (uint8_t)rnd(); break;
	case 1: buf[at & ~(size_t)3] = (uint8_t)below(32); break;
	case 2: len = at; break;
	default: memmove(buf + (at & ~(size_t)3), buf + 16, len - 16 < 64 ? len - 16 : 64); break;
	}
	fixed = (uint32_t)len;
	if (len >= 4 && (rnd() & 3))
		memcpy(buf, &fixed, sizeof(fixed)); /* let it get past the header */
	return len;
}

static void test_damage(void **state)
{
	_Alignas(8) static uint8_t buf[SABUS_MSG_MAX + 128];
	int good = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = random_packet(buf, SABUS_MSG_MAX);

		assert_int_equal(check_packet(buf, len), 1);
		for (size_t n = 1 + below(3); n > 0 && len > 0; n--)
			len = damage(buf, len);
		good += check_packet(buf, len);
	}
	/* Neither all refused nor all accepted: the damage reaches behind the header. */
	assert_in_range(good, ROUNDS / 50, ROUNDS - ROUNDS / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sa),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_tunnel_and_call),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_damage),
	};
	const char *seed = getenv("SABUS_SEED");

	state64 = seed ? strtoull(seed, NULL, 0) : 1;
	print_message("SABUS_SEED=%llu\n", (unsigned long long)state64);
	return cmocka_run_group_tests_name("bus codec properties", tests, NULL, NULL);
}
