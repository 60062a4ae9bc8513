// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The codec with good input: every member of every struct makes the round trip; what could not be decoded is not encoded either.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include "codec_schema.h"
#include "packet.h"
#include "sample.h"

static void test_sa_round_trip(void **state)
{
	struct sabus_sa in, out;
	uint8_t blob[SABUS_SA_BLOB_MAX];
	uint64_t seen;
	int len;

	(void)state;
	sample_sa_full(&in);
	len = sabus_sa_encode(&in, blob, sizeof(blob));
	assert_true(len > 0);
	memset(&out, 0xee, sizeof(out));
	assert_int_equal(sabus_sa_decode(blob, (size_t)len, &out), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	/* the sample really uses every attribute */
	memcpy(packet, blob, (size_t)len);
	memset(&out, 0, sizeof(out));
	assert_int_equal(sabus_schema_get(&sabus_schema_sa, packet, (size_t)len, &out, &seen, NULL), 0);
	assert_int_equal(seen, (UINT64_C(1) << sabus_schema_sa.n) - 2);
	/* any alignment will do */
	memmove(packet + 1, blob, (size_t)len);
	assert_int_equal(sabus_sa_decode(packet + 1, (size_t)len, &out), 0);
	assert_memory_equal(&in, &out, sizeof(in));
}

/* The largest SA there can be fits the blob, and sixteen of them an answer. */
static void test_sa_largest(void **state)
{
	struct sabus_sa in, out;
	uint8_t blob[SABUS_SA_BLOB_MAX];
	struct sabus_msg_view v;
	int len, ret;

	(void)state;
	sample_sa_full(&in);
	in.n_ts = SABUS_TS_MAX;
	for (size_t i = 0; i < SABUS_TS_MAX; i++)
		memcpy(&in.ts[i], &in.ts[1], sizeof(in.ts[1]));
	memset(in.name, 'n', sizeof(in.name) - 1);
	memset(in.ike_name, 'i', sizeof(in.ike_name) - 1);
	memset(in.id_local, 'l', sizeof(in.id_local) - 1);
	memset(in.id_remote, 'r', sizeof(in.id_remote) - 1);
	memset(in.id_eap, 'e', sizeof(in.id_eap) - 1);
	memset(in.auth, 'a', sizeof(in.auth) - 1);
	len = sabus_sa_encode(&in, blob, sizeof(blob));
	assert_true(len > 0);
	assert_int_equal(sabus_sa_decode(blob, (size_t)len, &out), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(sabus_sa_encode(&in, blob, (size_t)len - 1), -EMSGSIZE);
	assert_true(sabus_codec_lookup_ack(packet, sizeof(packet), 1, SABUS_PRESENT, 1) > 0);
	for (int i = 0; i < SABUS_ANSWER_MAX; i++)
		assert_true(sabus_codec_add_sa_blob(packet, sizeof(packet), blob, (size_t)len) > 0);
	ret = sabus_codec_add_truncated(packet, sizeof(packet));
	assert_true(ret > 0);
	assert_int_equal(parse_exact(packet, (size_t)ret, &v, NULL), 0);
	assert_int_equal(v.n_sas, SABUS_ANSWER_MAX);
	assert_int_equal(sabus_codec_get_sa(v.sas[SABUS_ANSWER_MAX - 1], &out, NULL), 0);
	assert_memory_equal(&in, &out, sizeof(in));
}

static void test_session_round_trip(void **state)
{
	struct sabus_session in, out;
	struct sabus_msg_view v;
	uint64_t seen;
	int len;

	(void)state;
	sample_session_radius(&in);
	len = sabus_codec_session_put(packet, sizeof(packet), &in, 3, NULL);
	assert_true(len > 0);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_int_equal(v.session_id, 3);
	assert_int_equal(sabus_codec_get_session(v.session, &out, NULL), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	memset(&out, 0, sizeof(out));
	assert_int_equal(sabus_schema_get(&sabus_schema_session, mnl_attr_get_payload(v.session), mnl_attr_get_payload_len(v.session), &out,
					  &seen, NULL),
			 0);
	assert_int_equal(seen, (UINT64_C(1) << sabus_schema_session.n) - 2);
}

static void test_reply_round_trip(void **state)
{
	struct sabus_reply in, out;
	struct sabus_msg_view v;
	uint64_t seen;
	int len;

	(void)state;
	sample_reply(&in);
	in.mandate = 2;
	len = sabus_codec_request_change(packet, sizeof(packet), 9, 3, &in, "why", NULL);
	assert_true(len > 0);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_int_equal(v.op, SABUS_OP_CHANGE);
	assert_int_equal(v.session_id, 3);
	assert_string_equal(v.text, "why");
	assert_int_equal(sabus_codec_get_reply(v.reply, &out, NULL), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	memset(&out, 0, sizeof(out));
	assert_int_equal(
		sabus_schema_get(&sabus_schema_reply, mnl_attr_get_payload(v.reply), mnl_attr_get_payload_len(v.reply), &out, &seen, NULL), 0);
	assert_int_equal(seen, (UINT64_C(1) << sabus_schema_reply.n) - 2);
	/* one that has come and is 0 is not one that has not come */
	memset(&in, 0, sizeof(in));
	in.has = SABUS_RP_MANDATE;
	len = sabus_codec_request_change(packet, sizeof(packet), 9, 3, &in, NULL, NULL);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_int_equal(sabus_codec_get_reply(v.reply, &out, NULL), 0);
	assert_memory_equal(&in, &out, sizeof(in));
}

/* The largest reply there can be fits what a client may send; one identity more is refused, not left out. */
static void test_reply_largest(void **state)
{
	struct sabus_reply in, out;
	struct sabus_fault fault;
	struct sabus_msg_view v;
	char text[SABUS_FAULT_STRLEN];
	int len;

	(void)state;
	sample_reply(&in);
	in.n_identities = SABUS_REPLY_IDS;
	memset(in.filter_id, 'f', sizeof(in.filter_id) - 1);
	for (size_t i = 0; i < SABUS_REPLY_IDS; i++)
		memset(in.identities[i], 'i', sizeof(in.identities[i]) - 1);
	len = sabus_codec_request_change(packet, SABUS_PUT_MAX, 9, 3, &in, NULL, NULL);
	assert_true(len > 0);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_int_equal(sabus_codec_get_reply(v.reply, &out, NULL), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	in.n_identities++;
	assert_int_equal(sabus_codec_request_change(packet, SABUS_PUT_MAX, 9, 3, &in, NULL, &fault), -EINVAL);
	assert_string_equal(sabus_fault_text(&fault, text), "REQUEST: REPLY.IDENTITY: more entries than the array has");
	memset(in.identities[0], 'i', sizeof(in.identities[0]));
	in.n_identities = 1;
	assert_int_equal(sabus_codec_request_change(packet, SABUS_PUT_MAX, 9, 3, &in, NULL, &fault), -EINVAL);
	assert_string_equal(sabus_fault_text(&fault, text), "REQUEST: REPLY.IDENTITY: string is not terminated");
}

static void test_ops(void **state)
{
	const struct sabus_session session = { .pid = 1 };
	struct sabus_msg_view v;
	int len;

	(void)state;
	len = sabus_codec_session_put(packet, sizeof(packet), &session, 0, NULL);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_int_equal(v.ops, 0); /* a session of before there were requests to it */
	len = sabus_codec_add_ops(packet, sizeof(packet), 0x80000018);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_int_equal(v.ops, 0x80000018);
}

/* Zero members are not sent, and come back as zero. */
static void test_zero_left_out(void **state)
{
	struct sabus_sa in = { .id = 1 }, out;
	struct sabus_session session = { 0 };
	uint8_t blob[64];

	(void)state;
	assert_int_equal(sabus_sa_encode(&in, blob, sizeof(blob)), 8);
	assert_int_equal(sabus_sa_decode(blob, 8, &out), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	/* header, empty SESSION with its empty FLOW */
	assert_int_equal(sabus_codec_session_put(packet, sizeof(packet), &session, 0, NULL), 16 + 4 + 4);
}

static void test_flow_and_flags(void **state)
{
	struct sabus_flow flow;
	struct sabus_msg_view v;
	int len;

	(void)state;
	sample_flow(&flow);
	len = sabus_codec_watch(packet, sizeof(packet), 77, &flow, true);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_memory_equal(&flow, &v.flow, sizeof(flow));
	assert_true(v.sessions);
	assert_int_equal(v.seq, 77);
	assert_true(SABUS_HAS(&v, SABUS_A_FLOW));
	len = sabus_codec_watch(packet, sizeof(packet), 78, NULL, false);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_false(v.sessions);
	assert_false(SABUS_HAS(&v, SABUS_A_FLOW));
}

static void test_error_text_is_cut(void **state)
{
	char text[600];
	struct sabus_msg_view v;
	int len;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	len = sabus_codec_error(packet, sizeof(packet), 1, EPERM, text);
	assert_int_equal(parse_exact(packet, (size_t)len, &v, NULL), 0);
	assert_int_equal(v.error, EPERM);
	assert_int_equal(strlen(v.text), SABUS_CODEC_TEXT_MAX - 1);
}

static void test_unknown_is_skipped(void **state)
{
	struct nlmsghdr *nlh = begin(SABUS_MSG_SA_PUT);
	struct nlattr *nest;
	struct sabus_msg_view v;
	struct sabus_sa sa;

	(void)state;
	mnl_attr_put(nlh, 500, 3, "\xff\xff\xff");
	nest = mnl_attr_nest_start(nlh, SABUS_A_SA);
	mnl_attr_put(nlh, 400, 2, "\x01\x00");
	mnl_attr_put(nlh, 400, 0, "");
	mnl_attr_put_u32(nlh, SABUS_SA_A_ID, 5);
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_put_u32(nlh, SABUS_A_VALUE, 1); /* has a meaning in STAT only */
	assert_int_equal(parse_exact(nlh, nlh->nlmsg_len, &v, NULL), 0);
	assert_int_equal(sabus_codec_get_sa(v.sas[0], &sa, NULL), 0);
	assert_int_equal(sa.id, 5);
	/* an unknown type is the caller's to refuse */
	nlh = begin(999);
	assert_int_equal(parse_exact(nlh, nlh->nlmsg_len, &v, NULL), 0);
	assert_int_equal(v.type, 999);
	assert_string_equal(sabus_codec_msg_name(999), "unknown");
}

/* ---- encoding refuses what decoding would ---- */

static void not_encoded(const struct sabus_sa *sa, const char *want)
{
	struct sabus_fault fault;
	char text[SABUS_FAULT_STRLEN];

	assert_int_equal(sabus_codec_sa_put(packet, sizeof(packet), sa, 0, &fault), -EINVAL);
	assert_string_equal(sabus_fault_text(&fault, text), want);
	assert_int_equal(sabus_sa_encode(sa, packet, sizeof(packet)), -EINVAL);
}

static void test_encode_refuses(void **state)
{
	struct sabus_sa sa;
	const struct sabus_session bad_role = { .role = 2 };

	(void)state;
#define BREAK(what, want)                                                                                                                  \
	do {                                                                                                                               \
		sample_sa_full(&sa);                                                                                                       \
		what;                                                                                                                      \
		not_encoded(&sa, "SA_PUT: SA." want);                                                                                      \
	} while (0)
	BREAK(sa.id = 0, "ID: is 0");
	BREAK(sa.state = (enum sabus_sa_state)4, "STATE: value out of range");
	BREAK(sa.proto = 51 + 1, "PROTO: value out of range");
	BREAK(sa.mode = 4, "MODE: value out of range");
	BREAK(sa.n_ts = SABUS_TS_MAX + 1, "TS: more entries than the array has");
	BREAK(sa.local.addr.family = 99, "LOCAL_ADDR: address family is neither IPv4 nor IPv6");
	BREAK(sa.ts[1].remote.to.family = 1, "TS.REMOTE_TO: address family is neither IPv4 nor IPv6");
	BREAK(memset(sa.id_eap, 'x', sizeof(sa.id_eap)), "ID_EAP: string is not terminated");
#undef BREAK
	assert_int_equal(sabus_codec_session_put(packet, sizeof(packet), &bad_role, 0, NULL), -EINVAL);
	assert_int_equal(sabus_codec_request_close(packet, sizeof(packet), 1, 0, NULL), -EINVAL);
	assert_int_equal(sabus_codec_sa_del(packet, sizeof(packet), 0, SABUS_CAUSE_DELETED, 0), -EINVAL);
	assert_int_equal(sabus_codec_sa_del(packet, sizeof(packet), 1, (enum sabus_cause)0, 0), -EINVAL);
	assert_int_equal(sabus_codec_sa_del(packet, sizeof(packet), 1, (enum sabus_cause)7, 0), -EINVAL);
	assert_int_equal(sabus_codec_publisher(packet, sizeof(packet), (enum sabus_publisher)3), -EINVAL);
	assert_int_equal(sabus_codec_error(packet, sizeof(packet), 0, 0, "x"), -EINVAL);
	assert_int_equal(sabus_codec_error(packet, sizeof(packet), 0, 4096, "x"), -EINVAL);
	assert_int_equal(sabus_codec_sa_put_blob(packet, sizeof(packet), "abc", 3, 0), -EINVAL);
	assert_int_equal(sabus_codec_sa_put_blob(packet, sizeof(packet), "", 0, 0), -EINVAL);
	assert_int_equal(sabus_codec_hello(packet + 1, 100, 0, "x", 0), -EINVAL);
}

/* Every size of buffer that is too small is noticed, and the buffer's end respected. */
static void test_encode_space(void **state)
{
	struct sabus_sa sa;
	struct sabus_msg_view v;
	int full, head;

	(void)state;
	sample_sa_full(&sa);
	full = sabus_codec_sa_put(packet, sizeof(packet), &sa, 1, NULL);
	for (size_t size = 0; size < (size_t)full; size++) {
		uint8_t *buf = malloc(size ? size : 1);

		assert_non_null(buf);
		assert_int_equal(sabus_codec_sa_put(buf, size, &sa, 1, NULL), -EMSGSIZE);
		free(buf);
	}
	/* an addition that does not fit leaves the message as it was */
	head = sabus_codec_lookup_ack(packet, sizeof(packet), 1, SABUS_PRESENT, 1);
	assert_int_equal(sabus_codec_add_sa(packet, 100, &sa, NULL), -EMSGSIZE);
	sa.id = 0;
	assert_int_equal(sabus_codec_add_sa(packet, sizeof(packet), &sa, NULL), -EINVAL);
	assert_int_equal(parse_exact(packet, (size_t)head, &v, NULL), 0);
	assert_int_equal(v.n_sas, 0);
	sabus_codec_stats(packet, sizeof(packet), 1);
	assert_int_equal(sabus_codec_add_stat(packet, sizeof(packet), "a name that is much longer than forty-eight bytes", 1), -EINVAL);
	assert_int_equal(sabus_codec_add_stat(packet, 20, "clients", 1), -EMSGSIZE);
	assert_int_equal(parse_exact(packet, 16, &v, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply_round_trip),   cmocka_unit_test(test_reply_largest),  cmocka_unit_test(test_ops),
		cmocka_unit_test(test_sa_round_trip),	   cmocka_unit_test(test_sa_largest),	  cmocka_unit_test(test_session_round_trip),
		cmocka_unit_test(test_zero_left_out),	   cmocka_unit_test(test_flow_and_flags), cmocka_unit_test(test_error_text_is_cut),
		cmocka_unit_test(test_unknown_is_skipped), cmocka_unit_test(test_encode_refuses), cmocka_unit_test(test_encode_space),
	};

	return cmocka_run_group_tests_name("bus codec", tests, NULL, NULL);
}
