/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics.c - what of the bus is measured, under which name.
 *
 * A scrape is one connection: a snapshot, the counters, the end.  Series are counted by state, suite and reason, of which there are few; a series for
 * each session is only made when asked for, because people come and go.  Where sabusd does not answer, that is a measurement too: sabus_up 0.
 */
#include "config.h"
#include <errno.h>
#include <string.h>
#include "alg.h"
#include "metrics.h"
#include "metrics_count.h"
#include "words.h"

const struct option_row metrics_options[] = {
	{ "sessions", NULL, "a series for each session, with its user" },
	{ "http", NULL, "answer one HTTP request on standard input and output (for inetd, systemd)" },
	{ NULL, NULL, NULL },
};

/* What sabusd counts (reader.c), as it is called here. */
static const struct {
	const char *stat, *name, *type, *help;
} stats[] = {
	{ "clients", "sabus_broker_clients", "gauge", "Connections to sabusd." },
	{ "orphans", "sabus_broker_orphan_sas", "gauge", "SAs whose publisher is gone, kept for a while." },
	{ "tombstones", "sabus_broker_tombstones", "gauge", "SAs that are gone and remembered for late watchers." },
	{ "revision", "sabus_broker_revision", "gauge", "Revision of sabusd's table." },
	{ "requests_waiting", "sabus_broker_requests_waiting", "gauge", "Requests that wait for their answer." },
	{ "overflow", "sabus_broker_overflow", "gauge", "1 while the table has turned SAs away because it is full." },
	{ "publisher_changes", "sabus_broker_publisher_changes_total", "counter", "Times the publisher came, went or finished its sync." },
	{ "publishes", "sabus_broker_publishes_total", "counter", "SAs published." },
	{ "lookups", "sabus_broker_lookups_total", "counter", "Questions for the SA of a tunnel." },
	{ "watches", "sabus_broker_watches_total", "counter", "Watches begun." },
	{ "events_sent", "sabus_broker_events_sent_total", "counter", "Events sent to watchers." },
	{ "resyncs", "sabus_broker_resyncs_total", "counter", "Watchers that were too slow and had to begin anew." },
	{ "refused", "sabus_broker_connections_refused_total", "counter", "Connections refused." },
	{ "bad_messages", "sabus_broker_bad_messages_total", "counter", "Messages that could not be understood." },
	{ "dropped", "sabus_broker_connections_dropped_total", "counter", "Connections ended because their end did not keep up." },
	{ "requests", "sabus_broker_requests_total", "counter", "Requests to charon and to sessions." },
	{ "requests_failed", "sabus_broker_requests_failed_total", "counter", "Requests that ended with an error." },
};

/* Told by the families below. */
static const char *const told_elsewhere[] = { "sas", "sessions", "tunnels", "calls", "publisher_state" };

static void single(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
	metrics_family(out, name, type, help);
	metrics_sample(out, name, NULL, value);
}

static void write_sas(FILE *out, const struct view *v)
{
	static const char *const labels[] = { "state", "suite", "strength" };
	struct count *all = NULL;
	struct sa_row *r, *next;

	HASH_ITER(hh, v->sas, r, next) {
		bool pending = r->sa.state == SABUS_SA_PENDING;
		char suite[SABUS_SUITE_STRLEN];
		const char *values[] = { state_word(r->sa.state), pending ? "" : sabus_sa_suite(&r->sa, suite),
					 pending ? "" : sabus_strength_name(sabus_sa_strength(&r->sa)) };

		count_add(&all, values, 3);
	}
	count_write(out, &all, "sabus_sas", "IPsec SAs by state, suite and strength (RFC 8221).", labels, 3);
}

static void write_tunnels(FILE *out, const struct view *v)
{
	static const char *const labels[] = { "role", "state", "reason" };
	struct count *all = NULL;
	struct tunnel_row *r, *next;

	HASH_ITER(hh, v->tunnels, r, next) {
		const char *values[] = { role_word(r->tunnel.role), tunnel_state_word(r->tunnel.state), r->tunnel.reason };

		count_add(&all, values, 3);
	}
	count_write(out, &all, "sabus_tunnels", "L2TP tunnels, as xl2tpd's plugin tells them.", labels, 3);
}

