/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cover.c - see cover.h. */
#include "cover.h"

bool cover(const struct sabus_sa *sa, const struct sabus_flow *flow)
{
	struct sabus_flow f = *flow;

	if (!sabus_addr_is_any(&flow->local.addr))
		return sabus_sa_covers(sa, flow);
	for (unsigned i = 0; i < sa->n_ts; i++) {
		f.local.addr = sa->mode == SABUS_MODE_TRANSPORT ? sa->local.addr : sa->ts[i].local.from;
		if (sabus_sa_covers(sa, &f))
			return true;
	}
	return false;
}
