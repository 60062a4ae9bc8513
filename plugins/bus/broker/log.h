/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - where sabusd speaks: the journal, when stderr is its stream; stderr with sd-daemon(3) "<N>" prefixes; or syslog.
 *
 * A line is "sabus: EVENT key=value ...", see logline.h: the format begins with the event.
 *
 * Two kinds of lines: what happens to the broker itself is always written (log_line); what a client can cause as often as it likes is
 * written through a token bucket (log_limited), so that a hostile client cannot fill a disk.  Main thread only; prio is LOG_ERR and so on.
 */
#ifndef SABUSD_LOG_H
#define SABUSD_LOG_H

#include <stddef.h>
#include <syslog.h>

void log_to_syslog(void); /* from now on; before that lines go to stderr */
void log_line(int prio, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_limited(int prio, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Memory that is there or the process ends.  The broker's state is soft (publishers and sessions put it again after a restart, readers
 * get UNKNOWN meanwhile); a half-applied change would not be.  must_calloc() zeroes.
 */
void *must_calloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *must_realloc(void *p, size_t size) __attribute__((returns_nonnull));


#endif
