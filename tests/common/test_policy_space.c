// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_policy_space.c - the decision over its whole input space.
 *
 * role x tunnel mode x knowledge x kind of SA x every policy bit, encryption word and minimum strength: each point is compared with a
 * restatement of the rules (tables below; the design's, not the code's) and held against invariants that use neither.
 */
#include "sa_classes.h"

#include <string.h>
#include <sys/socket.h>

struct point {
	enum sabus_role role;
	enum sabus_tunnel tunnel;
	enum sabus_knowledge knowledge;
	const struct sa_class *class; /* NULL unless an SA is known */
	struct sabus_policy policy;
};

#define POLICIES (3 * 64 * 4)

static struct sabus_policy nth_policy(unsigned int n)
{
	return (struct sabus_policy){
		.encryption = (enum sabus_encryption)(n % 3),
		.ipsec_optional = n / 3 & 1,
		.refuse_mppe = n / 3 & 2,
		.allow_tunnel_mode = n / 3 & 4,
		.keep_compression = n / 3 & 8,
		.trust_lac = n / 3 & 16,
		.require_ecp = n / 3 & 32,
		.min_strength = (enum sabus_strength)(n / 192),
	};
}

static const struct sabus_mtu_in path = { .path_mtu = 1500, .l2tp_header = 6, .ppp_header = 4 };

static void decide(const struct point *p, struct sabus_decision *d)
{
	/* Without K_SA the pointer must not be looked at: this one would fault. */
	const struct sabus_sa *sa = p->class ? &p->class->sa : (const struct sabus_sa *)(uintptr_t)8;

	memset(d, 0xa5, sizeof(*d));
	sabus_decide(p->role, p->tunnel, p->knowledge, sa, &p->policy, &path, AF_INET, d);
}

/* ---- the restatement ---- */

static const enum sabus_reason without_sa[] = {
	[SABUS_K_NONE] = SABUS_R_NO_SA,
	[SABUS_K_PENDING] = SABUS_R_SA_PENDING,
	[SABUS_K_AMBIGUOUS] = SABUS_R_SA_AMBIGUOUS,
	[SABUS_K_UNKNOWN] = SABUS_R_SA_UNKNOWN,
	[SABUS_K_BUS_DOWN] = SABUS_R_BUS_DOWN,
	[SABUS_K_TIMEOUT] = SABUS_R_BUS_TIMEOUT,
	[SABUS_K_NO_TUNNEL] = SABUS_R_TUNNEL_UNKNOWN,
};

struct stance {
	enum sabus_reason reason;
	enum sabus_mppe mppe;
};

/* The design's table: [policy][column]; a reason that ends links is a refusal. */
static const struct stance table[3][3] = {
	[SABUS_ENC_REQUIRE] = { [ENCRYPTS] = { SABUS_R_OK_PROTECTED, SABUS_MPPE_MIRROR },
				[INTEGRITY_ONLY] = { SABUS_R_OK_MPPE, SABUS_MPPE_REQUIRE },
				[NOTHING] = { SABUS_R_OK_MPPE, SABUS_MPPE_REQUIRE } },
	[SABUS_ENC_ALLOW] = { [ENCRYPTS] = { SABUS_R_OK_PROTECTED, SABUS_MPPE_MIRROR },
			      [INTEGRITY_ONLY] = { SABUS_R_OK_CLEAR, SABUS_MPPE_MIRROR },
			      [NOTHING] = { SABUS_R_OK_UNPROTECTED, SABUS_MPPE_MIRROR } },
	[SABUS_ENC_PROHIBIT] = { [ENCRYPTS] = { SABUS_R_POLICY_PROHIBIT, SABUS_MPPE_REFUSE },
				 [INTEGRITY_ONLY] = { SABUS_R_OK_CLEAR, SABUS_MPPE_REFUSE },
				 [NOTHING] = { SABUS_R_OK_UNPROTECTED, SABUS_MPPE_REFUSE } },
};

/* CCP compression: [compulsory LNS][keep][column]; IPComp on a voluntary integrity-only SA is the one exception. */
static const enum sabus_ccp ccp_table[2][2][3] = {
	{ { [ENCRYPTS] = SABUS_CCP_NONE, [INTEGRITY_ONLY] = SABUS_CCP_STATELESS, [NOTHING] = SABUS_CCP_KEEP },
	  { [ENCRYPTS] = SABUS_CCP_KEEP, [INTEGRITY_ONLY] = SABUS_CCP_KEEP, [NOTHING] = SABUS_CCP_KEEP } },
	{ { [ENCRYPTS] = SABUS_CCP_NONE, [INTEGRITY_ONLY] = SABUS_CCP_STATELESS, [NOTHING] = SABUS_CCP_STATELESS },
	  { [ENCRYPTS] = SABUS_CCP_STATELESS, [INTEGRITY_ONLY] = SABUS_CCP_STATELESS, [NOTHING] = SABUS_CCP_STATELESS } },
};

