/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity.h - does the IKE identity below a tunnel stand for the PPP user in it?  (RFC 3193 section 5.1.1.)
 *
 * Pure: text in, answer out.  Nothing here allocates, blocks or keeps state; any thread.
 *
 * The map is text of lines: an IKE identity, then the users that it stands for.
 *
 *     # identity                     users
 *     alice@example.org              alice
 *     "C=CH, O=Example, CN=gateway"  branch1 branch2 "DOM\\user one"
 *     kiosk.example.org              *
 *
 * Words are separated by blanks (space, tab, carriage return); between double quotes they may have blanks, with \" and \\ for those two.  '#' where a
 * word could begin starts a comment.  An unquoted * among the users is any user.  An identity on several lines stands for the users
 * of all of them.  All comparisons are of bytes.
 */
#ifndef SABUS_IDENTITY_H
#define SABUS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include "sa.h"

enum sabus_bind {
	SABUS_BIND_NONE,  /* no relation is demanded */
	SABUS_BIND_EQUAL, /* identity and user are the same text */
	SABUS_BIND_MAP,	  /* as the map says */
};

/* "none", "equal", "map".  0, or -EINVAL and *b is unchanged. */
int sabus_bind_parse(const char *text, enum sabus_bind *b);
const char *sabus_bind_name(enum sabus_bind b);

/* Longest identity, user or word of the map, in bytes: the model and pppd cut at 255, so one of that length may be a part of another. */
#define SABUS_IDENTITY_MAX 254

/*
 * Who is at the other end of sa: the EAP or XAuth identity where there is one, else the IKE identity.  NULL where that is nobody in
 * particular: none, "%any", or one that may have been cut.  Points into *sa.
 */
const char *sabus_identity_of(const struct sabus_sa *sa);

enum sabus_identity {
	SABUS_IDENTITY_FITS,
	SABUS_IDENTITY_NOBODY,	/* the SA has no identity to go by */
	SABUS_IDENTITY_UNKNOWN, /* not in the map */
	SABUS_IDENTITY_OTHER,	/* stands for other users */
	SABUS_IDENTITY_BAD_MAP, /* has an error: nothing in it counts */
};

struct sabus_map_error {
	unsigned int line; /* from 1 */
	const char *what;  /* constant */
};

/* Is the map (len bytes, no NUL needed at the end) well-formed?  0, or -EINVAL with the first error. */
int sabus_map_check(const char *map, size_t len, struct sabus_map_error *e);

/* May the user come over this SA?  map and len for SABUS_BIND_MAP only.  SABUS_BIND_NONE always fits. */
enum sabus_identity sabus_identity_check(enum sabus_bind b, const char *map, size_t len, const struct sabus_sa *sa, const char *user);

#endif
