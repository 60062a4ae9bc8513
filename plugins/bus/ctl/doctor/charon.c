/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon.c - where distributions have strongSwan's files.
 *
 * Debian, Alpine and others have the plugins in ipsec/plugins and the configuration right below /etc; Fedora and its kin have both in folders of their
 * own, called strongswan.  A host has one of both, so reading both is reading the one that is there.
 */
#include "config.h"
#include <stdio.h>
#include "doctor.h"

const char *const charon_programs[] = { "/usr/sbin/charon-systemd", "/usr/lib/ipsec/charon", "/usr/libexec/ipsec/charon",
					"/usr/libexec/strongswan/charon", NULL };

size_t charon_plugin_files(const struct patient *p, const char *plugin, void (*each)(void *data, const char *name), void *data)
{
	static const char *const folders[] = { "/usr/lib*/ipsec/plugins", "/usr/lib*/strongswan/plugins" };
	char pattern[160];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(pattern, sizeof(pattern), "%s/libstrongswan-%s.so", folders[i], plugin);
		n += conf_glob(p->root, pattern, each, data);
	}
	return n;
}

void charon_read(struct patient *p)
{
	conf_read_strongswan(&p->ipsec, "/etc/swanctl/swanctl.conf");
	conf_read_strongswan(&p->ipsec, "/etc/strongswan/swanctl/swanctl.conf");
	conf_read_strongswan(&p->charon, "/etc/strongswan.d/charon/*.conf");
	conf_read_strongswan(&p->charon, "/etc/strongswan/strongswan.d/charon/*.conf");
}
