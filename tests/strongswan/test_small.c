/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_small.c - options, hook times and the ABI guard's answers in a process that is no charon. */
#include <string.h>
#include "abi.h"
#include "fixture.h"
#include "hooktime.h"
#include "options.h"

static void reconnect_values(void **state)
{
	static const struct {
		const char *text;
		unsigned ms; /* 0 = refused */
	} cases[] = {
		{ NULL, 1000 },
		{ "1s", 1000 },
		{ "2", 2000 },
		{ "100ms", 100 },
		{ "60s", 60000 },
		{ "60000ms", 60000 },
		{ "99ms", 0 },
		{ "0", 0 },
		{ "61", 0 },
		{ "60001ms", 0 },
		{ "", 0 },
		{ "fast", 0 },
		{ "-1", 0 },
		{ "1m", 0 },
		{ "1 s", 0 },
		{ " 1s", 0 },
		{ "1.5s", 0 },
		{ "99999999999999999999ms", 0 },
		{ "18446744073709551616", 0 },
	};
	struct options o;
	char why[200];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool ok = options_set_reconnect(&o, cases[i].text, why, sizeof(why));

		if (ok != (cases[i].ms != 0) || (ok && o.reconnect_ms != cases[i].ms))
			fail_msg("'%s'", cases[i].text ? cases[i].text : "(not set)");
		if (!ok)
			assert_true(strstr(why, "reconnect = '") && strstr(why, cases[i].text) && strstr(why, "100ms to 60s"));
	}
}

static void socket_values(void **state)
{
	struct options o;
	char why[200], path[200];

	(void)state;
	assert_true(options_set_socket(&o, NULL, why, sizeof(why)));
	assert_string_equal(o.socket, "/run/sabus/sa.sock");
	assert_true(options_set_socket(&o, "/tmp/x", why, sizeof(why)));
	assert_false(options_set_socket(&o, "", why, sizeof(why)));
	assert_false(options_set_socket(&o, "sa.sock", why, sizeof(why)));
	assert_non_null(strstr(why, "socket = 'sa.sock'"));
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[107] = '\0';
	assert_true(options_set_socket(&o, path, why, sizeof(why)));
	path[107] = 'x';
	path[108] = '\0';
	assert_false(options_set_socket(&o, path, why, sizeof(why)));
	assert_non_null(strstr(why, "at most 107 bytes"));
}

static void hook_times(void **state)
{
	static struct hooktime h;
	struct logline ln;

	(void)state;
	logline_begin(&ln, "sabus");
	hooktime_report(&h, &ln);
	assert_string_equal(ln.text, "sabus: hooks count=0 p50-ns=0 p99-ns=0 p999-ns=0 max-ns=0");
	for (int i = 0; i < 999; i++)
		hooktime_count(&h, 900);
	hooktime_count(&h, 5000000); /* one of 5 ms among a thousand: the maximum, not the p99.9 */
	logline_begin(&ln, "sabus");
	hooktime_report(&h, &ln);
	assert_string_equal(ln.text, "sabus: hooks count=1000 p50-ns=1000 p99-ns=1000 p999-ns=1000 max-ns=5000000");
	hooktime_count(&h, 5000000);
	logline_begin(&ln, "sabus");
	hooktime_report(&h, &ln);
	assert_string_equal(ln.text, "sabus: hooks count=1001 p50-ns=1000 p99-ns=1000 p999-ns=5000000 max-ns=5000000");
}

static void guard_refuses_another_program(void **state)
{
	const char *remedy = "";
	char why[300];

	(void)state;
	assert_false(sabus_abi_check("6.0.1", false, why, sizeof(why), &remedy));
	assert_non_null(strstr(why, "built for strongSwan 6.0.1"));
	assert_non_null(strstr(remedy, "strongswan-headers"));
	remedy = "";
	assert_false(sabus_abi_check("6.0.1", true, why, sizeof(why), &remedy));
	assert_non_null(strstr(remedy, "strongswan-headers"));
	assert_non_null(strstr(why, "built with mediation, this libcharon is built without it"));
	assert_null(strchr(why, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reconnect_values),
		cmocka_unit_test(socket_values),
		cmocka_unit_test(hook_times),
		cmocka_unit_test(guard_refuses_another_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
