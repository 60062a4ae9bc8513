/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_access.c - files with secrets, and who may read them.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "doctor.h"

#define SECRET_MAX 1048576 /* bytes; more is not looked at */

struct secrets {
	const struct patient *p;
	struct report *r;
};

/* Files that come with a package have nothing but comments. */
static bool says_something(const struct patient *p, const char *name)
{
	size_t len;
	char *text = file_text(p, name, SECRET_MAX, &len), *rest = text, *line;
	bool yes = false;

	while (rest && !yes && (line = strsep(&rest, "\n")) != NULL) {
		line += strspn(line, " \t\r");
		yes = *line && *line != '#';
	}
	free(text);
	return yes;
}

static void look_at(void *data, const char *name)
{
	const struct secrets *s = data;
	char path[1024];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", s->p->root, name);
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IROTH | S_IWOTH)) && says_something(s->p, name))
		found(s->r, "%s: mode %04o, so everybody on this host may %s it", name, (unsigned int)st.st_mode & 07777,
		      st.st_mode & S_IWOTH ? "write" : "read");
}

static bool same_file_before(const struct conf *c, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (c->entries[j].file == c->entries[i].file && !strncmp(c->entries[j].section, "secrets.", 8))
			return true;
	}
	return false;
}

void check_secrets(const struct patient *p, struct report *r)
{
	static const char *const patterns[] = {
		"/etc/ppp/*-secrets",
		"/etc/ipsec.secrets",
		"/etc/ipsec.d/*.secrets",
		"/etc/ipsec.d/private/*",
		"/etc/swanctl/private/*",
		"/etc/swanctl/rsa/*",
		"/etc/swanctl/ecdsa/*",
		"/etc/swanctl/pkcs8/*",
		"/etc/swanctl/pkcs12/*",
		"/etc/xl2tpd/l2tp-secrets",
		"/etc/radcli/servers",
		"/etc/radiusclient/servers",
		"/etc/sabus/dynauth.conf",
		"/etc/strongswan/swanctl/private/*",
		"/etc/strongswan/swanctl/rsa/*",
		"/etc/strongswan/swanctl/ecdsa/*",
		"/etc/strongswan/swanctl/pkcs8/*",
		"/etc/strongswan/swanctl/pkcs12/*",
	};
	struct secrets data = { .p = p, .r = r };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		conf_glob(p->root, patterns[i], look_at, &data);
	for (size_t i = 0; i < p->ipsec.n; i++) {
		const char *file = p->ipsec.entries[i].file;

		/* those of ipsec.secrets were among the patterns */
		if (!strncmp(p->ipsec.entries[i].section, "secrets.", 8) && !same_file_before(&p->ipsec, i) && !strstr(file, ".secrets"))
			look_at(&data, file);
	}
}
