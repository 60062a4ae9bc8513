/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - the plugin's lines: into charon's log (group DMN, level 1), and where there is a journal also there, with their fields.
 *
 * Lines that peers or clients of the bus can cause go through a bucket of tokens.  Any thread, also inside a bus hook: nothing waits but for the
 * bucket's mutex, under which nothing is called.
 */
#ifndef SABUS_CHARON_REPORT_H
#define SABUS_CHARON_REPORT_H

#include <syslog.h>
#include "logline.h"
#include "sa.h"

/* What happens to the plugin itself; prio: LOG_ERR and so on, format as of logline_add(), from the event on. */
void report_event(int prio, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What others can cause as often as they like. */
void report_limited(int prio, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* This CHILD_SA is not published; error: negative errno. */
void report_unpublished(const struct sabus_sa *sa, int error);
/* A line that is whole already; the other one goes through the bucket. */
void report_line(int prio, const struct logline *ln);
void report_line_limited(int prio, const struct logline *ln);

#endif
