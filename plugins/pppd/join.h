/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * join.h - the join: xl2tpd's plugin tells pppd's which tunnel this call is in, so that nothing has to be searched.  Pure.
 */
#ifndef SABUS_PPPD_JOIN_H
#define SABUS_PPPD_JOIN_H

#include <stdbool.h>
#include "sa.h"

struct join {
	struct sabus_flow flow; /* UDP endpoints and mark */
	uint32_t sa_id;		/* the SA that the tunnel was accepted on; 0 = none */
};

/*
 * "LOCAL:PORT,PEER:PORT,MARK,SA_ID": IPv4 addresses, decimal ports (1..65535), hexadecimal mark (0x0..0xffffffff), decimal id.  xl2tpd speaks
 * IPv4 only.  0, or -EINVAL and *j is undefined.
 */
int join_parse(struct join *j, const char *text);

/* Was the SA that the join names the one found, or the one that this replaced? */
bool join_agrees(const struct join *j, const struct sabus_sa *sa);

#endif
