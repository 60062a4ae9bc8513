/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logline.h - one line of a log: "sabus: EVENT key=value key="with blanks" ...", see sabus-log(7).
 *
 * The template says event, keys and quotes, the arguments only values.  Whatever a string argument holds stays inside its value: a byte that
 * could end it or begin another line (controls, quotes, backslashes, what is not ASCII; outside of quotes also blanks) is written as \xNN.  So a
 * peer's or client's name forges neither a line nor a key, and the line can be taken apart again: logline_next() gives back what was put in.
 *
 * A line that would be too long ends behind a whole value, or inside a quoted one whose quotes are closed then.
 *
 * Pure: no I/O, nothing is allocated, any thread that has its own struct.
 */
#ifndef SABUS_LOGLINE_H
#define SABUS_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>

#define LOGLINE_MAX 1000 /* bytes with the NUL: pppd cuts a line at 1023 */

struct logline {
	char text[LOGLINE_MAX]; /* a string at any time */
	size_t len;
	size_t field; /* where the last field begins */
	bool quoted;  /* inside a quoted value */
	bool full;    /* nothing more fits */
};

/* Makes ln "WHO: "; who is a constant word, "sabus". */
void logline_begin(struct logline *ln, const char *who);

/*
 * Appends: `"close reason=%s"` first, then `" key=%u"`, `" key=\"%s\""`.  A value or part of one per conversion; %s %.Ns %.*s %m, and %d %u %x with
 * 0, a width, and h l ll z.  Others are a mistake of the caller's and come out as '?'.
 */
void logline_add(struct logline *ln, const char *format, ...) __attribute__((format(printf, 2, 3)));
void logline_vadd(struct logline *ln, const char *format, __builtin_va_list ap) __attribute__((format(printf, 2, 0)));

struct logline_field {
	const char *key, *value; /* in the line; value without quotes, as it is written there */
	size_t key_len, len;
};

/* The event's word in a line, *len bytes; *rest is where the fields begin, for logline_next(). */
const char *logline_event(const char *text, size_t *len, const char **rest);
/* The next field; false: there is none. */
bool logline_next(const char **rest, struct logline_field *f);
/* The value as it was before it was written: at most f->len bytes into out, no NUL.  Returns how many. */
size_t logline_value(const struct logline_field *f, char *out);

#endif
