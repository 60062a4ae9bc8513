/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status_l2tp.c - xl2tpd's tunnels and calls for people; the interface and user of a call are those of its pppd's session.
 */
#include "config.h"
#include <stdio.h>
#include <time.h>
#include "status.h"
#include "words.h"

#define HOST_STRLEN   (SABUS_HOST_MAX * 4 + 1)
#define NUMBER_STRLEN (SABUS_NUMBER_MAX * 4 + 1)

static void mark_cell(struct grid *g, uint32_t mark)
{
	if (mark)
		grid_cell(g, "0x%x", mark);
	else
		grid_cell(g, "-");
}

static void pid_cell(struct grid *g, uint32_t pid)
{
	if (pid)
		grid_cell(g, "%u", pid);
	else
		grid_cell(g, "-");
}

static void since_cell(struct grid *g, uint64_t since)
{
	char age[AGE_STRLEN];

	grid_cell(g, "%s", span_text(since, (uint64_t)time(NULL), since != 0, age));
}

static void tunnel_line(struct grid *g, const struct view *v, const struct sabus_tunnel_info *t)
{
	char peer[ENDPOINT_STRLEN], host[HOST_STRLEN], section[HOST_STRLEN];

	grid_cell(g, "%u/%u", t->tunnel_id, t->peer_tunnel_id);
	grid_cell(g, "%s", role_word(t->role));
	grid_cell(g, "%s", endpoint_text(&t->flow.remote, peer));
	grid_cell(g, "%s", or_dash(t->peer_host, host, sizeof(host)));
	grid_cell(g, "%s", or_dash(t->section, section, sizeof(section)));
	grid_style(g, t->state == SABUS_TSTATE_UP ? STYLE_GOOD : STYLE_WAIT);
	grid_cell(g, "%s", tunnel_state_word(t->state));
	sa_id_cell(g, v, t->sa_id);
	mark_cell(g, t->flow.mark);
	reason_cell(g, t->reason);
	grid_cell(g, "%u", t->calls);
	since_cell(g, t->since);
	grid_cell(g, "%u", t->pid);
}

static void call_line(struct grid *g, const struct view *v, const struct sabus_call_info *c)
{
	const struct session_row *s = view_session_of(v, c);
	char ifname[SABUS_IFNAME_MAX * 4 + 1], user[SABUS_USER_MAX * 4 + 1], from[NUMBER_STRLEN], to[NUMBER_STRLEN];

	grid_cell(g, "%u/%u", c->tunnel_id, c->call_id);
	grid_cell(g, "%u", c->peer_call_id);
	up_cell(g, c->up);
	grid_cell(g, "%s", s ? or_dash(s->session.ifname, ifname, sizeof(ifname)) : "-");
	grid_cell(g, "%s", s ? or_dash(s->session.user, user, sizeof(user)) : "-");
	grid_cell(g, "%s", or_dash(c->calling, from, sizeof(from)));
	grid_cell(g, "%s", or_dash(c->called, to, sizeof(to)));
	grid_cell(g, "%u", c->serial);
	since_cell(g, c->since);
	pid_cell(g, c->pppd_pid);
	grid_cell(g, "%u", c->pid);
}

static void tunnel_table(const struct view *v, bool colour)
{
	struct tunnel_row *r, *next;
	struct grid g;

	grid_init(&g, "TUNNEL|ROLE|PEER|HOST|SECTION|STATE|SA|MARK|REASON|CALLS|SINCE|PID", colour);
	HASH_ITER(hh, v->tunnels, r, next)
		tunnel_line(&g, v, &r->tunnel);
	grid_print(&g);
	grid_free(&g);
}

static void call_table(const struct view *v, bool colour)
{
	struct call_row *r, *next;
	struct grid g;

	grid_init(&g, "TUNNEL/CALL|PEER'S|STATE|IF|USER|CALLING|CALLED|SERIAL|SINCE|PPPD|PID", colour);
	HASH_ITER(hh, v->calls, r, next)
		call_line(&g, v, &r->call);
	grid_print(&g);
	grid_free(&g);
}

void status_l2tp(const struct view *v, bool colour)
{
	if (v->tunnels) {
		puts("");
		tunnel_table(v, colour);
	}
	if (v->calls) {
		puts("");
		call_table(v, colour);
	}
}
