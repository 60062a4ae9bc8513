/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_xl2tpd.c - what stock xl2tpd cannot do, and what makes it leave the kernel.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "doctor.h"

#define STOCK_TUNNELS 1000 /* select()'s 1024 descriptors, less what else is open */

/* ---- which xl2tpd ---- */

/* The patched one looks for this symbol in its plugins (patches/xl2tpd, "A plugin interface"). */
static const char mark[] = "xl2tpd_plugin";

struct daemon {
	const struct patient *p;
	char program[256]; /* empty = none was found */
	bool patched;
};

/* Containers have an xl2tpd of their own, which is not ours. */
static bool in_our_network(const char *process)
{
	char path[64];
	struct stat ours, its;

	snprintf(path, sizeof(path), "%s/ns/net", process);
	return stat("/proc/self/ns/net", &ours) == 0 && stat(path, &its) == 0 && ours.st_ino == its.st_ino;
}

/* name: "/proc/123/comm" */
static void look_at(void *data, const char *name)
{
	struct daemon *d = data;
	char process[32], exe[64];
	ssize_t n;

	snprintf(process, sizeof(process), "%.*s", (int)(strrchr(name, '/') - name), name);
	snprintf(exe, sizeof(exe), "%s/exe", process);
	if (d->program[0] || !file_has(d->p, name, "xl2tpd\n") || !in_our_network(process))
		return;
	n = readlink(exe, d->program, sizeof(d->program) - 1);
	d->program[n > 0 ? n : 0] = 0;
	d->patched = file_has(d->p, exe, mark);
}

/* The one that runs, else the one that would: of an administrator's own before the distribution's. */
static void find_daemon(const struct patient *p, struct daemon *d)
{
	static const char *const programs[] = { "/usr/local/sbin/xl2tpd", "/usr/sbin/xl2tpd" };

	*d = (struct daemon){ .p = p };
	if (!*p->root)
		conf_glob("", "/proc/[0-9]*/comm", look_at, d);
	for (size_t i = 0; !d->program[0] && i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (!file_exists(p, programs[i]))
			continue;
		snprintf(d->program, sizeof(d->program), "%s", programs[i]);
		d->patched = file_has(p, programs[i], mark);
	}
}

/* ---- what the stock one cannot ---- */

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
	struct daemon d;

	free(text);
	if (n < STOCK_TUNNELS)
		return;
	find_daemon(p, &d);
	if (!d.patched)
		found(r, "%u tunnels, and %s is a stock one: beyond 1,024 descriptors it overwrites its own memory", n,
		      d.program[0] ? d.program : "xl2tpd");
}

static bool says_yes(const char *value)
{
	return !strcmp(value, "yes") || !strcmp(value, "1") || !strcmp(value, "true");
}

void check_userspace(const struct patient *p, struct report *r)
{
	const struct conf_entry *force = conf_last(&p->l2tp, "global", "force userspace"),
				*saref = conf_last(&p->l2tp, "global", "ipsec saref");
	struct daemon d;

	if (force && says_yes(force->value))
		found_at(r, force, "'force userspace = %s': L2TP is not in the kernel, so nothing can be pinned to its SA", force->value);
	if (!saref)
		return;
	find_daemon(p, &d);
	if (!d.patched)
		found_at(r, saref, "'ipsec saref = %s': with any value stock xl2tpd leaves the kernel, so nothing can be pinned to its SA",
			 saref->value);
}
