// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * answer.c - UNKNOWN stays unknown, a cut answer is ambiguous, everything else is sabus_sa_find()'s business.
 */
#include "answer.h"

#define ANSWER_SAS (sizeof(((struct sabus_event *)0)->sas) / sizeof(struct sabus_sa))

static bool find_by_reqid(const struct sabus_event *ev, size_t n, const struct sabus_flow *flow, uint32_t reqid, size_t *best)
{
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		const struct sabus_sa *sa = &ev->sas[i];

		if (sa->reqid != reqid || sa->state != SABUS_SA_INSTALLED || !sabus_sa_covers(sa, flow))
			continue;
		/* of an overlapping pair the one that replaced the other */
		if (!found || sa->replaces == ev->sas[*best].id || (ev->sas[*best].replaces != sa->id && sa->id > ev->sas[*best].id))
			*best = i;
		found = true;
	}
	return found;
}

enum sabus_knowledge answer_read(const struct sabus_event *ev, const struct sabus_flow *flow, const struct sabus_sa *mine,
				 struct sabus_sa *sa)
{
	size_t n = ev->n_sas < ANSWER_SAS ? ev->n_sas : ANSWER_SAS, best = 0;
	enum sabus_knowledge k;

	if (ev->answer != SABUS_PRESENT && ev->answer != SABUS_ABSENT)
		return SABUS_K_UNKNOWN;
	if (mine && mine->reqid && find_by_reqid(ev, n, flow, mine->reqid, &best)) {
		*sa = ev->sas[best];
		return SABUS_K_SA;
	}
	switch (sabus_sa_find(ev->sas, n, flow, &best)) {
	case SABUS_FIND_ONE: k = SABUS_K_SA; break;
	case SABUS_FIND_AMBIGUOUS: k = SABUS_K_AMBIGUOUS; break;
	case SABUS_FIND_PENDING: k = SABUS_K_PENDING; break;
	default: k = SABUS_K_NONE; break;
	}
	if (ev->truncated)
		return SABUS_K_AMBIGUOUS;
	if (k == SABUS_K_SA)
		*sa = ev->sas[best];
	return k;
}
