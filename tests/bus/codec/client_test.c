// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsabus against a broker that the test plays: what is sent, what comes back as which event, what waits and what does not.
 * Linked with the shared library, so only what it exports is used.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "client_fixture.h"
#include "sample.h"

/* ---- opening ---- */

static void test_open(void **state)
{
	struct fixture *f = connected(state);

	assert_int_equal(f->b.view.version, SABUS_PROTO_VERSION);
	assert_string_equal(f->b.view.name, "test");
	assert_int_equal(f->b.view.epoch, SAMPLE_EPOCH);
	assert_true(fcntl(sabus_fd(f->s), F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(sabus_fd(f->s), F_GETFD) & FD_CLOEXEC);
	assert_int_equal(sabus_recv(f->s, &f->ev), 0);
	assert_non_null(sabus_version());
	assert_string_equal(sabus_strerror(NULL), "no connection to sabusd");
}

static void test_open_reader_has_no_epoch(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sabus_open(&f->s, f->b.path, "test", 0), 0);
	fake_accept(&f->b);
	fake_expect(&f->b, SABUS_MSG_HELLO);
	assert_false(SABUS_HAS(&f->b.view, SABUS_A_EPOCH));
}

static void test_open_errors(void **state)
{
	struct fixture *f = *state;
	struct sabus *s = (struct sabus *)f;
	char text[200], other[100];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(sabus_open(&s, text, "test", 0), -ENAMETOOLONG);
	assert_null(s);
	assert_int_equal(sabus_open(&s, f->b.path, text, 0), -EINVAL);
	assert_int_equal(sabus_open(&s, f->b.path, NULL, 0), -EINVAL);
	assert_int_equal(sabus_open(&s, "", "test", 0), -EINVAL);
	snprintf(other, sizeof(other), "%s/none", f->b.dir);
	assert_int_equal(sabus_open(&s, other, "test", 0), -ENOENT);
	close(f->b.listener);
	f->b.listener = -1;
	assert_int_equal(sabus_open(&s, f->b.path, "test", 0), -ECONNREFUSED);
	sabus_close(NULL);
}

/* A broker that does not accept makes nobody wait. */
static void test_open_queue_full(void **state)
{
	struct fixture *f = *state;
	struct sabus *s[16];
	int n = 0, ret = 0;

	while (n < 16 && (ret = sabus_open(&s[n], f->b.path, "test", 0)) == 0)
		n++;
	assert_int_equal(ret, -EAGAIN);
	while (n > 0)
		sabus_close(s[--n]);
}

/* ---- sending ---- */

static void test_publisher(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_sa sa, got;
	uint8_t blob[SABUS_SA_BLOB_MAX];
	int len;

	sample_sa_full(&sa);
	assert_int_equal(sabus_sync_begin(f->s), 0);
	assert_int_equal(sabus_sa_put(f->s, &sa), 0);
	len = sabus_sa_encode(&sa, blob, sizeof(blob));
	assert_int_equal(sabus_sa_put_blob(f->s, blob, (size_t)len), 0);
	assert_int_equal(sabus_sync_end(f->s), 0);
	assert_int_equal(sabus_sa_del(f->s, 42, SABUS_CAUSE_EXPIRED), 0);
	fake_expect(&f->b, SABUS_MSG_SYNC_BEGIN);
	for (int i = 0; i < 2; i++) {
		fake_expect(&f->b, SABUS_MSG_SA_PUT);
		assert_int_equal(sabus_codec_get_sa(f->b.view.sas[0], &got, NULL), 0);
		assert_memory_equal(&sa, &got, sizeof(sa));
	}
	fake_expect(&f->b, SABUS_MSG_SYNC_END);
	fake_expect(&f->b, SABUS_MSG_SA_DEL);
	assert_int_equal(f->b.view.sa_id, 42);
	assert_int_equal(f->b.view.cause, SABUS_CAUSE_EXPIRED);
}

static void test_session(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_session session, got;
	struct sabus_flow flow;
	uint32_t seq = 0, next = 0;

	sample_session(&session);
	sample_flow(&flow);
	assert_int_equal(sabus_session_put(f->s, &session), 0);
	assert_int_equal(sabus_session_del(f->s), 0);
	assert_int_equal(sabus_watch(f->s, &flow, true), 0);
	assert_int_equal(sabus_lookup_send(f->s, &flow, &seq), 0);
	assert_int_equal(sabus_stats_send(f->s, &next), 0);
	fake_expect(&f->b, SABUS_MSG_SESSION_PUT);
	assert_int_equal(sabus_codec_get_session(f->b.view.session, &got, NULL), 0);
	assert_memory_equal(&session, &got, sizeof(session));
	fake_expect(&f->b, SABUS_MSG_SESSION_DEL);
	fake_expect(&f->b, SABUS_MSG_WATCH);
	assert_true(f->b.view.sessions);
	assert_memory_equal(&flow, &f->b.view.flow, sizeof(flow));
	fake_expect(&f->b, SABUS_MSG_LOOKUP);
	assert_int_equal(f->b.view.seq, seq);
	assert_memory_equal(&flow, &f->b.view.flow, sizeof(flow));
	fake_expect(&f->b, SABUS_MSG_STATS);
	assert_int_equal(f->b.view.seq, next);
	assert_int_not_equal(seq, next);
}

