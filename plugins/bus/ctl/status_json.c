/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status_json.c - the same picture for programs.
 *
 * The schema is in sabusctl(8): keys are only added, never change their meaning; a value that is not known is null, "" or 0 as said there.
 * SPIs and marks are strings of hexadecimal digits with 0x, as the kernel's tools show them.  Strings of peers that are not UTF-8 have '?'
 * for each wrong byte, because JSON must be UTF-8.
 */
#include "config.h"
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "alg.h"
#include "ctl.h"

#define SCHEMA 1

/* Bytes of the UTF-8 character at p, 0 = none is valid there.  p is NUL-terminated.  Overlong forms and surrogates are not valid (RFC 3629). */
static size_t utf8_length(const unsigned char *p)
{
	static const unsigned char least[5] = { 0, 0, 0xc2, 0xe0, 0xf0 };
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (n == 1)
		return 1;
	if (p[0] < least[n] || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

static void add_string(struct json_object *o, const char *key, const char *text)
{
	char clean[512];
	size_t n = 0, len;

	for (const unsigned char *p = (const unsigned char *)text; *p && n + 5 < sizeof(clean); p += len ? len : 1) {
		len = utf8_length(p);
		memcpy(clean + n, len ? (const char *)p : "?", len ? len : 1);
		n += len ? len : 1;
	}
	json_object_object_add(o, key, json_object_new_string_len(clean, (int)n));
}

static void add_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

static void add_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

static void add_hex(struct json_object *o, const char *key, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", value);
	add_string(o, key, text);
}

static void add_endpoint(struct json_object *o, const char *key, const struct sabus_endpoint *e)
{
	struct json_object *ep = json_object_new_object();
	char addr[SABUS_ADDR_STRLEN];

	add_string(ep, "address", e->addr.family ? sabus_addr_text(&e->addr, addr) : "");
	add_number(ep, "port", e->port);
	json_object_object_add(o, key, ep);
}

/* null where no mark is set */
static void add_mark(struct json_object *o, const char *key, const struct sabus_mark *m)
{
	struct json_object *mark = m->mask ? json_object_new_object() : NULL;

	if (mark) {
		add_hex(mark, "value", m->value);
		add_hex(mark, "mask", m->mask);
	}
	json_object_object_add(o, key, mark);
}

static void add_selector(struct json_object *o, const char *key, const struct sabus_ts *ts)
{
	struct json_object *s = json_object_new_object();
	char addr[SABUS_ADDR_STRLEN];

	add_string(s, "from", sabus_addr_text(&ts->from, addr));
	add_string(s, "to", sabus_addr_text(&ts->to, addr));
	add_number(s, "protocol", ts->proto);
	add_number(s, "port_from", ts->port_from);
	add_number(s, "port_to", ts->port_to);
	json_object_object_add(o, key, s);
}

static struct json_object *selectors(const struct sabus_sa *sa)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < sa->n_ts; i++) {
		struct json_object *pair = json_object_new_object();

		add_selector(pair, "local", &sa->ts[i].local);
		add_selector(pair, "remote", &sa->ts[i].remote);
		json_object_array_add(list, pair);
	}
	return list;
}

/* Seconds from now (negative: ago); null when not known. */
static void add_relative(struct json_object *o, const char *key, uint64_t when)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	json_object_object_add(o, key, when ? json_object_new_int64((int64_t)when - (int64_t)ts.tv_sec) : NULL);
}

static void add_suite(struct json_object *o, const struct sabus_sa *sa)
{
	char suite[SABUS_SUITE_STRLEN];

	add_string(o, "suite", sa->proto ? sabus_sa_suite(sa, suite) : "");
	add_number(o, "protocol", sa->proto);
	add_string(o, "mode", mode_word(sa->mode));
	add_number(o, "encr", sa->encr);
	add_number(o, "encr_bits", sa->encr_bits);
	add_number(o, "integ", sa->integ);
	add_bool(o, "confidential", sabus_sa_confidential(sa));
	add_bool(o, "integrity", sabus_sa_integrity(sa));
	add_string(o, "strength", sabus_strength_name(sabus_sa_strength(sa)));
	add_number(o, "replay_window", sa->replay_window);
	add_bool(o, "esn", sa->flags & SABUS_SAF_ESN);
	add_bool(o, "ipcomp", sa->flags & SABUS_SAF_IPCOMP);
	add_bool(o, "encap", sa->flags & SABUS_SAF_ENCAP);
	add_bool(o, "nat_local", sa->flags & SABUS_SAF_NAT_LOCAL);
	add_bool(o, "nat_remote", sa->flags & SABUS_SAF_NAT_REMOTE);
}

static struct json_object *sa_object(const struct sabus_sa *sa)
{
	struct json_object *o = json_object_new_object();

