// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * alg.c - what each ESP/AH algorithm is called, costs and gives.
 *
 * Two constant tables and the rules that combine them.  Ids up to 1023 are IANA's "IKEv2 Transform" ids, those above 1024 are the
 * private ones that strongSwan hands to a kernel.  Transforms that exist in IKE only (AES-CFB, ECB modes, RC2) are left out on purpose:
 * what is not in the tables gives nothing.
 *
 * Levels: MUST NOT and deprecated (RFC 8221 sections 5 and 6, RFC 9395 section 4) are BROKEN; SHOULD NOT and MUST- are LEGACY; the rest is
 * GOOD, also ciphers that RFC 8221 does not rate and of which no weakness is known (Camellia, Serpent, Twofish: 128-bit blocks).
 * STRONG is alg.h's own level, it has no counterpart in the RFC.
 *
 * Sizes are those of Linux' ESP (net/ipv4/esp4.c): the ciphertext is rounded up to the cipher's block size, but at least to 4 (RFC 4303
 * section 2.4); CBC has an IV of one block; counter modes and AEADs send 8 bytes (RFC 3686, 4106, 4309, 4543, 7634).
 */
#include "alg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ID_AES_CBC	12
#define ID_SHA2_256_128 12
#define ID_SHA2_256_96	1026
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* clang-format off */
#define CIPHER(i, n, v, a, level) \
	{ .id = (i), .name = (n), .confidential = true, .iv = (v), .align = (a), .strength = SABUS_STRENGTH_##level }
#define AEAD(i, n, tag, level) \
	{ .id = (i), .name = (n), .aead = true, .confidential = true, .iv = 8, .align = 4, .icv = (tag), \
	  .strength = SABUS_STRENGTH_##level }

static const struct sabus_encr_info encrs[] = {
	CIPHER(1, "DES_IV64", 8, 8, BROKEN),
	CIPHER(2, "DES_CBC", 8, 8, BROKEN),
	CIPHER(3, "3DES_CBC", 8, 8, LEGACY),
	CIPHER(4, "RC5_CBC", 8, 8, BROKEN),
	CIPHER(5, "IDEA_CBC", 8, 8, BROKEN),
	CIPHER(6, "CAST_CBC", 8, 8, BROKEN),
	CIPHER(7, "BLOWFISH_CBC", 8, 8, BROKEN),
	CIPHER(8, "3IDEA", 8, 8, BROKEN),
	CIPHER(9, "DES_IV32", 4, 8, BROKEN),
	{ .id = 11, .name = "NULL", .align = 4, .strength = SABUS_STRENGTH_GOOD },
	CIPHER(ID_AES_CBC, "AES_CBC", 16, 16, GOOD),
	CIPHER(13, "AES_CTR", 8, 4, GOOD),
	AEAD(14, "AES_CCM_8", 8, GOOD),
	AEAD(15, "AES_CCM_12", 12, GOOD),
	AEAD(16, "AES_CCM_16", 16, STRONG),
	AEAD(18, "AES_GCM_8", 8, GOOD),
	AEAD(19, "AES_GCM_12", 12, GOOD),
	AEAD(20, "AES_GCM_16", 16, STRONG),
	/* RFC 4543: an AEAD by its mechanics, but the text stays clear. */
	{ .id = 21, .name = "NULL_AES_GMAC", .aead = true, .iv = 8, .align = 4, .icv = 16, .strength = SABUS_STRENGTH_GOOD },
	CIPHER(23, "CAMELLIA_CBC", 16, 16, GOOD),
	CIPHER(24, "CAMELLIA_CTR", 8, 4, GOOD),
	AEAD(25, "CAMELLIA_CCM_8", 8, GOOD),
	AEAD(26, "CAMELLIA_CCM_12", 12, GOOD),
	AEAD(27, "CAMELLIA_CCM_16", 16, STRONG),
	AEAD(28, "CHACHA20_POLY1305", 16, STRONG),
	CIPHER(1026, "SERPENT_CBC", 16, 16, GOOD),
	CIPHER(1027, "TWOFISH_CBC", 16, 16, GOOD),
};

#define INTEG(i, n, tag, level) { .id = (i), .name = (n), .icv = (tag), .strength = SABUS_STRENGTH_##level }

/*
 * Not here: 3 DES_MAC and 4 KPDK_MD5 (MUST NOT, and no implementation), 9..11 AES_*_GMAC (AH only, no kernel interface; in ESP
 * GMAC is encryption id 21).
 */
static const struct sabus_integ_info integs[] = {
	INTEG(1, "HMAC_MD5_96", 12, BROKEN),
	INTEG(2, "HMAC_SHA1_96", 12, LEGACY),
	INTEG(5, "AES_XCBC_96", 12, GOOD),
	INTEG(6, "HMAC_MD5_128", 16, BROKEN),
	INTEG(7, "HMAC_SHA1_160", 20, LEGACY),
	INTEG(8, "AES_CMAC_96", 12, GOOD),
	INTEG(ID_SHA2_256_128, "HMAC_SHA2_256_128", 16, STRONG),
	INTEG(13, "HMAC_SHA2_384_192", 24, STRONG),
	INTEG(14, "HMAC_SHA2_512_256", 32, STRONG),
	INTEG(1025, "HMAC_SHA1_128", 16, LEGACY),
	/* The draft that RFC 4868 replaced; old Linux kernels and Android still speak it. */
	INTEG(ID_SHA2_256_96, "HMAC_SHA2_256_96", 12, LEGACY),
	INTEG(1027, "HMAC_SHA2_256_256", 32, STRONG),
	INTEG(1028, "HMAC_SHA2_384_384", 48, STRONG),
	INTEG(1029, "HMAC_SHA2_512_512", 64, STRONG),
	INTEG(1030, "CAMELLIA_XCBC_96", 12, GOOD),
};
/* clang-format on */

const struct sabus_encr_info *sabus_encr_info(uint16_t id)
{
	for (size_t i = 0; i < COUNT(encrs); i++)
		if (encrs[i].id == id)
			return &encrs[i];
	return NULL;
}

const struct sabus_integ_info *sabus_integ_info(uint16_t id)
{
	for (size_t i = 0; i < COUNT(integs); i++)
		if (integs[i].id == id)
			return &integs[i];
	return NULL;
}

/* With SAF_SHA256_96 charon negotiates id 12 and installs the shorter one. */
static const struct sabus_integ_info *integ_in_use(const struct sabus_sa *sa)
{
	bool cut = sa->integ == ID_SHA2_256_128 && (sa->flags & SABUS_SAF_SHA256_96);

	return sabus_integ_info(cut ? ID_SHA2_256_96 : sa->integ);
}

/* What authenticates the packets of this SA.  With an AEAD the kernel has no use for a second algorithm, nor have we. */
struct auth {
	bool present;
	uint8_t icv;
	enum sabus_strength strength;
};

static struct auth auth_of(const struct sabus_sa *sa)
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);
	const struct sabus_integ_info *i = integ_in_use(sa);
	struct auth none = { .present = false, .strength = SABUS_STRENGTH_BROKEN };

	if (sa->proto == SABUS_PROTO_ESP && e && e->aead)
		return (struct auth){ .present = true, .icv = e->icv, .strength = e->strength };
	if (!i || (sa->proto == SABUS_PROTO_ESP && !e))
		return none;
	if (sa->proto != SABUS_PROTO_ESP && sa->proto != SABUS_PROTO_AH)
		return none;
	return (struct auth){ .present = true, .icv = i->icv, .strength = i->strength };
}