static void write_calls(FILE *out, const struct view *v)
{
	static const char *const labels[] = { "state" };
	struct count *all = NULL;
	struct call_row *r, *next;

	HASH_ITER(hh, v->calls, r, next) {
		const char *values[] = { r->call.up ? "up" : "starting" };

		count_add(&all, values, 1);
	}
	count_write(out, &all, "sabus_calls", "L2TP calls, as xl2tpd's plugin tells them.", labels, 1);
}

static void write_sessions(FILE *out, const struct view *v)
{
	static const char *const labels[] = { "role", "state", "reason", "mppe" };
	struct count *all = NULL;
	struct session_row *r, *next;

	HASH_ITER(hh, v->sessions, r, next) {
		const struct sabus_session *s = &r->session;
		const char *values[] = { role_word(s->role), s->up ? "up" : "starting", s->reason, s->mppe };

		count_add(&all, values, 4);
	}
	count_write(out, &all, "sabus_sessions", "PPP sessions by role, state, reason of the decision, and MPPE.", labels, 4);
}

static void write_stat(FILE *out, const struct sabus_stat *stat)
{
	for (size_t i = 0; i < sizeof(told_elsewhere) / sizeof(told_elsewhere[0]); i++) {
		if (!strcmp(stat->name, told_elsewhere[i]))
			return;
	}
	for (size_t i = 0; i < sizeof(stats) / sizeof(stats[0]); i++) {
		if (!strcmp(stat->name, stats[i].stat)) {
			single(out, stats[i].name, stats[i].type, stats[i].help, stat->value);
			return;
		}
	}
	/* of a newer sabusd: its name is not for us to choose, so it has none */
}

void metrics_write(FILE *out, const struct metrics *m)
{
	const char *const version[] = { "version", sabus_version(), NULL };
	const struct view *v = m->view;

	single(out, "sabus_up", "gauge", "1 when sabusd answers.", v != NULL);
	metrics_family(out, "sabus_build_info", "gauge", "Always 1; the version of sabusctl.");
	metrics_sample(out, "sabus_build_info", version, 1);
	if (!v)
		return;
	single(out, "sabus_publisher_synced", "gauge", "1 when charon publishes and the list of SAs is complete.",
	       v->publisher == SABUS_PUB_SYNCED);
	write_sas(out, v);
	write_tunnels(out, v);
	write_calls(out, v);
	write_sessions(out, v);
	for (size_t i = 0; i < m->stats->n_stats; i++)
		write_stat(out, &m->stats->stats[i]);
	if (m->sessions)
		metrics_sessions(out, v);
}

/* Connects and asks for all.  0, or -errno and why.  On success c->ev holds the counters. */
static int scrape(struct ctl *c, struct view *v, const char **why)
{
	uint32_t seq;
	int r = ctl_connect(c);

	*why = r ? strerror(-r) : NULL;
	if (r == 0)
		r = view_try_load(c, v, why);
	if (r == 0 && (r = sabus_stats_send(c->bus, &seq)) != 0)
		*why = sabus_strerror(c->bus);
	while (r == 0) {
		r = ctl_receive(c, CTL_TIMEOUT_MS, why);
		if (r == 0 && c->ev.type == SABUS_EV_STATS && c->ev.seq == seq)
			break;
	}
	return r;
}

struct scrape_of {
	struct ctl *c;
	int err; /* of the last scrape */
};

static void body(void *data, FILE *out)
{
	struct scrape_of *s = data;
	struct view v = { 0 };
	const char *why;

	s->err = scrape(s->c, &v, &why);
	if (s->err)
		ctl_failed(s->c, why);
	metrics_write(out, &(struct metrics){ .view = s->err ? NULL : &v, .stats = &s->c->ev, .sessions = given_flag(s->c, "sessions") });
	view_free(&v);
}

int cmd_metrics(struct ctl *c)
{
	struct scrape_of s = { .c = c };

	if (c->json)
		return given_bad(c, "json", "", "left out: this is a format of its own");
	if (given_flag(c, "http"))
		return metrics_http(body, &s);
	body(&s, stdout);
	return s.err ? CTL_FAILED : CTL_OK;
}
