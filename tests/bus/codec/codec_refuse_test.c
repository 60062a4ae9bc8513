// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The codec with damaged input: every kind of damage is refused, with the words that say where it is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include "codec_schema.h"
#include "packet.h"

static void refused(const void *pkt, size_t len, const char *want)
{
	struct sabus_fault fault;
	char text[SABUS_FAULT_STRLEN];

	assert_int_equal(decode_all(pkt, len, &fault), -EBADMSG);
	assert_string_equal(sabus_fault_text(&fault, text), want);
}

static void test_header(void **state)
{
	struct nlmsghdr *nlh = begin(SABUS_MSG_SYNC_BEGIN);
	struct sabus_msg_view v;
	struct sabus_fault fault;
	char text[SABUS_FAULT_STRLEN];

	(void)state;
	for (size_t len = 0; len < sizeof(*nlh); len++)
		refused(packet, len, "packet is shorter than a header");
	nlh->nlmsg_len = 20;
	refused(packet, 16, "nlmsg_len: is not the length of the packet");
	nlh->nlmsg_len = 12;
	refused(packet, 16, "nlmsg_len: is not the length of the packet");
	nlh = begin(SABUS_MSG_SYNC_BEGIN);
	nlh->nlmsg_flags = 1;
	refused(packet, 16, "nlmsg_flags: is not 0");
	nlh = begin(SABUS_MSG_SYNC_BEGIN);
	nlh->nlmsg_pid = 1;
	refused(packet, 16, "nlmsg_pid: is not 0");
	assert_int_equal(sabus_codec_parse(packet + 1, 16, &v, &fault), -EINVAL);
	assert_string_equal(sabus_fault_text(&fault, text), "packet is not aligned");
}

static void test_lengths(void **state)
{
	struct nlmsghdr *nlh;

	(void)state;
	for (uint16_t len = 0; len < 4; len++) { /* shorter than its own header */
		nlh = begin(SABUS_MSG_DONE);
		mnl_attr_put_u64(nlh, SABUS_A_REVISION, 1);
		((struct nlattr *)mnl_nlmsg_get_payload(nlh))->nla_len = len;
		refused(nlh, nlh->nlmsg_len, "DONE: REVISION: length does not fit");
	}
	nlh = begin(SABUS_MSG_DONE);
	mnl_attr_put_u64(nlh, SABUS_A_REVISION, 1);
	((struct nlattr *)mnl_nlmsg_get_payload(nlh))->nla_len = 13; /* beyond the packet */
	refused(nlh, nlh->nlmsg_len, "DONE: REVISION: length does not fit");
	nlh = begin(SABUS_MSG_DONE); /* garbage after the last attribute, one to three bytes */
	mnl_attr_put_u64(nlh, SABUS_A_REVISION, 1);
	for (int i = 0; i < 3; i++) {
		packet[nlh->nlmsg_len++] = 0xff;
		refused(nlh, nlh->nlmsg_len, "DONE: length does not fit");
	}
	nlh = begin(SABUS_MSG_HELLO); /* the last attribute without its padding */
	mnl_attr_put_u32(nlh, SABUS_A_VERSION, 1);
	mnl_attr_put_strz(nlh, SABUS_A_NAME, "abcd");
	nlh->nlmsg_len -= 3;
	refused(nlh, nlh->nlmsg_len, "HELLO: NAME: not padded to 4 bytes");
}

static void test_nested_lengths(void **state)
{
	struct nlmsghdr *nlh = begin(SABUS_MSG_SA_PUT);
	struct nlattr *sa = mnl_attr_nest_start(nlh, SABUS_A_SA), *ts;

	(void)state;
	mnl_attr_put_u32(nlh, SABUS_SA_A_ID, 5);
	ts = mnl_attr_nest_start(nlh, SABUS_SA_A_TS);
	mnl_attr_put_u16(nlh, SABUS_TS_A_LOCAL_PORT_TO, 5);
	mnl_attr_nest_end(nlh, ts);
	mnl_attr_nest_end(nlh, sa);
	assert_int_equal(decode_all(nlh, nlh->nlmsg_len, NULL), 0);
	/* the inner attribute reaches beyond its nest */
	((struct nlattr *)mnl_attr_get_payload(ts))->nla_len = 12;
	refused(nlh, nlh->nlmsg_len, "SA_PUT: SA.TS.LOCAL_PORT_TO: length does not fit");
	/* the nest reaches beyond its own */
	ts->nla_len = (uint16_t)(ts->nla_len + 4);
	refused(nlh, nlh->nlmsg_len, "SA_PUT: SA.TS: length does not fit");
}

