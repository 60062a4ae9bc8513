/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * late.h - what a CoA changes of a session that runs (RFC 5176): timeouts, interval of Interim-Updates, Filter-Id.  Encryption, SA and MTU are sabus.so's.
 */
#ifndef SABUS_RADIUS_LATE_H
#define SABUS_RADIUS_LATE_H

#include "radsession.h"

/* For struct sabus_link_api.serve; data: struct session. */
int late_change(void *data, const struct sabus_reply *late, bool commit, const char **text);

#endif
