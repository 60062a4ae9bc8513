/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.h - a log line as an entry of the systemd journal with a field for each key, in journald's native protocol.
 *
 * Fields: MESSAGE (the line), PRIORITY, SYSLOG_IDENTIFIER=sabus, SABUS_DAEMON, SABUS_EVENT, and SABUS_KEY for each key of the line, in capitals
 * and with '_' for '-': reason=no-sa is SABUS_REASON=no-sa.  Values are what they were before they were made fit for the line.
 *
 * One datagram for each entry, by a socket of its own: nothing stays open, nothing has to be opened again when journald is restarted.  It NEVER
 * waits: what journald has no room for is not sent.  Any thread; errno is kept.
 */
#ifndef SABUS_JOURNAL_H
#define SABUS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include "logline.h"

#ifndef JOURNAL_SOCKET
#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#endif

#define JOURNAL_ENTRY_MAX 8192 /* more than a line of LOGLINE_MAX can become */

/* The entry's bytes into out; returns their number.  prio: LOG_ERR and so on; daemon: "pppd". */
size_t journal_entry(char out[JOURNAL_ENTRY_MAX], const char *daemon, int prio, const struct logline *ln);

/* Sends it to path, JOURNAL_SOCKET but for tests.  False: there is no journal, or it has no room; nothing was sent. */
bool journal_send(const char *path, const char *daemon, int prio, const struct logline *ln);

/* Is standard error the journal's stream?  By $JOURNAL_STREAM, systemd.exec(5). */
bool journal_has_stderr(void);

#endif
