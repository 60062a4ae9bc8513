// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "fake_broker.h"

void fake_start(struct fake_broker *b)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	b->peer = -1;
	strcpy(b->dir, "/tmp/sabus-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/bus.sock", b->dir);
	strcpy(addr.sun_path, b->path);
	b->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(b->listener >= 0);
	assert_int_equal(bind(b->listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(b->listener, 1), 0);
}

void fake_hang_up(struct fake_broker *b)
{
	if (b->peer >= 0)
		close(b->peer);
	b->peer = -1;
}

void fake_stop(struct fake_broker *b)
{
	fake_hang_up(b);
	if (b->listener >= 0)
		close(b->listener);
	b->listener = -1;
	unlink(b->path);
	rmdir(b->dir);
}

void fake_accept(struct fake_broker *b)
{
	b->peer = accept(b->listener, NULL, NULL);
	assert_true(b->peer >= 0);
}

void fake_expect(struct fake_broker *b, enum sabus_msg type)
{
	ssize_t n = recv(b->peer, b->buf, sizeof(b->buf), MSG_DONTWAIT);

	assert_true(n > 0);
	assert_int_equal(sabus_codec_parse(b->buf, (size_t)n, &b->view, NULL), 0);
	assert_int_equal(b->view.type, type);
}

void fake_send(struct fake_broker *b, int len)
{
	assert_true(len >= 0);
	assert_int_equal(send(b->peer, b->buf, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL), len);
}
