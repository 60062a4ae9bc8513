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

struct join_names {
	char local[64], peer[64]; /* Host Name AVPs (RFC 2661 section 4.4.3), cut; "" = not told */
	uint32_t serial;	  /* Call Serial Number AVP, 0 = not told */
};

/*
 * "LOCAL,PEER,SERIAL": names with all bytes but letters, digits, '.', '_' and '-' as %XX; a decimal number.  Names may be empty.  0, or -EINVAL and *n
 * is undefined.
 */
int join_parse_names(struct join_names *n, const char *text);

/*
 * "LOCAL:PORT,PEER:PORT,MARK,SA_ID": IPv4 addresses, decimal ports (1..65535), hexadecimal mark (0x0..0xffffffff), decimal id.  xl2tpd speaks
 * IPv4 only.  0, or -EINVAL and *j is undefined.
 */
int join_parse(struct join *j, const char *text);

/* Was the SA that the join names the one found, or the one that this replaced? */
bool join_agrees(const struct join *j, const struct sabus_sa *sa);

#endif
