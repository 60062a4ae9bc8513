// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * say.c - see say.h.  pppd's own formatter knows few directives, so the line is whole before it gets there, and is logged as "%s".
 */
#include <stdarg.h>
#include <pppd/pppd.h>
#include "clock.h"
#include "journal.h"
#include "say.h"
#include "tokens.h"

static struct tokens the_tokens = { .burst = 100, .pause_ms = 1000 };

void say_line(int prio, const struct logline *ln)
{
	if (prio <= LOG_ERR)
		error("%s", ln->text);
	else if (prio == LOG_WARNING)
		warn("%s", ln->text);
	else if (prio == LOG_NOTICE)
		notice("%s", ln->text);
	else
		info("%s", ln->text);
	journal_send(JOURNAL_SOCKET, "pppd", prio, ln);
}

void say_line_limited(const char *who, int prio, const struct logline *ln)
{
	struct logline before;
	unsigned int suppressed;

	if (!tokens_take(&the_tokens, now_ms(), &suppressed))
		return;
	if (suppressed) {
		logline_begin(&before, who);
		logline_add(&before, "log-limited suppressed=%u", suppressed);
		say_line(LOG_NOTICE, &before);
	}
	say_line(prio, ln);
}

void say_event(const char *who, int prio, const char *format, ...)
{
	struct logline ln;
	va_list ap;

	logline_begin(&ln, who);
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	say_line(prio, &ln);
}

void say_limited(const char *who, int prio, const char *format, ...)
{
	struct logline ln;
	va_list ap;

	logline_begin(&ln, who);
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	say_line_limited(who, prio, &ln);
}

void say_fatal(const char *who, const char *format, ...)
{
	struct logline ln;
	va_list ap;

	logline_begin(&ln, who);
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	journal_send(JOURNAL_SOCKET, "pppd", LOG_CRIT, &ln);
	fatal("%s", ln.text);
}
