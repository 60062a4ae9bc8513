// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_alg.c - the algorithm tables against a second listing of them, and the rules that combine two algorithms to an SA.
 */
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include "alg.h"

/* What RFC 8221 sections 5 and 6 and RFC 9395 say of suites, by their text; C7: all mandated suites are known. */
struct suite {
	const char *text;
	uint8_t proto;
	uint16_t encr, bits, integ;
	bool confidential, integrity;
	enum sabus_strength strength;
};

#define ESP SABUS_PROTO_ESP
#define AH  SABUS_PROTO_AH
#define B   SABUS_STRENGTH_BROKEN
#define L   SABUS_STRENGTH_LEGACY
#define G   SABUS_STRENGTH_GOOD
#define S   SABUS_STRENGTH_STRONG

/* clang-format off */
static const struct suite suites[] = {
	{ "ESP AES_GCM_16-128", ESP, GCM_16, 128, 0, true, true, S },
	{ "ESP AES_GCM_16-256", ESP, GCM_16, 256, 0, true, true, S },
	{ "ESP AES_GCM_8-128", ESP, GCM_8, 128, 0, true, true, G },
	{ "ESP AES_GCM_12-128", ESP, 19, 128, 0, true, true, G },
	{ "ESP AES_CCM_8-128", ESP, CCM_8, 128, 0, true, true, G },
	{ "ESP AES_CCM_12-128", ESP, 15, 128, 0, true, true, G },
	{ "ESP AES_CCM_16-256", ESP, 16, 256, 0, true, true, S },
	{ "ESP CHACHA20_POLY1305", ESP, CHACHA, 0, 0, true, true, S },
	{ "ESP CHACHA20_POLY1305-256", ESP, CHACHA, 256, 0, true, true, S },
	{ "ESP NULL_AES_GMAC-256", ESP, GMAC, 256, 0, false, true, G },
	{ "ESP AES_CBC-128/HMAC_SHA2_256_128", ESP, AES_CBC, 128, SHA256_128, true, true, G },
	{ "ESP AES_CBC/HMAC_SHA2_256_128", ESP, AES_CBC, 0, SHA256_128, true, true, G },
	{ "ESP AES_CBC-192/HMAC_SHA2_384_192", ESP, AES_CBC, 192, SHA384_192, true, true, G },
	{ "ESP AES_CBC-256/HMAC_SHA2_256_128", ESP, AES_CBC, 256, SHA256_128, true, true, S },
	{ "ESP AES_CBC-256/HMAC_SHA2_512_256", ESP, AES_CBC, 256, SHA512_256, true, true, S },
	{ "ESP AES_CBC-256/AES_XCBC_96", ESP, AES_CBC, 256, 5, true, true, G },
	{ "ESP AES_CBC-256/AES_CMAC_96", ESP, AES_CBC, 256, 8, true, true, G },
	{ "ESP AES_CBC-256/HMAC_SHA2_256_96", ESP, AES_CBC, 256, 1026, true, true, L },
	{ "ESP AES_CBC-256/HMAC_SHA2_256_256", ESP, AES_CBC, 256, 1027, true, true, S },
	{ "ESP AES_CBC-256/HMAC_SHA2_384_384", ESP, AES_CBC, 256, 1028, true, true, S },
	{ "ESP AES_CBC-256/HMAC_SHA2_512_512", ESP, AES_CBC, 256, 1029, true, true, S },
	{ "ESP AES_CBC-128/CAMELLIA_XCBC_96", ESP, AES_CBC, 128, 1030, true, true, G },
	{ "ESP AES_CBC-128/HMAC_SHA1_96", ESP, AES_CBC, 128, SHA1_96, true, true, L },
	{ "ESP AES_CBC-256/HMAC_SHA1_96", ESP, AES_CBC, 256, SHA1_96, true, true, L },
	{ "ESP AES_CBC-256/HMAC_SHA1_128", ESP, AES_CBC, 256, 1025, true, true, L },
	{ "ESP AES_CBC-256/HMAC_SHA1_160", ESP, AES_CBC, 256, 7, true, true, L },
	{ "ESP AES_CBC-256/HMAC_MD5_96", ESP, AES_CBC, 256, MD5_96, true, true, B },
	{ "ESP AES_CBC-256/HMAC_MD5_128", ESP, AES_CBC, 256, 6, true, true, B },
	{ "ESP AES_CTR-256/HMAC_SHA2_256_128", ESP, AES_CTR, 256, SHA256_128, true, true, G },
	{ "ESP 3DES_CBC/HMAC_SHA2_256_128", ESP, DES3, 0, SHA256_128, true, true, L },
	{ "ESP 3DES_CBC/HMAC_MD5_96", ESP, DES3, 0, MD5_96, true, true, B },
	{ "ESP DES_CBC/HMAC_SHA2_256_128", ESP, DES, 0, SHA256_128, true, true, B },
	{ "ESP DES_IV64/HMAC_SHA2_256_128", ESP, 1, 0, SHA256_128, true, true, B },
	{ "ESP RC5_CBC-128/HMAC_SHA2_256_128", ESP, 4, 128, SHA256_128, true, true, B },
	{ "ESP IDEA_CBC/HMAC_SHA2_256_128", ESP, 5, 0, SHA256_128, true, true, B },
	{ "ESP CAST_CBC-128/HMAC_SHA2_256_128", ESP, 6, 128, SHA256_128, true, true, B },
	{ "ESP BLOWFISH_CBC-448/HMAC_SHA2_256_128", ESP, 7, 448, SHA256_128, true, true, B },
	{ "ESP 3IDEA/HMAC_SHA2_256_128", ESP, 8, 0, SHA256_128, true, true, B },
	{ "ESP DES_IV32/HMAC_SHA2_256_128", ESP, 9, 0, SHA256_128, true, true, B },
	{ "ESP CAMELLIA_CBC-256/HMAC_SHA2_256_128", ESP, 23, 256, SHA256_128, true, true, G },
	{ "ESP CAMELLIA_CTR-128/HMAC_SHA2_256_128", ESP, 24, 128, SHA256_128, true, true, G },
	{ "ESP CAMELLIA_CCM_8-128", ESP, 25, 128, 0, true, true, G },
	{ "ESP CAMELLIA_CCM_12-128", ESP, 26, 128, 0, true, true, G },
	{ "ESP CAMELLIA_CCM_16-128", ESP, 27, 128, 0, true, true, S },
	{ "ESP SERPENT_CBC-256/HMAC_SHA2_256_128", ESP, 1026, 256, SHA256_128, true, true, G },
	{ "ESP TWOFISH_CBC-256/HMAC_SHA2_256_128", ESP, 1027, 256, SHA256_128, true, true, G },
	{ "ESP NULL/HMAC_SHA2_256_128", ESP, NULL_ENC, 0, SHA256_128, false, true, G },
	{ "ESP NULL/HMAC_SHA2_512_256", ESP, NULL_ENC, 0, SHA512_256, false, true, G },
	{ "ESP NULL/HMAC_SHA1_96", ESP, NULL_ENC, 0, SHA1_96, false, true, L },
	{ "ESP NULL/HMAC_MD5_96", ESP, NULL_ENC, 0, MD5_96, false, true, B },
	/* NULL without, encryption without, unknown with */
	{ "ESP NULL/integ 0", ESP, NULL_ENC, 0, 0, false, false, B },
	{ "ESP AES_CBC-256/integ 0", ESP, AES_CBC, 256, 0, true, false, B },
	{ "ESP AES_CBC-256/integ 3", ESP, AES_CBC, 256, 3, true, false, B },
	{ "ESP AES_CBC-256/integ 9", ESP, AES_CBC, 256, 9, true, false, B },
	{ "ESP AES_CBC-256/integ 1024", ESP, AES_CBC, 256, 1024, true, false, B },
	{ "ESP encr 999/integ 0", ESP, 999, 0, 0, false, false, B },
	{ "ESP encr 999/HMAC_SHA2_256_128", ESP, 999, 256, SHA256_128, false, false, B },
	{ "ESP encr 0/HMAC_SHA2_256_128", ESP, 0, 0, SHA256_128, false, false, B },
	{ "ESP encr 1024/HMAC_SHA2_256_128", ESP, 1024, 0, SHA256_128, false, false, B },
	{ "ESP encr 65535/integ 65535", ESP, 65535, 65535, 65535, false, false, B },
	{ "AH HMAC_SHA2_256_128", AH, 0, 0, SHA256_128, false, true, G },
	{ "AH HMAC_SHA1_96", AH, 0, 0, SHA1_96, false, true, L },
	{ "AH integ 0", AH, 0, 0, 0, false, false, B },
	/* contradictions give nothing more than their protocol can */
	{ "AH integ 0", AH, GCM_16, 256, 0, false, false, B },
	{ "AH HMAC_SHA2_256_128", AH, AES_CBC, 256, SHA256_128, false, true, G },
	{ "ESP AES_GCM_16-256", ESP, GCM_16, 256, MD5_96, true, true, S },
	{ "proto 99", 99, GCM_16, 256, 0, false, false, B },
	{ "proto 0", 0, AES_CBC, 256, SHA256_128, false, false, B },
};
/* clang-format on */

