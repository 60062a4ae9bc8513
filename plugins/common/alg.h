/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alg.h - the ESP/AH algorithms: names, sizes, what they give and how RFC 8221 rates them.
 *
 * Numbers are IANA "IKEv2 Transform" ids, which strongSwan uses for IKEv1 as well (including its private-use numbers).
 * The classification is what the whole project rests on: an algorithm that is not in the table gives *nothing*.
 *
 * All functions: pure, no allocation, never block, any thread.  Pointers must not be NULL.
 */
#ifndef SABUS_ALG_H
#define SABUS_ALG_H

#include <stdbool.h>
#include <stdint.h>
#include "sa.h"

/* RFC 8221 levels, for `min-strength`.  Ordered: a greater value is stronger. */
enum sabus_strength {
	SABUS_STRENGTH_BROKEN = 0,	/* MUST NOT: DES, Blowfish, HMAC-MD5, ... (and RFC 9395); encryption without authentication; unknown ids */
	SABUS_STRENGTH_LEGACY = 1,	/* SHOULD NOT, MUST-: 3DES, HMAC-SHA1-96, pre-RFC 4868 SHA2-256-96; still what old clients offer */
	SABUS_STRENGTH_GOOD = 2,	/* MUST, SHOULD: AES-CBC/CTR/CCM with SHA-2 or XCBC, ...; what does not encrypt (NULL, GMAC, AH) is never better */
	SABUS_STRENGTH_STRONG = 3,	/* confidential AEAD with 16-byte ICV, AES-CBC with 256 bits and SHA2-256 or better */
};

struct sabus_encr_info {
	uint16_t id;
	const char *name;	/* "AES_GCM_16", "3DES_CBC", "NULL_AES_GMAC" as strongSwan prints it */
	bool aead;		/* integrity included */
	bool confidential;	/* false for NULL (RFC 2410) and NULL_AUTH_AES_GMAC (RFC 4543), whatever is_aead says */
	uint8_t iv;		/* bytes of IV on the wire */
	uint8_t align;		/* alignment of the ciphertext in bytes, at least 4 (RFC 4303 section 2.4) */
	uint8_t icv;		/* bytes, AEAD only */
	enum sabus_strength strength;
};

struct sabus_integ_info {
	uint16_t id;
	const char *name;	/* "HMAC_SHA2_256_128" */
	uint8_t icv;		/* bytes */
	enum sabus_strength strength;
};

/* Constant tables; NULL for an unknown id.  Any thread, never block. */
const struct sabus_encr_info *sabus_encr_info(uint16_t id);
const struct sabus_integ_info *sabus_integ_info(uint16_t id);

/* What the SA as a whole gives. */
bool sabus_sa_confidential(const struct sabus_sa *sa);	/* ESP with a confidential cipher known to the table */
bool sabus_sa_integrity(const struct sabus_sa *sa);	/* ESP with AEAD, or ESP (known cipher) or AH with a known integrity algorithm */
bool sabus_sa_replay_protected(const struct sabus_sa *sa);
enum sabus_strength sabus_sa_strength(const struct sabus_sa *sa);	/* of its weakest part; BROKEN without integrity */
int sabus_sa_icv(const struct sabus_sa *sa);	/* bytes of ICV on the wire (SABUS_SAF_SHA256_96: 12); -ENOTSUP without integrity */

const char *sabus_strength_name(enum sabus_strength s);	/* "broken" "legacy" "good" "strong"; "?" out of range */
int sabus_strength_parse(const char *text, enum sabus_strength *out);	/* 0 or -EINVAL */

#define SABUS_SUITE_STRLEN 96
/* "ESP AES_GCM_16-256", "ESP AES_CBC-128/HMAC_SHA1_96", "AH HMAC_SHA2_256_128"; "ESP encr 999/integ 0" for unknown ids.
 * The integrity algorithm shown is the one in use, "HMAC_SHA2_256_96" with SABUS_SAF_SHA256_96.  Always terminated.  Returns buf. */
const char *sabus_sa_suite(const struct sabus_sa *sa, char buf[SABUS_SUITE_STRLEN]);

#endif
