// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process.c with helpers that are as they should be, that are not there, that end and that are silent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../plugins/radius/process.h"
#include "../../plugins/radius/rfc.h"

static struct process p;
static struct settings set;
static struct worker_list request, reply;
static char script[64];

static struct {
	int n;
	enum worker_op op;
	enum worker_result r;
	char text[512];
} told;

static void done(enum worker_op op, uint32_t id, enum worker_result r, uint32_t ms, const char *server, const char *text)
{
	(void)id;
	(void)ms;
	(void)server;
	told.n++;
	told.op = op;
	told.r = r;
	snprintf(told.text, sizeof(told.text), "%s", text);
}

static int setup(void **state)
{
	const char *top = getenv("top_builddir");

	(void)state;
	memset(&p, 0, sizeof(p));
	memset(&told, 0, sizeof(told));
	p.fd = -1;
	p.done = done;
	memset(&set, 0, sizeof(set));
	snprintf(set.client, sizeof(set.client), "%s/plugins/radius/client/sabus-radius-client", top ? top : ".");
	snprintf(set.config_file, sizeof(set.config_file), "/nowhere/radiusclient.conf");
	worker_list_init(&request);
	worker_put_text(&request, 0, RA_USER_NAME, "alice");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	process_end(&p);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* pppd has no child of ours */
	if (script[0])
		unlink(script);
	script[0] = '\0';
	return 0;
}

/* A helper of our own making: the text of a shell script. */
static void helper_is(const char *text)
{
	FILE *f;

	snprintf(script, sizeof(script), "/tmp/sabus-test-process-%d", (int)getpid());
	f = fopen(script, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", text);
	fclose(f);
	assert_int_equal(chmod(script, 0700), 0);
	snprintf(set.client, sizeof(set.client), "%s", script);
}

static enum worker_result ask(int ms, char text[400])
{
	uint32_t took;

	return process_auth(&p, &request, ms, &reply, &took, text, 400);
}

/* One that cannot be configured says so, and goes on to. */
static void test_real(void **state)
{
	char text[400];

	(void)state;
	assert_int_equal(process_start(&p, &set), 0);
	assert_int_equal(process_start(&p, &set), 0); /* it runs */
	assert_int_equal(ask(5000, text), WORKER_CONFIG);
	assert_non_null(strstr(text, "/nowhere/radiusclient.conf"));
	assert_int_equal(told.n, 1);
	assert_int_equal(told.op, WORKER_OP_READY);
	assert_int_equal(told.r, WORKER_CONFIG);
	assert_int_equal(ask(5000, text), WORKER_CONFIG);
	assert_int_not_equal(process_acct(&p, RV_ACCT_STOP, &request), 0);
	for (int i = 0; i < 500 && told.n < 2; i++) {
		usleep(10000);
		process_poll(&p);
	}
	assert_int_equal(told.op, WORKER_OP_ACCT_DONE);
	assert_int_equal(told.r, WORKER_BAD);
	assert_true(process_keep(&p, &request, 1));
}

static void test_not_there(void **state)
{
	char text[400];

	(void)state;
	snprintf(set.client, sizeof(set.client), "/nowhere/client");
	assert_int_equal(process_start(&p, &set), -ENOENT);
	assert_int_equal(p.fd, -1);
	assert_int_not_equal(ask(3000, text), WORKER_OK);
	assert_non_null(strstr(text, "sabus-radius-client"));
	assert_int_equal(process_acct(&p, RV_ACCT_STOP, &request), 0);
	assert_false(process_keep(&p, &request, 1));
	/* the next start tries again */
	setup(state);
	assert_int_equal(process_start(&p, &set), 0);
	assert_int_equal(ask(5000, text), WORKER_CONFIG);
}

static void test_ends_while_it_works(void **state)
{
	char text[400];

	(void)state;
	helper_is("sleep 0.3");
	assert_int_equal(process_start(&p, &set), 0);
	assert_int_equal(ask(5000, text), WORKER_BAD);
	assert_non_null(strstr(text, "ended"));
	assert_int_equal(p.fd, -1);
}

static void test_silent(void **state)
{
	struct timespec a, b;
	char text[400];

	(void)state;
	helper_is("sleep 4");
	assert_int_equal(process_start(&p, &set), 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(ask(300, text), WORKER_DOWN);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_in_range(b.tv_sec - a.tv_sec, 1, 3);
	assert_non_null(strstr(text, "silent"));
}

/* Octets that are no message end it: an answer could be anything. */
static void test_nonsense(void **state)
{
	char text[400];

	(void)state;
	helper_is("echo nonsense >&0; sleep 1");
	assert_int_equal(process_start(&p, &set), 0);
	assert_int_equal(ask(2000, text), WORKER_BAD);
}

static void test_request_too_long(void **state)
{
	static uint8_t big[WORKER_VALUE_MAX];
	char text[400];

	(void)state;
	while (!worker_put(&request, 0, 1, big, sizeof(big)))
		;
	assert_int_equal(process_start(&p, &set), 0);
	assert_int_equal(ask(1000, text), WORKER_DOWN);
}

static int run(const char *text, int ms)
{
	char *argv[] = { script, (char *)"an argument", NULL };

	helper_is(text);
	return process_run(argv, ms);
}

static void test_run(void **state)
{
	struct timespec a, b;

	(void)state;
	assert_int_equal(run("exit 0", 3000), 0);
	assert_int_equal(run("test \"$1\" = 'an argument' && exit 7", 3000), 7);
	assert_int_not_equal(run("kill -9 $$", 3000), 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(run("sleep 3", 300), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_in_range(b.tv_sec - a.tv_sec, 0, 2);
	assert_int_not_equal(process_run((char *[]){ (char *)"/nowhere/program", NULL }, 3000), 0);
}

/* One that ended between two messages is started anew. */
static void test_started_anew(void **state)
{
	char text[400];

	(void)state;
	/* not before it has read CONFIG: a send to nobody is another case */
	helper_is("dd bs=65536 count=1 of=/dev/null 2>/dev/null");
	assert_int_equal(process_start(&p, &set), 0);
	assert_int_equal(poll(&(struct pollfd){ .fd = p.fd, .events = POLLIN }, 1, 10000), 1); /* its end */
	snprintf(set.client, sizeof(set.client), "%s/plugins/radius/client/sabus-radius-client",
		 getenv("top_builddir") ? getenv("top_builddir") : ".");
	assert_int_equal(process_start(&p, &set), 0);
	assert_int_equal(ask(5000, text), WORKER_CONFIG);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = { T(test_real),   T(test_not_there),	T(test_ends_while_it_works),
						   T(test_silent), T(test_nonsense),	T(test_request_too_long),
						   T(test_run),	   T(test_started_anew) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
