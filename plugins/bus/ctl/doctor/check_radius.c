/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_radius.c - does the RADIUS client's dictionary know all attributes of this version?
 *
 * Those are named by the dictionary that was installed with sabus.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doctor.h"

static const char pkgdatadir[] = PKGDATADIR;

#define INSTALLED "/freeradius/dictionary.sabus.radiusclient"

/* radiusclient.conf is "key value" lines, as modprobe.d is. */
static bool find_dictionary(const struct patient *p, const char *config, char name[256])
{
	struct conf c = { .root = p->root };
	const struct conf_entry *e;

	conf_read_modprobe(&c, config);
	e = conf_last(&c, NULL, "dictionary");
	snprintf(name, 256, "%s", e ? e->value : "");
	conf_free(&c);
	return name[0] != 0;
}

/* All lines "$INCLUDE x" and "ATTRIBUTE x" of the dictionary and of those that it includes. */
static void read_dictionary(struct conf *c, const char *name)
{
	size_t at = c->n;

	conf_read_modprobe(c, name);
	for (size_t n = c->n; at < n; at++) {
		char included[512], file[256];
		const char *slash = strrchr(name, '/');

		if (strcmp(c->entries[at].key, "$INCLUDE") != 0)
			continue;
		snprintf(file, sizeof(file), "%s", c->entries[at].value);
		if (file[0] == '/' || !slash)
			snprintf(included, sizeof(included), "%s", file);
		else
			snprintf(included, sizeof(included), "%.*s/%s", (int)(slash - name), name, file);
		read_dictionary(c, included);
	}
}

static bool knows(const struct conf *c, const char *attribute)
{
	const struct conf_entry *e;
	size_t at = 0, n = strcspn(attribute, " \t");

	while ((e = conf_next(c, NULL, "ATTRIBUTE", &at)) != NULL) {
		if (!strncmp(e->value, attribute, n) && strcspn(e->value, " \t") == n)
			return true;
	}
	return false;
}

static void compare(const struct patient *p, struct report *r, const char *dictionary)
{
	struct conf ours = { .root = p->root }, theirs = { .root = p->root };
	const struct conf_entry *e;
	char installed[512];
	size_t at = 0;

	snprintf(installed, sizeof(installed), "%s" INSTALLED, pkgdatadir);
	read_dictionary(&ours, installed);
	read_dictionary(&theirs, dictionary);
	if (!ours.n)
		cannot_look(r, "there is no %s", installed);
	else if (!file_exists(p, dictionary))
		found(r, "there is no dictionary %s", dictionary);
	else
		while ((e = conf_next(&ours, NULL, "ATTRIBUTE", &at)) != NULL) {
			if (knows(&theirs, e->value))
				continue;
			found(r, "%s does not know %.*s: it is of an older version, or has no attributes of sabus", dictionary,
			      (int)strcspn(e->value, " \t"), e->value);
			break;
		}
	conf_free(&ours);
	conf_free(&theirs);
}

void check_dictionary(const struct patient *p, struct report *r)
{
	const struct conf_entry *config = conf_last(&p->ppp, NULL, "radius-config-file");
	const char *file = config ? config->value : "/etc/radcli/radiusclient.conf";
	char dictionary[256];

	if (!has_ppp_plugin(p, "sabus-radius.so"))
		return;
	if (!find_dictionary(p, file, dictionary))
		found(r, "%s: there is no such file, or it names no dictionary", file);
	else
		compare(p, r, dictionary);
}