/* What cannot be sent is refused here, by name, and the connection lives. */
static void test_send_invalid(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_sa sa;

	sample_sa_full(&sa);
	memset(sa.name, 'x', sizeof(sa.name));
	assert_int_equal(sabus_sa_put(f->s, &sa), -EINVAL);
	assert_string_equal(sabus_strerror(f->s), "SA_PUT: SA.NAME: string is not terminated");
	assert_int_equal(sabus_sa_put_blob(f->s, "\xff\xff\xff\xff", 4), -EINVAL);
	assert_string_equal(sabus_strerror(f->s), "SA_PUT: the 4 bytes are no encoded SA");
	assert_int_equal(sabus_sa_del(f->s, 0, SABUS_CAUSE_DELETED), -EINVAL);
	assert_int_equal(sabus_sync_end(f->s), 0);
	fake_expect(&f->b, SABUS_MSG_SYNC_END);
}

/* A broker that does not read: -EAGAIN at once, nothing lost or torn, and it goes on when there is room. */
static void test_send_full(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_sa sa;
	int sent = 0, ret;

	sample_sa_full(&sa);
	while ((ret = sabus_sa_put(f->s, &sa)) == 0 && sent < 100000)
		sent++;
	assert_int_equal(ret, -EAGAIN);
	assert_string_equal(sabus_strerror(f->s), "sabusd does not keep up, its queue is full");
	for (int i = 0; i < sent; i++)
		fake_expect(&f->b, SABUS_MSG_SA_PUT);
	assert_int_equal(sabus_sync_end(f->s), 0);
	fake_expect(&f->b, SABUS_MSG_SYNC_END);
}

/* No SIGPIPE: its default action would end this test. */
static void test_send_closed(void **state)
{
	struct fixture *f = connected(state);

	fake_hang_up(&f->b);
	assert_int_equal(sabus_sync_begin(f->s), -EPIPE);
	assert_string_equal(sabus_strerror(f->s), "send to sabusd: Broken pipe");
	assert_int_equal(sabus_sync_begin(f->s), -EPIPE);
	expect_dead(f, ECONNRESET, "sabusd closed the connection");
}

/* ---- events ---- */

static void test_events(void **state)
{
	struct fixture *f = connected(state);
	uint8_t *b = f->b.buf;
	const size_t n = sizeof(f->b.buf);
	struct sabus_sa sa;
	struct sabus_session session;

	sample_sa_full(&sa);
	sample_session(&session);
	fake_send(&f->b, sabus_codec_hello_ack(b, n, 1, 11, 12));
	expect_event(f, SABUS_EV_HELLO);
	assert_int_equal(f->ev.epoch, 11);
	assert_int_equal(f->ev.revision, 12);
	fake_send(&f->b, sabus_codec_sa_put(b, n, &sa, 13, NULL));
	expect_event(f, SABUS_EV_SA_PUT);
	assert_int_equal(f->ev.n_sas, 1);
	assert_memory_equal(&f->ev.sas[0], &sa, sizeof(sa));
	assert_int_equal(f->ev.revision, 13);
	fake_send(&f->b, sabus_codec_sa_del(b, n, 42, SABUS_CAUSE_RESYNC, 14));
	expect_event(f, SABUS_EV_SA_DEL);
	assert_int_equal(f->ev.sa_id, 42);
	assert_int_equal(f->ev.cause, SABUS_CAUSE_RESYNC);
	assert_int_equal(f->ev.revision, 14);
	assert_int_equal(f->ev.n_sas, 0);
	fake_send(&f->b, sabus_codec_done(b, n, 5, 15));
	expect_event(f, SABUS_EV_DONE);
	assert_int_equal(f->ev.seq, 5);
	assert_int_equal(f->ev.revision, 15);
	fake_send(&f->b, sabus_codec_session_put(b, n, &session, 3, NULL));
	expect_event(f, SABUS_EV_SESSION_PUT);
	assert_int_equal(f->ev.session_id, 3);
	assert_memory_equal(&f->ev.session, &session, sizeof(session));
	fake_send(&f->b, sabus_codec_session_del(b, n, 3));
	expect_event(f, SABUS_EV_SESSION_DEL);
	assert_int_equal(f->ev.session_id, 3);
	fake_send(&f->b, sabus_codec_publisher(b, n, SABUS_PUB_SYNCING));
	expect_event(f, SABUS_EV_PUBLISHER);
	assert_int_equal(f->ev.publisher, SABUS_PUB_SYNCING);
	fake_send(&f->b, sabus_codec_empty(b, n, 0, SABUS_MSG_RESYNC));
	expect_event(f, SABUS_EV_RESYNC);
	assert_int_equal(sabus_recv(f->s, &f->ev), 0);
}

