// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_still_good.c - may a live link go on (S13)?  Cases by name first, then every pair of "decided on" and "is now" against invariants.
 */
#include "sa_classes.h"

#include <string.h>
#include <sys/socket.h>

static const struct sabus_mtu_in path = { .path_mtu = 1500, .l2tp_header = 6, .ppp_header = 4 };

struct link {
	struct sabus_policy policy;
	struct sabus_decision was, now;
	bool mppe_up;
};

/* A link that came up on the named class (NULL: on none, ipsec optional). */
static struct link link_on(const char *class, enum sabus_encryption encryption)
{
	struct link l = { .policy = sabus_policy_defaults() };

	l.policy.encryption = encryption;
	l.policy.ipsec_optional = !class;
	sabus_decide(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, class ? SABUS_K_SA : SABUS_K_NONE, class ? &sa_class(class)->sa : NULL,
		     &l.policy, &path, AF_INET, &l.was);
	assert_true(l.was.accept);
	l.mppe_up = l.was.mppe == SABUS_MPPE_REQUIRE;
	return l;
}

static bool learn(struct link *l, enum sabus_knowledge knowledge, const struct sabus_sa *sa)
{
	memset(&l->now, 0xa5, sizeof(l->now));
	return sabus_still_good(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &l->was, knowledge, sa, &l->policy, &path, AF_INET, l->mppe_up,
				&l->now);
}

static bool rekeyed_to(struct link *l, const char *class)
{
	return learn(l, SABUS_K_SA, &sa_class(class)->sa);
}

static void ends_with(struct link *l, bool good, enum sabus_reason why)
{
	assert_false(good);
	assert_false(l->now.accept);
	assert_int_equal(l->now.reason, why);
	assert_int_equal(l->now.mppe, SABUS_MPPE_REFUSE);
}

static void equal_rekey_goes_on(void **state)
{
	struct link l = link_on("cbc128 sha256", SABUS_ENC_REQUIRE);

	(void)state;
	assert_true(rekeyed_to(&l, "cbc128 sha256"));
	assert_true(rekeyed_to(&l, "gcm"));
	assert_true(rekeyed_to(&l, "cbc256 sha1")); /* weaker, but above the minimum */
	assert_int_equal(l.now.reason, SABUS_R_OK_PROTECTED);
}

static void smaller_mtu_is_no_loss(void **state)
{
	struct link l = link_on("gcm", SABUS_ENC_REQUIRE);

	(void)state;
	assert_true(rekeyed_to(&l, "gcm natt"));
	assert_int_equal(l.was.mtu.mtu, 1428);
	assert_int_equal(l.now.mtu.mtu, 1420);
}

static void s13_downgrade_under_require(void **state)
{
	struct link l = link_on("gcm", SABUS_ENC_REQUIRE);

	(void)state;
	ends_with(&l, rekeyed_to(&l, "null sha256"), SABUS_R_SA_WEAKENED);
	ends_with(&l, rekeyed_to(&l, "gmac"), SABUS_R_SA_WEAKENED);
	assert_non_null(strstr(l.now.text, "NULL_AES_GMAC"));
	l.mppe_up = true; /* the peer had asked for it: it protects now */
	assert_true(rekeyed_to(&l, "null sha256"));
	assert_int_equal(l.now.mppe, SABUS_MPPE_REQUIRE);
}

static void s13_downgrade_under_allow_goes_on(void **state)
{
	struct link l = link_on("gcm", SABUS_ENC_ALLOW);

	(void)state;
	assert_true(rekeyed_to(&l, "null sha256"));
	assert_int_equal(l.now.reason, SABUS_R_OK_CLEAR);
	ends_with(&l, rekeyed_to(&l, "cbc without integrity"), SABUS_R_NO_INTEGRITY);
	ends_with(&l, rekeyed_to(&l, "gcm without replay"), SABUS_R_NO_REPLAY);
	ends_with(&l, rekeyed_to(&l, "ah"), SABUS_R_AH_ONLY);
	ends_with(&l, rekeyed_to(&l, "3des md5"), SABUS_R_SA_WEAK);
}

/* MPPE was required from the start: until it is up that is the business of whoever brings it up, a rekey meanwhile changes nothing. */
static void rekey_before_mppe_is_up(void **state)
{
	struct link l = link_on("null sha256", SABUS_ENC_REQUIRE);

	(void)state;
	l.mppe_up = false;
	assert_true(rekeyed_to(&l, "null sha256"));
}