static bool at_compulsory_lns(const struct point *p)
{
	return p->role == SABUS_ROLE_LNS && p->tunnel == SABUS_TUNNEL_COMPULSORY;
}

static enum what column(const struct point *p)
{
	if (!p->class)
		return NOTHING;
	if (p->class->what == ENCRYPTS && at_compulsory_lns(p) && !p->policy.trust_lac)
		return INTEGRITY_ONLY;
	return p->class->what;
}

/* The reason of a refusal before the table, SABUS_R_COUNT for none. */
static enum sabus_reason expected_refusal(const struct point *p)
{
	if (p->policy.require_ecp)
		return SABUS_R_ECP_UNSUPPORTED;
	if (!p->class)
		return p->knowledge == SABUS_K_NONE && p->policy.ipsec_optional ? SABUS_R_COUNT : without_sa[p->knowledge];
	if (p->class->refused != SABUS_R_COUNT)
		return p->class->refused;
	if (p->class->needs_tunnel_mode && !p->policy.allow_tunnel_mode)
		return SABUS_R_MODE_REFUSED;
	return p->class->strength < p->policy.min_strength ? SABUS_R_SA_WEAK : SABUS_R_COUNT;
}

static struct stance expected_stance(const struct point *p)
{
	struct stance s = table[p->policy.encryption][column(p)];

	if (s.reason == SABUS_R_OK_PROTECTED && p->policy.refuse_mppe)
		s.mppe = SABUS_MPPE_REFUSE;
	return s;
}

static enum sabus_ccp expected_ccp(const struct point *p)
{
	enum sabus_ccp ccp = ccp_table[at_compulsory_lns(p)][p->policy.keep_compression][column(p)];

	if (p->class && p->class->ipcomp && !at_compulsory_lns(p) && !p->policy.keep_compression)
		ccp = SABUS_CCP_NONE;
	return ccp;
}

static void check_restatement(const struct point *p, const struct sabus_decision *d)
{
	enum sabus_reason refusal = expected_refusal(p);
	struct stance want = { .reason = refusal, .mppe = SABUS_MPPE_REFUSE };
	enum sabus_ccp ccp = SABUS_CCP_NONE;
	bool accept;

	if (refusal == SABUS_R_COUNT)
		want = expected_stance(p);
	accept = sabus_reason_exit(want.reason) == 0;
	if (accept)
		ccp = expected_ccp(p);
	if (d->accept != accept || d->reason != want.reason || d->mppe != want.mppe || d->ccp != ccp)
		fail_msg("%s: role %d tunnel %d knowledge %d, %s: %d %s %s %s, not %d %s %s %s", p->class ? p->class->name : "-", p->role,
			 p->tunnel, p->knowledge, d->text, d->accept, sabus_reason_word(d->reason), sabus_mppe_name(d->mppe),
			 sabus_ccp_name(d->ccp), accept, sabus_reason_word(want.reason), sabus_mppe_name(want.mppe), sabus_ccp_name(ccp));
}

/* ---- the invariants ---- */

static void check_accepted(const struct point *p, const struct sabus_decision *d)
{
	const struct sabus_sa *sa = p->class ? &p->class->sa : NULL;
	bool lac_only = at_compulsory_lns(p) && !p->policy.trust_lac;

	assert_true(p->knowledge == SABUS_K_SA || (p->knowledge == SABUS_K_NONE && p->policy.ipsec_optional));
	assert_int_equal(d->on_sa, sa != NULL);
	assert_int_equal(sabus_reason_exit(d->reason), 0);
	if (sa) {
		assert_int_equal(sa->proto, SABUS_PROTO_ESP);
		assert_true(sabus_sa_integrity(sa) && sabus_sa_replay_protected(sa));
		assert_true(sabus_sa_strength(sa) >= p->policy.min_strength);
	}
	if (p->policy.encryption == SABUS_ENC_REQUIRE)
		assert_true(d->mppe == SABUS_MPPE_REQUIRE || (sa && sabus_sa_confidential(sa) && !lac_only));
	if (p->policy.encryption == SABUS_ENC_PROHIBIT) {
		assert_int_equal(d->mppe, SABUS_MPPE_REFUSE);
		assert_true(!sa || !sabus_sa_confidential(sa) || lac_only);
	}
	if (sa && (sa->flags & SABUS_SAF_IPCOMP) && d->ccp == SABUS_CCP_KEEP)
		assert_true(p->policy.keep_compression);
	assert_true(d->mtu_valid);
	assert_int_equal(d->mtu.mppe, d->mppe == SABUS_MPPE_REQUIRE ? 4 : 0);
}

