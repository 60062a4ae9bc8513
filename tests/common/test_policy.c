// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_policy.c - the requirements (C) and scenarios (S) of RFC 3193 that the decision answers for, one test each, and what the words say.
 *
 * C and S numbers are those of the project's list of RFC 3193; the whole input space is in test_policy_space.c.
 */
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "policy.h"

static const struct sabus_mtu_in path = { .path_mtu = 1500, .l2tp_header = 6, .ppp_header = 4 };

static struct sabus_decision decide_as(enum sabus_role role, enum sabus_tunnel tunnel, const struct sabus_sa *sa,
				       const struct sabus_policy *policy)
{
	struct sabus_decision d;

	sabus_decide(role, tunnel, sa ? SABUS_K_SA : SABUS_K_NONE, sa, policy, &path, AF_INET, &d);
	return d;
}

/* The LNS of a voluntary tunnel under one of the three policies, all else default. */
static struct sabus_decision lns(const struct sabus_sa *sa, enum sabus_encryption encryption)
{
	struct sabus_policy policy = sabus_policy_defaults();

	policy.encryption = encryption;
	return decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, sa, &policy);
}

static struct sabus_decision compulsory_lns(const struct sabus_sa *sa, struct sabus_policy policy)
{
	return decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_COMPULSORY, sa, &policy);
}

static void refused_always(const struct sabus_sa *sa, enum sabus_reason why)
{
	for (int e = SABUS_ENC_REQUIRE; e <= SABUS_ENC_PROHIBIT; e++) {
		struct sabus_decision d = lns(sa, (enum sabus_encryption)e);

		assert_false(d.accept);
		assert_int_equal(d.reason, why);
	}
}

static void c1_no_integrity_or_replay_is_refused(void **state)
{
	struct sabus_sa open = fix_suite(AES_CBC, 256, 0), null = fix_suite(NULL_ENC, 0, 0), replayable = fix_sa();

	(void)state;
	replayable.replay_window = 0;
	refused_always(&open, SABUS_R_NO_INTEGRITY);
	refused_always(&null, SABUS_R_NO_INTEGRITY);
	refused_always(&replayable, SABUS_R_NO_REPLAY);
}

static void c5_ah_is_refused(void **state)
{
	struct sabus_sa ah = fix_suite(0, 0, SHA256_128);

	(void)state;
	ah.proto = SABUS_PROTO_AH;
	refused_always(&ah, SABUS_R_AH_ONLY);
}

static void c6_tunnel_mode_by_policy(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_sa sa = fix_sa();
	struct sabus_decision d;

	(void)state;
	sa.mode = SABUS_MODE_TUNNEL;
	d = decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &sa, &policy);
	assert_true(d.accept);
	assert_int_equal(d.mtu.tunnel_ip, 20);
	policy.allow_tunnel_mode = false;
	d = decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &sa, &policy);
	assert_false(d.accept);
	assert_int_equal(d.reason, SABUS_R_MODE_REFUSED);
}

static void c7_null_is_integrity_only(void **state)
{
	struct sabus_sa null = fix_suite(NULL_ENC, 0, SHA256_128), gmac = fix_suite(GMAC, 256, 0);

	(void)state;
	assert_int_equal(lns(&null, SABUS_ENC_REQUIRE).reason, SABUS_R_OK_MPPE);
	assert_int_equal(lns(&gmac, SABUS_ENC_REQUIRE).reason, SABUS_R_OK_MPPE);
}

static void c14_mtu_comes_from_the_sa(void **state)
{
	struct sabus_sa cbc = fix_suite(AES_CBC, 256, SHA1_96), null = fix_suite(NULL_ENC, 0, SHA256_128);
	struct sabus_decision d;

	(void)state;
	cbc.flags = SABUS_SAF_ENCAP;
	d = lns(&cbc, SABUS_ENC_REQUIRE);
	assert_true(d.mtu_valid);
	assert_int_equal(d.mtu.mtu, 1404);
	d = lns(&null, SABUS_ENC_REQUIRE); /* MPPE inside: four bytes less, once */
	assert_int_equal(d.mtu.mtu, 1432);
	d = lns(&null, SABUS_ENC_ALLOW);
	assert_int_equal(d.mtu.mtu, 1436);
}

