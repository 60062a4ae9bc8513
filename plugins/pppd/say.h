/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * say.h - how a line of a plugin of pppd's gets out: into pppd's log, and where there is a journal also there, with its fields (journal.h).
 *
 * What a peer or a client of the bus can cause as often as it likes goes through a bucket of tokens, one for each plugin of each pppd; what was
 * left out is said by "WHO: log-limited suppressed=N".  pppd is one thread; nothing waits.
 */
#ifndef SABUS_PPPD_SAY_H
#define SABUS_PPPD_SAY_H

#include <syslog.h>
#include "logline.h"

/* prio: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO. */
void say_line(int prio, const struct logline *ln);
/* The same, rate-limited; who as in logline_begin(). */
void say_line_limited(const char *who, int prio, const struct logline *ln);

/* Make the line, too: say_event("sabus", LOG_NOTICE, "bus-up path=\"%s\"", path). */
void say_event(const char *who, int prio, const char *format, ...) __attribute__((format(printf, 3, 4)));
void say_limited(const char *who, int prio, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same, and pppd ends. */
void say_fatal(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