	add_number(o, "id", sa->id);
	add_number(o, "ike_id", sa->ike_id);
	add_number(o, "replaces", sa->replaces);
	add_string(o, "name", sa->name);
	add_string(o, "ike_name", sa->ike_name);
	add_number(o, "ike_version", sa->ike_version);
	add_string(o, "state", state_word(sa->state));
	add_bool(o, "orphan", sa->flags & SABUS_SAF_ORPHAN);
	add_bool(o, "initiator", sa->flags & SABUS_SAF_INITIATOR);
	add_suite(o, sa);
	add_hex(o, "spi_in", sa->spi_in);
	add_hex(o, "spi_out", sa->spi_out);
	add_number(o, "reqid", sa->reqid);
	add_number(o, "if_id_in", sa->if_id_in);
	add_number(o, "if_id_out", sa->if_id_out);
	add_mark(o, "mark_in", &sa->mark_in);
	add_mark(o, "mark_out", &sa->mark_out);
	add_mark(o, "set_mark_in", &sa->set_mark_in);
	add_endpoint(o, "local", &sa->local);
	add_endpoint(o, "remote", &sa->remote);
	json_object_object_add(o, "selectors", selectors(sa));
	add_number(o, "selectors_dropped", sa->ts_dropped);
	add_string(o, "id_local", sa->id_local);
	add_string(o, "id_remote", sa->id_remote);
	add_string(o, "id_eap", sa->id_eap);
	add_string(o, "auth", sa->auth);
	add_relative(o, "installed", sa->installed);
	add_relative(o, "rekey", sa->rekey_at);
	add_relative(o, "expires", sa->expires_at);
	return o;
}

static struct json_object *session_object(const struct view *v, uint32_t id, const struct sabus_session *s)
{
	struct json_object *o = json_object_new_object();

	add_number(o, "id", id);
	add_number(o, "pid", s->pid);
	add_string(o, "role", role_word(s->role));
	add_bool(o, "up", s->up);
	add_string(o, "ifname", s->ifname);
	add_string(o, "user", s->user);
	add_endpoint(o, "local", &s->flow.local);
	add_endpoint(o, "remote", &s->flow.remote);
	add_number(o, "tunnel_id", s->tunnel_id);
	add_number(o, "session_id", s->session_id);
	add_number(o, "peer_tunnel_id", s->peer_tunnel_id);
	add_number(o, "peer_session_id", s->peer_session_id);
	add_number(o, "sa_id", s->sa_id);
	add_bool(o, "sa_known", s->sa_id && view_sa(v, s->sa_id));
	add_hex(o, "spi_in", s->spi_in);
	add_hex(o, "spi_out", s->spi_out);
	add_string(o, "reason", s->reason);
	add_string(o, "mppe", s->mppe);
	add_string(o, "ccp", s->ccp);
	add_string(o, "ecp", s->ecp);
	add_number(o, "mtu", s->mtu);
	add_number(o, "mru", s->mru);
	add_string(o, "mtu_sum", s->mtu_sum);
	add_number(o, "since", s->since);
	return o;
}

static struct json_object *tunnel_object(const struct view *v, const struct sabus_tunnel_info *t)
{
	struct json_object *o = json_object_new_object();

	add_number(o, "pid", t->pid);
	add_number(o, "tunnel_id", t->tunnel_id);
	add_number(o, "peer_tunnel_id", t->peer_tunnel_id);
	add_string(o, "role", role_word(t->role));
	add_string(o, "state", tunnel_state_word(t->state));
	add_endpoint(o, "local", &t->flow.local);
	add_endpoint(o, "remote", &t->flow.remote);
	add_hex(o, "mark", t->flow.mark);
	add_number(o, "sa_id", t->sa_id);
	add_bool(o, "sa_known", t->sa_id && view_sa(v, t->sa_id));
	add_string(o, "peer_host", t->peer_host);
	add_string(o, "section", t->section);
	add_string(o, "reason", t->reason);
	add_number(o, "calls", t->calls);
	add_number(o, "since", t->since);
	return o;
}

/* session: the id in `sessions`, null when its pppd has none there. */
static struct json_object *call_object(const struct view *v, const struct sabus_call_info *c)
{
	const struct session_row *s = view_session_of(v, c);
	struct json_object *o = json_object_new_object();

	add_number(o, "pid", c->pid);
	add_number(o, "tunnel_id", c->tunnel_id);
	add_number(o, "call_id", c->call_id);
	add_number(o, "peer_call_id", c->peer_call_id);
	add_bool(o, "up", c->up);
	add_number(o, "pppd_pid", c->pppd_pid);
	json_object_object_add(o, "session", s ? json_object_new_uint64(s->id) : NULL);
	add_number(o, "serial", c->serial);
	add_string(o, "calling", c->calling);
	add_string(o, "called", c->called);
	add_number(o, "since", c->since);
	return o;
}

static void add_l2tp(struct json_object *root, const struct view *v)
{
	struct json_object *tunnels = json_object_new_array(), *calls = json_object_new_array();
	struct tunnel_row *t, *t_next;
	struct call_row *c, *c_next;

	HASH_ITER(hh, v->tunnels, t, t_next)
		json_object_array_add(tunnels, tunnel_object(v, &t->tunnel));
	json_object_object_add(root, "tunnels", tunnels);
	HASH_ITER(hh, v->calls, c, c_next)
		json_object_array_add(calls, call_object(v, &c->call));
	json_object_object_add(root, "calls", calls);
}

void status_json(const struct view *v)
{
	struct json_object *root = json_object_new_object(), *sas = json_object_new_array(), *sessions = json_object_new_array();
	struct session_row *s, *s_next;
	struct sa_row *r, *r_next;

	add_number(root, "schema", SCHEMA);
	add_string(root, "version", sabus_version());
	add_string(root, "publisher", publisher_word(v->publisher));
	add_number(root, "revision", v->revision);
	HASH_ITER(hh, v->sas, r, r_next)
		json_object_array_add(sas, sa_object(&r->sa));
	json_object_object_add(root, "sas", sas);
	HASH_ITER(hh, v->sessions, s, s_next)
		json_object_array_add(sessions, session_object(v, s->id, &s->session));
	json_object_object_add(root, "sessions", sessions);
	add_l2tp(root, v);
	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
