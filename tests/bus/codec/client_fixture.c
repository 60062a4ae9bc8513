// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "client_fixture.h"
#include "sample.h"

struct fixture *connected(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sabus_open(&f->s, f->b.path, "test", SAMPLE_EPOCH), 0);
	fake_accept(&f->b);
	fake_expect(&f->b, SABUS_MSG_HELLO);
	return f;
}

int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	fake_start(&f->b);
	*state = f;
	return 0;
}

int teardown(void **state)
{
	struct fixture *f = *state;

	sabus_close(f->s);
	fake_stop(&f->b);
	free(f);
	return 0;
}

void expect_event(struct fixture *f, enum sabus_event_type type)
{
	int ret = sabus_recv(f->s, &f->ev);

	if (ret != 1)
		fail_msg("sabus_recv: %d %s", ret, sabus_strerror(f->s));
	assert_int_equal(f->ev.type, type);
}

void expect_dead(struct fixture *f, int err, const char *text)
{
	assert_int_equal(sabus_recv(f->s, &f->ev), -err);
	assert_string_equal(sabus_strerror(f->s), text);
	/* it stays so */
	assert_int_equal(sabus_recv(f->s, &f->ev), -err);
	assert_int_equal(sabus_sync_begin(f->s), -err);
}
