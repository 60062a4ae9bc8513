// SPDX-License-Identifier: GPL-2.0-or-later
/* logfacts.c - see logfacts.h. */
#include <sys/socket.h>
#include "alg.h"
#include "logfacts.h"

void logfacts_endpoint(struct logline *ln, const char *key, const struct sabus_endpoint *e)
{
	char a[SABUS_ADDR_STRLEN];
	bool v6 = e->addr.family == AF_INET6;

	logline_add(ln, " %s=%s%s%s:%u", key, v6 ? "[" : "", sabus_addr_text(&e->addr, a), v6 ? "]" : "", e->port);
}

void logfacts_sa(struct logline *ln, const struct sabus_sa *sa)
{
	char suite[SABUS_SUITE_STRLEN];

	if (sa)
		logline_add(ln, " sa=%s{%u} spi=%08x/%08x suite=\"%s\" natt=%s", sa->name, sa->id, sa->spi_in, sa->spi_out,
			    sabus_sa_suite(sa, suite), sa->flags & SABUS_SAF_ENCAP ? "yes" : "no");
	else
		logline_add(ln, " sa=none");
}
