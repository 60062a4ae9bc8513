/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_publisher.c - the publisher against a broker that is absent, late, slow, stopped, rude or restarted.
 *
 * Witnesses: what arrives at the broker, the log lines, and the clock (hooks must not wait).
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "broker_stub.h"
#include "publisher.h"

#define RETRY_MS 20
#define ENOUGH	 3000 /* SAs: more than any socket buffer takes */

struct bench {
	struct stub broker;
	struct publisher *publisher;
	pthread_t thread;
	pthread_mutex_t mutex;
	char lines[64][LOGLINE_MAX];
	size_t n_lines;
};

static void take_line(void *data, int prio, const struct logline *line)
{
	struct bench *b = data;

	(void)prio;
	pthread_mutex_lock(&b->mutex);
	if (b->n_lines < COUNT(b->lines))
		snprintf(b->lines[b->n_lines], sizeof(b->lines[0]), "%s", line->text);
	b->n_lines++;
	pthread_mutex_unlock(&b->mutex);
}

static size_t lines_with(struct bench *b, const char *part)
{
	size_t n = 0;

	pthread_mutex_lock(&b->mutex);
	for (size_t i = 0; i < b->n_lines && i < COUNT(b->lines); i++)
		n += strstr(b->lines[i], part) != NULL;
	pthread_mutex_unlock(&b->mutex);
	return n;
}

static size_t all_lines(struct bench *b)
{
	return lines_with(b, "");
}

static void wait_line(struct bench *b, const char *part)
{
	for (int i = 0; i < 1000 && !lines_with(b, part); i++)
		usleep(10000);
	if (!lines_with(b, part))
		fail_msg("no line with '%s'", part);
}

static void *run(void *publisher)
{
	publisher_run(publisher);
	return NULL;
}

static struct bench *begin(bool listening)
{
	struct bench *b = test_calloc(1, sizeof(*b));
	struct publisher_config config = { .name = "test", .retry_ms = RETRY_MS, .epoch = 42, .log = take_line, .data = b };

	pthread_mutex_init(&b->mutex, NULL);
	stub_init(&b->broker);
	if (listening)
		stub_listen(&b->broker);
	config.path = b->broker.path;
	assert_int_equal(publisher_new(&b->publisher, &config), 0);
	assert_int_equal(pthread_create(&b->thread, NULL, run, b->publisher), 0);
	return b;
}

static void end(struct bench *b)
{
	publisher_stop(b->publisher);
	assert_int_equal(pthread_join(b->thread, NULL), 0);
	publisher_free(b->publisher);
	stub_end(&b->broker);
	pthread_mutex_destroy(&b->mutex);
	test_free(b);
}

static void put(struct bench *b, uint32_t id, enum sabus_sa_state state)
{
	struct sabus_sa sa = fix_sa();

	sa.id = id;
	sa.state = state;
	assert_int_equal(publisher_put(b->publisher, &sa), 0);
}

/* Puts ids first..first+n-1 and returns the longest single call in ms. */
static double put_many(struct bench *b, uint32_t first, uint32_t n)
{
	struct timespec from, to;
	double longest = 0;

	for (uint32_t i = 0; i < n; i++) {
		double ms;

		clock_gettime(CLOCK_MONOTONIC, &from);
		put(b, first + i, SABUS_SA_INSTALLED);
		clock_gettime(CLOCK_MONOTONIC, &to);
		ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
		longest = ms > longest ? ms : longest;
	}
	return longest;
}