static void sa_with(uint16_t type, size_t len, const void *data, const char *want)
{
	struct nlmsghdr *nlh = begin(SABUS_MSG_SA_PUT);
	struct nlattr *nest = mnl_attr_nest_start(nlh, SABUS_A_SA);

	mnl_attr_put_u32(nlh, SABUS_SA_A_ID, 5);
	mnl_attr_put(nlh, type, len, data);
	mnl_attr_nest_end(nlh, nest);
	refused(nlh, nlh->nlmsg_len, want);
}

/* Every number, address and string of the SA, with every wrong size. */
static void test_sizes(void **state)
{
	static const uint8_t zeros[300];
	char want[SABUS_FAULT_STRLEN];

	(void)state;
	for (uint16_t type = 2; type < sabus_schema_sa.n; type++) {
		const struct sabus_field *f = &sabus_schema_sa.fields[type];
		size_t right = f->kind >= FIELD_U8 && f->kind <= FIELD_U64 ? (size_t)1 << (f->kind - FIELD_U8) : 0;

		for (size_t len = 0; len <= 17 && f->kind != FIELD_STR && f->kind != FIELD_LIST; len++) {
			if (len == right || (f->kind == FIELD_ADDR && (len == 4 || len == 16)))
				continue;
			snprintf(want, sizeof(want), "SA_PUT: SA.%s: wrong size of a%s", f->name,
				 f->kind == FIELD_ADDR ? "n address" : " number");
			sa_with(type, len, zeros, want);
		}
	}
}

static void test_strings(void **state)
{
	char text[SABUS_ID_MAX + 1], want[SABUS_FAULT_STRLEN];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (uint16_t type = 1; type < sabus_schema_sa.n; type++) {
		const struct sabus_field *f = &sabus_schema_sa.fields[type];

		if (f->kind != FIELD_STR)
			continue;
		snprintf(want, sizeof(want), "SA_PUT: SA.%s: string is not terminated", f->name);
		sa_with(type, 0, text, want);
		sa_with(type, f->size, text, want);
		text[f->size] = '\0';
		snprintf(want, sizeof(want), "SA_PUT: SA.%s: string is too long", f->name);
		sa_with(type, f->size + 1, text, want);
		text[f->size] = 'x';
		snprintf(want, sizeof(want), "SA_PUT: SA.%s: string has a NUL inside", f->name);
		sa_with(type, 4, "a\0b\0", want);
	}
}

static void test_ranges(void **state)
{
	const uint32_t four = 4, zero = 0;

	(void)state;
	sa_with(SABUS_SA_A_STATE, 4, &four, "SA_PUT: SA.STATE: value out of range");
	sa_with(SABUS_SA_A_IKE_VERSION, 1, "\x03", "SA_PUT: SA.IKE_VERSION: value out of range");
	sa_with(SABUS_SA_A_PROTO, 1, "\x31", "SA_PUT: SA.PROTO: value out of range");
	sa_with(SABUS_SA_A_PROTO, 1, "\x34", "SA_PUT: SA.PROTO: value out of range");
	sa_with(SABUS_SA_A_MODE, 1, "\x04", "SA_PUT: SA.MODE: value out of range");
	sa_with(SABUS_SA_A_ID, 4, &four, "SA_PUT: SA.ID: comes twice");
	sa_with(SABUS_SA_A_TS, 0, "", "SA_PUT: SA.TS: wrong attribute flags");
	sa_with(SABUS_SA_A_REQID | NLA_F_NESTED, 4, &four, "SA_PUT: SA.REQID: wrong attribute flags");
	sa_with(SABUS_SA_A_REQID | NLA_F_NET_BYTEORDER, 4, &zero, "SA_PUT: SA.REQID: wrong attribute flags");
}

