/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * suite.c - see suite.h.
 *
 * A proposal is cut at '-' and '/', and each part is looked up: in strongSwan's words here, in the names of alg.c (which have '_', never '-'). A
 * number by itself is the key length of the cipher before it.
 */
#include "config.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "alg.h"
#include "suite.h"

/* clang-format off */
/* IANA "IKEv2 Transform" ids; those above 1024 are strongSwan's */
enum {
	DES = 2, TRIPLE_DES = 3, CAST = 6, BLOWFISH = 7, NULL_CIPHER = 11, AES_CBC = 12, AES_CTR = 13, CCM_8 = 14, CCM_12 = 15, CCM_16 = 16,
	GCM_8 = 18, GCM_12 = 19, GCM_16 = 20, GMAC = 21, CAMELLIA_CBC = 23, CAMELLIA_CTR = 24, CHACHA = 28, SERPENT = 1026, TWOFISH = 1027,
	MD5 = 1, SHA1 = 2, XCBC = 5, CMAC = 8, SHA256 = 12, SHA384 = 13, SHA512 = 14, MD5_128 = 6, SHA1_160 = 7, SHA256_96 = 1026,
};
/* clang-format on */

struct cipher_word {
	const char *before, *after; /* around the key length, as in aes256gcm128 */
	uint16_t id;
};

/* clang-format off */
static const struct cipher_word sized[] = {
	{ "aes", "", AES_CBC }, { "aes", "ctr", AES_CTR }, { "aes", "gmac", GMAC },
	{ "aes", "gcm8", GCM_8 }, { "aes", "gcm64", GCM_8 }, { "aes", "gcm12", GCM_12 }, { "aes", "gcm96", GCM_12 },
	{ "aes", "gcm16", GCM_16 }, { "aes", "gcm128", GCM_16 }, { "aes", "gcm", GCM_16 },
	{ "aes", "ccm8", CCM_8 }, { "aes", "ccm64", CCM_8 }, { "aes", "ccm12", CCM_12 }, { "aes", "ccm96", CCM_12 },
	{ "aes", "ccm16", CCM_16 }, { "aes", "ccm128", CCM_16 }, { "aes", "ccm", CCM_16 },
	{ "camellia", "", CAMELLIA_CBC }, { "camellia", "ctr", CAMELLIA_CTR }, { "serpent", "", SERPENT },
	{ "twofish", "", TWOFISH }, { "blowfish", "", BLOWFISH },
};

static const struct {
	const char *word;
	uint16_t id, bits;
} plain[] = {
	{ "aes", AES_CBC, 128 }, { "camellia", CAMELLIA_CBC, 128 }, { "chacha20poly1305", CHACHA, 0 }, { "3des", TRIPLE_DES, 0 },
	{ "des", DES, 0 }, { "cast128", CAST, 128 }, { "null", NULL_CIPHER, 0 },
};

static const struct {
	const char *word;
	uint16_t id;
} integs[] = {
	{ "md5", MD5 }, { "md5_128", MD5_128 }, { "sha", SHA1 }, { "sha1", SHA1 }, { "sha1_160", SHA1_160 }, { "aesxcbc", XCBC },
	{ "aescmac", CMAC }, { "sha256", SHA256 }, { "sha2_256", SHA256 }, { "sha256_96", SHA256_96 }, { "sha2_256_96", SHA256_96 },
	{ "sha384", SHA384 }, { "sha2_384", SHA384 }, { "sha512", SHA512 }, { "sha2_512", SHA512 },
};

/* Parts of a proposal that say nothing of the packets. */
static const char *const other[] = { "modp", "ecp", "curve", "x25519", "x448", "noesn", "ke1_", "mlkem", "ntru" };
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool set_cipher(struct sabus_sa *sa, uint16_t id, uint16_t bits)
{
	if (sa->encr)
		return false;
	sa->encr = id;
	sa->encr_bits = bits;
	return true;
}

static bool set_integ(struct sabus_sa *sa, uint16_t id)
{
	if (sa->integ)
		return false;
	sa->integ = id;
	return true;
}

static bool sized_cipher(const char *part, struct sabus_sa *sa)
{
	for (size_t i = 0; i < COUNT(sized); i++) {
		size_t n = strlen(sized[i].before);
		unsigned long bits;
		char *end;

		if (strncasecmp(part, sized[i].before, n) != 0 || !isdigit((unsigned char)part[n]))
			continue;
		bits = strtoul(part + n, &end, 10);
		if (!strcasecmp(end, sized[i].after) && (bits == 128 || bits == 192 || bits == 256))
			return set_cipher(sa, sized[i].id, (uint16_t)bits);
	}
	return false;
}

static bool plain_word(const char *part, struct sabus_sa *sa)
{
	for (size_t i = 0; i < COUNT(plain); i++) {
		if (!strcasecmp(part, plain[i].word))
			return set_cipher(sa, plain[i].id, plain[i].bits);
	}
	for (size_t i = 0; i < COUNT(integs); i++) {
		if (!strcasecmp(part, integs[i].word))
			return set_integ(sa, integs[i].id);
	}
	return false;
}

/* A name of alg.c: its tables have no search by name, and fewer ids than this. */
static bool table_name(const char *part, struct sabus_sa *sa)
{
	for (uint16_t id = 1; id < 1100; id++) {
		const struct sabus_encr_info *e = sabus_encr_info(id);
		const struct sabus_integ_info *i = sabus_integ_info(id);

		if (e && !strcasecmp(part, e->name))
			return set_cipher(sa, id, 0);
		if (i && !strcasecmp(part, i->name))
			return set_integ(sa, id);
	}
	return false;
}

static bool key_length(const char *part, struct sabus_sa *sa)
{
	if (!sa->encr || sa->encr_bits || (strcmp(part, "128") != 0 && strcmp(part, "192") != 0 && strcmp(part, "256") != 0))
		return false;
	sa->encr_bits = (uint16_t)atoi(part);
	return true;
}

static bool other_word(const char *part, struct sabus_sa *sa)
{
	if (!strcasecmp(part, "esn")) {
		sa->flags |= SABUS_SAF_ESN;
		return true;
	}
	for (size_t i = 0; i < COUNT(other); i++) {
		if (!strncasecmp(part, other[i], strlen(other[i])))
			return true;
	}
	return false;
}

int suite_parse(const char *text, struct sabus_sa *sa, char bad[64])
{
	char copy[128], *rest = copy, *part;

	sa->proto = SABUS_PROTO_ESP;
	snprintf(bad, 64, "%s", text);
	if (!strncasecmp(text, "ah ", 3) || !strncasecmp(text, "esp ", 4)) {
		sa->proto = tolower((unsigned char)text[0]) == 'a' ? SABUS_PROTO_AH : SABUS_PROTO_ESP;
		text = strchr(text, ' ') + 1;
	}
	if (!*text || strlen(text) >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, strlen(text) + 1);
	while ((part = strsep(&rest, "-/")) != NULL) {
		snprintf(bad, 64, "%s", part);
		if (!sized_cipher(part, sa) && !plain_word(part, sa) && !table_name(part, sa) && !key_length(part, sa) &&
		    !other_word(part, sa))
			return -EINVAL;
	}
	snprintf(bad, 64, "%s", text);
	return (sa->proto == SABUS_PROTO_AH ? sa->integ && !sa->encr : sa->encr) ? 0 : -EINVAL;
}
