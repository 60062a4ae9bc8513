/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon_log.h - standard error into a file, and what a daemon's log.c does with it.
 */
#ifndef SABUS_TEST_DAEMON_LOG_H
#define SABUS_TEST_DAEMON_LOG_H

#include <stdbool.h>

/* say() writes one line that names "two" and one event; daemon as in SABUS_DAEMON; path is JOURNAL_SOCKET. */
void daemon_log_test(void (*say)(const char *name), const char *daemon, const char *path);

#endif
