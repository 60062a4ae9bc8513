/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fence.h - the end of the way for a pinned socket's packets that no SA's policy takes.
 *
 * Used by pppd's plugin (each link pins the tunnel below it) and by xl2tpd's (each tunnel from its first answer on).
 */
#ifndef SABUS_XFRM_FENCE_H
#define SABUS_XFRM_FENCE_H

#include <stdint.h>
#include "sa.h"

/*
 * Bit of the packet mark (SO_MARK) that a pinned tunnel's socket carries.  High, because charon's %unique marks count up from 1;
 * whoever uses packet marks on this host leaves it alone.
 */
#define FENCE_MARK 0x40000000u

/*
 * What a socket on an SA with this mark_out (mask 0: none) carries: the SA's mark, which selects its policy among those of clients behind one
 * NAT, and the fence's bit where the SA's mask leaves room for it.
 */
static inline uint32_t fence_mark(const struct sabus_mark *out)
{
	return (out->value & out->mask) | (FENCE_MARK & ~out->mask);
}

/*
 * Makes sure that the SPD has the fence of this family (AF_INET, AF_INET6): outbound, any address, mark FENCE_MARK, action block, below
 * every policy of charon's.  It concerns pinned sockets only, so it is shared by all of them and is never taken away.
 * Returns 0 or -errno (-EPERM: needs CAP_NET_ADMIN).  BLOCKS for one exchange with the kernel, 200 ms at most.
 */
int fence_raise(uint8_t family);

#endif
