/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.c - strict where strongSwan's own settings parser would silently take the default.  Pure: no charon type. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include "options.h"
#include "sabus.h"

bool options_set_socket(struct options *o, const char *text, char *why, size_t size)
{
	const size_t max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

	o->socket = text ? text : SABUS_SOCK_PUBLISH;
	if (o->socket[0] == '/' && strlen(o->socket) <= max)
		return true;
	snprintf(why, size, "socket = '%.80s': must be an absolute path of at most %zu bytes", o->socket, max);
	return false;
}

/* "1500ms", "2s" or "2" (seconds).  False: not a number with such a unit. */
static bool parse_ms(const char *text, unsigned long *ms)
{
	unsigned long factor = 1000;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*ms = strtoul(text, &end, 10);
	if (errno || *ms > OPTIONS_RECONNECT_MAX_MS)
		*ms = OPTIONS_RECONNECT_MAX_MS + 1ul; /* too large whatever the unit; keeps the product small */
	if (!strcmp(end, "ms"))
		factor = 1;
	else if (*end && strcmp(end, "s") != 0)
		return false;
	*ms *= factor;
	return true;
}

bool options_set_reconnect(struct options *o, const char *text, char *why, size_t size)
{
	unsigned long ms = OPTIONS_RECONNECT_DEFAULT_MS;

	if ((!text || parse_ms(text, &ms)) && ms >= OPTIONS_RECONNECT_MIN_MS && ms <= OPTIONS_RECONNECT_MAX_MS) {
		o->reconnect_ms = (unsigned)ms;
		return true;
	}
	snprintf(why, size, "reconnect = '%.40s': must be a time from %ums to %us, as 500ms or 2s", text, OPTIONS_RECONNECT_MIN_MS,
		 OPTIONS_RECONNECT_MAX_MS / 1000);
	return false;
}
