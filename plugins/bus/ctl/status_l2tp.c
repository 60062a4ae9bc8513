/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status_l2tp.c - xl2tpd's tunnels and calls for people; the interface and user of a call are those of its pppd's session.
 */
#include "config.h"
#include <stdio.h>
#include <time.h>
#include "ctl.h"
#include "grid.h"

#define HOST_STRLEN   (SABUS_HOST_MAX * 4 + 1)
#define NUMBER_STRLEN (SABUS_NUMBER_MAX * 4 + 1)

static const char *or_dash(const char *text, char *buf, size_t size)
{
	return text[0] ? printable(text, buf, size) : "-";
}

/* "3" or, when it is not in the table any more, "3 (gone)". */
static void sa_cell(struct grid *g, const struct view *v, uint32_t sa_id)
{
	if (!sa_id)
		grid_cell(g, "-");
	else
		grid_cell(g, "%u%s", sa_id, view_sa(v, sa_id) ? "" : " (gone)");
}

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
	char peer[ENDPOINT_STRLEN], host[HOST_STRLEN], section[HOST_STRLEN], reason[SABUS_TREASON_MAX * 4 + 1];

	grid_cell(g, "%u/%u", t->tunnel_id, t->peer_tunnel_id);
	grid_cell(g, "%s", role_word(t->role));
	grid_cell(g, "%s", endpoint_text(&t->flow.remote, peer));
	grid_cell(g, "%s", or_dash(t->peer_host, host, sizeof(host)));
	grid_cell(g, "%s", or_dash(t->section, section, sizeof(section)));
	grid_cell(g, "%s", tunnel_state_word(t->state));
	sa_cell(g, v, t->sa_id);
	mark_cell(g, t->flow.mark);
	grid_cell(g, "%s", or_dash(t->reason, reason, sizeof(reason)));
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
	grid_cell(g, "%s", c->up ? "up" : "starting");
	grid_cell(g, "%s", s ? or_dash(s->session.ifname, ifname, sizeof(ifname)) : "-");
	grid_cell(g, "%s", s ? or_dash(s->session.user, user, sizeof(user)) : "-");
	grid_cell(g, "%s", or_dash(c->calling, from, sizeof(from)));
	grid_cell(g, "%s", or_dash(c->called, to, sizeof(to)));
	grid_cell(g, "%u", c->serial);
	since_cell(g, c->since);
	pid_cell(g, c->pppd_pid);
	grid_cell(g, "%u", c->pid);
}

static void tunnel_table(const struct view *v)
{
	struct tunnel_row *r, *next;
	struct grid g;

	grid_init(&g, "TUNNEL|ROLE|PEER|HOST|SECTION|STATE|SA|MARK|REASON|CALLS|SINCE|PID");
	HASH_ITER(hh, v->tunnels, r, next)
		tunnel_line(&g, v, &r->tunnel);
	grid_print(&g);
	grid_free(&g);
}

static void call_table(const struct view *v)
{
	struct call_row *r, *next;
	struct grid g;

	grid_init(&g, "TUNNEL/CALL|PEER'S|STATE|IF|USER|CALLING|CALLED|SERIAL|SINCE|PPPD|PID");
	HASH_ITER(hh, v->calls, r, next)
		call_line(&g, v, &r->call);
	grid_print(&g);
	grid_free(&g);
}

void status_l2tp(const struct view *v)
{
	if (v->tunnels) {
		puts("");
		tunnel_table(v);
	}
	if (v->calls) {
		puts("");
		call_table(v);
	}
}
