/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * patient.c - reads what the checks look at.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "doctor.h"

/* As each pppd reads them. */
static void read_ppp_options(struct patient *p)
{
	const struct conf_entry *e;
	size_t at = 0;

	conf_read_ppp(&p->ppp, "/etc/ppp/options");
	while ((e = conf_next(&p->l2tp, NULL, "pppoptfile", &at)) != NULL)
		conf_read_ppp(&p->ppp, e->value);
}

void patient_admit(struct patient *p, const char *root)
{
	memset(p, 0, sizeof(*p));
	p->root = p->ipsec.root = p->charon.root = p->l2tp.root = p->ppp.root = p->modprobe.root = p->starter.root = root;
	charon_read(p);
	conf_read_ipsec(&p->ipsec, &p->starter, "/etc/ipsec.conf");
	conf_read_ipsec_secrets(&p->ipsec, "/etc/ipsec.secrets");
	conf_read_xl2tpd(&p->l2tp, "/etc/xl2tpd/xl2tpd.conf");
	read_ppp_options(p);
	conf_read_modprobe(&p->modprobe, "/usr/lib/modprobe.d/*.conf");
	conf_read_modprobe(&p->modprobe, "/etc/modprobe.d/*.conf");
	conf_read_modprobe(&p->modprobe, "/run/modprobe.d/*.conf");
	if (*root)
		snprintf(p->guard_text, sizeof(p->guard_text), "the kernel's policies are not those of %s", root);
	else
		patient_guard(p);
}

void patient_free(struct patient *p)
{
	conf_free(&p->ipsec);
	conf_free(&p->starter);
	conf_free(&p->charon);
	conf_free(&p->l2tp);
	conf_free(&p->ppp);
	conf_free(&p->modprobe);
}

/* "plugin sabus.so", with or without a path before it. */
bool names_ppp_plugin(const struct conf *options, const char *name)
{
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(options, NULL, "plugin", &at)) != NULL) {
		const char *slash = strrchr(e->value, '/');

		if (!strcmp(slash ? slash + 1 : e->value, name))
			return true;
	}
	return false;
}

bool has_ppp_plugin(const struct patient *p, const char *name)
{
	return names_ppp_plugin(&p->ppp, name);
}

bool has_xl2tpd_plugin(const struct patient *p)
{
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(&p->l2tp, "global", "plugin", &at)) != NULL) {
		if (strstr(e->value, "sabus"))
			return true;
	}
	return false;
}

bool uses_sabus(const struct patient *p)
{
	return has_ppp_plugin(p, "sabus.so") || has_xl2tpd_plugin(p);
}
