/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_sabusd_log.c - sabusd's log.c: where a line goes, and that clients cannot write as many as they like. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon_log.h"
#include "journal.h"
#include "log.h"

static time_t now = 1000;

int clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	*ts = (struct timespec){ .tv_sec = now };
	return 0;
}

static void say(const char *name)
{
	errno = ENOENT;
	log_line(LOG_WARNING, "client-closed name=\"%s\" text=\"%m\"", name);
}

static void where_it_goes(void **state)
{
	(void)state;
	daemon_log_test(say, "sabusd", JOURNAL_SOCKET);
}

static int count(const char *text, const char *part)
{
	int n = 0;

	for (const char *p = strstr(text, part); p; p = strstr(p + 1, part))
		n++;
	return n;
}

static void limited(void **state)
{
	static char text[65536];
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);

	(void)state;
	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	for (int i = 0; i < 1000; i++)
		log_limited(LOG_WARNING, "client-refused pid=%d", i);
	log_line(LOG_INFO, "publisher-up name=\"%s\"", "charon");
	now += 1;
	for (int i = 0; i < 10; i++)
		log_limited(LOG_WARNING, "client-refused pid=%d", 1000 + i);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = 0;
	fclose(file);
	assert_int_equal(count(text, "sabus: client-refused"), 32 + 4);
	assert_int_equal(count(text, "sabus: publisher-up"), 1); /* what happens to sabusd itself is never left out */
	assert_int_equal(count(text, "sabus: log-limited suppressed=968\n"), 1);
	assert_int_equal(count(text, "log-limited"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(where_it_goes), cmocka_unit_test(limited) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
