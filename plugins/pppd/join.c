// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * join.c - strict on purpose: the text is made by our own plugin in xl2tpd, so anything else is a mistake somewhere.
 *
 * The join is more than a short cut.  Two clients behind one NAT have one and the same flow; only the mark of the datagrams that xl2tpd
 * received tells them apart, and stock PPPoL2TP sockets do not know it.
 */
#include "join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Copies the text before the next `end` (0: all the rest) to buf and moves *at behind it. */
static int field(const char **at, char end, char *buf, size_t size)
{
	const char *stop = end ? strchr(*at, end) : *at + strlen(*at);
	size_t n;

	if (!stop || stop == *at)
		return -EINVAL;
	n = (size_t)(stop - *at);
	if (n >= size)
		return -EINVAL;
	memcpy(buf, *at, n);
	buf[n] = 0;
	*at = end ? stop + 1 : stop;
	return 0;
}

/* digits: those allowed; strtoull() would take blanks and a sign. */
static int number(const char *text, int base, const char *digits, unsigned long long max, unsigned long long *n)
{
	if (!*text || text[strspn(text, digits)])
		return -EINVAL;
	errno = 0;
	*n = strtoull(text, NULL, base);
	return errno || *n > max ? -EINVAL : 0;
}

static int endpoint(const char **at, struct sabus_endpoint *e)
{
	char address[SABUS_ADDR_STRLEN], port[6];
	unsigned long long n;

	if (field(at, ':', address, sizeof(address)) || field(at, ',', port, sizeof(port)))
		return -EINVAL;
	if (sabus_addr_parse(&e->addr, address) || e->addr.family != AF_INET || sabus_addr_is_any(&e->addr))
		return -EINVAL;
	if (number(port, 10, "0123456789", UINT16_MAX, &n) || !n)
		return -EINVAL;
	e->port = (uint16_t)n;
	return 0;
}

int join_parse(struct join *j, const char *text)
{
	char mark[11], id[11];
	unsigned long long n;

	memset(j, 0, sizeof(*j));
	if (endpoint(&text, &j->flow.local) || endpoint(&text, &j->flow.remote) || field(&text, ',', mark, sizeof(mark)) ||
	    field(&text, 0, id, sizeof(id)))
		return -EINVAL;
	if (strncmp(mark, "0x", 2) != 0 || number(mark + 2, 16, "0123456789abcdefABCDEF", UINT32_MAX, &n))
		return -EINVAL;
	j->flow.mark = (uint32_t)n;
	if (number(id, 10, "0123456789", UINT32_MAX, &n))
		return -EINVAL;
	j->sa_id = (uint32_t)n;
	return 0;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to the next comma, which is skipped.  What does not fit is cut. */
static int name(const char **at, char *buf, size_t size)
{
	size_t n = 0;

	for (; **at && **at != ','; ++*at) {
		int c = (unsigned char)**at;

		if (c == '%') {
			int high = hex((*at)[1]), low = high < 0 ? -1 : hex((*at)[2]);

			if (low < 0 || (high == 0 && low == 0))
				return -EINVAL;
			c = high << 4 | low;
			*at += 2;
		} else if (!is_plain((char)c)) {
			return -EINVAL;
		}
		if (n < size - 1)
			buf[n++] = (char)c;
	}
	buf[n] = 0;
	if (**at != ',')
		return -EINVAL;
	++*at;
	return 0;
}

int join_parse_names(struct join_names *n, const char *text)
{
	unsigned long long serial;

	memset(n, 0, sizeof(*n));
	if (name(&text, n->local, sizeof(n->local)) || name(&text, n->peer, sizeof(n->peer)))
		return -EINVAL;
	if (number(text, 10, "0123456789", UINT32_MAX, &serial))
		return -EINVAL;
	n->serial = (uint32_t)serial;
	return 0;
}

bool join_agrees(const struct join *j, const struct sabus_sa *sa)
{
	return !j->sa_id || j->sa_id == sa->id || j->sa_id == sa->replaces;
}
