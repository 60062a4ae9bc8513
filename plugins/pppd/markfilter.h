/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * markfilter.h - of the network packets of this link the kernel takes only those that came through the link's own SA.
 */
#ifndef SABUS_PPPD_MARKFILTER_H
#define SABUS_PPPD_MARKFILTER_H

#include <linux/filter.h>
#include "link.h"

/* ---- pure ---- */

#define MARKFILTER_MAX 8 /* instructions, without those of the rest */

/*
 * Writes a program for PPP's pass filter: outbound packets and inbound ones whose mark, under the mask, is m's value go on with the program that
 * is appended to it (or, without one, pass); others are dropped.  unmarked_too: those with mark 0 as well.  Returns how many instructions.
 */
size_t markfilter_build(struct sock_filter prog[MARKFILTER_MAX], const struct sabus_mark *m, bool unmarked_too, bool rest);

/* ---- the link ---- */

/*
 * Sets the filter that l wants now, in front of the administrator's pass-filter; without marks, with `sabus-pin off` it is his alone.  From
 * PHASE_NETWORK on, before the first network protocol is up; again when MPPE came up or the SA changed.  0, or -errno: pppd or the kernel
 * has no PPP filters.
 */
int markfilter_apply(const struct link *l);

/* Gives pppd the administrator's filter back and frees ours; the kernel's goes with the interface.  When the link is over; may be repeated. */
void markfilter_forget(void);

#endif
