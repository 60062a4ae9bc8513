/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.h - inside of libsabus: the connection and how its parts report errors.
 */
#ifndef SABUS_CLIENT_H
#define SABUS_CLIENT_H

#include "codec.h"

/*
 * Sending and receiving die separately: sabusd says ERROR and closes, which our next send() notices first, and the reason is
 * still to be read then.
 */
struct sabus {
	int fd;
	int tx_dead, rx_dead;	/* positive errno of the failure that ended this direction, 0 = alive */
	bool reset;		/* the kernel has reported ECONNRESET; what was queued before it can still be read */
	uint32_t seq;		/* last one used */
	char text[256];		/* of the last failed call */
	_Alignas(8) uint8_t tx[SABUS_PUT_MAX];
	_Alignas(8) uint8_t rx[SABUS_MSG_MAX];	/* last: the pages that are never used cost nothing */
};

/* Writes the text of the failure and returns -err. */
int sabus_fail(struct sabus *s, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Never 0: that is the number of unasked events. */
uint32_t sabus_next_seq(struct sabus *s);

/* Sends the `len` bytes in s->tx; a negative len is the error of the builder, explained by *fault (NULL: none). */
int sabus_transmit(struct sabus *s, int len, const struct sabus_fault *fault);

#endif