static void sync_is_empty_then_events_flow(void **state)
{
	struct bench *b = begin(true);
	struct stub_msg m;

	(void)state;
	assert_int_equal(stub_take_sync(&b->broker, NULL, 0), 0);
	wait_line(b, "connected to sabusd");
	put(b, 5, SABUS_SA_PENDING);
	m = stub_expect(&b->broker, SABUS_MSG_SA_PUT);
	assert_int_equal(m.sa.id, 5);
	assert_int_equal(m.sa.state, SABUS_SA_PENDING);
	put(b, 5, SABUS_SA_INSTALLED);
	assert_int_equal(stub_expect(&b->broker, SABUS_MSG_SA_PUT).sa.state, SABUS_SA_INSTALLED);
	put(b, 5, SABUS_SA_INSTALLED); /* nothing new: nothing sent */
	assert_true(publisher_del(b->publisher, 5, SABUS_CAUSE_EXPIRED));
	m = stub_expect(&b->broker, SABUS_MSG_SA_DEL);
	assert_int_equal(m.sa_id, 5);
	assert_int_equal(m.cause, SABUS_CAUSE_EXPIRED);
	assert_false(publisher_del(b->publisher, 5, SABUS_CAUSE_DELETED));
	assert_false(stub_read(&b->broker, &m, 50));
	assert_int_equal(all_lines(b), 1);
	end(b);
}

static void send_is_done_when_put_returns(void **state)
{
	struct bench *b = begin(true);
	struct stub_msg m;

	(void)state;
	stub_take_sync(&b->broker, NULL, 0);
	wait_line(b, "connected");
	put(b, 9, SABUS_SA_INSTALLED);
	assert_true(stub_read(&b->broker, &m, 0)); /* no waiting: it must be there */
	assert_int_equal(m.sa_id, 9);
	end(b);
}

static void late_broker_gets_everything(void **state)
{
	struct bench *b = begin(false);
	uint32_t ids[4];

	(void)state;
	wait_line(b, "no sabusd");
	put(b, 1, SABUS_SA_INSTALLED);
	put(b, 2, SABUS_SA_INSTALLED);
	put(b, 3, SABUS_SA_INSTALLED);
	publisher_del(b->publisher, 2, SABUS_CAUSE_DELETED);
	usleep(10 * RETRY_MS * 1000);
	assert_int_equal(all_lines(b), 1); /* many attempts, one line */
	stub_listen(&b->broker);
	assert_int_equal(stub_take_sync(&b->broker, ids, COUNT(ids)), 2);
	assert_int_equal(ids[0], 1);
	assert_int_equal(ids[1], 3);
	wait_line(b, "sas=2 ");
	assert_int_equal(all_lines(b), 2);
	end(b);
}

static void restarted_broker_gets_everything_again(void **state)
{
	struct bench *b = begin(true);
	uint32_t ids[4];

	(void)state;
	stub_take_sync(&b->broker, NULL, 0);
	wait_line(b, "connected");
	put(b, 1, SABUS_SA_INSTALLED);
	stub_unlisten(&b->broker);
	stub_close(&b->broker);
	wait_line(b, "lost"); /* also when no hook fires */
	put(b, 2, SABUS_SA_INSTALLED);
	publisher_del(b->publisher, 1, SABUS_CAUSE_DELETED);
	stub_listen(&b->broker);
	assert_int_equal(stub_take_sync(&b->broker, ids, COUNT(ids)), 1);
	assert_int_equal(ids[0], 2);
	end(b);
}

static void failure_of_ike_is_told_now_or_never(void **state)
{
	const struct sabus_flow flow = { .remote = { .port = 500 } };
	struct bench *b = begin(true);
	struct stub_msg m;

	(void)state;
	stub_take_sync(&b->broker, NULL, 0);
	wait_line(b, "connected");
	publisher_ike_failed(b->publisher, &flow, SABUS_IKEFAIL_PEER_AUTH);
	assert_int_equal(stub_expect(&b->broker, SABUS_MSG_IKE_FAILED).ike_failure, SABUS_IKEFAIL_PEER_AUTH);
	stub_unlisten(&b->broker);
	stub_close(&b->broker);
	wait_line(b, "lost");
	publisher_ike_failed(b->publisher, &flow, SABUS_IKEFAIL_SILENT);
	b->broker.old = true;
	stub_listen(&b->broker);
	assert_int_equal(stub_take_sync(&b->broker, NULL, 0), 0);
	publisher_ike_failed(b->publisher, &flow, SABUS_IKEFAIL_SILENT); /* an older sabusd would close */
	put(b, 1, SABUS_SA_INSTALLED);
	assert_true(stub_read(&b->broker, &m, 20000));
	assert_int_equal(m.type, SABUS_MSG_SA_PUT);
	end(b);
}

