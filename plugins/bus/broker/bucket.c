/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bucket.c - the address index of the table.
 *
 * In transport mode the packets of an SA go to its remote endpoint, whatever a NAT made of the selectors; in tunnel and BEET mode they go to the
 * remote selectors.  An SA that is only announced (PENDING) is asked for by its endpoint.  So an SA is found under its endpoint and, when
 * its selectors can mean something else, under that: one address, or `any` when they are more than one.  That is a superset of what
 * sabus_sa_covers() accepts; the exact test is done on the decoded SA.
 */
#include "config.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "log.h"
#include "table.h"

/* The key must have no stray bytes behind an IPv4 address. */
static struct sabus_addr canonical(const struct sabus_addr *addr)
{
	struct sabus_addr key = { .family = addr->family };

	memcpy(key.b, addr->b, addr->family == AF_INET6 ? 16 : 4);
	return key;
}

struct bucket *bucket_find(const struct table *t, const struct sabus_addr *addr)
{
	struct sabus_addr key = canonical(addr);
	struct bucket *b;

	HASH_FIND(hh, t->buckets, &key, sizeof(key), b);
	return b;
}

void bucket_ref(struct bucket *b)
{
	b->refs++;
}

struct bucket *bucket_get(struct table *t, const struct sabus_addr *addr)
{
	struct bucket *b = bucket_find(t, addr);

	if (!b) {
		b = must_calloc(1, sizeof(*b));
		b->addr = canonical(addr);
		HASH_ADD(hh, t->buckets, addr, sizeof(b->addr), b);
	}
	bucket_ref(b);
	return b;
}

void bucket_put(struct table *t, struct bucket *b)
{
	if (!b || --b->refs)
		return;
	HASH_DEL(t->buckets, b);
	free(b);
}

void entry_hang(struct entry *e)
{
	for (int i = 0; e->has_links && i < 2; i++) {
		e->link[i].entry = e;
		if (e->link[i].bucket)
			DL_APPEND(e->link[i].bucket->sas, &e->link[i]);
	}
}

void entry_unhang(struct entry *e)
{
	for (int i = 0; e->has_links && i < 2; i++) {
		if (e->link[i].bucket)
			DL_DELETE(e->link[i].bucket->sas, &e->link[i]);
	}
}

bool entry_in(const struct entry *e, const struct bucket *b)
{
	return e->has_links && (e->link[0].bucket == b || e->link[1].bucket == b);
}

/* The one address that all remote selectors mean, or NULL. */
static const struct sabus_addr *one_inner_address(const struct sabus_sa *sa)
{
	const struct sabus_addr *inner = &sa->ts[0].remote.from;

	if (!sa->n_ts || sa->ts_dropped)
		return NULL;
	for (unsigned int i = 0; i < sa->n_ts; i++) {
		if (!sabus_addr_equal(inner, &sa->ts[i].remote.from) || !sabus_addr_equal(inner, &sa->ts[i].remote.to))
			return NULL;
	}
	return inner;
}

void bucket_of_sa(struct table *t, const struct sabus_sa *sa, struct bucket *out[2])
{
	const struct sabus_addr *inner;

	out[0] = bucket_get(t, &sa->remote.addr);
	out[1] = NULL;
	if (sa->mode == SABUS_MODE_TRANSPORT || sa->state == SABUS_SA_PENDING)
		return;
	inner = one_inner_address(sa);
	if (!inner) {
		out[1] = t->any;
		bucket_ref(t->any);
	} else if (!sabus_addr_equal(inner, &sa->remote.addr)) {
		out[1] = bucket_get(t, inner);
	}
}
