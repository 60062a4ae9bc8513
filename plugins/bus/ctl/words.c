/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.c - enumerations and endpoints as words.  The words are part of the JSON schema: they never change.
 */
#include "config.h"
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "ctl.h"

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