static void suites_classified(void **state)
{
	char buf[SABUS_SUITE_STRLEN];

	(void)state;
	for (size_t i = 0; i < COUNT(suites); i++) {
		const struct suite *s = &suites[i];
		struct sabus_sa sa = fix_suite(s->encr, s->bits, s->integ);

		sa.proto = s->proto;
		assert_string_equal(sabus_sa_suite(&sa, buf), s->text);
		if (sabus_sa_confidential(&sa) != s->confidential || sabus_sa_integrity(&sa) != s->integrity ||
		    sabus_sa_strength(&sa) != s->strength)
			fail_msg("%s: confidential %d integrity %d strength %s", s->text, sabus_sa_confidential(&sa),
				 sabus_sa_integrity(&sa), sabus_strength_name(sabus_sa_strength(&sa)));
		assert_int_equal(sabus_sa_icv(&sa) < 0, !s->integrity);
	}
}

/* strongSwan's is_aead() is true for it, RFC 4543 says that nothing is encrypted. */
static void gmac_is_not_confidential(void **state)
{
	(void)state;
	assert_true(sabus_encr_info(GMAC)->aead);
	assert_false(sabus_encr_info(GMAC)->confidential);
	assert_false(sabus_encr_info(NULL_ENC)->confidential);
}

/* Over all 65536 ids: what the tables hold is self-consistent, what they do not hold is no protection whatever stands next to it. */
static void tables_are_consistent(void **state)
{
	size_t encrs = 0, integs = 0;

	(void)state;
	for (uint32_t id = 0; id <= UINT16_MAX; id++) {
		const struct sabus_encr_info *e = sabus_encr_info((uint16_t)id);
		const struct sabus_integ_info *n = sabus_integ_info((uint16_t)id);
		struct sabus_sa as_encr = fix_suite((uint16_t)id, 256, SHA256_128);
		struct sabus_sa as_integ = fix_suite(AES_CBC, 256, (uint16_t)id);

		assert_int_equal(sabus_sa_integrity(&as_encr), e != NULL);
		assert_int_equal(sabus_sa_integrity(&as_integ), n != NULL);
		if (e) {
			encrs++;
			assert_int_equal(e->id, id);
			assert_true(e->align >= 4 && e->align % 4 == 0 && e->iv % 4 == 0);
			assert_int_equal(e->aead, e->icv > 0);
		}
		if (n) {
			integs++;
			assert_int_equal(n->id, id);
			assert_true(n->icv >= 12 && n->icv % 4 == 0);
		}
	}
	assert_int_equal(encrs, 27);
	assert_int_equal(integs, 15);
	assert_null(sabus_encr_info(0));
	assert_null(sabus_integ_info(0));
}

