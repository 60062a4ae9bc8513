/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.c - the whole picture for people: who publishes, which SAs there are, which tunnels and sessions run over them and why they may.
 */
#include "config.h"
#include <stdio.h>
#include <time.h>
#include "alg.h"
#include "json.h"
#include "status.h"
#include "words.h"

static void mark_cell(struct grid *g, const struct sabus_mark *m)
{
	if (m->mask)
		grid_cell(g, "0x%x/0x%x", m->value, m->mask);
	else
		grid_cell(g, "-");
}

static enum style state_style(const struct sabus_sa *sa)
{
	if (sa->state == SABUS_SA_PENDING || sa->flags & SABUS_SAF_ORPHAN)
		return STYLE_WAIT;
	return sa->state == SABUS_SA_INSTALLED ? STYLE_GOOD : STYLE_PLAIN;
}

static void sa_line(struct grid *g, const struct sabus_sa *sa)
{
	char name[SABUS_NAME_MAX * 4 + 1], peer[ENDPOINT_STRLEN], suite[SABUS_SUITE_STRLEN], id[SABUS_ID_MAX * 4 + 1], age[AGE_STRLEN],
		left[AGE_STRLEN];
	const char *who = sa->id_eap[0] ? sa->id_eap : sa->id_remote;
	uint64_t t = seconds_now(CLOCK_MONOTONIC);

	grid_cell(g, "%u", sa->id);
	grid_cell(g, "%s", printable(sa->name, name, sizeof(name)));
	grid_style(g, state_style(sa));
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

static void sa_table(const struct view *v, bool colour)
{
	struct sa_row *r, *next;
	struct grid g;

	grid_init(&g, "SA|NAME|STATE|PEER|IDENTITY|SUITE|MODE|SPI IN/OUT|NAT-T|MARK|SINCE|EXPIRES", colour);
	HASH_ITER(hh, v->sas, r, next)
		sa_line(&g, &r->sa);
	grid_print(&g);
	grid_free(&g);
}

void status_text(const struct view *v, bool colour)
{
	bool complete = v->publisher == SABUS_PUB_SYNCED;

	printf("publisher ");
	styled(colour, complete ? STYLE_GOOD : STYLE_BAD, publisher_word(v->publisher));
	printf(", %u SAs, %u sessions", HASH_COUNT(v->sas), HASH_COUNT(v->sessions));
	if (v->tunnels) /* known with xl2tpd's plugin only */
		printf(", %u tunnels, %u calls", HASH_COUNT(v->tunnels), HASH_COUNT(v->calls));
	puts("");
	if (!complete)
		puts("charon is not publishing: every question is answered UNKNOWN (does it run, with the sabus plugin loaded?)");
	if (v->sas) {
		puts("");
		sa_table(v, colour);
	}
	status_l2tp(v, colour);
	status_sessions(v, colour);
}

static void status_json(const struct view *v)
{
	struct json_object *root = json_begin();

	json_view(root, v);
	json_finish(root);
}

int cmd_status(struct ctl *c)
{
	struct view v;
	int status = view_load(c, &v);

	if (status == CTL_OK && c->json)
		status_json(&v);
	else if (status == CTL_OK)
		status_text(&v, c->colour);
	view_free(&v);
	return status;
}
