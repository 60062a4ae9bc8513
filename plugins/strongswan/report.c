/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c - see report.h.  The bucket is file-static: the log is charon's, and the ABI guard speaks before there is a plugin.
 */
#include <pthread.h>
#include <stdarg.h>
#include "charon.h"
#include "clock.h"
#include "journal.h"
#include "report.h"
#include "tokens.h"

static pthread_mutex_t the_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct tokens the_tokens = { .burst = 500, .pause_ms = 20 };

void report_line(int prio, const struct logline *ln)
{
	sabus_log("%s", ln->text);
	journal_send(JOURNAL_SOCKET, "charon", prio, ln);
}

void report_event(int prio, const char *format, ...)
{
	struct logline ln;
	va_list ap;

	logline_begin(&ln, "sabus");
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	report_line(prio, &ln);
}

/* Is there a token for one more line?  How many had none since the last one is said before it. */
static bool admitted(void)
{
	unsigned int suppressed = 0;
	bool is;

	pthread_mutex_lock(&the_mutex);
	is = tokens_take(&the_tokens, now_ms(), &suppressed);
	pthread_mutex_unlock(&the_mutex);
	if (is && suppressed)
		report_event(LOG_NOTICE, "log-limited suppressed=%u", suppressed);
	return is;
}

void report_line_limited(int prio, const struct logline *ln)
{
	if (admitted())
		report_line(prio, ln);
}

void report_limited(int prio, const char *format, ...)
{
	struct logline ln;
	va_list ap;

	if (!admitted())
		return;
	logline_begin(&ln, "sabus");
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	report_line(prio, &ln);
}

void report_unpublished(const struct sabus_sa *sa, int error)
{
	report_limited(LOG_ERR, "unpublished sa=%s{%u} text=\"not published: %s; sabusd answers 'unknown' until it is gone\"", sa->name,
		       sa->id, strerror(-error));
}