static void failures_of_ike_cut_no_connection(void **state)
{
	const struct sabus_flow flow = { .remote = { .port = 500 } };
	struct bench *b = begin(true);
	struct stub_msg m;
	unsigned n = 0;

	(void)state;
	stub_take_sync(&b->broker, NULL, 0);
	wait_line(b, "connected");
	for (int i = 0; i < ENOUGH * 10; i++) /* nobody reads */
		publisher_ike_failed(b->publisher, &flow, SABUS_IKEFAIL_PEER_AUTH);
	while (stub_read(&b->broker, &m, 200))
		n += m.type == SABUS_MSG_IKE_FAILED;
	assert_in_range(n, 1, ENOUGH * 10 - 1);
	assert_false(stub_ended(&b->broker));
	put(b, 1, SABUS_SA_INSTALLED);
	stub_expect(&b->broker, SABUS_MSG_SA_PUT);
	end(b);
}

static void stopped_broker_costs_one_line_and_no_time(void **state)
{
	struct bench *b = begin(true);
	struct stub_msg m;
	double longest;
	size_t n = 0;

	(void)state;
	stub_take_sync(&b->broker, NULL, 0);
	wait_line(b, "connected");
	longest = put_many(b, 1, ENOUGH);
	wait_line(b, "does not read");
	if (longest > 250)
		fail_msg("a hook waited %.1f ms", longest);
	usleep(10 * RETRY_MS * 1000); /* it reconnects meanwhile, and waits for HELLO without a word */
	put_many(b, ENOUGH + 1, 10);
	assert_int_equal(all_lines(b), 2);
	while (stub_read(&b->broker, &m, 0)) /* what had room is there, then the stream ends */
		n++;
	assert_true(n > 0 && n < ENOUGH);
	assert_int_equal(stub_take_sync(&b->broker, NULL, 0), ENOUGH + 10);
	wait_line(b, "sas=3010 ");
	end(b);
}

static void slow_sync_survives_changes(void **state)
{
	struct bench *b = begin(false);
	bool there[ENOUGH + 2] = { false };
	struct stub_msg m;

	(void)state;
	put_many(b, 1, ENOUGH);
	stub_listen(&b->broker);
	stub_accept(&b->broker);
	stub_hello(&b->broker);
	usleep(100000);						  /* its socket fills */
	publisher_del(b->publisher, 1, SABUS_CAUSE_DELETED);	  /* was sent */
	publisher_del(b->publisher, ENOUGH, SABUS_CAUSE_DELETED); /* was not */
	put(b, ENOUGH + 1, SABUS_SA_INSTALLED);
	stub_expect(&b->broker, SABUS_MSG_SYNC_BEGIN);
	while (stub_read(&b->broker, &m, 10000) && m.type != SABUS_MSG_SYNC_END) {
		assert_in_range(m.sa_id, 1, ENOUGH + 1);
		there[m.sa_id] = m.type == SABUS_MSG_SA_PUT;
	}
	assert_int_equal(m.type, SABUS_MSG_SYNC_END);
	for (uint32_t i = 1; i <= ENOUGH + 1; i++)
		assert_int_equal(there[i], i != 1 && i != ENOUGH);
	end(b);
}

