/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit.h - refusals in the log: told, but not as often as a peer likes.
 *
 * A peer that is refused asks again, and whoever can send datagrams can make us refuse.  Per peer address a few lines come at once, then
 * one in a while that says how many were left out.  Memory is bounded: of addresses beyond the table the one heard of longest ago goes.
 */
#ifndef SABUS_XL2TPD_LIMIT_H
#define SABUS_XL2TPD_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include "sa.h"

#define LIMIT_BURST	3	/* lines of one address at once */
#define LIMIT_PAUSE_MS	10000	/* then one in this time */
#define LIMIT_ADDRESSES 256
#define LIMIT_ALL	100	/* lines of all addresses in LIMIT_PAUSE_MS */

/* May a line about this peer be logged at now (ms, never goes back)?  *left_out: how many were not since the last one that was. */
bool limit_allows(const struct sabus_addr *peer, int64_t now, unsigned int *left_out);
void limit_reset(void);

#endif
