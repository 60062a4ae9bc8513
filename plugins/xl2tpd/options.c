// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - parsing, and the question which line holds for a tunnel.
 *
 * xl2tpd hands over each line with the kind and name of its section.  Lines of [global] are the defaults of all sections wherever they
 * stand, so what holds is worked out when a tunnel asks, not when the line is read.  A wrong value ends xl2tpd: what protects nothing by a
 * misspelt word must not start.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "options.h"
#include "sabus.h"

#define WAIT_MS	       5000
#define WAIT_MIN_MS    100
#define WAIT_MAX_MS    60000
#define NAME_MAX_BYTES 64

struct section {
	enum xl2tpd_section kind;
	char name[NAME_MAX_BYTES];
	bool ipsec_set, wait_set;
	struct tunnel_options opt;
	struct section *next;
};

static struct {
	struct global_options global;
	struct guard_config clear; /* its networks; the port is not ours to know */
	struct section *sections;
} o;

/* What a line is about, for the messages. */
struct line {
	const char *key, *value;
	char *err;
	size_t errlen;
};

void options_reset(void)
{
	struct section *s, *next;

	LL_FOREACH_SAFE(o.sections, s, next)
	free(s);
	memset(&o, 0, sizeof(o));
	snprintf(o.global.socket, sizeof(o.global.socket), "%s", SABUS_SOCK_SESSION);
	o.global.guard = true;
	o.global.delete_sa = true;
	o.global.pppd_plugin = true;
	o.global.min_strength = SABUS_STRENGTH_LEGACY;
	o.global.wait_ms = WAIT_MS;
}

static int bad(const struct line *l, const char *range)
{
	snprintf(l->err, l->errlen, "sabus %s: '%s' is not valid; it must be %s (see xl2tpd-sabus(8))", l->key, l->value, range);
	return -1;
}

static int word2(const struct line *l, const char *yes, const char *no, bool *out)
{
	char range[64];

	*out = strcmp(l->value, yes) == 0;
	if (*out || strcmp(l->value, no) == 0)
		return 0;
	snprintf(range, sizeof(range), "%s or %s", yes, no);
	return bad(l, range);
}

static int set_wait(const struct line *l, unsigned int *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(l->value, &end, 10);
	if (end == l->value || *end || errno || n < WAIT_MIN_MS || n > WAIT_MAX_MS)
		return bad(l, "a number of milliseconds from 100 to 60000");
	*out = (unsigned int)n;
	return 0;
}

static int set_path(const struct line *l, const char *value, char *out, size_t size)
{
	char range[64];

	if (value[0] != '/' || strlen(value) >= size) {
		snprintf(range, sizeof(range), "an absolute path of at most %zu characters", size - 1);
		return bad(l, range);
	}
	snprintf(out, size, "%s", value);
	return 0;
}

/* ---- sabus clear peers ---- */

static int set_clear_peers(const struct line *l)
{
	static const char range[] =
		"a list of networks like 192.0.2.0/24 (no bits set beyond the prefix), separated by commas, at most 64 in all";
	struct guard_config *c = &o.clear;
	char copy[1024], *save = NULL;

	if (snprintf(copy, sizeof(copy), "%s", l->value) >= (int)sizeof(copy))
		return bad(l, range);
	for (char *w = strtok_r(copy, ", \t", &save); w; w = strtok_r(NULL, ", \t", &save)) {
		if (c->n_networks == GUARD_NETWORKS_MAX || guard_network_parse(&c->networks[c->n_networks], w))
			return bad(l, range);
		c->n_networks++;
	}
	return c->n_networks ? 0 : bad(l, range);
}

/* ---- sabus bind identity ---- */

static int set_bind(const struct line *l, struct tunnel_options *t)
{
	const char *file;

	if (strcmp(l->value, "none") == 0) {
		t->bind = BIND_NONE;
		return 0;
	}
	if (strcmp(l->value, "equal") == 0) {
		t->bind = BIND_EQUAL;
		return 0;
	}
	if (strncmp(l->value, "map", 3) != 0 || (l->value[3] != ' ' && l->value[3] != '\t'))
		return bad(l, "none, equal or map FILE");
	file = l->value + 3 + strspn(l->value + 3, " \t");
	t->bind = BIND_MAP;
	return set_path(l, file, t->map, sizeof(t->map));
}

