// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log.c - see log.h.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "log.h"

struct bucket {
	int64_t burst, per_second; /* lines; burst 0: no limit */
	int64_t tokens, last_ms;
	unsigned long dropped;
};

static struct bucket buckets[] = {
	[DYN_LOG_OWN] = { 0 },
	[DYN_LOG_CLIENT] = { .burst = 500, .per_second = 50, .tokens = 500 },
	[DYN_LOG_STRANGER] = { .burst = 20, .per_second = 1, .tokens = 20 },
};

static void emit(int prio, const char *line)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "sabus-dynauth: %s\n", line);
	else
		fprintf(stderr, "<%d>sabus-dynauth: %s\n", prio, line);
}

static bool admitted(struct bucket *b)
{
	int64_t now = now_ms(), more = (now - b->last_ms) * b->per_second / 1000;

	if (!b->burst)
		return true;
	if (more > 0) {
		b->tokens = b->tokens + more > b->burst ? b->burst : b->tokens + more;
		b->last_ms = now;
	}
	if (!b->tokens) {
		b->dropped++;
		return false;
	}
	b->tokens--;
	return true;
}

void dyn_log(enum dyn_log_class class, int prio, const char *format, ...)
{
	struct bucket *b = &buckets[class];
	char line[1024];
	va_list ap;

	if (!admitted(b))
		return;
	if (b->dropped) {
		snprintf(line, sizeof(line), "event=log-limited suppressed=%lu", b->dropped);
		b->dropped = 0;
		emit(LOG_NOTICE, line);
	}
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	emit(prio, line);
}

const char *dyn_quoted(const char *text, char *out, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	if (size < 3)
		return "";
	out[n++] = '"';
	for (const unsigned char *t = (const unsigned char *)text; *t && n + 6 < size; t++) {
		if (*t > ' ' - 1 && *t < 0x7f && *t != '"' && *t != '\\') {
			out[n++] = (char)*t;
			continue;
		}
		memcpy(out + n, "\\x", 2);
		out[n + 2] = hex[*t >> 4];
		out[n + 3] = hex[*t & 15];
		n += 4;
	}
	out[n++] = '"';
	out[n] = '\0';
	return out;
}