static void message_with(uint16_t msg, uint16_t type, size_t len, const void *data, const char *want)
{
	struct nlmsghdr *nlh = begin(msg);

	mnl_attr_put(nlh, type, len, data);
	refused(nlh, nlh->nlmsg_len, want);
}

static void test_message_attributes(void **state)
{
	const uint32_t big = 5000, three = 3, five = 5, seven = 7, zero = 0;
	char text[SABUS_CODEC_TEXT_MAX + 1] = "";

	(void)state;
	message_with(SABUS_MSG_ERROR, SABUS_A_ERRNO, 4, &big, "ERROR: ERRNO: value out of range");
	message_with(SABUS_MSG_ERROR, SABUS_A_ERRNO, 4, &zero, "ERROR: ERRNO: is 0");
	message_with(SABUS_MSG_LOOKUP_ACK, SABUS_A_ANSWER, 4, &three, "LOOKUP_ACK: ANSWER: value out of range");
	message_with(SABUS_MSG_SA_DEL, SABUS_A_CAUSE, 4, &seven, "SA_DEL: CAUSE: value out of range");
	message_with(SABUS_MSG_SA_DEL, SABUS_A_CAUSE, 4, &zero, "SA_DEL: CAUSE: is 0");
	message_with(SABUS_MSG_SA_DEL, SABUS_A_SA_ID, 4, &zero, "SA_DEL: SA_ID: is 0");
	message_with(SABUS_MSG_SESSION_DEL, SABUS_A_SESSION_ID, 4, &zero, "SESSION_DEL: SESSION_ID: is 0");
	message_with(SABUS_MSG_PUBLISHER, SABUS_A_PUBLISHER_STATE, 4, &three, "PUBLISHER: PUBLISHER_STATE: value out of range");
	message_with(SABUS_MSG_WATCH, SABUS_A_SESSIONS, 1, "", "WATCH: SESSIONS: a flag with a value");
	message_with(SABUS_MSG_WATCH, SABUS_A_FLOW, 0, "", "WATCH: FLOW: wrong attribute flags");
	message_with(SABUS_MSG_DONE, SABUS_A_REVISION, 4, &three, "DONE: REVISION: wrong size of a number");
	memset(text, 'x', sizeof(text) - 1);
	message_with(SABUS_MSG_HELLO, SABUS_A_NAME, 3, "abc", "HELLO: NAME: string is not terminated");
	message_with(SABUS_MSG_ERROR, SABUS_A_ERRTEXT, sizeof(text), text, "ERROR: ERRTEXT: string is too long");
	message_with(SABUS_MSG_HELLO, SABUS_A_NAME, SABUS_CODEC_NAME_MAX + 1, text + sizeof(text) - SABUS_CODEC_NAME_MAX - 1,
		     "HELLO: NAME: string is too long");
	message_with(SABUS_MSG_REQUEST, SABUS_A_NAME, SABUS_CODEC_CONN_MAX + 1, text + sizeof(text) - SABUS_CODEC_CONN_MAX - 1,
		     "REQUEST: NAME: string is too long");
	message_with(SABUS_MSG_REQUEST, SABUS_A_ERRTEXT, SABUS_CODEC_WHY_MAX + 1, text + sizeof(text) - SABUS_CODEC_WHY_MAX - 1,
		     "REQUEST: ERRTEXT: string is too long");
	message_with(SABUS_MSG_REQUEST, SABUS_A_OP, 4, &zero, "REQUEST: OP: is 0");
	message_with(SABUS_MSG_REQUEST, SABUS_A_OP, 4, &five, "REQUEST: OP: value out of range");
	message_with(SABUS_MSG_REQUEST, SABUS_A_OP, 4, &three, "REQUEST: SESSION_ID: missing");
	message_with(SABUS_MSG_REQUEST, SABUS_A_REPLY, 0, "", "REQUEST: REPLY: wrong attribute flags");
	message_with(SABUS_MSG_SESSION_PUT, SABUS_A_OPS, 1, "", "SESSION_PUT: OPS: wrong size of a number");
	message_with(SABUS_MSG_RESULT, SABUS_A_ERRNO, 4, &big, "RESULT: ERRNO: value out of range");
	message_with(SABUS_MSG_TUNNEL_PUT, SABUS_A_TUNNEL, 0, "", "TUNNEL_PUT: TUNNEL: wrong attribute flags");
}

