/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_reply.h - one datagram through all that reads an answer: verification, attributes, hidden values, what pppd is to do; aborts when a promise does not hold.
 */
#ifndef SABUS_TEST_RADIUS_CHECK_REPLY_H
#define SABUS_TEST_RADIUS_CHECK_REPLY_H

#include <stddef.h>
#include <stdint.h>

/* How far it came: 0 not whole, 1 attributes, 2 hidden values, 3 all of it. */
int check_reply(const uint8_t *data, size_t size);

#endif
