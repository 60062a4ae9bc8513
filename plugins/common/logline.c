// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * logline.c - see logline.h.  A printf of its own: only so every string passes through put_text().
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "logline.h"

#define ROOM (LOGLINE_MAX - 2) /* but for a quote and the NUL */

/* ---- writing ---- */

/* All of it or nothing: then the line ends with what is whole. */
static void put(struct logline *ln, const char *bytes, size_t n)
{
	if (ln->full)
		return;
	if (ln->len + n <= ROOM) {
		memcpy(ln->text + ln->len, bytes, n);
		ln->len += n;
	} else if (ln->quoted) {
		ln->text[ln->len++] = '"';
		ln->full = true;
	} else {
		ln->len = ln->field;
		ln->full = true;
	}
	ln->text[ln->len] = 0;
}

static void put_literal(struct logline *ln, char c)
{
	if (ln->full)
		return;
	if (c == ' ' && !ln->quoted)
		ln->field = ln->len;
	if (c == '"' && ln->quoted) { /* there is room for this one */
		ln->text[ln->len++] = c;
		ln->text[ln->len] = 0;
	} else {
		put(ln, &c, 1);
	}
	if (c == '"')
		ln->quoted = !ln->quoted;
}

static void put_byte(struct logline *ln, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char escaped[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };
	char plain = (char)c;

	if (c > 0x20 && c < 0x7f && c != '"' && c != '\\')
		put(ln, &plain, 1);
	else if (c == ' ' && ln->quoted)
		put(ln, &plain, 1);
	else
		put(ln, escaped, sizeof(escaped));
}

static void put_text(struct logline *ln, const char *text, size_t max)
{
	for (size_t i = 0; text && i < max && text[i]; i++)
		put_byte(ln, (unsigned char)text[i]);
}

void logline_begin(struct logline *ln, const char *who)
{
	*ln = (struct logline){ .len = 0 };
	put_text(ln, who, SIZE_MAX);
	put(ln, ": ", 2);
}

/* ---- the template ---- */

enum size { SIZE_INT, SIZE_LONG, SIZE_LLONG, SIZE_SIZE };

struct conversion {
	int width;
	size_t precision;
	enum size size;
	char letter;
};

static size_t read_number(const char **f)
{
	size_t n = 0;

	for (; **f >= '0' && **f <= '9' && n < LOGLINE_MAX; ++*f)
		n = n * 10 + (size_t)(**f - '0');
	return n;
}

static enum size read_size(const char **f)
{
	enum size s = SIZE_INT;

	for (;; ++*f) {
		if (**f == 'l')
			s = s == SIZE_INT ? SIZE_LONG : SIZE_LLONG;
		else if (**f == 'z')
			s = SIZE_SIZE;
		else if (**f != 'h') /* comes as an int */
			return s;
	}
}

static unsigned long long take_unsigned(enum size size, va_list *ap)
{
	switch (size) {
	case SIZE_LONG: return va_arg(*ap, unsigned long);
	case SIZE_LLONG: return va_arg(*ap, unsigned long long);
	case SIZE_SIZE: return va_arg(*ap, size_t);
	default: return va_arg(*ap, unsigned int);
	}
}

static long long take_signed(enum size size, va_list *ap)
{
	switch (size) {
	case SIZE_LONG: return va_arg(*ap, long);
	case SIZE_LLONG: return va_arg(*ap, long long);
	case SIZE_SIZE: return (long long)va_arg(*ap, size_t);
	default: return va_arg(*ap, int);
	}
}

static void put_conversion(struct logline *ln, const struct conversion *c, va_list *ap, int err)
{
	char n[64] = "?";

	switch (c->letter) {
	case 's': put_text(ln, va_arg(*ap, const char *), c->precision); return;
	case 'm': put_text(ln, strerror(err), SIZE_MAX); return;
	case 'd': snprintf(n, sizeof(n), "%0*lld", c->width, take_signed(c->size, ap)); break;
	case 'u': snprintf(n, sizeof(n), "%0*llu", c->width, take_unsigned(c->size, ap)); break;
	case 'x': snprintf(n, sizeof(n), "%0*llx", c->width, take_unsigned(c->size, ap)); break;
	default: break;
	}
	put(ln, n, strlen(n));
}

static void read_conversion(struct conversion *c, const char **f, va_list *ap)
{
	*c = (struct conversion){ .precision = SIZE_MAX };
	c->width = (int)read_number(f);
	if (**f == '.') {
		++*f;
		if (**f == '*') {
			int n = va_arg(*ap, int);

			++*f;
			c->precision = n < 0 ? SIZE_MAX : (size_t)n;
		} else {
			c->precision = read_number(f);
		}
	}
	c->size = read_size(f);
	c->letter = **f;
}

void logline_vadd(struct logline *ln, const char *format, va_list ap)
{
	struct conversion c;
	int err = errno;
	va_list args;

	va_copy(args, ap);
	for (const char *f = format; *f; f++) {
		if (*f != '%') {
			put_literal(ln, *f);
			continue;
		}
		f++;
		read_conversion(&c, &f, &args);
		if (!c.letter)
			break;
		put_conversion(ln, &c, &args, err);
	}
	va_end(args);
}

void logline_add(struct logline *ln, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	logline_vadd(ln, format, ap);
	va_end(ap);
}

/* ---- reading ---- */

const char *logline_event(const char *text, size_t *len, const char **rest)
{
	const char *colon = strstr(text, ": "), *event = colon ? colon + 2 : text;

	*len = strcspn(event, " ");
	*rest = event + *len;
	return event;
}

bool logline_next(const char **rest, struct logline_field *f)
{
	const char *at = *rest + strspn(*rest, " ");
	bool quoted;

	f->key = at;
	f->key_len = strcspn(at, "= ");
	if (at[f->key_len] != '=')
		return false;
	at += f->key_len + 1;
	quoted = *at == '"';
	f->value = at + quoted;
	f->len = strcspn(f->value, quoted ? "\"" : " ");
	*rest = f->value + f->len;
	if (quoted && **rest)
		++*rest;
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t logline_value(const struct logline_field *f, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < f->len; i++) {
		const char *v = f->value + i;
		bool escaped = f->len - i >= 4 && v[0] == '\\' && v[1] == 'x' && hex_digit(v[2]) >= 0 && hex_digit(v[3]) >= 0;

		out[n++] = escaped ? (char)(hex_digit(v[2]) * 16 + hex_digit(v[3])) : v[0];
		i += escaped ? 3 : 0;
	}
	return n;
}
