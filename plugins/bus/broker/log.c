/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.c - log lines, their rate limit, and the two helpers that end the process when memory is gone.
 *
 * One process, one log: the state is file-static on purpose.
 */
#include "config.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "clock.h"
#include "journal.h"
#include "log.h"
#include "tokens.h"

static bool use_syslog;
static struct tokens limit = { .burst = 32, .pause_ms = 250 };

void log_to_syslog(void)
{
	openlog("sabusd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	use_syslog = true;
}

static void emit(int prio, const struct logline *ln)
{
	if (use_syslog)
		syslog(prio, "%s", ln->text);
	else if (journal_has_stderr() && journal_send(JOURNAL_SOCKET, "sabusd", prio, ln))
		return; /* with its fields, instead */
	else if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s\n", ln->text);
	else
		fprintf(stderr, "<%d>%s\n", prio, ln->text);
}

void log_line(int prio, const char *format, ...)
{
	struct logline ln;
	va_list ap;

	logline_begin(&ln, "sabus");
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	emit(prio, &ln);
}

void log_limited(int prio, const char *format, ...)
{
	unsigned int suppressed;
	struct logline ln;
	va_list ap;

	logline_begin(&ln, "sabus"); /* before errno can change */
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	if (!tokens_take(&limit, now_ms(), &suppressed))
		return;
	if (suppressed)
		log_line(LOG_NOTICE, "log-limited suppressed=%u", suppressed);
	emit(prio, &ln);
}

static void out_of_memory(size_t bytes)
{
	log_line(LOG_CRIT, "out-of-memory bytes=%zu text=\"ending; publishers and sessions will put their state again\"", bytes);
	abort();
}

void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		out_of_memory(n * size);
	return p;
}

void *must_realloc(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p)
		out_of_memory(size);
	return p;
}
