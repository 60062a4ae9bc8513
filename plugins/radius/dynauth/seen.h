/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seen.h - requests that came already: a retransmission is answered again and not done again, and a copy that somebody kept is worth nothing.
 *
 * The Request Authenticator is a keyed sum of the whole packet, Event-Timestamp and Identifier included, so two packets with the same one from the same client are the same
 * packet, whatever port it comes from.  An entry lives as long as its timestamp would let the packet in (RFC 5176 section 6.3).
 *
 *   new --> pending --> answered --> forgotten
 *            |             |
 *            |             +-- comes again: the same answer
 *            +-- comes again: nothing (its answer is on its way)
 *
 * Owns copies of the answers.  One thread, nothing blocks.  Time is in ms of any monotonic clock.
 */
#ifndef SABUS_DYNAUTH_SEEN_H
#define SABUS_DYNAUTH_SEEN_H

#include <stddef.h>
#include <stdint.h>
#include <uthash.h>
#include "../rfc.h"

#define SEEN_MAX 65536 /* entries: 109 a second for ten minutes; when it is full nothing new is taken in: forgetting one early would let its copy in */

struct seen_key {
	uint8_t authenticator[RADIUS_AUTH];
	uint32_t client; /* number of the client in the configuration */
};

struct seen {
	struct seen_key key;
	int64_t until;
	struct seen *prev, *next; /* oldest first */
	UT_hash_handle hh;
	size_t len; /* of the answer, 0 = pending */
	uint8_t *answer;
};

struct seen_cache {
	struct seen *by_key, *oldest;
};

/* The entry, or NULL: it is new. */
struct seen *seen_find(const struct seen_cache *c, const struct seen_key *key);
/* A pending entry until `until`; NULL: no room (or memory). */
struct seen *seen_add(struct seen_cache *c, const struct seen_key *key, int64_t until);
/* Copies the answer; without memory for it a retransmission gets none. */
void seen_answered(struct seen *s, const uint8_t *answer, size_t len);
void seen_forget(struct seen_cache *c, struct seen *s);
void seen_expire(struct seen_cache *c, int64_t now);
void seen_free(struct seen_cache *c);

#endif
