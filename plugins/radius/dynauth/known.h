/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known.h - the sessions of this host as the bus tells them, and of each SA its remote endpoint: what requests are matched with.
 *
 * A copy of what sabusd knows, never older than the events that were read.  Owned by the one thread that reads them.
 */
#ifndef SABUS_DYNAUTH_KNOWN_H
#define SABUS_DYNAUTH_KNOWN_H

#include <uthash.h>
#include "request.h"

struct known_session {
	uint32_t id; /* the broker's */
	struct sabus_session session;
	UT_hash_handle hh;
};

struct known_sa {
	uint32_t id;
	struct sabus_endpoint remote;
	UT_hash_handle hh;
};

struct known {
	struct known_session *sessions;
	struct known_sa *sas;
};

/* 0 or -ENOMEM */
int known_session_put(struct known *k, uint32_t id, const struct sabus_session *session);
void known_session_del(struct known *k, uint32_t id);
int known_sa_put(struct known *k, const struct sabus_sa *sa);
void known_sa_del(struct known *k, uint32_t id);
void known_clear(struct known *k);

/* The first max sessions that the request means, into found; returns how many there are in all. */
size_t known_find(const struct known *k, const struct dyn_request *rq, const struct known_session **found, size_t max);

#endif