/* One member of a tunnel or call that is out of its range, or the key that is not there. */
static void nest_with(uint16_t type, uint16_t nest_type, uint16_t attr, size_t len, const void *data, const char *want)
{
	struct nlmsghdr *nlh = begin(type);
	struct nlattr *nest = mnl_attr_nest_start(nlh, nest_type);

	mnl_attr_put(nlh, attr, len, data);
	mnl_attr_nest_end(nlh, nest);
	refused(nlh, nlh->nlmsg_len, want);
}

static void test_tunnels_and_calls(void **state)
{
	const uint8_t two = 2, four = 4;
	const uint16_t zero = 0, five = 5;

	(void)state;
	nest_with(SABUS_MSG_TUNNEL_PUT, SABUS_A_TUNNEL, SABUS_T_ROLE, 1, &two, "TUNNEL_PUT: TUNNEL.ROLE: value out of range");
	nest_with(SABUS_MSG_TUNNEL_PUT, SABUS_A_TUNNEL, SABUS_T_STATE, 1, &four, "TUNNEL_PUT: TUNNEL.STATE: value out of range");
	nest_with(SABUS_MSG_TUNNEL_DEL, SABUS_A_TUNNEL, SABUS_T_TUNNEL_ID, 2, &zero, "TUNNEL_DEL: TUNNEL.TUNNEL_ID: is 0");
	nest_with(SABUS_MSG_TUNNEL_DEL, SABUS_A_TUNNEL, SABUS_T_PEER_HOST, 2, "x", "TUNNEL_DEL: TUNNEL.TUNNEL_ID: missing");
	nest_with(SABUS_MSG_CALL_PUT, SABUS_A_CALL, SABUS_C_UP, 1, &two, "CALL_PUT: CALL.UP: value out of range");
	nest_with(SABUS_MSG_CALL_DEL, SABUS_A_CALL, SABUS_C_CALL_ID, 2, &five, "CALL_DEL: CALL.TUNNEL_ID: missing");
	nest_with(SABUS_MSG_CALL_DEL, SABUS_A_CALL, SABUS_C_TUNNEL_ID, 2, &five, "CALL_DEL: CALL.CALL_ID: missing");
}

/* A member of a reply that is not what it should be. */
static void reply_with(uint16_t attr, size_t len, const void *data, int times, const char *want)
{
	struct nlmsghdr *nlh = begin(SABUS_MSG_REQUEST);
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, SABUS_A_SESSION_ID, 3);
	mnl_attr_put_u32(nlh, SABUS_A_OP, SABUS_OP_CHANGE);
	nest = mnl_attr_nest_start(nlh, SABUS_A_REPLY);
	while (times--)
		mnl_attr_put(nlh, attr, len, data);
	mnl_attr_nest_end(nlh, nest);
	refused(nlh, nlh->nlmsg_len, want);
}