static void prohibit_ends_when_the_sa_starts_to_encrypt(void **state)
{
	struct link l = link_on("null sha256", SABUS_ENC_PROHIBIT);

	(void)state;
	ends_with(&l, rekeyed_to(&l, "gcm"), SABUS_R_POLICY_PROHIBIT);
}

static void gone(void **state)
{
	struct link l = link_on("gcm", SABUS_ENC_REQUIRE);

	(void)state;
	ends_with(&l, learn(&l, SABUS_K_NONE, NULL), SABUS_R_SA_GONE);
	ends_with(&l, learn(&l, SABUS_K_PENDING, NULL), SABUS_R_SA_GONE);
	l.policy.ipsec_optional = true; /* it came up protected, it does not go on in the clear */
	ends_with(&l, learn(&l, SABUS_K_NONE, NULL), SABUS_R_SA_GONE);
	l = link_on("null sha256", SABUS_ENC_REQUIRE); /* with MPPE up too */
	l.policy.ipsec_optional = true;
	ends_with(&l, learn(&l, SABUS_K_NONE, NULL), SABUS_R_SA_GONE);
}

static void no_news_goes_on(void **state)
{
	static const enum sabus_knowledge silent[] = { SABUS_K_UNKNOWN, SABUS_K_BUS_DOWN, SABUS_K_TIMEOUT };
	struct link l = link_on("gcm", SABUS_ENC_REQUIRE);

	(void)state;
	for (size_t i = 0; i < COUNT(silent); i++) {
		assert_true(learn(&l, silent[i], NULL));
		assert_int_equal(l.now.reason, SABUS_R_OK_PROTECTED);
		assert_string_equal(l.now.text, l.was.text);
		assert_int_equal(l.now.mtu.mtu, l.was.mtu.mtu);
	}
}

static void ambiguous_ends(void **state)
{
	struct link l = link_on("gcm", SABUS_ENC_REQUIRE);

	(void)state;
	ends_with(&l, learn(&l, SABUS_K_AMBIGUOUS, NULL), SABUS_R_SA_AMBIGUOUS);
	ends_with(&l, learn(&l, SABUS_K_NO_TUNNEL, NULL), SABUS_R_TUNNEL_UNKNOWN);
}

/* A link without IPsec, by configuration: an SA that comes is welcome, and from then on it is held to it. */
static void unprotected_link_gains_an_sa(void **state)
{
	struct link l = link_on(NULL, SABUS_ENC_ALLOW);

	(void)state;
	assert_true(learn(&l, SABUS_K_NONE, NULL));
	assert_true(learn(&l, SABUS_K_PENDING, NULL));
	assert_int_equal(l.now.reason, SABUS_R_OK_UNPROTECTED);
	assert_true(rekeyed_to(&l, "gcm"));
	assert_true(l.now.on_sa);
	l.was = l.now;
	ends_with(&l, learn(&l, SABUS_K_NONE, NULL), SABUS_R_SA_GONE);
}

/* The administrator changed the rule meanwhile. */
static void unprotected_link_no_longer_allowed(void **state)
{
	struct link l = link_on(NULL, SABUS_ENC_ALLOW);

	(void)state;
	l.policy.ipsec_optional = false;
	ends_with(&l, learn(&l, SABUS_K_NONE, NULL), SABUS_R_NO_SA);
	l.policy.ipsec_optional = true;
	l.policy.encryption = SABUS_ENC_REQUIRE;
	ends_with(&l, learn(&l, SABUS_K_NONE, (const struct sabus_sa *)(uintptr_t)8), SABUS_R_SA_WEAKENED);
}

static void in_place_and_after_a_refusal(void **state)
{
	struct link l = link_on("gcm", SABUS_ENC_REQUIRE);

	(void)state;
	assert_true(sabus_still_good(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &l.was, SABUS_K_UNKNOWN, NULL, &l.policy, &path, AF_INET,
				     false, &l.was));
	assert_false(sabus_still_good(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, &l.was, SABUS_K_NONE, NULL, &l.policy, &path, AF_INET, false,
				      &l.was));
	assert_int_equal(l.was.reason, SABUS_R_SA_GONE);
	/* what was refused does not come back to life */
	assert_false(rekeyed_to(&l, "gcm"));
	assert_int_equal(l.now.reason, SABUS_R_SA_GONE);
}

/* ---- every pair ---- */

