// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_addr.c - addresses, endpoints and the reason codes (the two modules without rules of their own).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "reason.h"
#include "sa.h"

static void parse_and_print(void **state)
{
	static const char *const good[] = { "10.0.0.1", "0.0.0.0",     "255.255.255.255", "::",
					    "::1",	"2001:db8::1", "::ffff:10.0.0.1", "1111:2222:3333:4444:5555:6666:7777:8888" };
	static const char *const bad[] = { "", "10.0.0", "10.0.0.256", "10.0.0.1/32", " 10.0.0.1", "host", "2001:db8::1%eth0", ":::1" };
	char buf[SABUS_ADDR_STRLEN];
	struct sabus_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(sabus_addr_parse(&a, good[i]), 0);
		assert_int_equal(a.family, strchr(good[i], ':') ? AF_INET6 : AF_INET);
		assert_string_equal(sabus_addr_text(&a, buf), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sabus_addr_parse(&a, bad[i]), -EINVAL);
	a = (struct sabus_addr){ 0 };
	assert_string_equal(sabus_addr_text(&a, buf), "?");
}

static struct sabus_addr addr(const char *text)
{
	struct sabus_addr a = { 0 };

	assert_int_equal(sabus_addr_parse(&a, text), 0);
	return a;
}

static bool within(const char *x, const char *from, const char *to)
{
	struct sabus_addr ax = addr(x), af = addr(from), at = addr(to);

	return sabus_addr_within(&ax, &af, &at);
}

static void compare(void **state)
{
	struct sabus_addr none = { 0 }, v4 = addr("10.0.0.1"), same = addr("10.0.0.1"), v6 = addr("::"), zero = addr("0.0.0.0");

	(void)state;
	memset(same.b + 4, 0xff, 12); /* bytes that IPv4 does not use must not count */
	assert_true(sabus_addr_equal(&v4, &same));
	assert_false(sabus_addr_equal(&v6, &zero));
	assert_true(sabus_addr_equal(&none, &none));
	assert_false(sabus_addr_equal(&none, &zero));
	assert_true(sabus_addr_is_any(&none) && sabus_addr_is_any(&v6) && sabus_addr_is_any(&zero));
	assert_false(sabus_addr_is_any(&v4));
	assert_false(sabus_addr_within(&none, &none, &none));
}

static void ranges(void **state)
{
	(void)state;
	assert_true(within("10.0.0.1", "10.0.0.1", "10.0.0.1"));
	assert_true(within("10.0.1.0", "10.0.0.255", "10.0.1.1"));
	assert_false(within("10.0.0.2", "10.0.0.3", "10.0.0.9"));
	assert_false(within("10.0.0.10", "10.0.0.3", "10.0.0.9"));
	assert_false(within("10.0.0.5", "10.0.0.9", "10.0.0.3"));
	assert_true(within("200.0.0.1", "0.0.0.0", "255.255.255.255"));
	assert_true(within("2001:db8::ffff", "2001:db8::", "2001:db8::1:0"));
	assert_false(within("2001:db8::1:1", "2001:db8::", "2001:db8::1:0"));
	assert_false(within("10.0.0.1", "::", "ffff::"));
	assert_false(within("10.0.0.1", "0.0.0.0", "ffff::"));
}

static void sockaddr_round_trip(void **state)
{
	static const char *const texts[] = { "192.0.2.7", "2001:db8::7" };
	struct sockaddr_storage ss;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sabus_endpoint e = { .addr = addr(texts[i]), .port = 40000 }, back;

		assert_int_equal(sabus_endpoint_to_sockaddr(&e, &ss, &len), 0);
		assert_int_equal(len, i ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
		assert_int_equal(sabus_endpoint_from_sockaddr(&back, (struct sockaddr *)&ss, len), 0);
		assert_true(sabus_addr_equal(&e.addr, &back.addr));
		assert_int_equal(back.port, 40000);
		for (size_t cut = 0; cut < len; cut++)
			assert_int_equal(sabus_endpoint_from_sockaddr(&back, (struct sockaddr *)&ss, cut), -EINVAL);
	}
}

