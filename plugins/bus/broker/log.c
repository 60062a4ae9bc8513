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
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "log.h"

#define LOG_BURST      32 /* lines at once */
#define LOG_PER_SECOND 4  /* refill */

static bool use_syslog;
static struct {
	int64_t tokens, last_ms;
	unsigned long dropped;
} limit = { .tokens = LOG_BURST };

void log_to_syslog(void)
{
	openlog("sabusd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	use_syslog = true;
}

static void __attribute__((format(printf, 2, 0))) emit(int prio, const char *fmt, va_list ap)
{
	char line[768];

	vsnprintf(line, sizeof(line), fmt, ap);
	if (use_syslog)
		syslog(prio, "%s", line);
	else if (isatty(STDERR_FILENO))
		fprintf(stderr, "sabusd: %s\n", line);
	else
		fprintf(stderr, "<%d>sabusd: %s\n", prio, line);
}

void log_line(int prio, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(prio, fmt, ap);
	va_end(ap);
}

/* Takes one token; false = be silent. */
static bool admitted(void)
{
	int64_t now = now_ms();
	int64_t more = (now - limit.last_ms) * LOG_PER_SECOND / 1000;

	if (more > 0) {
		limit.tokens = limit.tokens + more > LOG_BURST ? LOG_BURST : limit.tokens + more;
		limit.last_ms = now;
	}
	if (!limit.tokens) {
		limit.dropped++;
		return false;
	}
	limit.tokens--;
	return true;
}

void log_limited(int prio, const char *fmt, ...)
{
	unsigned long dropped = limit.dropped;
	va_list ap;

	if (!admitted())
		return;
	if (dropped) {
		limit.dropped = 0;
		log_line(LOG_NOTICE, "%lu lines about clients were suppressed", dropped);
	}
	va_start(ap, fmt);
	emit(prio, fmt, ap);
	va_end(ap);
}

void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p) {
		log_line(LOG_CRIT, "out of memory (%zu bytes); ending, publishers and sessions will put their state again", n * size);
		abort();
	}
	return p;
}

void *must_realloc(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p) {
		log_line(LOG_CRIT, "out of memory (%zu bytes); ending, publishers and sessions will put their state again", size);
		abort();
	}
	return p;
}
