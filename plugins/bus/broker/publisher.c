/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publisher.c - who says which SAs there are.
 *
 *            HELLO                SYNC_END
 *   NONE ------------> SYNCING -------------> SYNCED
 *    ^                  ^   |                  |  |
 *    |                  |   |    SYNC_BEGIN    |  |
 *    |                  +---|------------------+  |
 *    +----------------------+---------------------+  connection lost
 *
 * One publisher counts: that with the newest connection; an older one is told so (superseded) and closed.  When it is lost its SAs
 * become orphans: still told, flagged, under the answer UNKNOWN.  A new sync adopts them; without one they leave after --orphan-grace.
 * During a sync what was not put again is stale and leaves at SYNC_END.
 */
#include "config.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include "log.h"
#include "server.h"

static void set_state(struct server *s, enum sabus_publisher state)
{
	s->stats.publisher_changes += state != s->table.publisher_state;
	table_set_publisher(&s->table, state);
}

static void orphan(struct server *s)
{
	table_orphan_all(&s->table);
	s->orphan_deadline = s->now + (int64_t)s->opt->orphan_grace * 1000;
}

void publisher_hello(struct server *s, struct client *c)
{
	struct client *old = s->publisher;

	if (old && old->serial > c->serial) {
		client_fail(s, c, 0, ESTALE, "superseded by a newer publisher");
		return;
	}
	s->publisher = c;
	requests_abandon(s);
	if (old) {
		client_fail(s, old, 0, ESTALE, "superseded by a newer publisher");
		orphan(s);
	}
	set_state(s, SABUS_PUB_SYNCING);
	log_line(LOG_INFO, "publisher-up name=\"%s\" pid=%u", c->name, c->pid);
}

void publisher_gone(struct server *s, struct client *c)
{
	for (int i = 0; i < SERVER_PUBLISHERS_MAX; i++) {
		if (s->publishers[i] == c)
			s->publishers[i] = NULL;
	}
	if (s->publisher != c)
		return;
	s->publisher = NULL;
	requests_abandon(s);
	orphan(s);
	set_state(s, SABUS_PUB_NONE);
	log_line(LOG_WARNING,
		 "publisher-down name=\"%s\" pid=%u sas=%u seconds=%u text=\"the publisher is gone; its SAs are kept so long, answers are "
		 "UNKNOWN until it is back\"",
		 c->name, c->pid, s->table.n_orphans, s->opt->orphan_grace);
}

static void sync_end(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	if (s->table.publisher_state != SABUS_PUB_SYNCING || !s->table.syncing) {
		client_fail(s, c, v->seq, EPROTO, "SYNC_END without SYNC_BEGIN");
		return;
	}
	table_sync_end(&s->table);
	set_state(s, SABUS_PUB_SYNCED);
	log_line(LOG_INFO, "publisher-synced name=\"%s\" pid=%u sas=%u", c->name, c->pid, s->table.n_sas);
}

/* ORPHAN is the broker's word: a publisher's own is taken off, which changes the bytes. */
static int store(struct server *s, struct sabus_sa *sa, const void *blob, size_t len)
{
	uint8_t clean[SABUS_SA_BLOB_MAX];
	int n;

	if (!(sa->flags & SABUS_SAF_ORPHAN))
		return table_sa_put(&s->table, sa, blob, len, s->now);
	sa->flags &= ~SABUS_SAF_ORPHAN;
	n = sabus_sa_encode(sa, clean, sizeof(clean));
	return n < 0 ? n : table_sa_put(&s->table, sa, clean, (size_t)n, s->now);
}

static void sa_put(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	const struct nlattr *nest = v->sas[0];
	struct sabus_fault fault = { 0 };
	char text[SABUS_FAULT_STRLEN];
	struct sabus_sa sa;

	if (mnl_attr_get_payload_len(nest) > SABUS_SA_BLOB_MAX) {
		client_fail(s, c, v->seq, EMSGSIZE, "SA_PUT: SA of %u bytes; %d are the limit", mnl_attr_get_payload_len(nest),
			    SABUS_SA_BLOB_MAX);
		return;
	}
	if (v->n_sas != 1 || sabus_codec_get_sa(nest, &sa, &fault) < 0) {
		s->stats.bad_messages++;
		client_fail(s, c, v->seq, EBADMSG, "%s", v->n_sas != 1 ? "SA_PUT: SA: comes once" : sabus_fault_text(&fault, text));
		return;
	}
	s->stats.publishes++;
	if (sa.state == SABUS_SA_INSTALLED)
		failures_forget(&s->failures, &sa.remote.addr);
	if (store(s, &sa, mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest)) < 0) {
		s->stats.dropped++;
		log_limited(LOG_ERR,
			    "left-out sa=%s{%u} limit=%u text=\"no more SAs fit: until a whole sync fits no answer is complete and no new "
			    "link accepted\" "
			    "remedy=\"raise --max-sas\"",
			    sa.name, sa.id, s->opt->max_sas);
	}
}

void publisher_message(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	if (c != s->publisher)
		return; /* superseded in this very round: its word does not count any more */
	switch (v->type) {
	case SABUS_MSG_SYNC_BEGIN:
		table_sync_begin(&s->table);
		set_state(s, SABUS_PUB_SYNCING);
		break;
	case SABUS_MSG_SYNC_END: sync_end(s, c, v); break;
	case SABUS_MSG_SA_PUT: sa_put(s, c, v); break;
	case SABUS_MSG_SA_DEL:
		s->stats.publishes++;
		table_sa_del(&s->table, v->sa_id, v->cause);
		break;
	case SABUS_MSG_RESULT: request_result(s, c, v); break;
	case SABUS_MSG_IKE_FAILED: failures_add(&s->failures, &v->flow.remote.addr, v->ike_failure, s->now); break;
	default: client_fail(s, c, v->seq, EPERM, "%s (%u) is not for a publisher", sabus_codec_msg_name(v->type), v->type);
	}
}

/* The oldest connection that is newer than `serial`; NULL = none. */
static struct client *next_by_age(const struct server *s, uint64_t serial)
{
	struct client *next = NULL;

	for (int i = 0; i < SERVER_PUBLISHERS_MAX; i++) {
		struct client *c = s->publishers[i];

		if (c && c->serial > serial && (!next || c->serial < next->serial))
			next = c;
	}
	return next;
}

static void read_by_age(struct server *s, unsigned int *budget)
{
	for (struct client *c = next_by_age(s, 0); c; c = next_by_age(s, c->serial)) {
		while (*budget && client_read(s, c))
			--*budget;
	}
}

static unsigned int free_places(const struct server *s)
{
	unsigned int n = 0;

	for (int i = 0; i < SERVER_PUBLISHERS_MAX; i++)
		n += !s->publishers[i];
	return n;
}

/*
 * By age: what an older one said was said before the newer one took over.  No more are accepted than there are places, then read, then accepted
 * again: those that have ended meanwhile make room for the one behind them.
 */
void publisher_drain(struct server *s)
{
	unsigned int budget = SERVER_DRAIN_MAX, n = 1;

	for (int round = 0; n && round < SERVER_ACCEPT_BURST; round++) {
		unsigned int places = free_places(s);

		n = client_accept(s, &s->listeners[ROLE_PUBLISHER], places ? places : 1);
		read_by_age(s, &budget);
	}
}
