/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.c - enumerations and endpoints as words.  The words are part of the JSON schema: they never change.
 */
#include "config.h"
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "alg.h"
#include "words.h"

const char *publisher_word(enum sabus_publisher p)
{
	switch (p) {
	case SABUS_PUB_NONE: return "none";
	case SABUS_PUB_SYNCING: return "syncing";
	case SABUS_PUB_SYNCED: return "synced";
	}
	return "unknown";
}

const char *state_word(enum sabus_sa_state s)
{
	switch (s) {
	case SABUS_SA_NONE: return "none";
	case SABUS_SA_PENDING: return "pending";
	case SABUS_SA_INSTALLED: return "installed";
	case SABUS_SA_REKEYED: return "rekeyed";
	}
	return "unknown";
}

const char *role_word(uint8_t role)
{
	return role ? "client" : "lns";
}

const char *tunnel_state_word(uint8_t state)
{
	switch (state) {
	case SABUS_TSTATE_ASKED: return "asked";
	case SABUS_TSTATE_UP: return "up";
	case SABUS_TSTATE_ENDING: return "ending";
	default: return "unknown";
	}
}

const char *mode_word(uint8_t mode)
{
	switch (mode) {
	case SABUS_MODE_TRANSPORT: return "transport";
	case SABUS_MODE_TUNNEL: return "tunnel";
	case SABUS_MODE_BEET: return "beet";
	default: return "unknown";
	}
}

const char *protection_word(const struct sabus_sa *sa)
{
	if (!sa || !sabus_sa_integrity(sa))
		return "none";
	return sabus_sa_confidential(sa) ? "confidential" : "integrity";
}

const char *endpoint_text(const struct sabus_endpoint *e, char buf[ENDPOINT_STRLEN])
{
	char addr[SABUS_ADDR_STRLEN];

	snprintf(buf, ENDPOINT_STRLEN, e->addr.family == AF_INET6 ? "[%s]:%u" : "%s:%u", sabus_addr_text(&e->addr, addr), e->port);
	return buf;
}

static const char *duration(uint64_t s, char buf[AGE_STRLEN])
{
	unsigned long long v = s;

	if (v >= 86400)
		snprintf(buf, AGE_STRLEN, "%llud%02lluh", v / 86400, v % 86400 / 3600);
	else if (v >= 3600)
		snprintf(buf, AGE_STRLEN, "%lluh%02llum", v / 3600, v % 3600 / 60);
	else if (v >= 60)
		snprintf(buf, AGE_STRLEN, "%llum%02llus", v / 60, v % 60);
	else
		snprintf(buf, AGE_STRLEN, "%llus", v);
	return buf;
}

const char *span_text(uint64_t from, uint64_t to, bool known, char buf[AGE_STRLEN])
{
	return known ? duration(to > from ? to - from : 0, buf) : "-";
}

uint64_t seconds_now(int clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec;
}

const char *bytes_text(uint64_t bytes, bool known, char buf[BYTES_STRLEN])
{
	static const char units[] = " kMGTPE";
	double v = (double)bytes;
	size_t unit = 0;

	while (v >= 999.95 && units[unit + 1]) {
		v /= 1000;
		unit++;
	}
	if (!known)
		snprintf(buf, BYTES_STRLEN, "-");
	else if (!unit)
		snprintf(buf, BYTES_STRLEN, "%llu", (unsigned long long)bytes);
	else
		snprintf(buf, BYTES_STRLEN, "%.1f%c", v, units[unit]);
	return buf;
}

static const char *escape(const char *src, const char *special, char *buf, size_t size)
{
	size_t n = 0;

	for (; *src && n + 5 <= size; src++) {
		unsigned char ch = (unsigned char)*src;

		if (ch >= ' ' && ch <= '~' && !strchr(special, ch))
			buf[n++] = *src;
		else
			n += (size_t)snprintf(buf + n, size - n, "\\x%02x", ch);
	}
	buf[n] = 0;
	return buf;
}

const char *printable(const char *src, char *buf, size_t size)
{
	return escape(src, "\\", buf, size);
}

const char *printable_value(const char *src, char *buf, size_t size)
{
	return escape(src, "\\ '\"=", buf, size);
}

const char *or_dash(const char *src, char *buf, size_t size)
{
	return src[0] ? printable(src, buf, size) : "-";
}

/* Bytes of the UTF-8 character at p, 0 = none is valid there.  p is NUL-terminated.  Overlong forms and surrogates are not valid (RFC 3629). */
static size_t utf8_length(const unsigned char *p)
{
	static const unsigned char least[5] = { 0, 0, 0xc2, 0xe0, 0xf0 };
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (n == 1)
		return 1;
	if (p[0] < least[n] || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

const char *utf8_text(const char *src, char *buf, size_t size)
{
	size_t n = 0, len;

	for (const unsigned char *p = (const unsigned char *)src; *p && n + 5 < size; p += len ? len : 1) {
		len = utf8_length(p);
		memcpy(buf + n, len ? (const char *)p : "?", len ? len : 1);
		n += len ? len : 1;
	}
	buf[n] = 0;
	return buf;
}
