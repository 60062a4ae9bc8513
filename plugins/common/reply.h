/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reply.h - what a RADIUS server says of a user's link, and how it joins the policy of the configuration.
 *
 * The same structure carries an Access-Accept's attributes and those of a CoA-Request.  The merge is a pure function, tested over every combination.
 *
 * Precedence, highest first: reply attribute, MS-MPPE-Encryption-Policy of the reply, the section's options (pppd's option file, xl2tpd's section), default.
 *
 *   what          | from the reply                     | joined with the section
 *   encryption    | Sabus-Encryption-Policy            | replaces the section's, looser or tighter
 *                 | MS-MPPE-Encryption-Policy 2        | require, whatever the section says
 *                 | MS-MPPE-Encryption-Policy 1        | nothing: FreeRADIUS' mschap module adds it unasked to each answer with keys, so it may
 *                 |                                    | not loosen what a section requires; the keys are there for whoever needs them
 *   IPsec mandate | 0 none, 1 LNS, 2 always (RFC 2888) | 0 loosens nothing (the section has let the link in or not before anybody was authenticated);
 *                 |                                    | 1 and 2: an SA must be below; 2: a compulsory tunnel's SA is not enough (trust_lac is off)
 *   min strength  | Sabus-Min-Strength                 | the stronger of both, for the same reason; above broken an SA must be below, as with mandate 1
 *   identities    | Sabus-Allowed-IKE-Identity, any    | one must match besides what `bind identity` asks
 *   MTU           | Sabus-MTU-Cap, Framed-MTU          | the smallest of all
 *
 * A contradiction inside one reply, or one that cannot be met, is resolved to the safer side and named:
 *   Sabus-Encryption-Policy allow or prohibit, MS-MPPE-Encryption-Policy 2   require, which encrypts more
 *   encryption prohibited, and mandate 1 or 2 with min strength above what an SA without encryption can have: nothing to resolve, the decision refuses
 *   MS-MPPE-Encryption-Types without 128 bit where MPPE may run     128 bit stays (sabus knows no weaker)
 *   a value out of its range                                       the strictest of the attribute
 */
#ifndef SABUS_REPLY_H
#define SABUS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "policy.h"

/* struct sabus_reply.has: which members are valid */
#define SABUS_RP_ENCRYPTION	 0x0001u /* encryption */
#define SABUS_RP_MS_POLICY	 0x0002u /* ms_policy: MS-MPPE-Encryption-Policy (RFC 2548 section 2.4.4) */
#define SABUS_RP_MS_TYPES	 0x0004u /* ms_types: MS-MPPE-Encryption-Types (section 2.4.5): 2 = 40 bit, 4 = 128 bit */
#define SABUS_RP_MANDATE	 0x0008u /* mandate */
#define SABUS_RP_MIN_STRENGTH	 0x0010u /* min_strength */
#define SABUS_RP_MTU_CAP	 0x0020u /* mtu_cap, bytes */
#define SABUS_RP_FRAMED_MTU	 0x0040u /* framed_mtu, bytes */
#define SABUS_RP_SESSION_TIMEOUT 0x0080u /* session_timeout, seconds */
#define SABUS_RP_IDLE_TIMEOUT	 0x0100u /* idle_timeout, seconds */
#define SABUS_RP_INTERIM	 0x0200u /* interim, seconds */
#define SABUS_RP_FILTER_ID	 0x0400u /* filter_id */

#define SABUS_REPLY_IDS	 8   /* identities; more are a contradiction: none of them is looked at, nobody fits */
#define SABUS_FILTER_MAX 254 /* Filter-Id, with NUL */

/* Values as on the wire of RADIUS: a number that no enum has is possible in each member, see the table above. */
struct sabus_reply {
	uint32_t has;
	uint32_t encryption;	/* 1 require, 2 allow, 3 prohibit */
	uint32_t ms_policy, ms_types;
	uint32_t mandate;	/* 0, 1, 2 */
	uint32_t min_strength;	/* enum sabus_strength */
	uint32_t mtu_cap, framed_mtu;
	uint32_t session_timeout, idle_timeout, interim;
	char filter_id[SABUS_FILTER_MAX];
	uint8_t n_identities;	/* 0: any; greater than SABUS_REPLY_IDS: too many */
	char identities[SABUS_REPLY_IDS][SABUS_ID_MAX]; /* patterns: '*' stands for any run of bytes, everything else for itself */
};

struct sabus_merged {
	struct sabus_policy policy;
	uint32_t mtu_cap;	/* bytes, 0 = none */
	bool mandate;		/* an SA must be below, whatever the section says */
	bool contradiction;	/* text says which, and how it was resolved */
	char text[256];
};

/*
 * Joins reply (NULL: none) with the section's policy and MTU cap (bytes, 0 = none).  *out is completely written.  Pure: never blocks, no allocation, any thread.
 */
void sabus_reply_merge(const struct sabus_policy *section, uint32_t section_mtu_cap, const struct sabus_reply *reply, struct sabus_merged *out);

/* May the holder of this SA be here, as far as the reply's list of identities goes?  sa NULL: no SA, fits an empty list only.  Looks at the IKE identity and the EAP identity. */
bool sabus_reply_identity_fits(const struct sabus_reply *reply, const struct sabus_sa *sa);

/*
 * Is *late (a CoA's) news on top of *now (the session's reply so far)?  Members that late has replace those of now; identities replace the whole list.
 */
void sabus_reply_update(struct sabus_reply *now, const struct sabus_reply *late);

/* How well is a link with this SA (NULL: none) protected: the values of Sabus-Protected. */
enum sabus_protection { SABUS_PROT_NONE = 0, SABUS_PROT_INTEGRITY = 1, SABUS_PROT_CONFIDENTIAL = 2 };
enum sabus_protection sabus_sa_protection(const struct sabus_sa *sa);

#endif
