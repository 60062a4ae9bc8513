/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_xl2tpd.c - what stock xl2tpd cannot do, and what makes it leave the kernel.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doctor.h"

#define STOCK_TUNNELS 1000 /* select()'s 1024 descriptors, less what else is open */

/* The patched one looks for this symbol in its plugins (patches/xl2tpd, "A plugin interface"). */
static bool is_patched(const struct patient *p)
{
	return file_has(p, "/usr/sbin/xl2tpd", "xl2tpd_plugin");
}

/* Each tunnel of the kernel is a line that begins with TUNNEL. */
static unsigned int count_tunnels(char *text)
{
	unsigned int n = 0;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL)
		n += strncmp(line, "TUNNEL '", 8) == 0;
	return n;
}

void check_xl2tpd_limit(const struct patient *p, struct report *r)
{
	size_t len;
	char *text = file_text(p, "/proc/net/pppol2tp", 67108864, &len);
	unsigned int n = text ? count_tunnels(text) : 0;

	free(text);
	if (n >= STOCK_TUNNELS && !is_patched(p))
		found(r, "%u tunnels, and /usr/sbin/xl2tpd is a stock one: beyond 1,024 descriptors it overwrites its own memory", n);
}

static bool says_yes(const char *value)
{
	return !strcmp(value, "yes") || !strcmp(value, "1") || !strcmp(value, "true");
}

void check_userspace(const struct patient *p, struct report *r)
{
	const struct conf_entry *force = conf_last(&p->l2tp, "global", "force userspace"),
				*saref = conf_last(&p->l2tp, "global", "ipsec saref");

	if (force && says_yes(force->value))
		found_at(r, force, "'force userspace = %s': L2TP is not in the kernel, so nothing can be pinned to its SA", force->value);
	if (saref && !is_patched(p))
		found_at(r, saref, "'ipsec saref = %s': with any value stock xl2tpd leaves the kernel, so nothing can be pinned to its SA",
			 saref->value);
}
