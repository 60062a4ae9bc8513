/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.c - the whole picture for people: who publishes, which SAs there are, which tunnels and sessions run over them and why they may.
 */
#include "config.h"
#include <stdio.h>
#include <time.h>
#include "alg.h"
#include "ctl.h"
#include "grid.h"

static uint64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec;
}

static void mark_cell(struct grid *g, const struct sabus_mark *m)
{
	if (m->mask)
		grid_cell(g, "0x%x/0x%x", m->value, m->mask);
	else
		grid_cell(g, "-");
}

static void sa_line(struct grid *g, const struct sabus_sa *sa)
{
	char name[SABUS_NAME_MAX * 4 + 1], peer[ENDPOINT_STRLEN], suite[SABUS_SUITE_STRLEN], id[SABUS_ID_MAX * 4 + 1], age[AGE_STRLEN],
		left[AGE_STRLEN];
	const char *who = sa->id_eap[0] ? sa->id_eap : sa->id_remote;
	uint64_t t = now(CLOCK_MONOTONIC);

	grid_cell(g, "%u", sa->id);
	grid_cell(g, "%s", printable(sa->name, name, sizeof(name)));
	grid_cell(g, "%s%s", state_word(sa->state), sa->flags & SABUS_SAF_ORPHAN ? ",orphan" : "");
	grid_cell(g, "%s", endpoint_text(&sa->remote, peer));
	grid_cell(g, "%s", printable(who, id, sizeof(id)));
	grid_cell(g, "%s", sa->state == SABUS_SA_PENDING ? "-" : sabus_sa_suite(sa, suite));
	grid_cell(g, "%s", mode_word(sa->mode));
	grid_cell(g, "%08x/%08x", sa->spi_in, sa->spi_out);
	grid_cell(g, "%s", sa->flags & SABUS_SAF_ENCAP ? "yes" : "no");
	mark_cell(g, &sa->set_mark_in);
	grid_cell(g, "%s", span_text(sa->installed, t, sa->installed != 0, age));
	grid_cell(g, "%s", span_text(t, sa->expires_at, sa->expires_at != 0, left));
}

static void sa_table(const struct view *v)
{
	struct sa_row *r, *next;
	struct grid g;

	grid_init(&g, "SA|NAME|STATE|PEER|IDENTITY|SUITE|MODE|SPI IN/OUT|NAT-T|MARK|SINCE|EXPIRES");
	HASH_ITER(hh, v->sas, r, next)
		sa_line(&g, &r->sa);
	grid_print(&g);
	grid_free(&g);
}

/* "3" or, when it is not in the table any more, "3 (gone)". */
static void below_cell(struct grid *g, const struct view *v, const struct sabus_session *s)
{
	if (!s->sa_id)
		grid_cell(g, "-");
	else
		grid_cell(g, "%u%s", s->sa_id, view_sa(v, s->sa_id) ? "" : " (gone)");
}

static void session_line(struct grid *g, const struct view *v, const struct sabus_session *s)
{
	char peer[ENDPOINT_STRLEN], user[SABUS_USER_MAX * 4 + 1], sum[SABUS_SUM_MAX * 4 + 1], word[4][SABUS_WORD_MAX * 4 + 1],
		age[AGE_STRLEN];

	grid_cell(g, "%s", s->ifname[0] ? printable(s->ifname, word[0], sizeof(word[0])) : "-");
	grid_cell(g, "%s", s->user[0] ? printable(s->user, user, sizeof(user)) : "-");
	grid_cell(g, "%s", endpoint_text(&s->flow.remote, peer));
	grid_cell(g, "%u/%u", s->tunnel_id, s->session_id);
	grid_cell(g, "%u/%u", s->peer_tunnel_id, s->peer_session_id);
	below_cell(g, v, s);
	grid_cell(g, "%s", s->up ? "up" : "starting");
	grid_cell(g, "%s", printable(s->reason, word[1], sizeof(word[1])));
	grid_cell(g, "%s", printable(s->mppe, word[2], sizeof(word[2])));
	grid_cell(g, "%s", printable(s->ccp, word[3], sizeof(word[3])));
	grid_cell(g, "%s", span_text(s->since, now(CLOCK_REALTIME), s->since != 0, age));
	grid_cell(g, "%u", s->pid);
	grid_cell(g, "%u = %s", s->mtu, printable(s->mtu_sum, sum, sizeof(sum)));
}

static void session_table(const struct view *v)
{
	struct session_row *r, *next;
	struct grid g;

	grid_init(&g, "IF|USER|PEER|TUNNEL/SESSION|PEER'S|SA|STATE|REASON|MPPE|CCP|SINCE|PID|MTU");
	HASH_ITER(hh, v->sessions, r, next)
		session_line(&g, v, &r->session);
	grid_print(&g);
	grid_free(&g);
}

void status_text(const struct view *v)
{
	printf("publisher %s, %u SAs, %u sessions", publisher_word(v->publisher), HASH_COUNT(v->sas), HASH_COUNT(v->sessions));
	if (v->tunnels) /* known with xl2tpd's plugin only */
		printf(", %u tunnels, %u calls", HASH_COUNT(v->tunnels), HASH_COUNT(v->calls));
	puts("");
	if (v->publisher != SABUS_PUB_SYNCED)
		puts("charon is not publishing: every question is answered UNKNOWN (does it run, with the sabus plugin loaded?)");
	if (v->sas) {
		puts("");
		sa_table(v);
	}
	status_l2tp(v);
	if (v->sessions) {
		puts("");
		session_table(v);
	}
}

int cmd_status(struct ctl *c)
{
	struct view v;
	int status = view_load(c, &v);

	if (status == CTL_OK && c->json)
		status_json(&v);
	else if (status == CTL_OK)
		status_text(&v);
	view_free(&v);
	return status;
}
