/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_setup.c - is sabus there where it has to be: from the next boot on, in each pppd, in charon, on the bus?
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "doctor.h"
#include "view.h"

static bool is_section(const char *section)
{
	return !strncmp(section, "lns", 3) || !strncmp(section, "lac", 3);
}

/* A server or a client of xl2tpd's: its first section's header; NULL = xl2tpd does nothing here. */
static const struct conf_entry *first_section(const struct patient *p)
{
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(&p->l2tp, NULL, "[", &at)) != NULL) {
		if (is_section(e->section))
			return e;
	}
	return NULL;
}

/* ---- the next boot ---- */

static void count(void *data, const char *name)
{
	(void)name;
	++*(unsigned int *)data;
}

struct named {
	const struct patient *p;
	bool yes;
};

static void names_guard(void *data, const char *name)
{
	struct named *n = data;

	/* the package's own is there whether it is enabled or not */
	n->yes |= strcmp(name, "/etc/init.d/sabus-guard") != 0 && file_has(n->p, name, "guard.batch");
}

/* The unit or script of the package, or something of the administrator's own. */
static bool comes_at_boot(const struct patient *p)
{
	static const char *const enabled[] = { "/etc/systemd/system/*.wants/sabus-guard.service",
					       "/etc/systemd/system/*.requires/sabus-guard.service", "/etc/runlevels/*/sabus-guard",
					       "/etc/rc?.d/S*sabus-guard" };
	static const char *const own[] = { "/etc/rc.local",
					   "/etc/network/interfaces",
					   "/etc/network/*.d/*",
					   "/etc/systemd/system/*.service",
					   "/etc/systemd/system/*.d/*.conf",
					   "/etc/init.d/*",
					   "/etc/networkd-dispatcher/*/*" };
	struct named n = { .p = p };
	unsigned int found = 0;

	for (size_t i = 0; i < sizeof(enabled) / sizeof(enabled[0]); i++)
		conf_glob(p->root, enabled[i], count, &found);
	for (size_t i = 0; !found && i < sizeof(own) / sizeof(own[0]); i++)
		conf_glob(p->root, own[i], names_guard, &n);
	return found || n.yes;
}

void check_boot(const struct patient *p, struct report *r)
{
	const struct conf_entry *section = first_section(p);

	if (section && !has_xl2tpd_plugin(p) && !comes_at_boot(p))
		found_at(r, section,
			 "[%s] is there from the next boot on, the guard is not: sabus-guard is not enabled, and nothing else that is "
			 "known reads guard.batch",
			 section->section);
}

/* ---- each pppd ---- */

static bool loads(const struct patient *p, const char *options)
{
	struct conf c = { .root = p->root };
	bool yes;

	conf_read_ppp(&c, options);
	yes = names_ppp_plugin(&c, "sabus.so");
	conf_free(&c);
	return yes;
}

void check_unchecked(const struct patient *p, struct report *r)
{
	const struct conf_entry *e;
	size_t at = 0;

	/* /etc/ppp/options is for each pppd */
	if (has_xl2tpd_plugin(p) || loads(p, "/etc/ppp/options"))
		return;
	while ((e = conf_next(&p->l2tp, NULL, "[", &at)) != NULL) {
		const struct conf_entry *file = conf_last(&p->l2tp, e->section, "pppoptfile");

		if (!is_section(e->section))
			continue;
		if (!file)
			found_at(r, e, "[%s] has no pppoptfile, so its pppd loads no sabus.so", e->section);
		else if (!loads(p, file->value))
			found_at(r, file,
				 "no 'plugin sabus.so' in pppoptfile %s: the pppd of [%s] runs over whatever there is, clear text too",
				 file->value, e->section);
	}
}

/* ---- charon ---- */

void check_publisher(const struct patient *p, struct report *r)
{
	const struct conf_entry *load = conf_last(&p->charon, "sabus", "load");
	unsigned int there = 0;

	if (!uses_sabus(p))
		return;
	charon_plugin_files(p, "sabus", count, &there);
	if (!there)
		found(r, "there is no libstrongswan-sabus.so among charon's plugins");
	if (load && !strcmp(load->value, "no"))
		found_at(r, load, "load = no");
	else if (!load)
		found(r, "no file in /etc/strongswan.d/charon says that charon loads it: 'sabus { load = yes }'");
}

/* libreswan's pluto, and a connection for it. */
void check_libreswan(const struct patient *p, struct report *r)
{
	static const char *const daemons[] = { "/usr/libexec/ipsec/pluto", "/usr/lib/ipsec/pluto", "/usr/local/libexec/ipsec/pluto" };
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(&p->starter, NULL, "leftprotoport", &at)) != NULL) {
		for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++) {
			if (!file_exists(p, daemons[i]))
				continue;
			found_at(r, e, "%s=%s: conn %s is run by %s, and only strongSwan's charon has plugins", e->key, e->value,
				 e->section, daemons[i]);
			return;
		}
	}
}

/* Reauthentication of an IKE_SA closes it, SAs and all, before there is another, unless both ends can make it before. */
void check_reauth(const struct patient *p, struct report *r)
{
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(&p->ipsec, NULL, "reauth_time", &at)) != NULL) {
		if (!strncmp(e->section, "connections.", 12) && e->value[strspn(e->value, "0smhd ")])
			found_at(r, e, "reauth_time = %s: each time the link ends with its SA", e->value);
	}
}

/* ---- the bus ---- */

static const char *publisher_trouble(enum sabus_publisher publisher)
{
	switch (publisher) {
	case SABUS_PUB_SYNCED: return NULL;
	case SABUS_PUB_SYNCING: return "charon's plugin is still telling of its SAs; look again";
	default: return "sabusd runs, and charon is not connected: it does not run, or its plugin was not loaded";
	}
}

void check_bus(const struct patient *p, struct report *r)
{
	static struct ctl c; /* an event is too large for a small stack */
	const char *why = NULL;
	struct view v = { 0 };
	int err;

	if (*p->root || !uses_sabus(p))
		return;
	c.socket = SABUS_SOCK_READ;
	err = ctl_connect(&c);
	if (!err)
		err = view_try_load(&c, &v, &why);
	if (!err)
		why = publisher_trouble(v.publisher);
	if (err == -EACCES)
		cannot_look(r, "%s: you may not open it", c.socket);
	else if (err)
		found(r, "%s: %s", c.socket, why ? why : strerror(-err));
	else if (why)
		found(r, "%s", why);
	view_free(&v);
	sabus_close(c.bus);
}
