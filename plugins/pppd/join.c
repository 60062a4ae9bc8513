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

bool join_agrees(const struct join *j, const struct sabus_sa *sa)
{
	return !j->sa_id || j->sa_id == sa->id || j->sa_id == sa->replaces;
}
