/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status_sessions.c - the PPP sessions for people: whose, over which SA, why they may, what they carry.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "status.h"
#include "traffic.h"
#include "words.h"

void sa_id_cell(struct grid *g, const struct view *v, uint32_t sa_id)
{
	if (!sa_id) {
		grid_cell(g, "-");
	} else if (view_sa(v, sa_id)) {
		grid_cell(g, "%u", sa_id);
	} else {
		grid_style(g, STYLE_BAD);
		grid_cell(g, "%u (gone)", sa_id);
	}
}

void reason_cell(struct grid *g, const char *reason)
{
	char word[SABUS_WORD_MAX * 4 + 1];

	/* the words that let a link be begin so, see reason.h */
	grid_style(g, !*reason ? STYLE_PLAIN : strncmp(reason, "ok-", 3) == 0 ? STYLE_GOOD : STYLE_BAD);
	grid_cell(g, "%s", or_dash(reason, word, sizeof(word)));
}

void up_cell(struct grid *g, bool up)
{
	grid_style(g, up ? STYLE_GOOD : STYLE_WAIT);
	grid_cell(g, "%s", up ? "up" : "starting");
}

static void who_cells(struct grid *g, const struct sabus_session *s)
{
	char ifname[SABUS_IFNAME_MAX * 4 + 1], user[SABUS_USER_MAX * 4 + 1], addr[SABUS_ADDR_STRLEN], peer[ENDPOINT_STRLEN];

	grid_cell(g, "%s", or_dash(s->ifname, ifname, sizeof(ifname)));
	grid_cell(g, "%s", or_dash(s->user, user, sizeof(user)));
	grid_cell(g, "%s", s->address.family ? sabus_addr_text(&s->address, addr) : "-");
	grid_cell(g, "%s", endpoint_text(&s->flow.remote, peer));
	grid_cell(g, "%u/%u", s->tunnel_id, s->session_id);
	grid_cell(g, "%u/%u", s->peer_tunnel_id, s->peer_session_id);
}

static void word_cell(struct grid *g, const char *word)
{
	char text[SABUS_WORD_MAX * 4 + 1];

	grid_cell(g, "%s", or_dash(word, text, sizeof(text)));
}

static void bytes_cells(struct grid *g, const struct sabus_session *s, struct traffic *traffic)
{
	char text[BYTES_STRLEN];
	uint64_t in = 0, out = 0;
	bool known = traffic_of(traffic, s->pid, s->ifname, &in, &out);

	grid_cell(g, "%s", bytes_text(in, known, text));
	grid_cell(g, "%s", bytes_text(out, known, text));
}

static void session_line(struct grid *g, const struct view *v, const struct sabus_session *s, struct traffic *traffic)
{
	char sum[SABUS_SUM_MAX * 4 + 1], age[AGE_STRLEN];

	who_cells(g, s);
	sa_id_cell(g, v, s->sa_id);
	up_cell(g, s->up);
	reason_cell(g, s->reason);
	word_cell(g, s->mppe);
	word_cell(g, s->ccp);
	word_cell(g, s->ecp);
	grid_cell(g, "%s", span_text(s->since, seconds_now(CLOCK_REALTIME), s->since != 0, age));
	bytes_cells(g, s, traffic);
	grid_cell(g, "%u", s->pid);
	grid_cell(g, "%u = %s", s->mtu, printable(s->mtu_sum, sum, sizeof(sum)));
}

void status_sessions(const struct view *v, bool colour)
{
	struct traffic *traffic;
	struct session_row *r, *next;
	struct grid g;

	if (!v->sessions)
		return;
	puts("");
	traffic = traffic_new();
	grid_init(&g, "IF|USER|ADDRESS|PEER|TUNNEL/SESSION|PEER'S|SA|STATE|REASON|MPPE|CCP|ECP|SINCE|IN|OUT|PID|MTU", colour);
	HASH_ITER(hh, v->sessions, r, next)
		session_line(&g, v, &r->session, traffic);
	grid_print(&g);
	grid_free(&g);
	traffic_free(traffic);
}
