/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_logline.c - what is written, that no value gets out of its place, and that a line can be taken apart again. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "logfacts.h"
#include "logline.h"

static void conversions(void **state)
{
	struct logline ln;
	unsigned short port = 1701;

	(void)state;
	logline_begin(&ln, "sabus");
	logline_add(&ln, "close reason=%s", "no-sa");
	logline_add(&ln, " a=%u b=%d c=%08x d=0x%x e=%zu f=%lu g=%llu h=%hu i=%lld", UINT_MAX, INT_MIN, 0xbeefu, 42u, SIZE_MAX, ULONG_MAX,
		    ULLONG_MAX, port, LLONG_MIN);
	assert_string_equal(ln.text, "sabus: close reason=no-sa a=4294967295 b=-2147483648 c=0000beef d=0x2a e=18446744073709551615 "
				     "f=18446744073709551615 g=18446744073709551615 h=1701 i=-9223372036854775808");
	logline_begin(&ln, "sabus");
	errno = ENOENT;
	logline_add(&ln, "e text=\"%m\" a=%.3s b=%.*s c=%s{%u}", "abcdef", 2, "xyz", "l2tp", 3u);
	assert_string_equal(ln.text, "sabus: e text=\"No such file or directory\" a=abc b=xy c=l2tp{3}");
}

static void what_is_escaped(void **state)
{
	struct logline ln;

	(void)state;
	logline_begin(&ln, "sabus");
	logline_add(&ln, "e a=%s b=\"%s\"", "x y=z", "x y=z");
	assert_string_equal(ln.text, "sabus: e a=x\\x20y=z b=\"x y=z\"");
	logline_begin(&ln, "sabus");
	logline_add(&ln, "e a=\"%s\"", "q\" b\\ n\n r\r e\x1b d\x7f u\xc3\xbc 100% %s");
	assert_string_equal(ln.text, "sabus: e a=\"q\\x22 b\\x5c n\\x0a r\\x0d e\\x1b d\\x7f u\\xc3\\xbc 100% %s\"");
}

static void facts(void **state)
{
	struct sabus_endpoint e = { .port = 1701 };
	struct logline ln;

	(void)state;
	logline_begin(&ln, "sabus");
	logline_add(&ln, "e");
	sabus_addr_parse(&e.addr, "10.9.0.2");
	logfacts_endpoint(&ln, "peer", &e);
	sabus_addr_parse(&e.addr, "2001:db8::2");
	logfacts_endpoint(&ln, "local", &e);
	logfacts_sa(&ln, NULL);
	assert_string_equal(ln.text, "sabus: e peer=10.9.0.2:1701 local=[2001:db8::2]:1701 sa=none");
}

static void expect(const char **rest, const char *key, const char *value, size_t len)
{
	char out[LOGLINE_MAX];
	struct logline_field f;

	assert_true(logline_next(rest, &f));
	assert_int_equal(f.key_len, strlen(key));
	assert_memory_equal(f.key, key, f.key_len);
	assert_int_equal(logline_value(&f, out), len);
	assert_memory_equal(out, value, len);
}

static void taken_apart(void **state)
{
	const char *event, *rest;
	struct logline_field f;
	struct logline ln;
	size_t len;

	(void)state;
	logline_begin(&ln, "sabus-radius");
	logline_add(&ln, "auth result=%s user=\"%s\" empty=%s none=\"%s\" last=%u", "ok", "a \"b\" c=d", "", "", 9u);
	event = logline_event(ln.text, &len, &rest);
	assert_int_equal(len, 4);
	assert_memory_equal(event, "auth", 4);
	expect(&rest, "result", "ok", 2);
	expect(&rest, "user", "a \"b\" c=d", 9);
	expect(&rest, "empty", "", 0);
	expect(&rest, "none", "", 0);
	expect(&rest, "last", "9", 1);
	assert_false(logline_next(&rest, &f));
}

static char any_byte(void)
{
	static const char nasty[] = "\n\r\" \\=x%{}\t\x1b\x7f\x80";

	return (char)(rand() % 2 ? nasty[rand() % (int)(sizeof(nasty) - 1)] : 1 + rand() % 255);
}

static void any_text(char *out, size_t max)
{
	size_t n = (size_t)rand() % max;

	for (size_t i = 0; i < n; i++)
		out[i] = any_byte();
	out[n] = 0;
}

static void assert_printable(const struct logline *ln)
{
	assert_true(ln->len < LOGLINE_MAX);
	assert_int_equal(strlen(ln->text), ln->len);
	for (size_t i = 0; i < ln->len; i++)
		assert_true(ln->text[i] >= ' ' && ln->text[i] <= '~');
}

/* The keys are the template's and the values the arguments', whatever these hold. */
static void no_value_forges_anything(void **state)
{
	char a[200], b[200], c[200];

	(void)state;
	srand(3);
	for (int round = 0; round < 20000; round++) {
		const char *rest;
		struct logline_field f;
		struct logline ln;
		size_t len;

		any_text(a, 70);
		any_text(b, 70);
		any_text(c, 70);
		logline_begin(&ln, "sabus");
		logline_add(&ln, "event user=\"%s\" name=%s", a, b);
		logline_add(&ln, " both=\"%s\" pid=%u", c, 7u);
		assert_printable(&ln);
		assert_false(ln.full);
		logline_event(ln.text, &len, &rest);
		assert_int_equal(len, 5);
		expect(&rest, "user", a, strlen(a));
		expect(&rest, "name", b, strlen(b));
		expect(&rest, "both", c, strlen(c));
		expect(&rest, "pid", "7", 1);
		assert_false(logline_next(&rest, &f));
	}
}

/* Cut anywhere: what is there is whole, in order, and the last quoted value at most is a beginning of what was given. */
static void a_cut_line_is_a_line(void **state)
{
	char a[LOGLINE_MAX + 200], b[LOGLINE_MAX + 200], out[LOGLINE_MAX];

	(void)state;
	srand(4);
	for (int round = 0; round < 20000; round++) {
		const char *rest;
		struct logline_field f;
		struct logline ln;
		size_t len, n;

		any_text(a, sizeof(a));
		any_text(b, sizeof(b));
		logline_begin(&ln, "sabus");
		logline_add(&ln, rand() % 2 ? "event user=\"%s\"" : "event user=%s", a);
		logline_add(&ln, " text=\"%s\" remedy=\"%s\" exit=%d", b, "do it", 100);
		assert_printable(&ln);
		logline_event(ln.text, &len, &rest);
		if (!logline_next(&rest, &f)) { /* user= did not fit whole */
			assert_string_equal(ln.text, "sabus: event");
			continue;
		}
		n = logline_value(&f, out);
		assert_memory_equal(f.key, "user=", 5);
		assert_memory_equal(out, a, n);
		if (!logline_next(&rest, &f))
			continue;
		assert_int_equal(n, strlen(a));
		assert_memory_equal(f.key, "text=", 5);
		n = logline_value(&f, out);
		assert_memory_equal(out, b, n);
		if (!logline_next(&rest, &f))
			continue;
		assert_int_equal(n, strlen(b));
		assert_memory_equal(f.key, "remedy=", 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversions), cmocka_unit_test(what_is_escaped),	   cmocka_unit_test(facts),
		cmocka_unit_test(taken_apart), cmocka_unit_test(no_value_forges_anything), cmocka_unit_test(a_cut_line_is_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
