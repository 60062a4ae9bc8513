/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * close.h - ends a link with a reason: one log line, the LCP Terminate-Request's text and pppd's exit status say the same.
 *
 * Both forms do nothing on a link that is being ended already: the first reason stays.  detail (may be NULL) replaces the reason's
 * text in the log line; it is copied.
 */
#ifndef SABUS_PPPD_CLOSE_H
#define SABUS_PPPD_CLOSE_H

#include "link.h"

/* From the main loop's next turn.  Right in every phase and inside any callback. */
void close_soon(struct link *l, enum sabus_reason reason, const char *detail);

/*
 * At once: no further packet passes.  Only where pppd itself calls lcp_close(): inside CCP's callbacks and in a timer or fd callback,
 * never in a phase notifier (at PHASE_ESTABLISH pppd would hang and not even obey SIGTERM).
 */
void close_now(struct link *l, enum sabus_reason reason, const char *detail);

#endif
