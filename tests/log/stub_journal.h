/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stub_journal.h - a journal of cardboard: what the plugin under test sends, one line per entry.
 */
#ifndef SABUS_TEST_STUB_JOURNAL_H
#define SABUS_TEST_STUB_JOURNAL_H

#include <stdbool.h>

void stub_journal_reset(void);
/*
 * Holds when the log has exactly the lines that were sent here, in the same order, and all were sent as daemon's to the host's journal.  Lines that
 * begin with none of the words of ours ("sabus: ", "sabus-radius: ") do not count: they are the host's own.
 */
bool stub_journal_is(const char *log, const char *daemon);

#endif