static void sockaddr_bytes(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(1701), .sin_addr.s_addr = htonl(0x0a090002) };
	struct sabus_endpoint e;

	(void)state;
	assert_int_equal(sabus_endpoint_from_sockaddr(&e, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(e.port, 1701);
	assert_memory_equal(e.addr.b, "\x0a\x09\x00\x02", 4);
}

static void sockaddr_odd(void **state)
{
	struct sabus_endpoint mapped = { .addr = addr("::ffff:10.9.0.2"), .port = 1701 }, e, none = { .port = 1 };
	struct sabus_addr v4 = addr("10.9.0.2");
	struct sockaddr_storage ss;
	size_t len = 77;

	(void)state;
	assert_int_equal(sabus_endpoint_to_sockaddr(&mapped, &ss, &len), 0);
	assert_int_equal(sabus_endpoint_from_sockaddr(&e, (struct sockaddr *)&ss, len), 0);
	assert_true(sabus_addr_equal(&e.addr, &v4));
	assert_int_equal(e.port, 1701);

	len = 77;
	assert_int_equal(sabus_endpoint_to_sockaddr(&none, &ss, &len), -EAFNOSUPPORT);
	assert_int_equal(len, 77);
	ss.ss_family = AF_UNIX;
	e.port = 4;
	assert_int_equal(sabus_endpoint_from_sockaddr(&e, (struct sockaddr *)&ss, sizeof(ss)), -EAFNOSUPPORT);
	assert_int_equal(e.port, 4);
}

/* Words and exit codes are an interface: this list may only grow. */
/* 0: does not end a link of pppd. */
static int stable_exit(int i)
{
	if (i < 4 || (i > 30 && i < 34))
		return 0;
	return i < 34 ? 96 + i : 130 + i - 34;
}

static void reasons_are_stable(void **state)
{
	static const char *const words[] = {
		"ok-protected",	   "ok-mppe-required", "ok-not-confidential", "ok-no-ipsec",  "no-sa",
		"sa-pending",	   "sa-ambiguous",     "sa-unknown",	      "bus-down",     "bus-timeout",
		"tunnel-unknown",  "sa-no-integrity",  "sa-no-replay",	      "sa-ah-only",   "sa-weak",
		"policy-prohibit", "sa-mode",	       "pin-failed",	      "mppe-refused", "mppe-one-way",
		"mppe-timeout",	   "mppe-no-keys",     "ecp-unsupported",     "sa-gone",      "sa-weakened",
		"sa-moved",	   "bad-option",       "multilink-refused",   "internal",     "sa-unknown-algorithm",
		"identity-mismatch", "sa-impossible",  "ok-clear-peer",	      "tunnel-ending",
	};

	(void)state;
	assert_true(SABUS_R_COUNT >= sizeof(words) / sizeof(words[0]));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		enum sabus_reason r = (enum sabus_reason)i;

		assert_string_equal(sabus_reason_word(r), words[i]);
		assert_int_equal(sabus_reason_exit(r), stable_exit((int)i));
	}
}

/* Good news needs no remedy, a tunnel that is ending mends itself (the client comes again), and what the administrator did he wanted. */
static bool needs_remedy(enum sabus_reason r)
{
	return strncmp(sabus_reason_word(r), "ok-", 3) != 0 && r != SABUS_R_TUNNEL_ENDING && r != SABUS_R_ADMIN_RESET;
}

/* What refuses a tunnel before there is a call never becomes a pppd's exit status. */
static bool has_exit(enum sabus_reason r)
{
	return (needs_remedy(r) && r != SABUS_R_SA_IMPOSSIBLE) || r == SABUS_R_ADMIN_RESET;
}

static void reasons_are_complete(void **state)
{
	(void)state;
	for (int i = 0; i < SABUS_R_COUNT; i++) {
		enum sabus_reason r = (enum sabus_reason)i;

		assert_true(strlen(sabus_reason_text(r)) > 0);
		assert_int_equal(strlen(sabus_reason_remedy(r)) > 0, needs_remedy(r));
		assert_int_equal(sabus_reason_exit(r) > 0, has_exit(r));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(sabus_reason_word(r), sabus_reason_word((enum sabus_reason)k));
	}
	assert_string_equal(sabus_reason_word(SABUS_R_COUNT), "internal");
	assert_string_equal(sabus_reason_text((enum sabus_reason) - 1), "internal error");
	assert_int_equal(sabus_reason_exit((enum sabus_reason)1000), 124);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_and_print),
		cmocka_unit_test(compare),
		cmocka_unit_test(ranges),
		cmocka_unit_test(sockaddr_round_trip),
		cmocka_unit_test(sockaddr_bytes),
		cmocka_unit_test(sockaddr_odd),
		cmocka_unit_test(reasons_are_stable),
		cmocka_unit_test(reasons_are_complete),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