static void c14_mppe_bytes_count_once(void **state)
{
	struct sabus_mtu_in counted = path;
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_sa null = fix_suite(NULL_ENC, 0, SHA256_128), gcm = fix_sa();
	struct sabus_decision d;

	(void)state;
	counted.mppe = SABUS_MPPE_BYTES; /* a caller that has them in its path already */
	sabus_decide(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, SABUS_K_SA, &null, &policy, &counted, AF_INET, &d);
	assert_int_equal(d.mtu.mtu, 1432);
	sabus_decide(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, SABUS_K_SA, &gcm, &policy, &counted, AF_INET, &d);
	assert_int_equal(d.mtu.mtu, 1428);
}

static void mtu_that_cannot_be_computed_is_no_refusal(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_mtu_in tiny = { .path_mtu = 100, .l2tp_header = 6, .ppp_header = 4 };
	struct sabus_sa sa = fix_sa();
	struct sabus_decision d;

	(void)state;
	sabus_decide(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, SABUS_K_SA, &sa, &policy, &tiny, AF_INET, &d);
	assert_true(d.accept && !d.mtu_valid);
	sabus_decide(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, SABUS_K_SA, &sa, &policy, NULL, AF_INET, &d);
	assert_true(d.accept && !d.mtu_valid);
}

/* C24, C26: what is not known to be protected does not run; `ipsec optional` is about a known "none" only. */
static void c24_c26_not_known_is_not_protected(void **state)
{
	static const enum sabus_reason reasons[] = {
		[SABUS_K_PENDING] = SABUS_R_SA_PENDING,	 [SABUS_K_AMBIGUOUS] = SABUS_R_SA_AMBIGUOUS,
		[SABUS_K_UNKNOWN] = SABUS_R_SA_UNKNOWN,	 [SABUS_K_BUS_DOWN] = SABUS_R_BUS_DOWN,
		[SABUS_K_TIMEOUT] = SABUS_R_BUS_TIMEOUT, [SABUS_K_NO_TUNNEL] = SABUS_R_TUNNEL_UNKNOWN,
	};
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_decision d;

	(void)state;
	policy.ipsec_optional = true;
	for (int k = SABUS_K_PENDING; k <= SABUS_K_NO_TUNNEL; k++) {
		sabus_decide(SABUS_ROLE_CLIENT, SABUS_TUNNEL_VOLUNTARY, (enum sabus_knowledge)k, NULL, &policy, &path, AF_INET, &d);
		assert_false(d.accept);
		assert_int_equal(d.reason, reasons[k]);
	}
}

static void c26_no_sa(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_decision d;

	(void)state;
	refused_always(NULL, SABUS_R_NO_SA);
	policy.ipsec_optional = true;
	d = decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, NULL, &policy);
	assert_true(d.accept && !d.on_sa && d.mppe == SABUS_MPPE_REQUIRE);
	policy.encryption = SABUS_ENC_ALLOW;
	d = decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, NULL, &policy);
	assert_true(d.accept && d.reason == SABUS_R_OK_UNPROTECTED && d.mppe == SABUS_MPPE_MIRROR);
	assert_int_equal(d.mtu.mtu, 1462);
}

/* S2, S5: satisfied is not refused: the client's own wish still negotiates. */
static void s2_s5_require_over_confidential(void **state)
{
	struct sabus_sa sa = fix_sa();
	struct sabus_decision d = lns(&sa, SABUS_ENC_REQUIRE);

	(void)state;
	assert_true(d.accept && d.on_sa);
	assert_int_equal(d.reason, SABUS_R_OK_PROTECTED);
	assert_int_equal(d.mppe, SABUS_MPPE_MIRROR);
	assert_int_equal(d.ccp, SABUS_CCP_NONE);
}

