/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_session.c - sessions, tunnels, calls, and all that a view has, as JSON.
 */
#include "config.h"
#include "json.h"
#include "words.h"

/* What the interface has carried, from the peer and to it. */
static void add_bytes(struct json_object *o, const struct sabus_session *s, struct traffic *traffic)
{
	uint64_t in, out;
	bool known = traffic && traffic_of(traffic, s->pid, s->ifname, &in, &out);

	json_object_object_add(o, "bytes_in", known ? json_object_new_uint64(in) : NULL);
	json_object_object_add(o, "bytes_out", known ? json_object_new_uint64(out) : NULL);
}

struct json_object *json_session(const struct view *v, uint32_t id, const struct sabus_session *s, struct traffic *traffic)
{
	struct json_object *o = json_object_new_object();
	char addr[SABUS_ADDR_STRLEN];

	json_number(o, "id", id);
	json_number(o, "pid", s->pid);
	json_text(o, "role", role_word(s->role));
	json_flag(o, "up", s->up);
	json_text(o, "ifname", s->ifname);
	json_text(o, "user", s->user);
	json_text(o, "address", s->address.family ? sabus_addr_text(&s->address, addr) : "");
	json_text(o, "acct_id", s->acct_id);
	json_endpoint(o, "local", &s->flow.local);
	json_endpoint(o, "remote", &s->flow.remote);
	json_number(o, "tunnel_id", s->tunnel_id);
	json_number(o, "session_id", s->session_id);
	json_number(o, "peer_tunnel_id", s->peer_tunnel_id);
	json_number(o, "peer_session_id", s->peer_session_id);
	json_number(o, "sa_id", s->sa_id);
	json_flag(o, "sa_known", s->sa_id && view_sa(v, s->sa_id));
	json_hex(o, "spi_in", s->spi_in);
	json_hex(o, "spi_out", s->spi_out);
	json_text(o, "reason", s->reason);
	json_text(o, "mppe", s->mppe);
	json_text(o, "ccp", s->ccp);
	json_text(o, "ecp", s->ecp);
	json_number(o, "mtu", s->mtu);
	json_number(o, "mru", s->mru);
	json_text(o, "mtu_sum", s->mtu_sum);
	json_number(o, "since", s->since);
	add_bytes(o, s, traffic);
	return o;
}

struct json_object *json_tunnel(const struct view *v, const struct sabus_tunnel_info *t)
{
	struct json_object *o = json_object_new_object();

	json_number(o, "pid", t->pid);
	json_number(o, "tunnel_id", t->tunnel_id);
	json_number(o, "peer_tunnel_id", t->peer_tunnel_id);
	json_text(o, "role", role_word(t->role));
	json_text(o, "state", tunnel_state_word(t->state));
	json_endpoint(o, "local", &t->flow.local);
	json_endpoint(o, "remote", &t->flow.remote);
	json_hex(o, "mark", t->flow.mark);
	json_number(o, "sa_id", t->sa_id);
	json_flag(o, "sa_known", t->sa_id && view_sa(v, t->sa_id));
	json_text(o, "peer_host", t->peer_host);
	json_text(o, "section", t->section);
	json_text(o, "reason", t->reason);
	json_number(o, "calls", t->calls);
	json_number(o, "since", t->since);
	return o;
}

/* session: the id in `sessions`, null when its pppd has none there. */
struct json_object *json_call(const struct view *v, const struct sabus_call_info *c)
{
	const struct session_row *s = view_session_of(v, c);
	struct json_object *o = json_object_new_object();

	json_number(o, "pid", c->pid);
	json_number(o, "tunnel_id", c->tunnel_id);
	json_number(o, "call_id", c->call_id);
	json_number(o, "peer_call_id", c->peer_call_id);
	json_flag(o, "up", c->up);
	json_number(o, "pppd_pid", c->pppd_pid);
	json_object_object_add(o, "session", s ? json_object_new_uint64(s->id) : NULL);
	json_number(o, "serial", c->serial);
	json_text(o, "calling", c->calling);
	json_text(o, "called", c->called);
	json_number(o, "since", c->since);
	return o;
}

static void add_l2tp(struct json_object *root, const struct view *v)
{
	struct json_object *tunnels = json_object_new_array(), *calls = json_object_new_array();
	struct tunnel_row *t, *t_next;
	struct call_row *c, *c_next;

	HASH_ITER(hh, v->tunnels, t, t_next)
		json_object_array_add(tunnels, json_tunnel(v, &t->tunnel));
	json_object_object_add(root, "tunnels", tunnels);
	HASH_ITER(hh, v->calls, c, c_next)
		json_object_array_add(calls, json_call(v, &c->call));
	json_object_object_add(root, "calls", calls);
}

void json_view(struct json_object *root, const struct view *v)
{
	struct json_object *sas = json_object_new_array(), *sessions = json_object_new_array();
	struct traffic *traffic = traffic_new();
	struct session_row *s, *s_next;
	struct sa_row *r, *r_next;

	json_text(root, "version", sabus_version());
	json_text(root, "publisher", publisher_word(v->publisher));
	json_number(root, "revision", v->revision);
	HASH_ITER(hh, v->sas, r, r_next)
		json_object_array_add(sas, json_sa(&r->sa));
	json_object_object_add(root, "sas", sas);
	HASH_ITER(hh, v->sessions, s, s_next)
		json_object_array_add(sessions, json_session(v, s->id, &s->session, traffic));
	json_object_object_add(root, "sessions", sessions);
	add_l2tp(root, v);
	traffic_free(traffic);
}
