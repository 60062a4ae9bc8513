/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup.c - what is known of one flow, in one packet.
 *
 * The answer holds every SA that covers the flow, and every announced (PENDING) one of the same peer: which of them protects it is the
 * asker's to judge (sabus_sa_find()).  Installed ones come first, newest first, so that a cut answer has lost the least.
 *
 * While the table has turned SAs away, each answer may lack one that covers the flow, too: it counts as cut, so that nobody takes the one
 * SA that is in it for the only one.
 */
#include "config.h"
#include <utlist.h>
#include "server.h"

struct search {
	const struct sabus_flow *flow;
	bool installed; /* which SAs this pass takes */
	const struct entry *hit[SABUS_ANSWER_MAX];
	unsigned int n;
	bool truncated;
};

/* Cheap tests first: behind one NAT a bucket can hold thousands, told apart by their marks. */
static bool worth_decoding(const struct search *q, const struct entry *e)
{
	uint32_t mark = q->flow->mark;

	if ((e->state == SABUS_SA_INSTALLED) != q->installed)
		return false;
	if (!mark || e->state == SABUS_SA_PENDING)
		return true;
	return e->set_mark.mask && (mark & e->set_mark.mask) == (e->set_mark.value & e->set_mark.mask);
}

static bool concerns(const struct sabus_sa *sa, const struct sabus_flow *flow)
{
	if (sa->state == SABUS_SA_PENDING && sabus_addr_equal(&sa->remote.addr, &flow->remote.addr))
		return true;
	return sabus_sa_covers(sa, flow);
}

static void consider(struct search *q, const struct entry *e)
{
	struct sabus_sa sa;

	if (!worth_decoding(q, e) || !entry_decode(e, &sa) || !concerns(&sa, q->flow))
		return;
	if (q->n == SABUS_ANSWER_MAX)
		q->truncated = true;
	else
		q->hit[q->n++] = e;
}

/* Newest first: the list is in order of putting.  What hangs in `walked` as well was seen there. */
static void walk(struct search *q, const struct bucket *b, const struct bucket *walked)
{
	const struct link *l = b && b->sas ? b->sas->prev : NULL;

	for (; l && !q->truncated; l = l == b->sas ? NULL : l->prev) {
		if (!walked || !entry_in(l->entry, walked))
			consider(q, l->entry);
	}
}

static void find(const struct table *t, struct search *q)
{
	const struct bucket *b = bucket_find(t, &q->flow->remote.addr);

	for (int pass = 0; pass < 2; pass++) {
		q->installed = pass == 0;
		walk(q, b, NULL);
		walk(q, t->any, b);
	}
}

static enum sabus_answer verdict(const struct table *t, const struct search *q)
{
	if (t->publisher_state != SABUS_PUB_SYNCED)
		return SABUS_UNKNOWN;
	if (q->n)
		return SABUS_PRESENT;
	return t->overflow ? SABUS_UNKNOWN : SABUS_ABSENT;
}

/* Why not, as far as charon has said; the answer is short without SAs. */
static int add_failure(struct server *s, const struct sabus_msg_view *v, int len)
{
	const struct failure *f = failures_find(&s->failures, &v->flow.remote.addr, s->now);

	return f ? sabus_codec_add_failure(s->out, sizeof(s->out), f->what, (uint32_t)((s->now - f->when) / 1000)) : len;
}

static int add(struct server *s, const struct entry *e, size_t size)
{
	struct sabus_sa sa;

	if (!e->orphan)
		return sabus_codec_add_sa_blob(s->out, size, e->blob, e->len);
	return entry_decode(e, &sa) ? sabus_codec_add_sa(s->out, size, &sa, NULL) : -1;
}

void lookup_answer(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	const size_t size = sizeof(s->out) - 4; /* room for TRUNCATED */
	struct search q = { .flow = &v->flow };
	int len, more;

	find(&s->table, &q);
	q.truncated = q.truncated || (s->table.overflow && q.n);
	len = sabus_codec_lookup_ack(s->out, size, v->seq, verdict(&s->table, &q), s->table.revision);
	for (unsigned int i = 0; i < q.n; i++) {
		more = add(s, q.hit[i], size);
		if (more < 0) {
			q.truncated = true;
			break;
		}
		len = more;
	}
	if (q.truncated)
		len = sabus_codec_add_truncated(s->out, sizeof(s->out));
	if (!q.n)
		len = add_failure(s, v, len);
	s->stats.lookups++;
	client_answer(s, c, s->out, len);
}
