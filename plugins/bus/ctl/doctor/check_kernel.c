/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_kernel.c - modules that are missing or blacklisted.
 */
#include "config.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doctor.h"

/* What an L2TP/IPsec link needs of the kernel, as modules are called. */
static const char *const needed[] = { "l2tp_ppp", "ppp_mppe", "esp4", "xfrm_user" };

/* Loaded through those, so it is a trap to forbid them. */
static const char *const also[] = { "pppol2tp", "l2tp_core", "l2tp_netlink", "pppox", "ppp_generic", "esp6", "xfrm4_tunnel" };

/* '-' and '_' are the same in names of modules. */
static bool same_module(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	}
	return *a == *b;
}

static bool matters(const char *module)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (same_module(module, needed[i]))
			return true;
	}
	for (size_t i = 0; i < sizeof(also) / sizeof(also[0]); i++) {
		if (same_module(module, also[i]))
			return true;
	}
	return false;
}

/* "install l2tp_ppp /bin/false" */
static bool forbids(const struct conf_entry *e, char module[64])
{
	size_t n = strcspn(e->value, " \t");
	const char *command = e->value + n + strspn(e->value + n, " \t");

	snprintf(module, 64, "%.*s", (int)n, e->value);
	if (!strcmp(e->key, "blacklist"))
		return true;
	return !strcmp(e->key, "install") && (strstr(command, "/false") || strstr(command, "/true"));
}

void check_blacklist(const struct patient *p, struct report *r)
{
	for (size_t i = 0; i < p->modprobe.n; i++) {
		const struct conf_entry *e = &p->modprobe.entries[i];
		char module[64];

		if (forbids(e, module) && matters(module))
			found_at(r, e, "'%s %s' keeps the kernel from loading %s by itself", e->key, e->value, module);
	}
}

/* ---- missing ---- */

/* "kernel/net/l2tp/l2tp_ppp.ko.xz: ..." in modules.dep or modules.builtin */
static bool listed(const char *list, const char *module)
{
	for (const char *at = list; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		const char *end = at + strcspn(at, ":\n"), *name = end, *dot;
		char text[64];

		while (name > at && name[-1] != '/')
			name--;
		dot = memmem(name, (size_t)(end - name), ".ko", 3);
		snprintf(text, sizeof(text), "%.*s", (int)((dot ? dot : end) - name), name);
		if (same_module(text, module))
			return true;
	}
	return false;
}

static bool in_file(const struct patient *p, const char *name, const char *module)
{
	size_t len;
	char *text = file_text(p, name, 16777216, &len);
	bool yes = text && listed(text, module);

	free(text);
	return yes;
}

/* "l2tp_ppp 40960 0 - Live 0x0" in /proc/modules */
static bool loaded(const struct patient *p, const char *module)
{
	size_t len, n = strlen(module);
	char *text = file_text(p, "/proc/modules", 1048576, &len), *rest = text, *line;
	bool yes = false;

	while (rest && !yes && (line = strsep(&rest, "\n")) != NULL)
		yes = !strncmp(line, module, n) && line[n] == ' ';
	free(text);
	return yes;
}

void check_modules(const struct patient *p, struct report *r)
{
	char dep[160], builtin[160];
	size_t len;
	char *release = file_text(p, "/proc/sys/kernel/osrelease", 128, &len);

	if (!release) {
		cannot_look(r, "/proc/sys/kernel/osrelease: %s", strerror(errno));
		return;
	}
	release[strcspn(release, "\n")] = 0;
	snprintf(dep, sizeof(dep), "/lib/modules/%.80s/modules.dep", release);
	snprintf(builtin, sizeof(builtin), "/lib/modules/%.80s/modules.builtin", release);
	if (!file_exists(p, dep)) {
		cannot_look(r, "there is no %s (a container?)", dep);
	} else {
		for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
			if (!in_file(p, dep, needed[i]) && !in_file(p, builtin, needed[i]) && !loaded(p, needed[i]))
				found(r, "the running kernel %.80s has no module %s", release, needed[i]);
	}
	free(release);
}
