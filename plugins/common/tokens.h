/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tokens.h - a bucket of tokens, one for each log line: a few lines at once, then one in a while, and a count of those that were not written.
 *
 * Where a peer, a client or a stranger can cause a line as often as he likes it costs a token, so that he fills no disk.  Pure: the clock is the
 * caller's (clock.h), one thread at a time.
 */
#ifndef SABUS_TOKENS_H
#define SABUS_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

struct tokens {
	unsigned int burst;    /* lines at once; 0: no limit */
	unsigned int pause_ms; /* then one in this time */
	unsigned int used;
	unsigned int suppressed; /* since the last line that was written */
	int64_t since;		 /* ms; when used was right */
};

/* May a line be written at now (ms, never goes back)?  If so *suppressed is how many were not since the last one that was. */
bool tokens_take(struct tokens *t, int64_t now, unsigned int *suppressed);
/* The line that tokens_take() allowed was not written after all; suppressed as it said. */
void tokens_return(struct tokens *t, unsigned int suppressed);

#endif
