/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what was decided, for people: one line "sabus: VERB key=value ..." per decision.  Its format is an interface, see
 * xl2tpd-sabus(8); words and keys are those of pppd's plugin.  It goes to xl2tpd's log, and where there is a journal also there, with its fields.
 * All about tunnels is rate-limited per peer (limit.h).
 */
#ifndef SABUS_XL2TPD_REPORT_H
#define SABUS_XL2TPD_REPORT_H

#include <syslog.h>
#include "tunnels.h"

/* verb: "accept", "up", "rekey", "keep".  reason=, the tunnel and its SA. */
void report_tunnel(const struct tun *t, const char *verb);

/* "refuse" or "close" with the reason's text (or detail, if not NULL and not empty) and remedy. */
void report_refusal(const struct tun *t, enum sabus_reason reason, const char *detail);
void report_close(const struct tun *t, enum sabus_reason reason, const char *detail);

/* "down": cause as xl2tpd told it. */
void report_down(const struct tun *t, const struct xl2tpd_cause *cause);

/* "delete": the answer to a request; error: positive errno, 0 = done. */
void report_delete(const struct sabus_sa *sa, int error, const char *text);

/* "pin": a tunnel's own socket, or the listening one (t NULL), could not be bound to IPsec; error: negative errno. */
void report_pin_failed(const struct tun *t, int error);

/* Any other line, by a template as of logline_add(): not rate-limited, so only for what no peer can cause. */
void report_event(int prio, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text of a StopCCN or CDN: "sabus: WORD: detail", cut to what fits, unprintable bytes as '?'. */
void report_message(char *msg, size_t size, enum sabus_reason reason, const char *detail);

/* A peer's string, cut, unprintable bytes, quotes and backslashes as '?'. */
void report_clean(char *out, size_t size, const char *in);

#endif