static void broker_that_never_greets_is_waited_for_in_silence(void **state)
{
	struct bench *b = begin(true);

	(void)state;
	stub_accept(&b->broker);
	put(b, 1, SABUS_SA_INSTALLED);
	usleep(10 * RETRY_MS * 1000);
	assert_int_equal(all_lines(b), 0);
	assert_false(stub_accepts_within(&b->broker, 0));
	stub_hello(&b->broker);
	stub_expect(&b->broker, SABUS_MSG_SYNC_BEGIN);
	assert_int_equal(stub_expect(&b->broker, SABUS_MSG_SA_PUT).sa_id, 1);
	stub_expect(&b->broker, SABUS_MSG_SYNC_END);
	end(b);
}

static void refusal_is_told_in_the_brokers_words_once(void **state)
{
	struct bench *b = begin(true);

	(void)state;
	for (int i = 0; i < 4; i++) {
		stub_accept(&b->broker);
		stub_expect(&b->broker, SABUS_MSG_HELLO);
		stub_send_error(&b->broker, EPERM, "not a publisher");
		stub_close(&b->broker);
	}
	wait_line(b, "not a publisher");
	assert_int_equal(all_lines(b), 1);
	end(b);
}

static void nonsense_from_broker_is_a_lost_connection(void **state)
{
	struct bench *b = begin(true);

	(void)state;
	stub_take_sync(&b->broker, NULL, 0);
	wait_line(b, "connected");
	assert_int_equal(write(b->broker.peer, "rubbish!", 8), 8);
	wait_line(b, "lost");
	stub_take_sync(&b->broker, NULL, 0);
	end(b);
}

/* ---- many hooks at once, a broker that comes and goes: in the end it knows exactly what is true ---- */

struct hooks {
	struct bench *bench;
	uint32_t first;
};

static atomic_bool hooks_stop;

/* Whole rounds until told to stop: after each round only the last of the twenty SAs is left. */
static void *work(void *data)
{
	const struct hooks *h = data;

	do {
		for (uint32_t i = 0; i < 20; i++) {
			put(h->bench, h->first + i, SABUS_SA_PENDING);
			put(h->bench, h->first + i, SABUS_SA_INSTALLED);
		}
		for (uint32_t i = 0; i < 19; i++)
			publisher_del(h->bench->publisher, h->first + i, SABUS_CAUSE_DELETED);
		usleep(500);
	} while (!atomic_load(&hooks_stop));
	return NULL;
}

/*
 * Plays a broker for so many packets, or until the stream is quiet, and hangs up.  there[] is its table.  After stop_at packets the hooks
 * are stopped.  True: the publisher hung up first.
 */
static bool follow(struct bench *b, bool *there, size_t size, unsigned packets, unsigned stop_at)
{
	struct stub_msg m;
	bool ended;

	memset(there, 0, size);
	stub_accept(&b->broker);
	stub_hello(&b->broker);
	for (unsigned n = 0; n < packets && stub_read(&b->broker, &m, 300); n++) {
		if (n == stop_at)
			atomic_store(&hooks_stop, true);
		if (m.type == SABUS_MSG_SA_PUT)
			there[m.sa_id] = true;
		else if (m.type == SABUS_MSG_SA_DEL)
			there[m.sa_id] = false;
	}
	ended = stub_ended(&b->broker);
	stub_close(&b->broker);
	return ended;
}

static void many_hooks_and_restarts_end_in_the_truth(void **state)
{
	struct bench *b = begin(true);
	struct hooks hooks[3];
	pthread_t threads[COUNT(hooks)];
	bool there[400];
	size_t n = 0;

	(void)state;
	atomic_store(&hooks_stop, false);
	for (size_t i = 0; i < COUNT(hooks); i++) {
		hooks[i] = (struct hooks){ .bench = b, .first = (uint32_t)(1 + i * 100) };
		assert_int_equal(pthread_create(&threads[i], NULL, work, &hooks[i]), 0);
	}
	for (unsigned i = 0; i < 5; i++)
		follow(b, there, sizeof(there), 100 + 77 * i, UINT_MAX);
	/* A sync in the midst of changes, then live changes, then quiet.  A stub that is too slow for three hooks is cut off: again. */
	while (follow(b, there, sizeof(there), UINT_MAX, 200))
		;
	for (size_t i = 0; i < COUNT(hooks); i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < COUNT(there); i++)
		n += there[i];
	assert_int_equal(n, COUNT(hooks));
	assert_true(there[20] && there[120] && there[220]);
	end(b);
}

