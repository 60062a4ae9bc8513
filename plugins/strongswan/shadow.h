/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shadow.h - the plugin's own copy of what sabusd should know.
 *
 * charon has no cheap way to list all CHILD_SAs at any moment, and a hook must not wait for sabusd.  So hooks write here, and the
 * publisher sends from here: at once when the connection is live, later when it is not.  Each SA is kept encoded (a few hundred
 * bytes), with two marks: `dirty` (sabusd must be told) and `sent` (sabusd has seen it on this connection; only then a deletion
 * must be told, too).
 *
 * Not thread-safe: the owner (publisher.c) locks.  No I/O.  Memory is bounded by charon's own number of CHILD_SAs.
 */
#ifndef SABUS_SHADOW_H
#define SABUS_SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sabus.h"

struct shadow;

/* What is to be told next.  blob is valid until the shadow changes. */
struct shadow_item {
	uint32_t id;
	bool gone; /* tell the deletion, with cause; else the blob */
	enum sabus_cause cause;
	const void *blob;
	size_t len;
};

/* NULL: out of memory. */
struct shadow *shadow_new(void);
void shadow_free(struct shadow *s); /* NULL is fine */

/*
 * Adds or replaces the SA with sa->id and marks it dirty; an SA equal to what is there changes nothing.
 * 0, -EINVAL (id 0 or not encodable), -EMSGSIZE, -ENOMEM.
 */
int shadow_put(struct shadow *s, const struct sabus_sa *sa);

/* Removes the SA.  false: there was none with this id. */
bool shadow_del(struct shadow *s, uint32_t id, enum sabus_cause cause);

bool shadow_has(const struct shadow *s, uint32_t id);

/* Decodes into *sa.  false: there is none with this id. */
bool shadow_get(const struct shadow *s, uint32_t id, struct sabus_sa *sa);

/*
 * Which SA does sa continue (rekey, or reauthentication with overlap)?  The newest installed one of the same reqid (= the same kernel policies)
 * that belongs to the same IKE_SA, or to another with the same peer: same endpoint with port and same identities.  The reqid alone would not
 * do: two clients behind one NAT without marks share it.  0 = none.
 */
uint32_t shadow_predecessor(const struct shadow *s, const struct sabus_sa *sa);

/* A new connection knows nothing: everything is dirty, deletions are forgotten. */
void shadow_restart(struct shadow *s);

/* The oldest dirty item; false: sabusd has everything. */
bool shadow_next(const struct shadow *s, struct shadow_item *item);
/* The item of shadow_next() was sent. */
void shadow_sent(struct shadow *s);

/* An installed SA that covers flow (cover.h) into *sa; false: none. */
bool shadow_find(const struct shadow *s, const struct sabus_flow *flow, struct sabus_sa *sa);

bool shadow_dirty(const struct shadow *s); /* is there something that sabusd does not have? */
size_t shadow_count(const struct shadow *s); /* SAs, without deletions waiting to be told */

#endif
