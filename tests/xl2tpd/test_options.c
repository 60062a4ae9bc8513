// SPDX-License-Identifier: GPL-2.0-or-later
/* test_options.c - xl2tpd.conf's lines, what they do at the start, and the rate limit of the log. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "../../plugins/xl2tpd/limit.h"
#include "../../plugins/xl2tpd/options.h"
#include "stub.h"

static void refused(const char *section, const char *key, const char *value)
{
	host.error[0] = 0;
	assert_int_equal(stub_option(section, key, value), -1);
	assert_non_null(strstr(host.error, key)); /* names the option ... */
	assert_non_null(strstr(host.error, "xl2tpd-sabus(8)"));
}

static void bad_values_are_refused(void **state)
{
	static const char *const bad[][3] = {
		{ NULL, "ipsec", "maybe" },
		{ NULL, "wait", "99" },
		{ NULL, "wait", "60001" },
		{ NULL, "wait", "5s" },
		{ NULL, "wait", "" },
		{ NULL, "guard", "perhaps" },
		{ NULL, "min strength", "weak" },
		{ NULL, "delete sa", "1" },
		{ NULL, "pppd plugin", "on" },
		{ NULL, "socket", "relative/path" },
		{ NULL, "mode", "tunnel" },
		{ NULL, "clear peers", "10.0.0.5/8" },
		{ NULL, "clear peers", "10.0.0.0/33" },
		{ NULL, "clear peers", "" },
		{ NULL, "clear peers", "10.0.0.0/8, x" },
		{ NULL, "bind identity", "equal" },
		{ NULL, "nonsense", "yes" },
		{ "lns a", "bind identity", "map" },
		{ "lns a", "bind identity", "map x" },
		{ "lns a", "ipsec", "on" },
		{ "lns a", "connection", "gw" },
		{ "lns a", "wait", "1000" },
		{ "lac a", "wait", "1" },
		{ "lac a", "connection", "" },
		{ "lac a", "socket", "/x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i][0], bad[i][1], bad[i][2]);
}

static void the_value_is_named(void **state)
{
	(void)state;
	refused(NULL, "ipsec", "maybe");
	assert_non_null(strstr(host.error, "'maybe'"));
	assert_non_null(strstr(host.error, "optional or required"));
}

static void good_values_are_taken(void **state)
{
	struct tunnel_options t;

	(void)state;
	assert_int_equal(stub_option(NULL, "wait", "700"), 0);
	assert_int_equal(stub_option("lac gw", "connection", "home/l2tp"), 0);
	assert_int_equal(stub_option("lac gw", "wait", "30000"), 0);
	assert_int_equal(stub_option("lac gw", "bind identity", "map /etc/sabus/map"), 0);
	options_for(true, "gw", &t);
	assert_int_equal(t.wait_ms, 30000);
	assert_int_equal(t.bind, BIND_MAP);
	assert_string_equal(t.map, "/etc/sabus/map");
	assert_string_equal(t.connection, "home/l2tp");
	assert_false(t.optional);
	options_for(false, "gw", &t); /* an [lns] of the same name */
	assert_int_equal(t.wait_ms, 700);
	assert_int_equal(t.bind, BIND_NONE);
}

static void a_section_overrides_global_in_any_order(void **state)
{
	struct tunnel_options t;

	(void)state;
	assert_int_equal(stub_option("lns a", "ipsec", "required"), 0);
	assert_int_equal(stub_option(NULL, "ipsec", "optional"), 0);
	options_for(false, "a", &t);
	assert_false(t.optional);
	options_for(false, "b", &t);
	assert_true(t.optional);
	assert_false(options_strict());
}

static void the_guard_is_raised_with_its_exceptions(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "clear peers", "192.0.2.0/24, 198.51.100.7"), 0);
	assert_int_equal(stub_start(), 0);
	assert_true(kernel.fence);
	assert_true(kernel.guard);
	assert_int_equal(kernel.guard_config.port, 1701);
	assert_int_equal(kernel.guard_config.n_networks, 2);
}

static void no_guard_where_it_is_not_wanted(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "guard", "no"), 0);
	assert_int_equal(stub_start(), 0);
	assert_false(kernel.guard);
}

static void no_guard_where_a_section_is_optional(void **state)
{
	(void)state;
	assert_int_equal(stub_option("lns open", "ipsec", "optional"), 0);
	assert_int_equal(stub_start(), 0);
	assert_false(kernel.guard);
	assert_true(stub_logged("no guard policies"));
}

static void a_guard_that_fails_stops_xl2tpd(void **state)
{
	(void)state;
	kernel.guard_error = -EEXIST;
	assert_int_equal(stub_start(), -1);
	assert_non_null(strstr(host.error, "the stub's policy"));
}