static void bad_sa_is_an_error_and_harmless(void **state)
{
	struct bench *b = begin(false);
	struct sabus_sa sa = fix_sa();

	(void)state;
	sa.id = 0;
	assert_int_equal(publisher_put(b->publisher, &sa), -EINVAL);
	assert_false(publisher_has(b->publisher, 0));
	end(b);
}

/* A burst that ends with the last SA is not the end: the sync still has to be closed, whatever the number. */
static void sync_of_any_size_ends(void **state)
{
	(void)state;
	for (uint32_t n = 1; n <= 25; n++) {
		struct bench *b = begin(false);

		put_many(b, 1, n);
		stub_listen(&b->broker);
		assert_int_equal(stub_take_sync(&b->broker, NULL, 0), n);
		end(b);
	}
}

/* A table that lacks an SA must not be taken for whole: no SYNC_END until that SA is gone, or kept after all. */
static void table_that_is_not_whole_is_not_said_to_be(void **state)
{
	struct sabus_sa bad = fix_sa();
	struct stub_msg m;

	(void)state;
	bad.id = 7;
	bad.mode = 99;
	for (int mended = 0; mended < 2; mended++) {
		struct bench *b = begin(true);

		assert_int_equal(stub_take_sync(&b->broker, NULL, 0), 0);
		wait_line(b, "connected to sabusd");
		put(b, 5, SABUS_SA_INSTALLED);
		stub_expect(&b->broker, SABUS_MSG_SA_PUT);
		assert_int_equal(publisher_put(b->publisher, &bad), -EINVAL);
		assert_false(stub_read(&b->broker, &m, 1000)); /* the end of the stream: UNKNOWN from now on */
		stub_close(&b->broker);
		stub_accept(&b->broker);
		stub_hello(&b->broker);
		stub_expect(&b->broker, SABUS_MSG_SYNC_BEGIN);
		assert_int_equal(stub_expect(&b->broker, SABUS_MSG_SA_PUT).sa_id, 5);
		assert_false(stub_read(&b->broker, &m, 200));
		put(b, 6, SABUS_SA_INSTALLED); /* another one changes nothing of that */
		assert_false(stub_read(&b->broker, &m, 200) && m.type == SABUS_MSG_SYNC_END);
		if (mended)
			put(b, 7, SABUS_SA_INSTALLED);
		else
			publisher_del(b->publisher, 7, SABUS_CAUSE_DELETED);
		do
			assert_true(stub_read(&b->broker, &m, 5000));
		while (m.type == SABUS_MSG_SA_PUT);
		assert_int_equal(m.type, SABUS_MSG_SYNC_END);
		end(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sync_is_empty_then_events_flow),
		cmocka_unit_test(send_is_done_when_put_returns),
		cmocka_unit_test(late_broker_gets_everything),
		cmocka_unit_test(restarted_broker_gets_everything_again),
		cmocka_unit_test(failure_of_ike_is_told_now_or_never),
		cmocka_unit_test(failures_of_ike_cut_no_connection),
		cmocka_unit_test(stopped_broker_costs_one_line_and_no_time),
		cmocka_unit_test(slow_sync_survives_changes),
		cmocka_unit_test(broker_that_never_greets_is_waited_for_in_silence),
		cmocka_unit_test(refusal_is_told_in_the_brokers_words_once),
		cmocka_unit_test(nonsense_from_broker_is_a_lost_connection),
		cmocka_unit_test(many_hooks_and_restarts_end_in_the_truth),
		cmocka_unit_test(bad_sa_is_an_error_and_harmless),
		cmocka_unit_test(sync_of_any_size_ends),
		cmocka_unit_test(table_that_is_not_whole_is_not_said_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