static void check_refused(const struct sabus_decision *d)
{
	assert_int_equal(d->mppe, SABUS_MPPE_REFUSE);
	assert_int_equal(d->ccp, SABUS_CCP_NONE);
	assert_true(sabus_reason_exit(d->reason) >= 100);
	assert_false(d->mtu_valid);
	assert_false(d->on_sa);
	assert_int_equal(d->mtu.mtu, 0);
	assert_int_equal(strncmp(d->text, sabus_reason_text(d->reason), strlen(sabus_reason_text(d->reason))), 0);
}

/* A second run into other garbage: all that a caller can see was written, and is the same. */
static void check_deterministic(const struct point *p, const struct sabus_decision *d)
{
	struct sabus_decision again;

	decide(p, &again);
	assert_memory_equal(&again.text, &d->text, sizeof(d->text)); /* the tail behind the NUL too */
	assert_true(again.accept == d->accept && again.on_sa == d->on_sa && again.reason == d->reason && again.mppe == d->mppe);
	assert_true(again.ccp == d->ccp && again.ecp == d->ecp && again.mtu_valid == d->mtu_valid && again.mtu.mtu == d->mtu.mtu);
	assert_int_equal(d->ecp, SABUS_ECP_PROTREJ);
	assert_true(strlen(d->text) < sizeof(d->text) - 1); /* not cut */
	assert_non_null(strstr(d->text, sabus_encryption_name(p->policy.encryption)));
}

static unsigned int points, accepted;

static void check_point(const struct point *p)
{
	struct sabus_decision d;

	decide(p, &d);
	check_restatement(p, &d);
	if (d.accept)
		check_accepted(p, &d);
	else
		check_refused(&d);
	check_deterministic(p, &d);
	points++;
	accepted += d.accept;
}

static void check_ends(struct point p)
{
	for (int end = 0; end < 4; end++) {
		p.role = end & 1 ? SABUS_ROLE_CLIENT : SABUS_ROLE_LNS;
		p.tunnel = end & 2 ? SABUS_TUNNEL_COMPULSORY : SABUS_TUNNEL_VOLUNTARY;
		check_point(&p);
	}
}

static void whole_space(void **state)
{
	const struct sa_class *classes;
	size_t n;

	(void)state;
	classes = sa_classes(&n);
	for (unsigned int i = 0; i < POLICIES; i++) {
		struct sabus_policy policy = nth_policy(i);

		for (size_t c = 0; c < n; c++)
			check_ends((struct point){ .knowledge = SABUS_K_SA, .class = &classes[c], .policy = policy });
		for (int k = SABUS_K_NONE; k <= SABUS_K_NO_TUNNEL; k++)
			check_ends((struct point){ .knowledge = (enum sabus_knowledge)k, .policy = policy });
	}
	assert_int_equal(points, POLICIES * 4 * (n + 7));
	print_message("%u points, %u accepted\n", points, accepted);
	assert_true(accepted > points / 20 && accepted < points / 2);
}

/* What the SA classes claim is what alg.c says; without this a wrong class would hide a wrong rule. */
static void classes_are_right(void **state)
{
	const struct sa_class *classes;
	size_t n;

	(void)state;
	classes = sa_classes(&n);
	for (size_t i = 0; i < n; i++) {
		const struct sa_class *c = &classes[i];

		assert_int_equal(sabus_sa_strength(&c->sa), c->strength);
		if (c->refused == SABUS_R_COUNT)
			assert_int_equal(sabus_sa_confidential(&c->sa), c->what == ENCRYPTS);
	}
}

/* Values that no enum has come from a caller's bug: refused, whichever it is. */
static void out_of_range(void **state)
{
	for (int i = 0; i < 12; i++) {
		struct point p = { .knowledge = SABUS_K_SA, .class = sa_class("gcm"), .policy = sabus_policy_defaults() };
		int bad = i % 2 ? -1 : 9;
		struct sabus_decision d;

		switch (i / 2) {
		case 0: p.role = (enum sabus_role)bad; break;
		case 1: p.tunnel = (enum sabus_tunnel)bad; break;
		case 2: p.policy.encryption = (enum sabus_encryption)bad; break;
		case 3: p.policy.min_strength = (enum sabus_strength)bad; break;
		case 4: p.knowledge = (enum sabus_knowledge)bad; break;
		default: p.class = NULL; break;
		}
		if (p.class)
			decide(&p, &d);
		else
			sabus_decide(p.role, p.tunnel, p.knowledge, NULL, &p.policy, &path, AF_INET, &d);
		assert_false(d.accept);
		assert_int_equal(d.reason, SABUS_R_INTERNAL);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_right),
		cmocka_unit_test(whole_space),
		cmocka_unit_test(out_of_range),
	};

	return cmocka_run_group_tests_name("policy-space", tests, NULL, NULL);
}