static void test_answer_event(void **state)
{
	struct fixture *f = connected(state);
	uint8_t *b = f->b.buf;
	const size_t n = sizeof(f->b.buf);
	struct sabus_sa sa, pending;

	sample_sa_full(&sa);
	sample_sa_pending(&pending);
	sabus_codec_lookup_ack(b, n, 7, SABUS_PRESENT, 9);
	sabus_codec_add_sa(b, n, &pending, NULL);
	sabus_codec_add_sa(b, n, &sa, NULL);
	fake_send(&f->b, sabus_codec_add_truncated(b, n));
	expect_event(f, SABUS_EV_ANSWER);
	assert_int_equal(f->ev.seq, 7);
	assert_int_equal(f->ev.answer, SABUS_PRESENT);
	assert_int_equal(f->ev.revision, 9);
	assert_true(f->ev.truncated);
	assert_int_equal(f->ev.n_sas, 2);
	assert_memory_equal(&f->ev.sas[0], &pending, sizeof(sa));
	assert_memory_equal(&f->ev.sas[1], &sa, sizeof(sa));
	/* nothing of the large answer is left in the next */
	fake_send(&f->b, sabus_codec_lookup_ack(b, n, 8, SABUS_UNKNOWN, 10));
	expect_event(f, SABUS_EV_ANSWER);
	assert_int_equal(f->ev.answer, SABUS_UNKNOWN);
	assert_false(f->ev.truncated);
	assert_int_equal(f->ev.n_sas, 0);
}

static void test_stats_event(void **state)
{
	struct fixture *f = connected(state);
	uint8_t *b = f->b.buf;
	const size_t n = sizeof(f->b.buf);

	sabus_codec_stats(b, n, 2);
	sabus_codec_add_stat(b, n, "clients", 3);
	fake_send(&f->b, sabus_codec_add_stat(b, n, "lookups", UINT64_MAX));
	expect_event(f, SABUS_EV_STATS);
	assert_int_equal(f->ev.n_stats, 2);
	assert_string_equal(f->ev.stats[1].name, "lookups");
	assert_true(f->ev.stats[1].value == UINT64_MAX);
}

/* A newer sabusd may say more; this library skips it, but comes back now and then. */
static void test_unknown_messages(void **state)
{
	struct fixture *f = connected(state);
	int calls = 0, ret = 0;

	for (int i = 0; i < 100; i++)
		fake_send(&f->b, sabus_codec_empty(f->b.buf, sizeof(f->b.buf), 0, (enum sabus_msg)500));
	fake_send(&f->b, sabus_codec_empty(f->b.buf, sizeof(f->b.buf), 0, SABUS_MSG_RESYNC));
	while (calls < 10 && ret == 0) {
		ret = sabus_recv(f->s, &f->ev);
		calls++;
	}
	assert_int_equal(ret, 1);
	assert_int_equal(f->ev.type, SABUS_EV_RESYNC);
	assert_int_equal(calls, 2);
}

/* ---- sabus_lookup ---- */

struct others {
	int n;
	enum sabus_event_type last;
	uint32_t seq;
};

static void on_other(void *data, const struct sabus_event *ev)
{
	struct others *o = data;

	o->n++;
	o->last = ev->type;
	o->seq = ev->seq;
}

