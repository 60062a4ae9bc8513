/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what was decided, for people: one line "sabus: VERB key=value ..." per decision.  Its format is an interface, see
 * xl2tpd-sabus(8); words and keys are those of pppd's plugin.
 */
#ifndef SABUS_XL2TPD_REPORT_H
#define SABUS_XL2TPD_REPORT_H

#include "tunnels.h"

/* verb: "accept", "up", "rekey", "keep".  reason=, the tunnel and its SA. */
void report_tunnel(const struct tun *t, const char *verb);

/* "refuse" or "close" with the reason's text (or detail, if not NULL and not empty) and remedy.  Refusals are rate-limited per peer. */
void report_refusal(const struct tun *t, enum sabus_reason reason, const char *detail);
void report_close(const struct tun *t, enum sabus_reason reason, const char *detail);

/* "down": cause as xl2tpd told it. */
void report_down(const struct tun *t, const struct xl2tpd_cause *cause);

/* "delete": the answer to a request; error: positive errno, 0 = done. */
void report_delete(uint32_t sa_id, const char *name, int error, const char *text);

/* The text of a StopCCN or CDN: "sabus: WORD: detail", cut to what fits, unprintable bytes as '?'. */
void report_message(char *msg, size_t size, enum sabus_reason reason, const char *detail);

/* A peer's string, cut, unprintable bytes, quotes and backslashes as '?'. */
void report_clean(char *out, size_t size, const char *in);

#endif
