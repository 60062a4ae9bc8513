/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pairs.h - a request of pppd's as radcli's list of attributes.
 */
#ifndef SABUS_RADIUS_PAIRS_H
#define SABUS_RADIUS_PAIRS_H

#include "setup.h"

/*
 * The request, and what avpair adds.  NULL: text, of size bytes, says what cannot be sent, or that all of it is longer than a RADIUS packet.  The caller frees it (rc_avpair_free()).
 */
VALUE_PAIR *pairs_make(struct exchange *x, const struct worker_list *request, char *text, size_t size);

#endif
