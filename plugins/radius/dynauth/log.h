/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - lines "sabus: EVENT key=value ...": to the journal with their fields when standard error is the journal's, else on standard error, with the
 * priority prefixes of sd-daemon(3) unless that is a terminal.
 *
 * What strangers can cause and what clients with a secret can cause go through a token bucket each, so that neither fills a disk, nor hides the other's lines.
 * A process has one log, so the state is file-static.  One thread.
 */
#ifndef SABUS_DYNAUTH_LOG_H
#define SABUS_DYNAUTH_LOG_H

#include <syslog.h>

enum dyn_log_class { DYN_LOG_OWN, DYN_LOG_CLIENT, DYN_LOG_STRANGER };

/* prio: LOG_ERR and so on; format as of logline_add(), from the event on. */
void dyn_log(enum dyn_log_class class, int prio, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