static void s3_allow_over_confidential(void **state)
{
	struct sabus_sa sa = fix_sa();
	struct sabus_decision d = lns(&sa, SABUS_ENC_ALLOW);

	(void)state;
	assert_true(d.accept && d.reason == SABUS_R_OK_PROTECTED && d.mppe == SABUS_MPPE_MIRROR);
}

static void s4_prohibit_over_confidential_is_violated(void **state)
{
	struct sabus_sa sa = fix_sa();
	struct sabus_decision d = lns(&sa, SABUS_ENC_PROHIBIT);

	(void)state;
	assert_false(d.accept);
	assert_int_equal(d.reason, SABUS_R_POLICY_PROHIBIT);
}

static void s5_hard_refusal_only_where_satisfied(void **state)
{
	struct sabus_sa sa = fix_sa(), null = fix_suite(NULL_ENC, 0, SHA256_128);
	struct sabus_policy policy = sabus_policy_defaults();

	(void)state;
	policy.refuse_mppe = true;
	assert_int_equal(decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &sa, &policy).mppe, SABUS_MPPE_REFUSE);
	assert_int_equal(decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &null, &policy).mppe, SABUS_MPPE_REQUIRE);
	policy.encryption = SABUS_ENC_ALLOW;
	assert_int_equal(decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &null, &policy).mppe, SABUS_MPPE_MIRROR);
}

/* S6: the SA ends at the LAC, so the client's packets need PPP encryption of their own; S7: stateless methods only. */
static void s6_s7_compulsory(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_sa sa = fix_sa();
	struct sabus_decision d = compulsory_lns(&sa, policy);

	(void)state;
	assert_true(d.accept && d.on_sa && d.reason == SABUS_R_OK_MPPE && d.mppe == SABUS_MPPE_REQUIRE && d.ccp == SABUS_CCP_STATELESS);
	assert_non_null(strstr(d.text, "LAC"));
	policy.keep_compression = true;
	policy.refuse_mppe = true;
	d = compulsory_lns(&sa, policy);
	assert_true(d.mppe == SABUS_MPPE_REQUIRE && d.ccp == SABUS_CCP_STATELESS);
	policy.encryption = SABUS_ENC_PROHIBIT; /* what LAC and LNS do between them is no encryption of the client's */
	d = compulsory_lns(&sa, policy);
	assert_true(d.accept && d.reason == SABUS_R_OK_CLEAR && d.mppe == SABUS_MPPE_REFUSE);
}

static void s6_trust_lac(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_sa sa = fix_sa();
	struct sabus_decision d;

	(void)state;
	policy.trust_lac = true;
	d = compulsory_lns(&sa, policy);
	assert_true(d.accept && d.reason == SABUS_R_OK_PROTECTED && d.mppe == SABUS_MPPE_MIRROR && d.ccp == SABUS_CCP_NONE);
	policy.encryption = SABUS_ENC_PROHIBIT;
	assert_int_equal(compulsory_lns(&sa, policy).reason, SABUS_R_POLICY_PROHIBIT);
}

/* S8, S9: a voluntary client is satisfied and asks for nothing; S1: both ends decide by the same facts. */
static void s1_s8_s9_client_decides_like_the_lns(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_sa sa = fix_sa();

	(void)state;
	for (int t = SABUS_TUNNEL_VOLUNTARY; t <= SABUS_TUNNEL_COMPULSORY; t++) {
		struct sabus_decision d = decide_as(SABUS_ROLE_CLIENT, (enum sabus_tunnel)t, &sa, &policy);

		assert_true(d.accept && d.reason == SABUS_R_OK_PROTECTED && d.mppe == SABUS_MPPE_MIRROR && d.ccp == SABUS_CCP_NONE);
	}
}