static void test_lookup(void **state)
{
	struct fixture *f = connected(state);
	uint8_t *b = f->b.buf;
	const size_t n = sizeof(f->b.buf);
	struct others others = { 0 };
	struct sabus_flow flow;
	uint32_t seq;

	/* The next number is known from the last, so the answer can lie ready. */
	sample_flow(&flow);
	assert_int_equal(sabus_lookup_send(f->s, &flow, &seq), 0);
	fake_send(&f->b, sabus_codec_publisher(b, n, SABUS_PUB_SYNCED));
	fake_send(&f->b, sabus_codec_lookup_ack(b, n, seq, SABUS_ABSENT, 1)); /* late, of the question before */
	fake_send(&f->b, sabus_codec_lookup_ack(b, n, seq + 1, SABUS_PRESENT, 2));
	assert_int_equal(sabus_lookup(f->s, &flow, 10000, &f->ev, on_other, &others), 0);
	assert_int_equal(f->ev.answer, SABUS_PRESENT);
	assert_int_equal(f->ev.revision, 2);
	assert_int_equal(others.n, 2);
	assert_int_equal(others.last, SABUS_EV_ANSWER);
	assert_int_equal(others.seq, seq);
	/* without a callback others are dropped */
	fake_send(&f->b, sabus_codec_publisher(b, n, SABUS_PUB_NONE));
	fake_send(&f->b, sabus_codec_lookup_ack(b, n, seq + 2, SABUS_UNKNOWN, 3));
	assert_int_equal(sabus_lookup(f->s, &flow, 10000, &f->ev, NULL, NULL), 0);
	assert_int_equal(f->ev.answer, SABUS_UNKNOWN);
}

/* The answer comes while the caller waits. */
static void test_lookup_waits(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_flow flow;
	int status, len;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		ssize_t n = recv(f->b.peer, f->b.buf, sizeof(f->b.buf), 0);

		if (n <= 0 || sabus_codec_parse(f->b.buf, (size_t)n, &f->b.view, NULL) < 0)
			_exit(1);
		len = sabus_codec_lookup_ack(f->b.buf, sizeof(f->b.buf), f->b.view.seq, SABUS_ABSENT, 77);
		_exit(send(f->b.peer, f->b.buf, (size_t)len, 0) == len ? 0 : 1);
	}
	sample_flow(&flow);
	assert_int_equal(sabus_lookup(f->s, &flow, 60000, &f->ev, NULL, NULL), 0);
	assert_int_equal(f->ev.revision, 77);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_lookup_timeout(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_flow flow;

	sample_flow(&flow);
	assert_int_equal(sabus_lookup(f->s, &flow, 1, &f->ev, NULL, NULL), -ETIMEDOUT);
	assert_string_equal(sabus_strerror(f->s), "sabusd did not answer in time");
	assert_int_equal(sabus_lookup(f->s, &flow, 0, &f->ev, NULL, NULL), -ETIMEDOUT);
	assert_int_equal(sabus_lookup(f->s, &flow, -1, &f->ev, NULL, NULL), -EINVAL);
	/* still alive */
	assert_int_equal(sabus_lookup_send(f->s, &flow, NULL), 0);
}

static void test_lookup_refused(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_flow flow;

	sample_flow(&flow);
	fake_send(&f->b, sabus_codec_error(f->b.buf, sizeof(f->b.buf), 2, EPERM, "not on this socket"));
	assert_int_equal(sabus_lookup(f->s, &flow, 10000, &f->ev, NULL, NULL), -EPROTO);
	assert_string_equal(sabus_strerror(f->s), "sabusd refused: not on this socket (Operation not permitted)");
	assert_int_equal(sabus_lookup(f->s, &flow, 10000, &f->ev, NULL, NULL), -EPROTO);
}

static void test_lookup_closed(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_flow flow;
	int ret;

	sample_flow(&flow);
	shutdown(f->b.peer, SHUT_WR); /* it reads, but will never answer */
	ret = sabus_lookup(f->s, &flow, 10000, &f->ev, NULL, NULL);
	assert_int_equal(ret, -ECONNRESET);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(sabus_cause_name(SABUS_CAUSE_DELETED), "deleted");
	assert_string_equal(sabus_cause_name(SABUS_CAUSE_PUBLISHER_LOST), "publisher-lost");
	assert_string_equal(sabus_cause_name((enum sabus_cause)0), "unknown");
	assert_string_equal(sabus_cause_name((enum sabus_cause)7), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open),
		TEST(test_open_reader_has_no_epoch),
		TEST(test_open_errors),
		TEST(test_open_queue_full),
		TEST(test_publisher),
		TEST(test_session),
		TEST(test_send_invalid),
		TEST(test_send_full),
		TEST(test_send_closed),
		TEST(test_events),
		TEST(test_answer_event),
		TEST(test_stats_event),
		TEST(test_unknown_messages),
		TEST(test_lookup),
		TEST(test_lookup_waits),
		TEST(test_lookup_timeout),
		TEST(test_lookup_refused),
		TEST(test_lookup_closed),
		TEST(test_names),
	};

	alarm(300);		  /* a call that waits where it must not fails, it does not hang */
	signal(SIGPIPE, SIG_DFL); /* whatever we inherited: libsabus must not raise it */
	return cmocka_run_group_tests_name("libsabus", tests, NULL, NULL);
}