bool sabus_sa_confidential(const struct sabus_sa *sa)
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);

	return sa->proto == SABUS_PROTO_ESP && e && e->confidential;
}

bool sabus_sa_integrity(const struct sabus_sa *sa)
{
	return auth_of(sa).present;
}

bool sabus_sa_replay_protected(const struct sabus_sa *sa)
{
	return sa->replay_window > 0;
}

int sabus_sa_icv(const struct sabus_sa *sa)
{
	struct auth a = auth_of(sa);

	return a.present ? a.icv : -ENOTSUP;
}

static enum sabus_strength weaker(enum sabus_strength a, enum sabus_strength b)
{
	return a < b ? a : b;
}

static enum sabus_strength cipher_strength(const struct sabus_sa *sa, const struct sabus_encr_info *e)
{
	return e->id == ID_AES_CBC && sa->encr_bits >= 256 ? SABUS_STRENGTH_STRONG : e->strength;
}

enum sabus_strength sabus_sa_strength(const struct sabus_sa *sa)
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);
	struct auth a = auth_of(sa);

	if (!a.present)
		return SABUS_STRENGTH_BROKEN;
	if (!sabus_sa_confidential(sa))
		return weaker(a.strength, SABUS_STRENGTH_GOOD);
	return weaker(a.strength, cipher_strength(sa, e));
}

static const char *const strength_names[] = {
	[SABUS_STRENGTH_BROKEN] = "broken",
	[SABUS_STRENGTH_LEGACY] = "legacy",
	[SABUS_STRENGTH_GOOD] = "good",
	[SABUS_STRENGTH_STRONG] = "strong",
};

const char *sabus_strength_name(enum sabus_strength s)
{
	return (size_t)s < COUNT(strength_names) ? strength_names[s] : "?";
}

int sabus_strength_parse(const char *text, enum sabus_strength *out)
{
	for (size_t i = 0; i < COUNT(strength_names); i++) {
		if (strcmp(text, strength_names[i]) == 0) {
			*out = (enum sabus_strength)i;
			return 0;
		}
	}
	return -EINVAL;
}

#define PART_STRLEN 40

static void encr_text(const struct sabus_sa *sa, char buf[PART_STRLEN])
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);

	if (!e)
		(void)snprintf(buf, PART_STRLEN, "encr %u", sa->encr);
	else if (sa->encr_bits)
		(void)snprintf(buf, PART_STRLEN, "%s-%u", e->name, sa->encr_bits);
	else
		(void)snprintf(buf, PART_STRLEN, "%s", e->name);
}

static void integ_text(const struct sabus_sa *sa, char buf[PART_STRLEN])
{
	const struct sabus_integ_info *i = integ_in_use(sa);

	if (i)
		(void)snprintf(buf, PART_STRLEN, "%s", i->name);
	else
		(void)snprintf(buf, PART_STRLEN, "integ %u", sa->integ);
}

const char *sabus_sa_suite(const struct sabus_sa *sa, char buf[SABUS_SUITE_STRLEN])
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);
	char encr[PART_STRLEN], integ[PART_STRLEN];

	encr_text(sa, encr);
	integ_text(sa, integ);
	if (sa->proto == SABUS_PROTO_AH)
		(void)snprintf(buf, SABUS_SUITE_STRLEN, "AH %s", integ);
	else if (sa->proto != SABUS_PROTO_ESP)
		(void)snprintf(buf, SABUS_SUITE_STRLEN, "proto %u", sa->proto);
	else if (e && e->aead)
		(void)snprintf(buf, SABUS_SUITE_STRLEN, "ESP %s", encr);
	else
		(void)snprintf(buf, SABUS_SUITE_STRLEN, "ESP %s/%s", encr, integ);
	return buf;
}
