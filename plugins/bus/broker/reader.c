/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader.c - what readers and sessions may say: LOOKUP, WATCH, STATS; sessions also SESSION_*, TUNNEL_*, CALL_* (tunnels.c), REQUEST and RESULT (request.c).
 *
 * A session lives as long as the connection that put it, so a pppd that is killed leaves nothing behind.
 */
#include "config.h"
#include <errno.h>
#include "log.h"
#include "server.h"

static void ask(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	if (!v->flow.remote.addr.family) {
		client_fail(s, c, v->seq, EINVAL, "LOOKUP: FLOW without a remote address");
		return;
	}
	publisher_drain(s);
	if (!c->closing)
		lookup_answer(s, c, v);
}

static void watch(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	const struct sabus_flow *flow = SABUS_HAS(v, SABUS_A_FLOW) ? &v->flow : NULL;

	if (flow && !flow->remote.addr.family) {
		client_fail(s, c, v->seq, EINVAL, "WATCH: FLOW without a remote address");
		return;
	}
	publisher_drain(s);
	s->stats.watches++;
	watch_start(s, c, flow, v->sessions);
}

static void tell_stats(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	const struct table *t = &s->table;
	const struct sabus_stat list[] = {
		{ "sas", t->n_sas },
		{ "orphans", t->n_orphans },
		{ "sessions", t->n_messages[ENTRY_SESSION] },
		{ "tunnels", t->n_messages[ENTRY_TUNNEL] },
		{ "calls", t->n_messages[ENTRY_CALL] },
		{ "clients", s->n_clients },
		{ "tombstones", t->n_tombs },
		{ "revision", t->revision },
		{ "publisher_state", t->publisher_state },
		{ "publisher_changes", s->stats.publisher_changes },
		{ "publishes", s->stats.publishes },
		{ "lookups", s->stats.lookups },
		{ "watches", s->stats.watches },
		{ "events_sent", s->stats.events_sent },
		{ "resyncs", s->stats.resyncs },
		{ "refused", s->stats.refused },
		{ "bad_messages", s->stats.bad_messages },
		{ "dropped", s->stats.dropped },
		{ "requests", s->stats.requests },
		{ "requests_waiting", s->requests.n + s->requests.n_at_sessions },
		{ "requests_failed", s->stats.failed_requests },
		{ "overflow", t->overflow },
	};
	int len = sabus_codec_stats(s->out, sizeof(s->out), v->seq);

	_Static_assert(sizeof(list) / sizeof(list[0]) <= SABUS_STATS_MAX, "a client could not take them");
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		len = sabus_codec_add_stat(s->out, sizeof(s->out), list[i].name, list[i].value);
	client_answer(s, c, s->out, len);
}

static void session_begin(struct server *s, struct client *c)
{
	c->session = table_message_new(&s->table, ENTRY_SESSION);
	c->session_id = c->session->id;
	HASH_ADD(shh, s->sessions, session_id, sizeof(c->session_id), c);
}

static void session_put(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	struct sabus_fault fault = { 0 };
	struct sabus_session session;
	char text[SABUS_FAULT_STRLEN];
	int len = 0;

	if (sabus_codec_get_session(v->session, &session, &fault) == 0) {
		session.pid = c->pid;
		if (!c->session)
			session_begin(s, c);
		c->ops = v->ops;
		len = sabus_codec_session_put(s->out, sizeof(s->out), &session, c->session->id, &fault);
	}
	if (len <= 0) {
		s->stats.bad_messages++;
		client_fail(s, c, v->seq, EBADMSG, "%s", sabus_fault_text(&fault, text));
		return;
	}
	table_message_put(&s->table, c->session, s->out, (size_t)len);
}

void session_gone(struct server *s, struct client *c)
{
	_Alignas(8) uint8_t msg[64];
	int len;

	if (!c->session)
		return;
	len = sabus_codec_session_del(msg, sizeof(msg), c->session->id);
	table_message_del(&s->table, c->session, msg, (size_t)len);
	c->session = NULL;
	HASH_DELETE(shh, s->sessions, c);
	requests_session_gone(s, c);
}

static bool may(const struct client *c, uint16_t type)
{
	switch (type) {
	case SABUS_MSG_LOOKUP:
	case SABUS_MSG_WATCH:
	case SABUS_MSG_STATS: return true;
	case SABUS_MSG_SESSION_PUT:
	case SABUS_MSG_SESSION_DEL:
	case SABUS_MSG_TUNNEL_PUT:
	case SABUS_MSG_TUNNEL_DEL:
	case SABUS_MSG_CALL_PUT:
	case SABUS_MSG_CALL_DEL:
	case SABUS_MSG_REQUEST:
	case SABUS_MSG_RESULT: return c->role == ROLE_SESSION;
	default: return false;
	}
}

void reader_message(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	if (!may(c, v->type)) {
		client_fail(s, c, v->seq, EPERM, "%s (%u) is not for a %s", sabus_codec_msg_name(v->type), v->type, role_name(c->role));
		return;
	}
	switch (v->type) {
	case SABUS_MSG_LOOKUP: ask(s, c, v); break;
	case SABUS_MSG_WATCH: watch(s, c, v); break;
	case SABUS_MSG_STATS: tell_stats(s, c, v); break;
	case SABUS_MSG_SESSION_PUT: session_put(s, c, v); break;
	case SABUS_MSG_SESSION_DEL: session_gone(s, c); break;
	case SABUS_MSG_REQUEST: request_ask(s, c, v); break;
	case SABUS_MSG_RESULT: request_result(s, c, v); break;
	default: tunnels_message(s, c, v); break;
	}
}
