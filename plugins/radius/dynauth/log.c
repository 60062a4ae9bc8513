// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log.c - see log.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include "clock.h"
#include "journal.h"
#include "log.h"
#include "tokens.h"

static struct tokens buckets[] = {
	[DYN_LOG_OWN] = { 0 },
	[DYN_LOG_CLIENT] = { .burst = 500, .pause_ms = 20 },
	[DYN_LOG_STRANGER] = { .burst = 20, .pause_ms = 1000 },
};

static void emit(int prio, const struct logline *ln)
{
	if (journal_has_stderr() && journal_send(JOURNAL_SOCKET, "sabus-dynauth", prio, ln))
		return;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s\n", ln->text);
	else
		fprintf(stderr, "<%d>%s\n", prio, ln->text);
}

void dyn_log(enum dyn_log_class class, int prio, const char *format, ...)
{
	struct logline ln;
	unsigned int suppressed;
	va_list ap;

	if (!tokens_take(&buckets[class], now_ms(), &suppressed))
		return;
	if (suppressed) {
		logline_begin(&ln, "sabus");
		logline_add(&ln, "log-limited suppressed=%u", suppressed);
		emit(LOG_NOTICE, &ln);
	}
	logline_begin(&ln, "sabus");
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	emit(prio, &ln);
}
