// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * known.c - see known.h.
 */
#include <errno.h>
#include <stdlib.h>
#include "known.h"

int known_session_put(struct known *k, uint32_t id, const struct sabus_session *session)
{
	struct known_session *s;

	HASH_FIND(hh, k->sessions, &id, sizeof(id), s);
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->id = id;
		HASH_ADD(hh, k->sessions, id, sizeof(s->id), s);
	}
	s->session = *session;
	return 0;
}

void known_session_del(struct known *k, uint32_t id)
{
	struct known_session *s;

	HASH_FIND(hh, k->sessions, &id, sizeof(id), s);
	if (!s)
		return;
	HASH_DEL(k->sessions, s);
	free(s);
}

int known_sa_put(struct known *k, const struct sabus_sa *sa)
{
	struct known_sa *s;

	HASH_FIND(hh, k->sas, &sa->id, sizeof(sa->id), s);
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->id = sa->id;
		HASH_ADD(hh, k->sas, id, sizeof(s->id), s);
	}
	s->remote = sa->remote;
	return 0;
}

void known_sa_del(struct known *k, uint32_t id)
{
	struct known_sa *s;

	HASH_FIND(hh, k->sas, &id, sizeof(id), s);
	if (!s)
		return;
	HASH_DEL(k->sas, s);
	free(s);
}

void known_clear(struct known *k)
{
	struct known_session *session, *next_session;
	struct known_sa *sa, *next_sa;

	HASH_ITER(hh, k->sessions, session, next_session) {
		HASH_DEL(k->sessions, session);
		free(session);
	}
	HASH_ITER(hh, k->sas, sa, next_sa) {
		HASH_DEL(k->sas, sa);
		free(sa);
	}
}

size_t known_find(const struct known *k, const struct dyn_request *rq, const struct known_session **found, size_t max)
{
	size_t n = 0;

	for (const struct known_session *s = k->sessions; s; s = s->hh.next) {
		const struct known_sa *sa;

		HASH_FIND(hh, k->sas, &s->session.sa_id, sizeof(s->session.sa_id), sa);
		if (!dyn_request_means(rq, &s->session, sa ? &sa->remote : NULL))
			continue;
		if (n < max)
			found[n] = s;
		n++;
	}
	return n;
}
