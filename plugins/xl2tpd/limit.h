/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit.h - lines of the log that a peer can cause: told, but not as often as he likes.
 *
 * A peer that is refused asks again, and whoever can send datagrams can make us refuse.  Per peer address a few lines come at once, then
 * one in a while that says how many were left out.  So do the lines of tunnels that come and go, of which an honest peer has many.
 * Memory is bounded: of addresses beyond the table the one heard of longest ago goes.
 */
#ifndef SABUS_XL2TPD_LIMIT_H
#define SABUS_XL2TPD_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include "sa.h"

enum limit_kind { LIMIT_REFUSALS, LIMIT_LIVES, LIMIT_KINDS };

#define LIMIT_BURST	 3     /* refusals of one address at once */
#define LIMIT_PAUSE_MS	 10000 /* then one in this time */
#define LIMIT_LIFE_BURST 1000  /* the same for what else happens to tunnels */
#define LIMIT_LIFE_MS	 500
#define LIMIT_ADDRESSES	 256
#define LIMIT_ALL	 100 /* refusals of all addresses in LIMIT_PAUSE_MS: a sender may forge them */

/* May a line of this kind about this peer be logged at now (ms, never goes back)?  *suppressed: how many were not since the last one that was. */
bool limit_allows(enum limit_kind kind, const struct sabus_addr *peer, int64_t now, unsigned int *suppressed);
void limit_reset(void);

#endif