static enum sabus_ccp ccp_over(struct sabus_sa sa, uint32_t flags, bool keep)
{
	struct sabus_policy policy = sabus_policy_defaults();

	sa.flags |= flags;
	policy.keep_compression = keep;
	return decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &sa, &policy).ccp;
}

static void s10_compression(void **state)
{
	struct sabus_sa gcm = fix_sa(), null = fix_suite(NULL_ENC, 0, SHA256_128);

	(void)state;
	assert_int_equal(ccp_over(gcm, 0, false), SABUS_CCP_NONE);
	assert_int_equal(ccp_over(gcm, SABUS_SAF_IPCOMP, false), SABUS_CCP_NONE);
	assert_int_equal(ccp_over(gcm, 0, true), SABUS_CCP_KEEP);
	assert_int_equal(ccp_over(null, SABUS_SAF_IPCOMP, false), SABUS_CCP_NONE);
	assert_int_equal(ccp_over(null, 0, false), SABUS_CCP_STATELESS);
	assert_int_equal(ccp_over(null, 0, true), SABUS_CCP_KEEP);
}

static void s12_require_over_integrity_only(void **state)
{
	struct sabus_sa null = fix_suite(NULL_ENC, 0, SHA256_128);
	struct sabus_decision d = lns(&null, SABUS_ENC_REQUIRE);

	(void)state;
	assert_true(d.accept && d.on_sa && d.reason == SABUS_R_OK_MPPE && d.mppe == SABUS_MPPE_REQUIRE);
	d = lns(&null, SABUS_ENC_ALLOW);
	assert_true(d.accept && d.reason == SABUS_R_OK_CLEAR && d.mppe == SABUS_MPPE_MIRROR);
	d = lns(&null, SABUS_ENC_PROHIBIT);
	assert_true(d.accept && d.reason == SABUS_R_OK_CLEAR && d.mppe == SABUS_MPPE_REFUSE);
}

static void minimum_strength(void **state)
{
	struct sabus_sa des3 = fix_suite(DES3, 0, SHA1_96), des = fix_suite(DES, 0, SHA1_96);
	struct sabus_policy policy = sabus_policy_defaults();

	(void)state;
	assert_true(lns(&des3, SABUS_ENC_REQUIRE).accept);
	refused_always(&des, SABUS_R_SA_WEAK);
	policy.min_strength = SABUS_STRENGTH_GOOD;
	assert_int_equal(decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &des3, &policy).reason, SABUS_R_SA_WEAK);
	policy.min_strength = SABUS_STRENGTH_BROKEN; /* the administrator's own choice */
	assert_true(decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &des, &policy).accept);
	des.encr = 999; /* nobody's choice */
	assert_int_equal(decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &des, &policy).reason, SABUS_R_SA_ALGORITHM);
}

static void require_ecp_is_an_error(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_sa sa = fix_sa();
	struct sabus_decision d;

	(void)state;
	policy.require_ecp = true;
	d = decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &sa, &policy);
	assert_true(!d.accept && d.reason == SABUS_R_ECP_UNSUPPORTED);
}

static void the_sentence(void **state)
{
	struct sabus_sa gcm = fix_suite(GCM_16, 256, 0), des3 = fix_suite(DES3, 0, SHA1_96);
	struct sabus_policy policy = sabus_policy_defaults();

	(void)state;
	assert_string_equal(lns(&gcm, SABUS_ENC_REQUIRE).text,
			    "PPP encryption is not mandated: ESP AES_GCM_16-256 (strong), transport mode, "
			    "replay window 32; policy require, minimum legacy");
	assert_string_equal(compulsory_lns(&gcm, policy).text,
			    "MPPE is required in both directions: ESP AES_GCM_16-256 (strong) up to the LAC only (compulsory tunnel), "
			    "transport mode, replay window 32; policy require, minimum legacy");
	assert_string_equal(lns(NULL, SABUS_ENC_ALLOW).text, "no IPsec SA covers the L2TP tunnel: policy allow, ipsec required");
	policy.min_strength = SABUS_STRENGTH_GOOD;
	assert_string_equal(decide_as(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &des3, &policy).text,
			    "the SA's algorithms are weaker than the minimum strength: ESP 3DES_CBC/HMAC_SHA1_96 (legacy), transport mode, "
			    "replay window 32; policy require, minimum good");
}

