/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show.c - one thing and all that belongs to it, a value on each line.
 *
 * What was asked for comes first, then the tunnel, calls, sessions and SA that it hangs together with; as JSON it is what `status` prints, with
 * those rows only.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "find.h"
#include "json.h"
#include "reason.h"
#include "show_sa.h"
#include "status.h"
#include "words.h"

static void field(struct grid *g, const char *label)
{
	grid_cell(g, "  %s", label);
}

static void text_field(struct grid *g, const char *label, const char *text)
{
	char clean[SABUS_USER_MAX * 4 + 1];

	field(g, label);
	grid_cell(g, "%s", or_dash(text, clean, sizeof(clean)));
}

static void since_field(struct grid *g, uint64_t since)
{
	char age[AGE_STRLEN];

	field(g, "up for");
	grid_cell(g, "%s", span_text(since, seconds_now(CLOCK_REALTIME), since != 0, age));
}

static void flow_fields(struct grid *g, const struct sabus_flow *f)
{
	char text[ENDPOINT_STRLEN];

	text_field(g, "local", endpoint_text(&f->local, text));
	text_field(g, "peer", endpoint_text(&f->remote, text));
}

/* The word, and what it means. */
static void reason_fields(struct grid *g, const char *word)
{
	field(g, "reason");
	reason_cell(g, word);
	for (unsigned int r = 0; r < SABUS_R_COUNT; r++) {
		if (strcmp(sabus_reason_word((enum sabus_reason)r), word) != 0)
			continue;
		text_field(g, "", sabus_reason_text((enum sabus_reason)r));
		if (*sabus_reason_remedy((enum sabus_reason)r))
			text_field(g, "remedy", sabus_reason_remedy((enum sabus_reason)r));
	}
}

static void mtu_fields(struct grid *g, const struct sabus_session *s)
{
	char sum[SABUS_SUM_MAX * 4 + 1];

	field(g, "MTU, MRU");
	grid_cell(g, "%u, %u", s->mtu, s->mru);
	field(g, "sum");
	grid_cell(g, "%s", or_dash(s->mtu_sum, sum, sizeof(sum)));
}

static void bytes_fields(struct grid *g, const struct sabus_session *s)
{
	struct traffic *traffic = traffic_new();
	char text[BYTES_STRLEN];
	uint64_t in = 0, out = 0;
	bool known = traffic_of(traffic, s->pid, s->ifname, &in, &out);

	text_field(g, "bytes in", bytes_text(in, known, text));
	text_field(g, "bytes out", bytes_text(out, known, text));
	traffic_free(traffic);
}

static void session_fields(struct grid *g, const struct view *v, const struct sabus_session *s)
{
	char addr[SABUS_ADDR_STRLEN];

	text_field(g, "interface", s->ifname);
	text_field(g, "user", s->user);
	text_field(g, "address", s->address.family ? sabus_addr_text(&s->address, addr) : "");
	text_field(g, "role", role_word(s->role));
	field(g, "state");
	up_cell(g, s->up);
	since_field(g, s->since);
	reason_fields(g, s->reason);
	field(g, "SA");
	sa_id_cell(g, v, s->sa_id);
	text_field(g, "MPPE", s->mppe);
	text_field(g, "CCP", s->ccp);
	text_field(g, "ECP", s->ecp);
	mtu_fields(g, s);
	bytes_fields(g, s);
	flow_fields(g, &s->flow);
	field(g, "L2TP ids");
	grid_cell(g, "tunnel %u, session %u; the peer's %u, %u", s->tunnel_id, s->session_id, s->peer_tunnel_id, s->peer_session_id);
	text_field(g, "accounting id", s->acct_id);
	field(g, "pppd");
	grid_cell(g, "pid %u", s->pid);
}

