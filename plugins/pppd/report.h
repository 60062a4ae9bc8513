/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what was decided, for people (the log line) and tools (the session on the bus).
 *
 * The line's format is an interface, documented in pppd-sabus(8): "sabus: VERB key=value ...", notice level, one line per decision.
 */
#ifndef SABUS_PPPD_REPORT_H
#define SABUS_PPPD_REPORT_H

#include "link.h"
#include "sabus.h"
#include "session.h"

/* Logs the link's decision.  verb: "accept" or "refuse". */
void report_decision(const struct link *l, const char *verb);
/* The same on a living link, where the peer can cause it time and again: rate-limited.  verb: "rekey", "keep" or "policy". */
void report_change(const struct link *l, const char *verb);

/* Logs "sabus: close reason=..." with the reason's text and remedy; detail may be NULL. */
void report_close(const struct link *l, enum sabus_reason reason, const char *detail);

/* Logs "sabus: deny reason=...": the RADIUS reply does not let the user in, l->denial says why. */
void report_denied(const struct link *l);

/* Logs "sabus: request op=...": somebody asks on the bus. */
void report_request(const struct sabus_event *ev);

/* The compression in effect, as of CCP: "none", "deflate", "bsd", "predictor1".  MPPE is not one.  Constant. */
const char *report_compression(void);

/* Logs "sabus: bound user=... identity=... by=...": the PPP user is one that the IKE identity stands for. */
void report_bound(const char *user, const char *identity, const char *by);

/* The link as a session for the bus; s is completely written (pid and since are left to the caller). */
void report_session(const struct link *l, struct sabus_session *s);

#endif
