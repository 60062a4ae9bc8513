/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swanctl.c - children of connections, and their traffic selectors.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sa.h"
#include "swanctl.h"

bool is_child(const char *section)
{
	const char *at = strncmp(section, "connections.", 12) == 0 ? strstr(section, ".children.") : NULL;

	return at && !strchr(at + strlen(".children."), '.');
}

static bool first_of_section(const struct conf *c, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (!strcmp(c->entries[j].section, c->entries[i].section))
			return false;
	}
	return true;
}

const struct conf_entry *next_child(const struct conf *c, size_t *at)
{
	while (*at < c->n) {
		size_t i = (*at)++;

		if (is_child(c->entries[i].section) && first_of_section(c, i))
			return &c->entries[i];
	}
	return NULL;
}

const char *child_value(const struct conf *c, const char *section, const char *key, const char *otherwise)
{
	const struct conf_entry *e = conf_last(c, section, key);

	return e ? e->value : otherwise;
}

void each_part(const char *list, void (*each)(void *data, const char *part), void *data)
{
	char copy[1024], *rest = copy, *part;

	snprintf(copy, sizeof(copy), "%s", list);
	while ((part = strsep(&rest, ",")) != NULL) {
		part += strspn(part, " \t");
		part[strcspn(part, " \t")] = 0;
		if (*part)
			each(data, part);
	}
}

static unsigned int port_number(const char *text)
{
	return !strcmp(text, "l2tp") || !strcmp(text, "l2f") ? SABUS_L2TP_PORT : (unsigned int)strtoul(text, NULL, 10);
}

/* The part between brackets: "udp/1701", "17/1700-1710", "udp", "udp/any". */
static bool ports_admit(char *proto, unsigned int port)
{
	char *slash = strchr(proto, '/'), *dash;

	if (slash)
		*slash++ = 0;
	if (*proto && strcmp(proto, "udp") != 0 && strcmp(proto, "17") != 0 && strcmp(proto, "any") != 0)
		return false;
	if (!slash || !*slash || !strcmp(slash, "any"))
		return true;
	dash = strchr(slash, '-');
	if (dash)
		*dash++ = 0;
	return port_number(slash) <= port && port <= port_number(dash ? dash : slash);
}

struct admits {
	unsigned int port;
	bool yes;
};

static void look_at(void *data, const char *part)
{
	const char *open = strchr(part, '[');
	struct admits *a = data;
	char proto[64];

	if (!open) {
		a->yes = true;
		return;
	}
	snprintf(proto, sizeof(proto), "%s", open + 1);
	proto[strcspn(proto, "]")] = 0;
	a->yes |= ports_admit(proto, a->port);
}

bool ts_admits(const char *list, unsigned int port)
{
	struct admits a = { .port = port };

	each_part(list, look_at, &a);
	return a.yes;
}

static bool names_udp(const char *list)
{
	return strstr(list, "udp") || strstr(list, "[17");
}

bool child_for_l2tp(const struct conf *c, const char *section)
{
	const char *local = child_value(c, section, "local_ts", "dynamic"), *remote = child_value(c, section, "remote_ts", "dynamic");

	return names_udp(local) || names_udp(remote) || !strcmp(child_value(c, section, "mode", "tunnel"), "transport");
}