static void test_reply(void **state)
{
	char text[SABUS_ID_MAX + 1] = "";

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (uint16_t attr = SABUS_R_A_HAS; attr <= SABUS_R_A_INTERIM; attr++) {
		char want[SABUS_FAULT_STRLEN];

		snprintf(want, sizeof(want), "REQUEST: REPLY.%s: wrong size of a number", sabus_schema_reply.fields[attr].name);
		reply_with(attr, 2, "xx", 1, want);
		snprintf(want, sizeof(want), "REQUEST: REPLY.%s: comes twice", sabus_schema_reply.fields[attr].name);
		reply_with(attr, 4, "xxxx", 2, want);
	}
	reply_with(SABUS_R_A_FILTER_ID, 2, "xx", 1, "REQUEST: REPLY.FILTER_ID: string is not terminated");
	reply_with(SABUS_R_A_FILTER_ID, 2, "x", 2, "REQUEST: REPLY.FILTER_ID: comes twice");
	reply_with(SABUS_R_A_FILTER_ID, SABUS_FILTER_MAX + 1, text + SABUS_ID_MAX - SABUS_FILTER_MAX, 1, "REQUEST: REPLY.FILTER_ID: string is too long");
	reply_with(SABUS_R_A_IDENTITY, 0, "", 1, "REQUEST: REPLY.IDENTITY: string is not terminated");
	reply_with(SABUS_R_A_IDENTITY, sizeof(text), text, 1, "REQUEST: REPLY.IDENTITY: string is too long");
	reply_with(SABUS_R_A_IDENTITY, 4, "a\0b", 1, "REQUEST: REPLY.IDENTITY: string has a NUL inside");
	reply_with(SABUS_R_A_IDENTITY, 2, "x", SABUS_REPLY_IDS + 1, "REQUEST: REPLY.IDENTITY: comes too often");
	reply_with(SABUS_R_A_IDENTITY | NLA_F_NESTED, 2, "x", 1, "REQUEST: REPLY.IDENTITY: wrong attribute flags");
}

static void test_missing(void **state)
{
	static const struct {
		uint16_t type;
		const char *want;
	} cases[] = {
		{ SABUS_MSG_HELLO, "HELLO: VERSION: missing" },
		{ SABUS_MSG_ERROR, "ERROR: ERRNO: missing" },
		{ SABUS_MSG_SA_PUT, "SA_PUT: SA: missing" },
		{ SABUS_MSG_SA_DEL, "SA_DEL: SA_ID: missing" },
		{ SABUS_MSG_LOOKUP, "LOOKUP: FLOW: missing" },
		{ SABUS_MSG_LOOKUP_ACK, "LOOKUP_ACK: REVISION: missing" },
		{ SABUS_MSG_DONE, "DONE: REVISION: missing" },
		{ SABUS_MSG_SESSION_PUT, "SESSION_PUT: SESSION: missing" },
		{ SABUS_MSG_PUBLISHER, "PUBLISHER: PUBLISHER_STATE: missing" },
		{ SABUS_MSG_REQUEST, "REQUEST: OP: missing" },
		{ SABUS_MSG_RESULT, "RESULT: ERRNO: missing" },
		{ SABUS_MSG_TUNNEL_PUT, "TUNNEL_PUT: TUNNEL: missing" },
		{ SABUS_MSG_TUNNEL_DEL, "TUNNEL_DEL: TUNNEL: missing" },
		{ SABUS_MSG_CALL_PUT, "CALL_PUT: CALL: missing" },
		{ SABUS_MSG_CALL_DEL, "CALL_DEL: CALL: missing" },
	};
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		nlh = begin(cases[i].type);
		refused(nlh, nlh->nlmsg_len, cases[i].want);
	}
	nlh = begin(SABUS_MSG_SA_PUT);
	mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, SABUS_A_SA));
	refused(nlh, nlh->nlmsg_len, "SA_PUT: SA.ID: missing");
	nlh = begin(SABUS_MSG_REQUEST);
	mnl_attr_put_u32(nlh, SABUS_A_OP, SABUS_OP_DELETE);
	refused(nlh, nlh->nlmsg_len, "REQUEST: SA_ID: missing");
	nlh = begin(SABUS_MSG_REQUEST);
	mnl_attr_put_u32(nlh, SABUS_A_OP, SABUS_OP_INITIATE);
	refused(nlh, nlh->nlmsg_len, "REQUEST: FLOW: missing");
	nlh = begin(SABUS_MSG_REQUEST);
	mnl_attr_put_u32(nlh, SABUS_A_SESSION_ID, 3);
	mnl_attr_put_u32(nlh, SABUS_A_OP, SABUS_OP_CHANGE);
	refused(nlh, nlh->nlmsg_len, "REQUEST: REPLY: missing");
	nlh = begin(SABUS_MSG_STATS);
	nest = mnl_attr_nest_start(nlh, SABUS_A_STAT);
	mnl_attr_put_strz(nlh, SABUS_A_NAME, "x");
	mnl_attr_nest_end(nlh, nest);
	refused(nlh, nlh->nlmsg_len, "STATS: STAT.VALUE: missing");
}

