/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failures.h - the last attempt of IKE with each peer that made no SA, for who asks why there is none.
 *
 * A fixed number of rows by remote address: anybody on the network can make IKE fail, so memory is bounded and the oldest row makes room.  A row is
 * forgotten when an SA with that peer is installed, and not told after FAILURES_KEEP_MS.  Nothing is decided by it.
 */
#ifndef SABUSD_FAILURES_H
#define SABUSD_FAILURES_H

#include <stdint.h>
#include "ikefail.h"
#include "sa.h"

#define FAILURES_MAX	 256
#define FAILURES_KEEP_MS 3600000

struct failure {
	struct sabus_addr peer;
	uint32_t what; /* enum sabus_ike_failure, or a newer publisher's */
	int64_t when;  /* ms */
};

struct failures {
	unsigned int n;
	struct failure row[FAILURES_MAX];
};

/* now, in all: ms of a clock that does not jump. */
void failures_add(struct failures *f, const struct sabus_addr *peer, uint32_t what, int64_t now);
void failures_forget(struct failures *f, const struct sabus_addr *peer);
/* NULL: none that is worth telling. */
const struct failure *failures_find(const struct failures *f, const struct sabus_addr *peer, int64_t now);

#endif