static void tunnel_fields(struct grid *g, const struct view *v, const struct sabus_tunnel_info *t)
{
	text_field(g, "role", role_word(t->role));
	text_field(g, "state", tunnel_state_word(t->state));
	since_field(g, t->since);
	reason_fields(g, t->reason);
	field(g, "SA");
	sa_id_cell(g, v, t->sa_id);
	flow_fields(g, &t->flow);
	text_field(g, "peer's host name", t->peer_host);
	text_field(g, "section", t->section);
	field(g, "peer's id");
	grid_cell(g, "%u", t->peer_tunnel_id);
	field(g, "mark");
	grid_cell(g, "0x%x", t->flow.mark);
	field(g, "calls");
	grid_cell(g, "%u", t->calls);
	field(g, "xl2tpd");
	grid_cell(g, "pid %u", t->pid);
}

static void call_fields(struct grid *g, const struct sabus_call_info *c)
{
	field(g, "state");
	up_cell(g, c->up);
	since_field(g, c->since);
	text_field(g, "calling", c->calling);
	text_field(g, "called", c->called);
	field(g, "serial number");
	grid_cell(g, "%u", c->serial);
	field(g, "peer's id");
	grid_cell(g, "%u", c->peer_call_id);
	field(g, "pppd, xl2tpd");
	grid_cell(g, "pid %u, %u", c->pppd_pid, c->pid);
}

static void begin(struct grid *g, const struct ctl *c, const char *kind, const char *name)
{
	printf("%s ", kind);
	styled(c->colour, STYLE_TITLE, name);
	puts("");
	grid_init_bare(g, 2, c->colour);
}

static void end(struct grid *g)
{
	grid_print(g);
	grid_free(g);
}

static void show_sessions(const struct ctl *c, const struct view *v)
{
	struct session_row *s, *next;
	char name[NAME_STRLEN];
	struct grid g;

	HASH_ITER(hh, v->sessions, s, next) {
		begin(&g, c, "session", session_name(v, s, name));
		session_fields(&g, v, &s->session);
		end(&g);
	}
}

static void show_tunnels(const struct ctl *c, const struct view *v)
{
	struct tunnel_row *t, *next;
	char name[NAME_STRLEN];
	struct grid g;

	HASH_ITER(hh, v->tunnels, t, next) {
		begin(&g, c, "tunnel", tunnel_name(v, t, name));
		tunnel_fields(&g, v, &t->tunnel);
		end(&g);
	}
}

static void show_calls(const struct ctl *c, const struct view *v)
{
	struct call_row *call, *next;
	char name[NAME_STRLEN];
	struct grid g;

	HASH_ITER(hh, v->calls, call, next) {
		begin(&g, c, "call", call_name(v, call, name));
		call_fields(&g, &call->call);
		end(&g);
	}
}

static void show_sas(const struct ctl *c, const struct view *v)
{
	struct sa_row *sa, *next;
	char name[NAME_STRLEN];
	struct grid g;

	HASH_ITER(hh, v->sas, sa, next) {
		begin(&g, c, "SA", sa_name(sa, name));
		show_sa_fields(&g, &sa->sa);
		end(&g);
	}
}

static void show_text(const struct ctl *c, const struct view *v, enum found_kind first)
{
	static void (*const show[])(const struct ctl *, const struct view *) = {
		[FOUND_SESSION] = show_sessions,
		[FOUND_TUNNEL] = show_tunnels,
		[FOUND_CALL] = show_calls,
		[FOUND_SA] = show_sas,
	};

	show[first](c, v);
	for (int kind = FOUND_SESSION; kind <= FOUND_SA; kind++) {
		if (kind != (int)first)
			show[kind](c, v);
	}
}

static void show_json(const struct view *v, const char *name)
{
	struct json_object *root = json_begin();

	json_text(root, "shown", name);
	json_view(root, v);
	json_finish(root);
}

int cmd_show(struct ctl *c)
{
	struct found f;
	struct view v;
	int status = view_load(c, &v);

	if (status == CTL_OK)
		status = find(c, &v, c->words[0], &f);
	if (status != CTL_OK)
		goto out;
	find_related(&v, &f);
	view_keep_shown(&v);
	if (c->json)
		show_json(&v, c->words[0]);
	else
		show_text(c, &v, f.kind);
out:
	view_free(&v);
	return status;
}