static void test_repeated(void **state)
{
	struct nlmsghdr *nlh = begin(SABUS_MSG_DONE);
	struct nlattr *nest;

	(void)state;
	mnl_attr_put_u64(nlh, SABUS_A_REVISION, 1);
	mnl_attr_put_u64(nlh, SABUS_A_REVISION, 1);
	refused(nlh, nlh->nlmsg_len, "DONE: REVISION: comes twice");
	nlh = begin(SABUS_MSG_SA_PUT);
	for (int i = 0; i < 2; i++)
		mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, SABUS_A_SA));
	refused(nlh, nlh->nlmsg_len, "SA_PUT: SA: comes twice");
	nlh = begin(SABUS_MSG_LOOKUP_ACK);
	for (int i = 0; i <= SABUS_ANSWER_MAX; i++)
		mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, SABUS_A_SA));
	refused(nlh, nlh->nlmsg_len, "LOOKUP_ACK: SA: comes too often");
	nlh = begin(SABUS_MSG_STATS);
	for (int i = 0; i <= SABUS_STATS_MAX; i++)
		mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, SABUS_A_STAT));
	refused(nlh, nlh->nlmsg_len, "STATS: STAT: comes too often");
	nlh = begin(SABUS_MSG_SA_PUT);
	nest = mnl_attr_nest_start(nlh, SABUS_A_SA);
	mnl_attr_put_u32(nlh, SABUS_SA_A_ID, 5);
	for (int i = 0; i <= SABUS_TS_MAX; i++)
		mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, SABUS_SA_A_TS));
	mnl_attr_nest_end(nlh, nest);
	refused(nlh, nlh->nlmsg_len, "SA_PUT: SA.TS: comes too often");
}

/* An SA that is larger than a blob may be, by an unknown attribute. */
static void test_sa_too_long(void **state)
{
	static const uint8_t filler[SABUS_SA_BLOB_MAX];
	struct sabus_sa sa;

	(void)state;
	sa_with(300, sizeof(filler), filler, "SA_PUT: SA: is too long");
	assert_int_equal(sabus_sa_decode(filler, sizeof(filler) + 0, &sa), -EBADMSG);
	assert_int_equal(sabus_sa_decode(packet, SABUS_SA_BLOB_MAX + 4, &sa), -EMSGSIZE);
	assert_int_equal(sabus_sa_decode(filler, 0, &sa), -EBADMSG);
}

/* Nests within nests are not followed further than the tables say. */
static void test_deep(void **state)
{
	struct nlmsghdr *nlh = begin(SABUS_MSG_SA_PUT);
	uint16_t depth = 8000;
	uint8_t *at;

	(void)state;
	nlh->nlmsg_len = 16u + depth * 4u;
	at = mnl_nlmsg_get_payload(nlh);
	for (uint16_t i = 0; i < depth; i++, at += 4) {
		const struct nlattr attr = { (uint16_t)((depth - i) * 4), NLA_F_NESTED | SABUS_SA_A_TS };

		memcpy(at, &attr, sizeof(attr));
	}
	((struct nlattr *)mnl_nlmsg_get_payload(nlh))->nla_type = NLA_F_NESTED | SABUS_A_SA;
	refused(nlh, nlh->nlmsg_len, "SA_PUT: SA: is too long");
	nlh = begin(SABUS_MSG_WATCH);
	nlh->nlmsg_len = 16u + depth * 4u;
	((struct nlattr *)mnl_nlmsg_get_payload(nlh))->nla_type = NLA_F_NESTED | SABUS_A_FLOW;
	assert_int_equal(decode_all(nlh, nlh->nlmsg_len, NULL), 0); /* number 33 is unknown in a FLOW: skipped with all it holds */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_nested_lengths),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_message_attributes),
		cmocka_unit_test(test_tunnels_and_calls),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_sa_too_long),
		cmocka_unit_test(test_deep),
	};

	return cmocka_run_group_tests_name("bus codec, damage", tests, NULL, NULL);
}
