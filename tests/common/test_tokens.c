/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_tokens.c - so many lines at once, then one in a while, and each that was left out is counted once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tokens.h"

static void burst_then_one_in_a_while(void **state)
{
	struct tokens t = { .burst = 5, .pause_ms = 100 };
	unsigned int suppressed, lines = 0;

	(void)state;
	for (int i = 0; i < 50; i++)
		lines += tokens_take(&t, 7000, &suppressed);
	assert_int_equal(lines, 5);
	assert_false(tokens_take(&t, 7099, &suppressed));
	assert_true(tokens_take(&t, 7100, &suppressed));
	assert_int_equal(suppressed, 46);
	assert_false(tokens_take(&t, 7199, &suppressed));
	assert_true(tokens_take(&t, 7250, &suppressed)); /* the 50 ms are not lost */
	assert_int_equal(suppressed, 1);
	assert_true(tokens_take(&t, 7300, &suppressed));
	assert_int_equal(suppressed, 0);
}

static void a_long_pause_saves_no_more_than_a_burst(void **state)
{
	struct tokens t = { .burst = 5, .pause_ms = 100 };
	unsigned int suppressed, lines = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		tokens_take(&t, 0, &suppressed);
	for (int i = 0; i < 50; i++)
		lines += tokens_take(&t, INT64_C(1) << 50, &suppressed);
	assert_int_equal(lines, 5);
}

static void a_line_that_was_not_written_after_all(void **state)
{
	struct tokens t = { .burst = 1, .pause_ms = 1000 };
	unsigned int suppressed;

	(void)state;
	assert_true(tokens_take(&t, 0, &suppressed));
	assert_false(tokens_take(&t, 0, &suppressed));
	assert_true(tokens_take(&t, 1000, &suppressed));
	assert_int_equal(suppressed, 1);
	tokens_return(&t, suppressed);
	assert_true(tokens_take(&t, 1000, &suppressed));
	assert_int_equal(suppressed, 2);
}

/* Whatever the times: never more than burst + elapsed / pause, and written + suppressed is all. */
static void any_times(void **state)
{
	(void)state;
	srand(2);
	for (int round = 0; round < 300; round++) {
		struct tokens t = { .burst = 1 + (unsigned int)rand() % 20, .pause_ms = 1 + (unsigned int)rand() % 500 };
		int64_t start = rand(), now = start;
		unsigned int suppressed, told = 0, lines = 0, tries = 1 + (unsigned int)rand() % 2000;

		for (unsigned int i = 0; i < tries; i++) {
			now += rand() % 3 ? 0 : rand() % 300;
			if (!tokens_take(&t, now, &suppressed))
				continue;
			lines++;
			told += suppressed;
		}
		assert_true(lines <= t.burst + (now - start) / t.pause_ms);
		assert_true(lines >= (tries < t.burst ? tries : t.burst));
		assert_int_equal(lines + told + t.suppressed, tries);
	}
}

static void no_limit(void **state)
{
	struct tokens t = { .burst = 0 };
	unsigned int suppressed;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(tokens_take(&t, 0, &suppressed) && suppressed == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_then_one_in_a_while),
		cmocka_unit_test(a_long_pause_saves_no_more_than_a_burst),
		cmocka_unit_test(a_line_that_was_not_written_after_all),
		cmocka_unit_test(any_times),
		cmocka_unit_test(no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
