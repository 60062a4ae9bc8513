/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_sessions.c - a series for each session.  The label `session` joins them; sabus_session_info says who it is.
 */
#include "config.h"
#include "alg.h"
#include "metrics.h"
#include "traffic.h"
#include "words.h"

#define SESSION_STRLEN 16

/* "session", "3" */
struct session_label {
	char text[SESSION_STRLEN];
	const char *labels[3];
};

static const char *const *label_of(const struct session_row *r, struct session_label *l)
{
	snprintf(l->text, sizeof(l->text), "%u", r->id);
	l->labels[0] = "session";
	l->labels[1] = l->text;
	l->labels[2] = NULL;
	return l->labels;
}

static void info(FILE *out, const struct view *v)
{
	const char *name = "sabus_session_info";
	struct session_row *r, *next;

	metrics_family(out, name, "gauge", "Always 1; who a session is and what protects it.");
	HASH_ITER(hh, v->sessions, r, next) {
		const struct sabus_session *s = &r->session;
		const struct sabus_sa *sa = s->sa_id ? view_sa(v, s->sa_id) : NULL;
		char peer[SABUS_ADDR_STRLEN], suite[SABUS_SUITE_STRLEN] = "";
		struct session_label l;
		const char *labels[] = { "session",    label_of(r, &l)[1],
					 "ifname",     s->ifname,
					 "user",       s->user,
					 "peer",       sabus_addr_text(&s->flow.remote.addr, peer),
					 "role",       role_word(s->role),
					 "reason",     s->reason,
					 "suite",      sa ? sabus_sa_suite(sa, suite) : suite,
					 "protection", protection_word(sa),
					 NULL };

		metrics_sample(out, name, labels, 1);
	}
}

static void mtu(FILE *out, const struct view *v)
{
	const char *name = "sabus_session_mtu_bytes";
	struct session_row *r, *next;
	struct session_label l;

	metrics_family(out, name, "gauge", "MTU of the PPP link.");
	HASH_ITER(hh, v->sessions, r, next)
		metrics_sample(out, name, label_of(r, &l), r->session.mtu);
}

static void start(FILE *out, const struct view *v)
{
	const char *name = "sabus_session_start_time_seconds";
	struct session_row *r, *next;
	struct session_label l;

	metrics_family(out, name, "gauge", "When the session began, in seconds since 1970.");
	HASH_ITER(hh, v->sessions, r, next) {
		if (r->session.since)
			metrics_sample(out, name, label_of(r, &l), r->session.since);
	}
}

static void bytes(FILE *out, const struct view *v, struct traffic *traffic, const char *name, const char *help, bool received)
{
	struct session_row *r, *next;
	struct session_label l;

	metrics_family(out, name, "counter", help);
	HASH_ITER(hh, v->sessions, r, next) {
		uint64_t in, out_bytes;

		if (traffic_of(traffic, r->session.pid, r->session.ifname, &in, &out_bytes))
			metrics_sample(out, name, label_of(r, &l), received ? in : out_bytes);
	}
}

void metrics_sessions(FILE *out, const struct view *v)
{
	struct traffic *traffic = traffic_new();

	info(out, v);
	mtu(out, v);
	start(out, v);
	bytes(out, v, traffic, "sabus_session_received_bytes_total", "Bytes that came from the peer.", true);
	bytes(out, v, traffic, "sabus_session_sent_bytes_total", "Bytes that went to the peer.", false);
	traffic_free(traffic);
}
