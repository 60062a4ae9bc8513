/* SPDX-License-Identifier: GPL-2.0-or-later */
/* broker_stub.c - see broker_stub.h. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "broker_stub.h"

#define PATIENCE_MS 10000 /* sanitizers on a busy machine are slow; only a failing test waits this long */

void stub_init(struct stub *s)
{
	static unsigned number;

	snprintf(s->path, sizeof(s->path), "/tmp/sabus-stub-%d-%u.sock", (int)getpid(), number++);
	unlink(s->path);
	s->listener = s->peer = -1;
}

void stub_listen(struct stub *s)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	s->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(s->listener >= 0);
	memcpy(un.sun_path, s->path, strlen(s->path) + 1);
	assert_return_code(bind(s->listener, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_return_code(listen(s->listener, 8), 0);
}

void stub_unlisten(struct stub *s)
{
	if (s->listener >= 0)
		close(s->listener);
	s->listener = -1;
	unlink(s->path);
}

void stub_close(struct stub *s)
{
	if (s->peer >= 0)
		close(s->peer);
	s->peer = -1;
}

void stub_end(struct stub *s)
{
	stub_close(s);
	stub_unlisten(s);
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

bool stub_accepts_within(struct stub *s, int ms)
{
	if (!readable(s->listener, ms))
		return false;
	stub_close(s);
	s->peer = accept(s->listener, NULL, NULL);
	return s->peer >= 0;
}

void stub_accept(struct stub *s)
{
	if (!stub_accepts_within(s, PATIENCE_MS))
		fail_msg("the publisher does not connect");
}

static void send_packet(struct stub *s, const void *buf, int len)
{
	assert_true(len > 0);
	assert_int_equal(send(s->peer, buf, (size_t)len, MSG_NOSIGNAL), len);
}

void stub_hello(struct stub *s)
{
	_Alignas(8) uint8_t buf[256];
	struct stub_msg m = stub_expect(s, SABUS_MSG_HELLO);
	int len;

	assert_string_equal(m.name, "test");
	assert_int_equal(m.epoch, 42);
	len = sabus_codec_hello_ack(buf, sizeof(buf), 0, 7, 1);
	send_packet(s, buf, s->old ? len : sabus_codec_add_ops(buf, sizeof(buf), SABUS_TAKES_IKE_FAILED));
}

void stub_send_error(struct stub *s, int err, const char *text)
{
	_Alignas(8) uint8_t buf[512];

	send_packet(s, buf, sabus_codec_error(buf, sizeof(buf), 0, err, text));
}

bool stub_read(struct stub *s, struct stub_msg *m, int ms)
{
	_Alignas(8) uint8_t buf[SABUS_PUT_MAX];
	struct sabus_msg_view v;
	ssize_t n;

	if (!readable(s->peer, ms))
		return false;
	n = recv(s->peer, buf, sizeof(buf), 0);
	if (n <= 0)
		return false;
	memset(m, 0, sizeof(*m));
	assert_return_code(sabus_codec_parse(buf, (size_t)n, &v, NULL), 0);
	m->type = v.type;
	m->sa_id = v.sa_id;
	m->cause = v.cause;
	m->ike_failure = v.ike_failure;
	m->epoch = v.epoch;
	if (v.name)
		snprintf(m->name, sizeof(m->name), "%s", v.name);
	if (v.n_sas) {
		assert_return_code(sabus_codec_get_sa(v.sas[0], &m->sa, NULL), 0);
		m->sa_id = m->sa.id;
	}
	return true;
}

bool stub_ended(struct stub *s)
{
	char c;

	return recv(s->peer, &c, sizeof(c), MSG_PEEK | MSG_DONTWAIT) == 0;
}

struct stub_msg stub_expect(struct stub *s, uint16_t type)
{
	struct stub_msg m;

	if (!stub_read(s, &m, PATIENCE_MS))
		fail_msg("waited for %s", sabus_codec_msg_name(type));
	if (m.type != type)
		fail_msg("waited for %s, got %s", sabus_codec_msg_name(type), sabus_codec_msg_name(m.type));
	return m;
}

size_t stub_take_sync(struct stub *s, uint32_t *ids, size_t max)
{
	struct stub_msg m;
	size_t n = 0;

	stub_accept(s);
	stub_hello(s);
	stub_expect(s, SABUS_MSG_SYNC_BEGIN);
	for (;;) {
		if (!stub_read(s, &m, PATIENCE_MS))
			fail_msg("the sync does not end");
		if (m.type == SABUS_MSG_SYNC_END)
			return n;
		assert_int_equal(m.type, SABUS_MSG_SA_PUT);
		if (n < max)
			ids[n] = m.sa_id;
		n++;
	}
}
