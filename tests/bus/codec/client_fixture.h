/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client_fixture.h - a client connected to the fake broker, for cmocka.
 */
#ifndef SABUS_TEST_CLIENT_FIXTURE_H
#define SABUS_TEST_CLIENT_FIXTURE_H

#include "fake_broker.h"

struct fixture {
	struct fake_broker b;
	struct sabus *s;
	struct sabus_event ev;
};

/* The broker listens, nobody is connected yet. */
int setup(void **state);
int teardown(void **state);
/* Connects; HELLO has been taken and is in b.view. */
struct fixture *connected(void **state);
void expect_event(struct fixture *f, enum sabus_event_type type);
/* The next sabus_recv() ends the connection with this error and text, for good. */
void expect_dead(struct fixture *f, int err, const char *text);

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
