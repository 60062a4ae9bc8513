/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_broker.h - the other end of libsabus, played by the test itself: a listening socket and one accepted connection.
 */
#ifndef SABUS_TEST_FAKE_BROKER_H
#define SABUS_TEST_FAKE_BROKER_H

#include "codec.h"

struct fake_broker {
	char dir[64], path[80];
	int listener, peer; /* -1 = none */
	_Alignas(8) uint8_t buf[SABUS_MSG_MAX + 64];
	struct sabus_msg_view view; /* of the last packet got */
};

/* All of these fail the running test when the system does not play along. */
void fake_start(struct fake_broker *b);
void fake_stop(struct fake_broker *b);
void fake_accept(struct fake_broker *b);
/* Takes the next packet, which must be a good message of this type. */
void fake_expect(struct fake_broker *b, enum sabus_msg type);
/* Sends len bytes of b->buf as one packet. */
void fake_send(struct fake_broker *b, int len);
void fake_hang_up(struct fake_broker *b);

#endif