static void a_fence_that_fails_stops_xl2tpd(void **state)
{
	(void)state;
	kernel.fence_error = -EPERM;
	assert_int_equal(stub_start(), -1);
	assert_non_null(strstr(host.error, "CAP_NET_ADMIN"));
}

static void the_listening_socket_demands_esp(void **state)
{
	(void)state;
	assert_int_equal(stub_start(), 0);
	assert_int_equal(xl2tpd_plugin.socket(7, NULL), 0);
	assert_int_equal(kernel.demands, 1);
	assert_int_equal(kernel.sock_mark, 0x40000000);
}

static void the_listening_socket_is_open_where_clear_peers_may_come(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "clear peers", "192.0.2.0/24"), 0);
	assert_int_equal(stub_start(), 0);
	assert_int_equal(xl2tpd_plugin.socket(7, NULL), 0);
	assert_int_equal(kernel.demands, 0);
	assert_int_equal(kernel.sock_mark, 0);
}

static void any_mode_leaves_the_inbound_side_to_the_guard(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "mode", "any"), 0);
	assert_int_equal(stub_start(), 0);
	assert_int_equal(xl2tpd_plugin.socket(7, NULL), 0);
	assert_int_equal(kernel.demands, 0);
	assert_int_equal(kernel.sock_mark, 0x40000000);
}

static void a_socket_that_cannot_be_bound_is_not_used(void **state)
{
	(void)state;
	kernel.policy_error = -EPERM;
	assert_int_equal(stub_start(), 0);
	assert_int_not_equal(xl2tpd_plugin.socket(7, NULL), 0);
	assert_true(stub_logged("pin-failed"));
}

static void the_log_is_limited_per_address(void **state)
{
	struct sabus_addr a, b;
	unsigned int left;
	int lines = 0;

	(void)state;
	sabus_addr_parse(&a, "192.0.2.1");
	sabus_addr_parse(&b, "192.0.2.2");
	for (int i = 0; i < 1000; i++)
		lines += limit_allows(LIMIT_REFUSALS, &a, 1000, &left);
	assert_int_equal(lines, LIMIT_BURST);
	assert_true(limit_allows(LIMIT_REFUSALS, &b, 1000, &left));
	assert_false(limit_allows(LIMIT_REFUSALS, &a, 1000 + LIMIT_PAUSE_MS - 1, &left));
	assert_true(limit_allows(LIMIT_REFUSALS, &a, 1000 + LIMIT_PAUSE_MS, &left));
	assert_int_equal(left, 1000 - LIMIT_BURST + 1);
}

static void the_log_is_limited_for_all_addresses(void **state)
{
	struct sabus_addr a;
	unsigned int left;
	int lines = 0;

	(void)state;
	sabus_addr_parse(&a, "10.0.0.0");
	for (int i = 0; i < 5000; i++) {
		a.b[2] = (uint8_t)(i / 256);
		a.b[3] = (uint8_t)(i % 256);
		lines += limit_allows(LIMIT_REFUSALS, &a, 100000, &left);
	}
	assert_int_equal(lines, LIMIT_ALL);
	assert_true(limit_allows(LIMIT_REFUSALS, &a, 100000 + LIMIT_PAUSE_MS, &left));
}

/* Tunnels that come and go have a bucket of their own: neither uses up the other's. */
static void lives_are_limited_apart(void **state)
{
	struct sabus_addr a;
	unsigned int left;
	int lines = 0;

	(void)state;
	sabus_addr_parse(&a, "192.0.2.1");
	for (int i = 0; i < 5000; i++)
		lines += limit_allows(LIMIT_LIVES, &a, 200000, &left);
	assert_int_equal(lines, LIMIT_LIFE_BURST);
	assert_true(limit_allows(LIMIT_REFUSALS, &a, 200000, &left));
	assert_int_equal(left, 0);
	assert_true(limit_allows(LIMIT_LIVES, &a, 200000 + LIMIT_LIFE_MS, &left));
	assert_int_equal(left, 5000 - LIMIT_LIFE_BURST);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stub_setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bad_values_are_refused),
		TEST(the_value_is_named),
		TEST(good_values_are_taken),
		TEST(a_section_overrides_global_in_any_order),
		TEST(the_guard_is_raised_with_its_exceptions),
		TEST(no_guard_where_it_is_not_wanted),
		TEST(no_guard_where_a_section_is_optional),
		TEST(a_guard_that_fails_stops_xl2tpd),
		TEST(a_fence_that_fails_stops_xl2tpd),
		TEST(the_listening_socket_demands_esp),
		TEST(the_listening_socket_is_open_where_clear_peers_may_come),
		TEST(any_mode_leaves_the_inbound_side_to_the_guard),
		TEST(a_socket_that_cannot_be_bound_is_not_used),
		TEST(the_log_is_limited_per_address),
		TEST(the_log_is_limited_for_all_addresses),
		TEST(lives_are_limited_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
