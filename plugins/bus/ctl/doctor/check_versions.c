/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_versions.c - plugins that were built for another daemon: pppd and charon do not load them.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doctor.h"

#define DIGITS "0123456789."

/* A plugin has the version that it was built for as text of its own. */
static bool has_constant(const struct patient *p, const char *name, const char *text)
{
	char constant[64];
	size_t len, n = strlen(text) + 2;
	char *data = file_text(p, name, 16777216, &len);
	bool has;

	constant[0] = 0;
	snprintf(constant + 1, sizeof(constant) - 1, "%s", text);
	has = data && memmem(data, len, constant, n) != NULL;
	free(data);
	return has;
}

/* ---- pppd: it looks in a directory that has its version in its name, and into the plugin (pppd_version) ---- */

struct places {
	const char *version;
	char right[256], wrong[256];
};

static void look_at(void *data, const char *name)
{
	struct places *p = data;
	const char *at = strstr(name, "/pppd/");
	size_t n = at ? strcspn(at + 6, "/") : 0;

	bool right = n == strlen(p->version) && !strncmp(at + 6, p->version, n);

	snprintf(right ? p->right : p->wrong, sizeof(p->right), "%s", name);
}

void check_pppd_version(const struct patient *p, struct report *r)
{
	char version[32];
	struct places places = { .version = version };

	if (!uses_sabus(p))
		return;
	if (!file_after(p, "/usr/sbin/pppd", "/pppd/", DIGITS, version, sizeof(version))) {
		cannot_look(r, "/usr/sbin/pppd does not say where it looks for plugins");
		return;
	}
	conf_glob(p->root, "/usr/lib*/pppd/*/sabus.so", look_at, &places);
	conf_glob(p->root, "/usr/lib/*/pppd/*/sabus.so", look_at, &places);
	if (places.right[0] && has_constant(p, places.right, version))
		return;
	if (places.right[0])
		found(r, "pppd is %s, %s was built for another", version, places.right);
	else if (places.wrong[0])
		found(r, "pppd is %s, the plugin is for another: %s", version, places.wrong);
	else
		found(r, "pppd is %s, and there is no sabus.so in its directory of plugins", version);
}

/* ---- charon: the plugin refuses a daemon of another release (plugins/strongswan/abi.c); both have it as text ---- */

static void keep(void *data, const char *name)
{
	snprintf(data, 256, "%s", name);
}

void check_charon_version(const struct patient *p, struct report *r)
{
	char plugin[256] = "", version[32];

	charon_plugin_files(p, "sabus", keep, plugin);
	for (const char *const *program = charon_programs; plugin[0] && *program; program++) {
		if (!file_after(p, *program, "(strongSwan ", DIGITS, version, sizeof(version)))
			continue;
		if (!has_constant(p, plugin, version))
			found(r, "%s is of strongSwan %s, %s was built for another", *program, version, plugin);
	}
}
