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
