/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_ipsec.c - swanctl.conf against xl2tpd.conf: selectors, marks.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sa.h"
#include "swanctl.h"

static bool has_section(const struct conf *c, const char *prefix)
{
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(c, NULL, "[", &at)) != NULL) {
		if (!strncmp(e->section, prefix, strlen(prefix)))
			return true;
	}
	return false;
}

/* The end of the tunnel whose port is known: ours for an LNS, the gateway's for a client. */
static bool any_child_admits(const struct conf *c, const char *key, unsigned int port, const struct conf_entry **seen)
{
	const struct conf_entry *e;
	size_t at = 0;

	*seen = NULL;
	while ((e = next_child(c, &at)) != NULL) {
		const struct conf_entry *ts;

		if (!child_for_l2tp(c, e->section))
			continue;
		ts = conf_last(c, e->section, key);
		*seen = ts ? ts : e;
		if (ts_admits(ts ? ts->value : "dynamic", port))
			return true;
	}
	return false;
}

static void check_end(const struct patient *p, struct report *r, const char *key, unsigned int port, const char *whose)
{
	const struct conf_entry *seen;

	if (!any_child_admits(&p->ipsec, key, port, &seen) && seen)
		found_at(r, seen, "%s '%s' does not admit UDP port %u, which is %s", seen->key, seen->value, port, whose);
}

void check_selectors(const struct patient *p, struct report *r)
{
	const struct conf_entry *port = conf_last(&p->l2tp, "global", "port");
	unsigned int ours = port ? (unsigned int)strtoul(port->value, NULL, 10) : SABUS_L2TP_PORT;

	if (!p->ipsec.n || !p->l2tp.n) {
		cannot_look(r, "there is no %s", p->ipsec.n ? "/etc/xl2tpd/xl2tpd.conf" : "/etc/swanctl/swanctl.conf");
		return;
	}
	if (has_section(&p->l2tp, "lns "))
		check_end(p, r, "local_ts", ours, "where xl2tpd listens");
	if (has_section(&p->l2tp, "lac "))
		check_end(p, r, "remote_ts", SABUS_L2TP_PORT, "where L2TP servers listen");
}

/* ---- marks ---- */

static bool is_mark(const char *value)
{
	return *value && strcmp(value, "0/0") != 0 && strcmp(value, "0") != 0 && strcmp(value, "0x0/0x0") != 0;
}

static const struct conf_entry *first_mark(const struct conf *c)
{
	static const char *const keys[] = { "mark_in", "mark_out", "set_mark_in" };

	for (size_t i = 0; i < c->n; i++) {
		const struct conf_entry *e = &c->entries[i];

		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			if (is_child(e->section) && !strcmp(e->key, keys[k]) && is_mark(e->value))
				return e;
	}
	return NULL;
}

static void count_file(void *data, const char *name)
{
	(void)data;
	(void)name;
}

/* Is it there to be loaded, and not forbidden?  What charon loads without being told is 'yes' in Debian's files. */
static bool is_loaded(const struct patient *p, const char *plugin)
{
	const struct conf_entry *e = conf_last(&p->charon, plugin, "load");

	if (e && !strcmp(e->value, "no"))
		return false;
	return charon_plugin_files(p, plugin, count_file, NULL) > 0;
}

void check_marks(const struct patient *p, struct report *r)
{
	static const char *const plugins[] = { "forecast", "connmark" };
	const struct conf_entry *mark = first_mark(&p->ipsec);

	for (size_t i = 0; mark && i < sizeof(plugins) / sizeof(plugins[0]); i++) {
		if (is_loaded(p, plugins[i]))
			found_at(r, mark, "SAs carry marks (%s = %s), and charon loads '%s', which writes marks of its own", mark->key,
				 mark->value, plugins[i]);
	}
}
