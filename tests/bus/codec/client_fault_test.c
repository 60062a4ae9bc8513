// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsabus against a broker that misbehaves or goes away: each case ends in the documented error with a reason, never in a hang.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client_fixture.h"
#include "sample.h"

static void test_garbage(void **state)
{
	struct fixture *f = connected(state);

	memset(f->b.buf, 0xff, 64);
	fake_send(&f->b, 64);
	expect_dead(f, EBADMSG, "nonsense from sabusd: nlmsg_len: is not the length of the packet");
}

static void test_short_packet(void **state)
{
	struct fixture *f = connected(state);

	fake_send(&f->b, sabus_codec_done(f->b.buf, sizeof(f->b.buf), 0, 1) - 27);
	expect_dead(f, EBADMSG, "nonsense from sabusd: packet is shorter than a header");
}

static void test_bad_inner(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_sa sa;
	int len;

	sample_sa_full(&sa);
	len = sabus_codec_sa_put(f->b.buf, sizeof(f->b.buf), &sa, 1, NULL);
	f->b.buf[16 + 12 + 4 + 4] = 0; /* the SA's id */
	fake_send(&f->b, len);
	expect_dead(f, EBADMSG, "nonsense from sabusd: SA_PUT: SA.ID: is 0");
}

static void test_wrong_direction(void **state)
{
	struct fixture *f = connected(state);

	fake_send(&f->b, sabus_codec_empty(f->b.buf, sizeof(f->b.buf), 0, SABUS_MSG_SYNC_BEGIN));
	expect_dead(f, EBADMSG, "nonsense from sabusd: SYNC_BEGIN: this is for clients to send");
}

static void test_session_without_id(void **state)
{
	struct fixture *f = connected(state);

	fake_send(&f->b, sabus_codec_session_del(f->b.buf, sizeof(f->b.buf), 0));
	expect_dead(f, EBADMSG, "nonsense from sabusd: SESSION_DEL: SESSION_ID is missing");
}

static void test_other_version(void **state)
{
	struct fixture *f = connected(state);
	int len = sabus_codec_hello_ack(f->b.buf, sizeof(f->b.buf), 0, 1, 1);

	f->b.buf[20] = 2;
	fake_send(&f->b, len);
	expect_dead(f, EPROTO, "sabusd speaks version 2 of the protocol, this library version 1");
}

/* The largest message is taken, one byte more is not. */
static void test_large_packet(void **state)
{
	struct fixture *f = connected(state);
	const uint32_t len = SABUS_MSG_MAX, done = 28;
	const uint16_t filler[2] = { (uint16_t)(SABUS_MSG_MAX - 28), 999 };

	assert_int_equal(sabus_codec_done(f->b.buf, sizeof(f->b.buf), 0, 5), done);
	memcpy(f->b.buf, &len, sizeof(len));
	memcpy(f->b.buf + done, filler, sizeof(filler));
	fake_send(&f->b, SABUS_MSG_MAX);
	expect_event(f, SABUS_EV_DONE);
	fake_send(&f->b, SABUS_MSG_MAX + 1);
	expect_dead(f, EBADMSG, "nonsense from sabusd: packet is longer than a message may be");
}

static void test_peer_closes(void **state)
{
	struct fixture *f = connected(state);

	fake_hang_up(&f->b);
	expect_dead(f, ECONNRESET, "sabusd closed the connection");
}

static void test_empty_packet(void **state)
{
	struct fixture *f = connected(state);

	fake_send(&f->b, 0);
	expect_dead(f, ECONNRESET, "sabusd closed the connection");
}

/* ERROR, then close with our packets unread: the kernel reports the reset first, the reason must not be lost. */
static void test_error_then_reset(void **state)
{
	struct fixture *f = connected(state);

	assert_int_equal(sabus_sync_begin(f->s), 0);
	fake_send(&f->b, sabus_codec_error(f->b.buf, sizeof(f->b.buf), 4, EPERM, "not on this socket"));
	fake_hang_up(&f->b);
	expect_event(f, SABUS_EV_ERROR);
	assert_int_equal(f->ev.error, EPERM);
	assert_string_equal(f->ev.text, "not on this socket");
	expect_dead(f, ECONNRESET, "sabusd closed the connection");
}

static void test_error_after_failed_send(void **state)
{
	struct fixture *f = connected(state);

	fake_send(&f->b, sabus_codec_error(f->b.buf, sizeof(f->b.buf), 0, EPERM, "go away"));
	fake_hang_up(&f->b);
	assert_int_equal(sabus_sync_begin(f->s), -EPIPE);
	expect_event(f, SABUS_EV_ERROR);
	assert_string_equal(f->ev.text, "go away");
}

static int open_files(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* A descriptor that comes along must not stay open in the client. */
static void test_passed_descriptor(void **state)
{
	struct fixture *f = connected(state);
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = f->b.buf };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int before = open_files();

	iov.iov_len = (size_t)sabus_codec_done(f->b.buf, sizeof(f->b.buf), 0, 1);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &f->b.listener, sizeof(int));
	assert_true(sendmsg(f->b.peer, &msg, MSG_DONTWAIT) > 0);
	expect_event(f, SABUS_EV_DONE);
	assert_int_equal(open_files(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_garbage),
		TEST(test_short_packet),
		TEST(test_bad_inner),
		TEST(test_wrong_direction),
		TEST(test_session_without_id),
		TEST(test_other_version),
		TEST(test_large_packet),
		TEST(test_peer_closes),
		TEST(test_empty_packet),
		TEST(test_error_then_reset),
		TEST(test_error_after_failed_send),
		TEST(test_passed_descriptor),
	};

	alarm(300);		  /* a call that waits where it must not fails, it does not hang */
	signal(SIGPIPE, SIG_DFL); /* whatever we inherited: libsabus must not raise it */
	return cmocka_run_group_tests_name("libsabus, faults", tests, NULL, NULL);
}
