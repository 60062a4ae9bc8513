/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_dynauth_log.c - sabus-dynauth's log.c: where a line goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <cmocka.h>
#include "daemon_log.h"
#include "journal.h"
#include "log.h"

static void say(const char *name)
{
	dyn_log(DYN_LOG_OWN, LOG_WARNING, "answer name=\"%s\"", name);
}

static void where_it_goes(void **state)
{
	(void)state;
	daemon_log_test(say, "sabus-dynauth", JOURNAL_SOCKET);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(where_it_goes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
