/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_guard.c - L2TP in the clear: who listens, and what the kernel drops.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doctor.h"
#include "sa.h"

void check_guard(const struct patient *p, struct report *r)
{
	if (p->guard == GUARD_UNKNOWN)
		cannot_look(r, "%s", p->guard_text);
	else if (p->guard == GUARD_MISSING)
		found(r, "no policy of the kernel blocks UDP: %s", p->guard_text);
}

/* A line of /proc/net/udp: "  12: 0100007F:06A5 ..."; the second word is our end. */
static bool listens(char *table)
{
	char *line, *rest = table;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char address[40];
		unsigned int port;

		if (sscanf(line, " %*d: %39[0-9A-Fa-f]:%x", address, &port) == 2 && port == SABUS_L2TP_PORT)
			return true;
	}
	return false;
}

static bool table_listens(const struct patient *p, const char *name)
{
	size_t len;
	char *table = file_text(p, name, 16777216, &len);
	bool yes = table && listens(table);

	free(table);
	return yes;
}

void check_clear(const struct patient *p, struct report *r)
{
	bool v4 = table_listens(p, "/proc/net/udp"), v6 = table_listens(p, "/proc/net/udp6");

	if (!v4 && !v6)
		return;
	if (p->guard == GUARD_UNKNOWN)
		cannot_look(r, "%s", p->guard_text);
	else if (p->guard == GUARD_MISSING)
		found(r, "a socket on UDP port 1701 (IPv%s) takes what comes without IPsec", v4 ? "4" : "6");
}
