// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tunnels.c - one table, two indexes.  xl2tpd has at most 65535 tunnels, and so have we.
 *
 * What the bus tells is about an SA or about a peer, so both lead to their tunnels without a walk through all: with thousands of tunnels a
 * rekey must cost what it costs with ten.
 */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "tunnels.h"

/* The tunnels of one peer address or of one SA; goes with its last tunnel. */
struct bucket {
	union {
		struct sabus_addr peer;
		uint32_t sa_id;
	} key;
	struct tun *first;
	UT_hash_handle hh;
};

static struct tun *all;
static struct bucket *peers, *sas;

static struct bucket *get_bucket(struct bucket **table, const void *key, unsigned int len)
{
	struct bucket *b;

	HASH_FIND(hh, *table, key, len, b);
	if (b)
		return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	memcpy(&b->key, key, len);
	HASH_ADD(hh, *table, key, len, b);
	return b;
}

static void put_bucket(struct bucket **table, struct bucket *b)
{
	if (b->first)
		return;
	HASH_DEL(*table, b);
	free(b);
}

static void leave_sa(struct tun *t)
{
	struct bucket *b = t->by_sa;

	if (!b)
		return;
	DL_DELETE2(b->first, t, sa_prev, sa_next);
	t->by_sa = NULL;
	put_bucket(&sas, b);
}

struct tun *tunnels_add(uint16_t tid, const struct sabus_addr *peer)
{
	struct tun *t;

	if (tunnels_find(tid))
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	t->by_peer = get_bucket(&peers, peer, sizeof(*peer));
	if (!t->by_peer) {
		free(t);
		return NULL;
	}
	DL_APPEND2(t->by_peer->first, t, peer_prev, peer_next);
	HASH_ADD(hh, all, tid, sizeof(t->tid), t);
	return t;
}

struct tun *tunnels_find(uint16_t tid)
{
	struct tun *t;

	HASH_FIND(hh, all, &tid, sizeof(tid), t);
	return t;
}

void tunnels_remove(struct tun *t)
{
	struct call *c, *next;

	LL_FOREACH_SAFE(t->calls, c, next)
	free(c);
	leave_sa(t);
	DL_DELETE2(t->by_peer->first, t, peer_prev, peer_next);
	put_bucket(&peers, t->by_peer);
	HASH_DEL(all, t);
	free(t->sa);
	free(t);
}

void tunnels_clear(void)
{
	struct tun *t, *next;

	HASH_ITER(hh, all, t, next)
		tunnels_remove(t);
}

unsigned int tunnels_count(void)
{
	return HASH_COUNT(all);
}

static void move_to(struct tun *t, struct bucket *b)
{
	if (b == t->by_sa)
		return;
	leave_sa(t);
	t->by_sa = b;
	if (b)
		DL_APPEND2(b->first, t, sa_prev, sa_next);
}

bool tunnels_set_sa(struct tun *t, const struct sabus_sa *sa)
{
	struct sabus_sa *copy = NULL;
	struct bucket *b = NULL;

	if (sa) {
		copy = malloc(sizeof(*copy));
		b = copy ? get_bucket(&sas, &sa->id, sizeof(sa->id)) : NULL;
		if (!b) {
			free(copy);
			return false;
		}
		*copy = *sa;
	}
	move_to(t, b);
	free(t->sa);
	t->sa = copy;
	return true;
}

struct tun *tunnels_first(void)
{
	return all;
}

struct tun *tunnels_next(const struct tun *t)
{
	return t->hh.next;
}

struct tun *tunnels_of_peer(const struct sabus_addr *peer)
{
	const struct bucket *b;

	HASH_FIND(hh, peers, peer, sizeof(*peer), b);
	return b ? b->first : NULL;
}

struct tun *tunnels_on_sa(uint32_t sa_id)
{
	const struct bucket *b;

	HASH_FIND(hh, sas, &sa_id, sizeof(sa_id), b);
	return b ? b->first : NULL;
}

struct call *tunnels_call(struct tun *t, uint16_t cid, bool make)
{
	struct call *c;

	LL_FOREACH(t->calls, c)
	if (c->info.call_id == cid)
		return c;
	if (!make)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->info.tunnel_id = t->tid;
	c->info.call_id = cid;
	LL_PREPEND(t->calls, c);
	t->n_calls++;
	return c;
}

void tunnels_drop_call(struct tun *t, struct call *c)
{
	LL_DELETE(t->calls, c);
	t->n_calls--;
	free(c);
}
