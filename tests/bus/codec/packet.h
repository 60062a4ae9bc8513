/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.h - one packet buffer for tests that write messages by hand.
 */
#ifndef SABUS_TEST_PACKET_H
#define SABUS_TEST_PACKET_H

#include "codec.h"

extern uint8_t packet[SABUS_MSG_MAX];

/* Starts a message of this type in packet; libmnl adds to it. */
struct nlmsghdr *begin(uint16_t type);
/* Parses a copy without slack, so that the sanitizer sees one byte too far.  *v points into the copy, which lives until the next call. */
int parse_exact(const void *pkt, size_t len, struct sabus_msg_view *v, struct sabus_fault *fault);
/* Parses and opens all nests. */
int decode_all(const void *pkt, size_t len, struct sabus_fault *fault);

#endif