static int set_connection(const struct line *l, struct tunnel_options *t)
{
	if (!l->value[0] || strlen(l->value) >= sizeof(t->connection))
		return bad(l, "NAME or NAME/CHILD of swanctl.conf, at most 127 characters");
	snprintf(t->connection, sizeof(t->connection), "%s", l->value);
	return 0;
}

/* ---- where a line belongs ---- */

static int unknown(const struct line *l, const char *where)
{
	snprintf(l->err, l->errlen, "sabus %s: there is no such option in %s (see xl2tpd-sabus(8))", l->key, where);
	return -1;
}

static int set_global(const struct line *l)
{
	struct global_options *g = &o.global;

	if (strcmp(l->key, "socket") == 0) {
		g->socket_set = true;
		return set_path(l, l->value, g->socket, sizeof(g->socket));
	}
	if (strcmp(l->key, "ipsec") == 0)
		return word2(l, "optional", "required", &g->optional);
	if (strcmp(l->key, "clear peers") == 0)
		return set_clear_peers(l);
	if (strcmp(l->key, "guard") == 0)
		return word2(l, "yes", "no", &g->guard);
	if (strcmp(l->key, "mode") == 0)
		return word2(l, "any", "transport", &g->any_mode);
	if (strcmp(l->key, "delete sa") == 0)
		return word2(l, "yes", "no", &g->delete_sa);
	if (strcmp(l->key, "pppd plugin") == 0)
		return word2(l, "yes", "no", &g->pppd_plugin);
	if (strcmp(l->key, "wait") == 0)
		return set_wait(l, &g->wait_ms);
	if (strcmp(l->key, "min strength") == 0)
		return sabus_strength_parse(l->value, &g->min_strength) ? bad(l, "broken, legacy, good or strong") : 0;
	return unknown(l, "[global]");
}

static struct section *find_section(enum xl2tpd_section kind, const char *name)
{
	struct section *s;

	LL_FOREACH(o.sections, s)
	if (s->kind == kind && strcmp(s->name, name) == 0)
		return s;
	return NULL;
}

static struct section *get_section(enum xl2tpd_section kind, const char *name)
{
	struct section *s = find_section(kind, name);

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->kind = kind;
	snprintf(s->name, sizeof(s->name), "%s", name);
	LL_PREPEND(o.sections, s);
	return s;
}

static int set_in_section(const struct line *l, struct section *s)
{
	bool lac = s->kind == XL2TPD_LAC;

	if (strcmp(l->key, "ipsec") == 0) {
		s->ipsec_set = true;
		return word2(l, "optional", "required", &s->opt.optional);
	}
	if (strcmp(l->key, "bind identity") == 0)
		return set_bind(l, &s->opt);
	if (lac && strcmp(l->key, "connection") == 0)
		return set_connection(l, &s->opt);
	if (lac && strcmp(l->key, "wait") == 0) {
		s->wait_set = true;
		return set_wait(l, &s->opt.wait_ms);
	}
	return unknown(l, lac ? "[lac]" : "[lns]");
}

int options_set(enum xl2tpd_section kind, const char *section, const char *key, const char *value, char *err, size_t errlen)
{
	struct line l = { .key = key, .value = value, .err = err, .errlen = errlen };
	struct section *s;

	if (kind == XL2TPD_GLOBAL)
		return set_global(&l);
	if (strlen(section) >= NAME_MAX_BYTES) {
		snprintf(err, errlen, "sabus %s: the name of section '%s' is longer than %d characters", key, section, NAME_MAX_BYTES - 1);
		return -1;
	}
	s = get_section(kind, section);
	if (!s) {
		snprintf(err, errlen, "sabus %s: out of memory", key);
		return -1;
	}
	return set_in_section(&l, s);
}

/* ---- questions ---- */

const struct global_options *options_global(void)
{
	return &o.global;
}

void options_for(bool lac, const char *section, struct tunnel_options *out)
{
	const struct section *s = find_section(lac ? XL2TPD_LAC : XL2TPD_LNS, section);

	memset(out, 0, sizeof(*out));
	if (s)
		*out = s->opt;
	if (!s || !s->ipsec_set)
		out->optional = o.global.optional;
	if (!s || !s->wait_set)
		out->wait_ms = o.global.wait_ms;
}

const struct guard_config *options_clear(void)
{
	return &o.clear;
}

bool options_any_optional(void)
{
	const struct section *s;

	if (o.global.optional)
		return true;
	LL_FOREACH(o.sections, s)
	if (s->ipsec_set && s->opt.optional)
		return true;
	return false;
}

bool options_strict(void)
{
	return !o.clear.n_networks && !options_any_optional();
}
