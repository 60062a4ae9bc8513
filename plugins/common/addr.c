// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * addr.c - IPv4 and IPv6 addresses and endpoints.
 *
 * One representation for both families, always in network byte order, so that a range check is one memcmp().  Family 0 means "no
 * address": it equals itself, is never within a range and has no sockaddr.  IPv6 scope ids are not kept; an SA never has one.
 */
#include "sa.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static size_t addr_len(const struct sabus_addr *a)
{
	switch (a->family) {
	case AF_INET: return 4;
	case AF_INET6: return 16;
	default: return 0;
	}
}

int sabus_addr_parse(struct sabus_addr *a, const char *text)
{
	static const int families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct sabus_addr parsed = { .family = (uint8_t)families[i] };

		if (inet_pton(families[i], text, parsed.b) == 1) {
			*a = parsed;
			return 0;
		}
	}
	return -EINVAL;
}

const char *sabus_addr_text(const struct sabus_addr *a, char buf[SABUS_ADDR_STRLEN])
{
	if (!addr_len(a) || !inet_ntop(a->family, a->b, buf, SABUS_ADDR_STRLEN))
		(void)snprintf(buf, SABUS_ADDR_STRLEN, "?");
	return buf;
}

bool sabus_addr_equal(const struct sabus_addr *a, const struct sabus_addr *b)
{
	return a->family == b->family && memcmp(a->b, b->b, addr_len(a)) == 0;
}

bool sabus_addr_is_any(const struct sabus_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->b, zero, addr_len(a)) == 0;
}

bool sabus_addr_within(const struct sabus_addr *x, const struct sabus_addr *from, const struct sabus_addr *to)
{
	size_t len = addr_len(x);

	if (!len || x->family != from->family || x->family != to->family)
		return false;
	return memcmp(from->b, x->b, len) <= 0 && memcmp(x->b, to->b, len) <= 0;
}

/* A dual-stack socket shows an IPv4 peer as ::ffff:a.b.c.d, but its packets, and so its SA, are IPv4. */
static void from_in6(struct sabus_endpoint *e, const struct sockaddr_in6 *in6)
{
	e->port = ntohs(in6->sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		e->addr.family = AF_INET;
		memcpy(e->addr.b, in6->sin6_addr.s6_addr + 12, 4);
	} else {
		e->addr.family = AF_INET6;
		memcpy(e->addr.b, in6->sin6_addr.s6_addr, 16);
	}
}

/* The sockaddr is copied before it is read: what is behind it may be declared as any of the sockaddr types. */
int sabus_endpoint_from_sockaddr(struct sabus_endpoint *e, const struct sockaddr *sa, size_t len)
{
	struct sabus_endpoint parsed = { 0 };
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	sa_family_t family;

	if (len < offsetof(struct sockaddr, sa_family) + sizeof(family))
		return -EINVAL;
	memcpy(&family, (const char *)sa + offsetof(struct sockaddr, sa_family), sizeof(family));
	if (family == AF_INET) {
		if (len < sizeof(in))
			return -EINVAL;
		memcpy(&in, sa, sizeof(in));
		parsed.addr.family = AF_INET;
		parsed.port = ntohs(in.sin_port);
		memcpy(parsed.addr.b, &in.sin_addr, 4);
	} else if (family == AF_INET6) {
		if (len < sizeof(in6))
			return -EINVAL;
		memcpy(&in6, sa, sizeof(in6));
		from_in6(&parsed, &in6);
	} else {
		return -EAFNOSUPPORT;
	}
	*e = parsed;
	return 0;
}

int sabus_endpoint_to_sockaddr(const struct sabus_endpoint *e, struct sockaddr_storage *ss, size_t *len)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(e->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };

	memset(ss, 0, sizeof(*ss));
	switch (e->addr.family) {
	case AF_INET:
		memcpy(&in.sin_addr, e->addr.b, 4);
		memcpy(ss, &in, sizeof(in));
		*len = sizeof(in);
		return 0;
	case AF_INET6:
		memcpy(&in6.sin6_addr, e->addr.b, 16);
		memcpy(ss, &in6, sizeof(in6));
		*len = sizeof(in6);
		return 0;
	default: return -EAFNOSUPPORT;
	}
}