static void words(void **state)
{
	static const char *const bad[] = { "", "Require", "required", "allow,", "none" };
	enum sabus_encryption e = SABUS_ENC_ALLOW;

	(void)state;
	for (int i = SABUS_ENC_REQUIRE; i <= SABUS_ENC_PROHIBIT; i++) {
		assert_int_equal(sabus_encryption_parse(sabus_encryption_name((enum sabus_encryption)i), &e), 0);
		assert_int_equal(e, i);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(sabus_encryption_parse(bad[i], &e), -EINVAL);
	assert_string_equal(sabus_encryption_name(SABUS_ENC_PROHIBIT), "prohibit");
	assert_string_equal(sabus_mppe_name(SABUS_MPPE_REFUSE), "refused");
	assert_string_equal(sabus_mppe_name(SABUS_MPPE_MIRROR), "mirror");
	assert_string_equal(sabus_mppe_name(SABUS_MPPE_REQUIRE), "required");
	assert_string_equal(sabus_ccp_name(SABUS_CCP_KEEP), "keep");
	assert_string_equal(sabus_ccp_name(SABUS_CCP_NONE), "off");
	assert_string_equal(sabus_ccp_name(SABUS_CCP_STATELESS), "stateless");
	assert_string_equal(sabus_ccp_name((enum sabus_ccp)3), "?");
	assert_string_equal(sabus_mppe_name((enum sabus_mppe) - 1), "?");
}

/* Documented defaults: strict, and no hidden hard refusal. */
static void defaults(void **state)
{
	struct sabus_policy p = sabus_policy_defaults();

	(void)state;
	assert_int_equal(p.encryption, SABUS_ENC_REQUIRE);
	assert_int_equal(p.min_strength, SABUS_STRENGTH_LEGACY);
	assert_true(p.allow_tunnel_mode);
	assert_false(p.ipsec_optional || p.refuse_mppe || p.keep_compression || p.trust_lac || p.require_ecp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c1_no_integrity_or_replay_is_refused),
		cmocka_unit_test(c5_ah_is_refused),
		cmocka_unit_test(c6_tunnel_mode_by_policy),
		cmocka_unit_test(c7_null_is_integrity_only),
		cmocka_unit_test(c14_mtu_comes_from_the_sa),
		cmocka_unit_test(c14_mppe_bytes_count_once),
		cmocka_unit_test(mtu_that_cannot_be_computed_is_no_refusal),
		cmocka_unit_test(c24_c26_not_known_is_not_protected),
		cmocka_unit_test(c26_no_sa),
		cmocka_unit_test(s2_s5_require_over_confidential),
		cmocka_unit_test(s3_allow_over_confidential),
		cmocka_unit_test(s4_prohibit_over_confidential_is_violated),
		cmocka_unit_test(s5_hard_refusal_only_where_satisfied),
		cmocka_unit_test(s6_s7_compulsory),
		cmocka_unit_test(s6_trust_lac),
		cmocka_unit_test(s1_s8_s9_client_decides_like_the_lns),
		cmocka_unit_test(s10_compression),
		cmocka_unit_test(s12_require_over_integrity_only),
		cmocka_unit_test(minimum_strength),
		cmocka_unit_test(require_ecp_is_an_error),
		cmocka_unit_test(the_sentence),
		cmocka_unit_test(words),
		cmocka_unit_test(defaults),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
