/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SABUS_TEST_CHECK_PACKET_H
#define SABUS_TEST_CHECK_PACKET_H

#include <stddef.h>
#include <stdint.h>

/* Feeds any bytes to the codec and aborts when what it promises does not hold.  Returns 1 when they were a message, else 0. */
int check_packet(const uint8_t *data, size_t len);

#endif