static void sha256_96_flag(void **state)
{
	struct sabus_sa sa = fix_suite(AES_CBC, 256, SHA256_128);
	char buf[SABUS_SUITE_STRLEN];

	(void)state;
	assert_int_equal(sabus_sa_icv(&sa), 16);
	sa.flags = SABUS_SAF_SHA256_96;
	assert_int_equal(sabus_sa_icv(&sa), 12);
	assert_int_equal(sabus_sa_strength(&sa), L);
	assert_string_equal(sabus_sa_suite(&sa, buf), "ESP AES_CBC-256/HMAC_SHA2_256_96");
	sa.integ = SHA512_256; /* it is about SHA-256 only */
	assert_int_equal(sabus_sa_icv(&sa), 32);
	sa = fix_suite(GCM_16, 256, 0);
	sa.flags = SABUS_SAF_SHA256_96;
	assert_int_equal(sabus_sa_icv(&sa), 16);
	assert_int_equal(sabus_sa_strength(&sa), S);
}

/* C1, C8 */
static void replay(void **state)
{
	struct sabus_sa sa = fix_sa();

	(void)state;
	assert_true(sabus_sa_replay_protected(&sa));
	sa.replay_window = 0;
	assert_false(sabus_sa_replay_protected(&sa));
}

static void strength_words(void **state)
{
	static const char *const bad[] = { "", "Strong", "strongest", "good ", "3" };
	enum sabus_strength s = B;

	(void)state;
	for (int i = B; i <= S; i++) {
		assert_int_equal(sabus_strength_parse(sabus_strength_name((enum sabus_strength)i), &s), 0);
		assert_int_equal(s, i);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(sabus_strength_parse(bad[i], &s), -EINVAL);
	assert_int_equal(s, S);
	assert_string_equal(sabus_strength_name((enum sabus_strength)4), "?");
	assert_string_equal(sabus_strength_name((enum sabus_strength) - 1), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suites_classified),
		cmocka_unit_test(gmac_is_not_confidential),
		cmocka_unit_test(tables_are_consistent),
		cmocka_unit_test(sha256_96_flag),
		cmocka_unit_test(replay),
		cmocka_unit_test(strength_words),
	};

	return cmocka_run_group_tests_name("alg", tests, NULL, NULL);
}