struct pair {
	struct sabus_policy policy;
	enum sabus_role role;
	enum sabus_tunnel tunnel;
	bool mppe_up;
	struct sabus_decision was;
};

static unsigned int went_on, ended;

/* What holds of any answer, from the SA as it is now alone. */
static void check_now(const struct pair *p, const struct sa_class *now)
{
	struct sabus_decision fresh, out;
	bool good = sabus_still_good(p->role, p->tunnel, &p->was, SABUS_K_SA, &now->sa, &p->policy, &path, AF_INET, p->mppe_up, &out);
	bool needs_new_mppe;

	sabus_decide(p->role, p->tunnel, SABUS_K_SA, &now->sa, &p->policy, &path, AF_INET, &fresh);
	needs_new_mppe = fresh.mppe == SABUS_MPPE_REQUIRE && p->was.mppe != SABUS_MPPE_REQUIRE && !p->mppe_up;
	assert_int_equal(good, out.accept);
	assert_int_equal(good, fresh.accept && !needs_new_mppe);
	if (good || !fresh.accept)
		assert_int_equal(out.reason, fresh.reason);
	else
		assert_int_equal(out.reason, SABUS_R_SA_WEAKENED);
	if (good && p->policy.encryption == SABUS_ENC_REQUIRE && out.reason != SABUS_R_OK_PROTECTED)
		assert_true(p->mppe_up || p->was.mppe == SABUS_MPPE_REQUIRE);
	went_on += good;
	ended += !good;
}

static void check_silence(const struct pair *p)
{
	for (int k = SABUS_K_NONE; k <= SABUS_K_NO_TUNNEL; k++) {
		bool silent = k == SABUS_K_UNKNOWN || k == SABUS_K_BUS_DOWN || k == SABUS_K_TIMEOUT;
		struct sabus_decision out;
		bool good = sabus_still_good(p->role, p->tunnel, &p->was, (enum sabus_knowledge)k, NULL, &p->policy, &path, AF_INET,
					     p->mppe_up, &out);

		assert_int_equal(good, silent);
		assert_int_equal(out.accept, silent);
		assert_int_equal(out.reason == SABUS_R_SA_GONE, k == SABUS_K_NONE || k == SABUS_K_PENDING);
	}
}

static void check_pairs(struct pair p)
{
	const struct sa_class *classes;
	size_t n;

	classes = sa_classes(&n);
	for (size_t i = 0; i < n; i++) {
		sabus_decide(p.role, p.tunnel, SABUS_K_SA, &classes[i].sa, &p.policy, &path, AF_INET, &p.was);
		if (!p.was.accept)
			continue;
		check_silence(&p);
		for (size_t k = 0; k < n; k++)
			check_now(&p, &classes[k]);
	}
}

static void every_pair(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3 * 4 * 2 * 2 * 2 * 2; i++) {
		struct pair p = { .policy = sabus_policy_defaults() };

		p.policy.encryption = (enum sabus_encryption)(i % 3);
		p.policy.min_strength = (enum sabus_strength)(i / 3 % 4);
		p.policy.ipsec_optional = i / 12 & 1;
		p.mppe_up = i / 12 & 2;
		p.role = i / 12 & 4 ? SABUS_ROLE_CLIENT : SABUS_ROLE_LNS;
		p.tunnel = i / 12 & 8 ? SABUS_TUNNEL_COMPULSORY : SABUS_TUNNEL_VOLUNTARY;
		check_pairs(p);
	}
	print_message("%u go on, %u end\n", went_on, ended);
	assert_true(went_on > 1000 && ended > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_rekey_goes_on),
		cmocka_unit_test(smaller_mtu_is_no_loss),
		cmocka_unit_test(s13_downgrade_under_require),
		cmocka_unit_test(s13_downgrade_under_allow_goes_on),
		cmocka_unit_test(rekey_before_mppe_is_up),
		cmocka_unit_test(prohibit_ends_when_the_sa_starts_to_encrypt),
		cmocka_unit_test(gone),
		cmocka_unit_test(no_news_goes_on),
		cmocka_unit_test(ambiguous_ends),
		cmocka_unit_test(unprotected_link_gains_an_sa),
		cmocka_unit_test(unprotected_link_no_longer_allowed),
		cmocka_unit_test(in_place_and_after_a_refusal),
		cmocka_unit_test(every_pair),
	};

	return cmocka_run_group_tests_name("still-good", tests, NULL, NULL);
}
