// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * answer.c - UNKNOWN stays unknown; before the first verdict a cut answer is ambiguous and all else is sabus_sa_find()'s business.
 *
 * A living link is not judged by addresses alone: they may be those of a NAT, and our link must not go on with another client's SA.  Ours
 * are our own SA, what replaces it, and SAs of the same peer (its identities and outer endpoint; reqids start anew when charon does, so they
 * are no proof); among them the one with our reqid comes first.
 *
 * Another client's SA that covers the same flow is harmless where ours has a mark.  Without one the kernel sends by the policy that came
 * last, so our packets would leave on that client's SA, for it to read: ambiguous, and the link ends.
 */
#include "answer.h"

#include <string.h>

#define ANSWER_SAS (sizeof(((struct sabus_event *)0)->sas) / sizeof(struct sabus_sa))

static enum sabus_knowledge found(const struct sabus_event *ev, size_t n, const struct sabus_flow *flow, struct sabus_sa *sa)
{
	size_t best = 0;

	switch (sabus_sa_find(ev->sas, n, flow, &best)) {
	case SABUS_FIND_ONE: *sa = ev->sas[best]; return SABUS_K_SA;
	case SABUS_FIND_AMBIGUOUS: return SABUS_K_AMBIGUOUS;
	case SABUS_FIND_PENDING: return SABUS_K_PENDING;
	case SABUS_FIND_NONE: break;
	}
	return SABUS_K_NONE;
}

static bool same_identity(const struct sabus_sa *a, const struct sabus_sa *b)
{
	return strcmp(a->id_remote, b->id_remote) == 0 && strcmp(a->id_eap, b->id_eap) == 0;
}

bool answer_same_sa(const struct sabus_sa *a, const struct sabus_sa *b)
{
	return a->id == b->id && a->spi_in == b->spi_in && a->spi_out == b->spi_out;
}

static bool is_ours(const struct sabus_sa *s, const struct sabus_sa *mine)
{
	if (s->id == mine->id)
		return answer_same_sa(s, mine);
	return (s->replaces == mine->id && same_identity(s, mine)) || sabus_sa_same_peer(s, mine);
}

/* Is a the better one to go on with than b?  Our reqid first, then the one that replaced the other, then our own, then the later one. */
static bool better(const struct sabus_sa *a, const struct sabus_sa *b, const struct sabus_sa *mine)
{
	if ((a->reqid == mine->reqid) != (b->reqid == mine->reqid))
		return a->reqid == mine->reqid;
	if (a->replaces == b->id || b->replaces == a->id)
		return a->replaces == b->id;
	if ((a->id == mine->id) != (b->id == mine->id))
		return a->id == mine->id;
	return a->id > b->id;
}

static enum sabus_knowledge found_again(const struct sabus_event *ev, size_t n, const struct sabus_flow *flow, const struct sabus_sa *mine,
					struct sabus_sa *sa)
{
	const struct sabus_sa *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct sabus_sa *s = &ev->sas[i];
		bool ours = is_ours(s, mine);

		if (s->state != SABUS_SA_INSTALLED || !sabus_sa_covers(s, flow))
			continue;
		if (!ours && !mine->mark_out.mask)
			return SABUS_K_AMBIGUOUS;
		if (ours && (!best || better(s, best, mine)))
			best = s;
	}
	/* what was cut may have been ours, or, without a mark, another's that takes our packets */
	if (ev->truncated && (!best || !mine->mark_out.mask))
		return SABUS_K_UNKNOWN;
	if (!best)
		return SABUS_K_NONE;
	*sa = *best;
	return SABUS_K_SA;
}

enum sabus_knowledge answer_read(const struct sabus_event *ev, const struct sabus_flow *flow, const struct sabus_sa *mine,
				 struct sabus_sa *sa)
{
	size_t n = ev->n_sas < ANSWER_SAS ? ev->n_sas : ANSWER_SAS;

	if (ev->answer != SABUS_PRESENT && ev->answer != SABUS_ABSENT)
		return SABUS_K_UNKNOWN;
	if (mine)
		return found_again(ev, n, flow, mine, sa);
	return ev->truncated ? SABUS_K_AMBIGUOUS : found(ev, n, flow, sa);
}

bool answer_deliberate(enum sabus_cause cause)
{
	return cause == SABUS_CAUSE_DELETED || cause == SABUS_CAUSE_EXPIRED || cause == SABUS_CAUSE_REKEYED || cause == SABUS_CAUSE_FAILED;
}
