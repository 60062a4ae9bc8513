// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_reply.c - the merge of reply and section over every combination, against rules that are written down here a second time, in another way:
 * as what must be true of the result.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "fixture.h"
#include "reply.h"

#define NONE 0xfffffffeu /* the attribute is not there */

static const enum sabus_encryption encryptions[] = { SABUS_ENC_REQUIRE, SABUS_ENC_ALLOW, SABUS_ENC_PROHIBIT };
static const uint32_t wire_encryption[] = { NONE, 0, 1, 2, 3, 4, UINT32_MAX };
static const uint32_t wire_ms[] = { NONE, 0, 1, 2, 3, UINT32_MAX };
static const uint32_t wire_types[] = { NONE, 0, 2, 4, 6, UINT32_MAX };
static const uint32_t wire_mandate[] = { NONE, 0, 1, 2, 3, UINT32_MAX };
static const uint32_t wire_strength[] = { NONE, 0, 1, 2, 3, 4, UINT32_MAX };

static void put(struct sabus_reply *r, uint32_t bit, uint32_t *member, uint32_t value)
{
	*member = value;
	if (value != NONE)
		r->has |= bit;
}

/* How much does it encrypt?  3 = require.  -1: the attribute is not there. */
static int encrypts(uint32_t ours)
{
	static const int rank[] = { [1] = 3, [2] = 2, [3] = 1 };

	if (ours == NONE)
		return -1;
	return ours >= 1 && ours <= 3 ? rank[ours] : 3;
}

/* Allowed (1) is no word at all. */
static int ms_encrypts(uint32_t ms)
{
	return ms == NONE || ms == 1 ? -1 : 3;
}

static int rank_of(enum sabus_encryption e)
{
	return 3 - (int)e;
}

struct point {
	struct sabus_policy section;
	struct sabus_reply reply;
};

static void check_encryption(const struct point *p, const struct sabus_merged *m)
{
	int a = encrypts((p->reply.has & SABUS_RP_ENCRYPTION) ? p->reply.encryption : NONE);
	int b = ms_encrypts((p->reply.has & SABUS_RP_MS_POLICY) ? p->reply.ms_policy : NONE);
	int base = a < 0 ? rank_of(p->section.encryption) : a;

	assert_int_equal(rank_of(m->policy.encryption), b > base ? b : base);
}

static void check_sa(const struct point *p, const struct sabus_merged *m)
{
	uint32_t mandate = (p->reply.has & SABUS_RP_MANDATE) ? p->reply.mandate : 0;
	uint32_t strength = (p->reply.has & SABUS_RP_MIN_STRENGTH) ? p->reply.min_strength : 0;

	/* who asks for a strong SA does not mean none */
	assert_int_equal(m->mandate, mandate != 0 || strength != 0);
	assert_int_equal(m->policy.ipsec_optional, p->section.ipsec_optional && mandate == 0 && strength == 0);
	assert_int_equal(m->policy.trust_lac, p->section.trust_lac && mandate < 2);
	strength = strength > 3 ? 3 : strength;
	assert_int_equal(m->policy.min_strength,
			 strength > (uint32_t)p->section.min_strength ? strength : (uint32_t)p->section.min_strength);
	/* what no attribute speaks of is the section's */
	assert_int_equal(m->policy.refuse_mppe, p->section.refuse_mppe);
	assert_int_equal(m->policy.allow_tunnel_mode, p->section.allow_tunnel_mode);
	assert_int_equal(m->policy.keep_compression, p->section.keep_compression);
	assert_int_equal(m->policy.require_ecp, p->section.require_ecp);
}

static bool has(const struct point *p, uint32_t bit)
{
	return p->reply.has & bit;
}

static bool contradicts(const struct point *p, const struct sabus_merged *m)
{
	const struct sabus_reply *r = &p->reply;
	bool out_of_range = (has(p, SABUS_RP_ENCRYPTION) && (r->encryption < 1 || r->encryption > 3)) ||
			    (has(p, SABUS_RP_MS_POLICY) && r->ms_policy != 1 && r->ms_policy != 2) ||
			    (has(p, SABUS_RP_MANDATE) && r->mandate > 2) || (has(p, SABUS_RP_MIN_STRENGTH) && r->min_strength > 3);
	bool two_words = has(p, SABUS_RP_ENCRYPTION) && has(p, SABUS_RP_MS_POLICY) && ms_encrypts(r->ms_policy) > encrypts(r->encryption);
	bool weak_types = has(p, SABUS_RP_MS_TYPES) && !(r->ms_types & 4) && m->policy.encryption != SABUS_ENC_PROHIBIT;
	bool impossible = m->mandate && m->policy.encryption == SABUS_ENC_PROHIBIT && m->policy.min_strength == SABUS_STRENGTH_STRONG;

	return out_of_range || two_words || weak_types || impossible;
}

static void check_point(const struct point *p)
{
	struct sabus_merged m;

	memset(&m, 0xa5, sizeof(m));
	sabus_reply_merge(&p->section, 0, &p->reply, &m);
	check_encryption(p, &m);
	check_sa(p, &m);
	assert_int_equal(m.mtu_cap, 0);
	if (m.contradiction != contradicts(p, &m))
		fail_msg("contradiction %d: '%s'", m.contradiction, m.text);
	assert_int_equal(m.text[0] != 0, m.contradiction);
	assert_true(strnlen(m.text, sizeof(m.text)) < sizeof(m.text));
}

/* All of the reply's attributes that the policy depends on, for one section. */
static void each_reply(struct point *p)
{
	for (size_t e = 0; e < COUNT(wire_encryption); e++)
		for (size_t m = 0; m < COUNT(wire_ms); m++)
			for (size_t t = 0; t < COUNT(wire_types); t++)
				for (size_t i = 0; i < COUNT(wire_mandate); i++)
					for (size_t s = 0; s < COUNT(wire_strength); s++) {
						p->reply = (struct sabus_reply){ .has = 0 };
						put(&p->reply, SABUS_RP_ENCRYPTION, &p->reply.encryption, wire_encryption[e]);
						put(&p->reply, SABUS_RP_MS_POLICY, &p->reply.ms_policy, wire_ms[m]);
						put(&p->reply, SABUS_RP_MS_TYPES, &p->reply.ms_types, wire_types[t]);
						put(&p->reply, SABUS_RP_MANDATE, &p->reply.mandate, wire_mandate[i]);
						put(&p->reply, SABUS_RP_MIN_STRENGTH, &p->reply.min_strength, wire_strength[s]);
						check_point(p);
					}
}

static void every_combination(void **state)
{
	(void)state;
	for (size_t e = 0; e < COUNT(encryptions); e++) {
		for (unsigned int flags = 0; flags < 64; flags++) {
			struct point p = { .section = {
						   .encryption = encryptions[e],
						   .ipsec_optional = flags & 1,
						   .trust_lac = flags & 2,
						   .refuse_mppe = flags & 4,
						   .allow_tunnel_mode = flags & 8,
						   .keep_compression = flags & 4,
						   .require_ecp = flags & 8,
						   .min_strength = (enum sabus_strength)(flags >> 4),
					   } };

			each_reply(&p);
		}
	}
}

/* A reply that says nothing, and none, change nothing. */
static void nothing_said(void **state)
{
	struct sabus_policy section = {
		.encryption = SABUS_ENC_ALLOW, .ipsec_optional = true, .trust_lac = true, .min_strength = SABUS_STRENGTH_GOOD
	};
	struct sabus_reply empty = { .has = SABUS_RP_SESSION_TIMEOUT | SABUS_RP_IDLE_TIMEOUT | SABUS_RP_INTERIM | SABUS_RP_FILTER_ID };
	struct sabus_merged a, b;

	(void)state;
	sabus_reply_merge(&section, 1400, NULL, &a);
	sabus_reply_merge(&section, 1400, &empty, &b);
	assert_memory_equal(&a.policy, &section, sizeof(section));
	assert_memory_equal(&b.policy, &section, sizeof(section));
	assert_int_equal(a.mtu_cap, 1400);
	assert_int_equal(b.mtu_cap, 1400);
	assert_false(a.mandate || b.mandate || a.contradiction || b.contradiction);
}

static uint32_t in_range(uint32_t mtu)
{
	return mtu < 128 || mtu > 65535 ? 128 : mtu;
}

static void smallest(uint32_t *least, uint32_t mtu)
{
	if (!*least || mtu < *least)
		*least = mtu;
}

static void every_mtu(void **state)
{
	static const uint32_t caps[] = { NONE, 0, 1, 127, 128, 576, 1280, 1400, 1500, 65535, 65536, UINT32_MAX };
	static const uint32_t section[] = { 0, 128, 1300, 65535 };
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_merged m;

	(void)state;
	for (size_t a = 0; a < COUNT(caps); a++)
		for (size_t b = 0; b < COUNT(caps); b++)
			for (size_t s = 0; s < COUNT(section); s++) {
				struct sabus_reply r = { .has = 0 };
				uint32_t least = section[s];
				bool odd = false;

				put(&r, SABUS_RP_MTU_CAP, &r.mtu_cap, caps[a]);
				put(&r, SABUS_RP_FRAMED_MTU, &r.framed_mtu, caps[b]);
				sabus_reply_merge(&policy, section[s], &r, &m);
				if (caps[a] != NONE) {
					smallest(&least, in_range(caps[a]));
					odd = in_range(caps[a]) != caps[a];
				}
				if (caps[b] != NONE) {
					smallest(&least, in_range(caps[b]));
					odd |= in_range(caps[b]) != caps[b];
				}
				assert_int_equal(m.mtu_cap, least);
				assert_int_equal(m.contradiction, odd);
			}
}

/* The text has room for a few faults; more are cut, never overflow, and are contradictions all the same. */
static void all_faults_at_once(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_reply r = { .has = 0xffffffffu,
				 .n_identities = 255,
				 .encryption = UINT32_MAX,
				 .ms_policy = 0,
				 .mandate = UINT32_MAX,
				 .min_strength = UINT32_MAX,
				 .mtu_cap = UINT32_MAX };
	struct sabus_merged m;

	(void)state;
	sabus_reply_merge(&policy, 0, &r, &m);
	assert_true(m.contradiction);
	assert_int_equal(strlen(m.text), sizeof(m.text) - 1);
	assert_int_equal(m.policy.encryption, SABUS_ENC_REQUIRE);
	assert_int_equal(m.policy.min_strength, SABUS_STRENGTH_STRONG);
	assert_int_equal(m.mtu_cap, 128);
}

static void a_contradiction_is_named(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_reply r = { .has = SABUS_RP_ENCRYPTION | SABUS_RP_MS_POLICY, .encryption = 3, .ms_policy = 2 };
	struct sabus_merged m;

	(void)state;
	sabus_reply_merge(&policy, 0, &r, &m);
	assert_string_equal(m.text, "Sabus-Encryption-Policy says prohibit, MS-MPPE-Encryption-Policy require: require holds");
	assert_int_equal(m.policy.encryption, SABUS_ENC_REQUIRE);
	r = (struct sabus_reply){ .has = SABUS_RP_MANDATE, .mandate = 7 };
	sabus_reply_merge(&policy, 0, &r, &m);
	assert_string_equal(m.text, "Sabus-IPsec-Mandate 7 is not 0..2: taken as 2");
}

/* What FreeRADIUS' mschap module adds to every answer must not undo `sabus-encryption require`. */
static void allowed_loosens_nothing(void **state)
{
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_reply r = { .has = SABUS_RP_MS_POLICY | SABUS_RP_MS_TYPES, .ms_policy = 1, .ms_types = 6 };
	struct sabus_merged m;

	(void)state;
	assert_int_equal(policy.encryption, SABUS_ENC_REQUIRE);
	sabus_reply_merge(&policy, 0, &r, &m);
	assert_int_equal(m.policy.encryption, SABUS_ENC_REQUIRE);
	assert_false(m.contradiction);
}

/* The decision itself refuses what nobody can meet. */
static void what_nobody_can_meet_is_refused(void **state)
{
	struct sabus_reply r = {
		.has = SABUS_RP_ENCRYPTION | SABUS_RP_MANDATE | SABUS_RP_MIN_STRENGTH, .encryption = 3, .mandate = 1, .min_strength = 3
	};
	static const struct {
		uint16_t encr, bits, integ;
	} suites[] = { { GCM_16, 256, 0 }, { GMAC, 256, 0 }, { NULL_ENC, 0, SHA512_256 }, { AES_CBC, 256, SHA256_128 } };
	struct sabus_policy policy = sabus_policy_defaults();
	struct sabus_decision d;
	struct sabus_merged m;

	(void)state;
	sabus_reply_merge(&policy, 0, &r, &m);
	assert_true(m.contradiction);
	for (size_t i = 0; i < COUNT(suites); i++) {
		struct sabus_sa sa = fix_suite(suites[i].encr, suites[i].bits, suites[i].integ);

		sabus_decide(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, SABUS_K_SA, &sa, &m.policy, NULL, AF_INET, &d);
		assert_false(d.accept);
	}
	sabus_decide(SABUS_ROLE_LNS, SABUS_TUNNEL_VOLUNTARY, SABUS_K_NONE, NULL, &m.policy, NULL, AF_INET, &d);
	assert_false(d.accept);
}

/* ---- identities ---- */

static void set_ids(struct sabus_sa *sa, const char *ike, const char *eap, const char *auth)
{
	snprintf(sa->id_remote, sizeof(sa->id_remote), "%s", ike);
	snprintf(sa->id_eap, sizeof(sa->id_eap), "%s", eap);
	snprintf(sa->auth, sizeof(sa->auth), "%s", auth);
}

static bool fits(const char *pattern, const char *ike, const char *eap, const char *auth)
{
	struct sabus_reply r = { .n_identities = 1 };
	struct sabus_sa sa = fix_sa();

	snprintf(r.identities[0], sizeof(r.identities[0]), "%s", pattern);
	set_ids(&sa, ike, eap, auth);
	return sabus_reply_identity_fits(&r, &sa);
}

static bool like(const char *pattern, const char *text)
{
	return fits(pattern, text, "", "pubkey");
}

static void patterns(void **state)
{
	(void)state;
	assert_true(like("alice", "alice"));
	assert_false(like("alice", "alice2"));
	assert_false(like("alice", "alic"));
	assert_false(like("alice", "Alice"));
	assert_true(like("*", "x"));
	assert_true(like("**", "x"));
	assert_true(like("a*", "a"));
	assert_true(like("*@example.org", "bob@example.org"));
	assert_false(like("*@example.org", "bob@example.org.evil"));
	assert_true(like("a*b*c", "aXbYbZc"));
	assert_false(like("a*b*c", "aXcYb"));
	assert_true(like("*ab*ab", "abab"));
	assert_false(like("*ab*ab", "ab"));
	assert_true(like("C=CH, O=*, CN=gw*", "C=CH, O=Example, CN=gw1"));
	assert_false(like("a?c", "abc"));
	assert_true(like("a?c", "a?c"));
	assert_false(like("[a-z]", "b"));
	assert_false(like("a\\*", "ab"));
	assert_false(like("", "x"));
}

/* As many stars as there is room for do not take for ever. */
static void a_bad_pattern_is_quick(void **state)
{
	char pattern[SABUS_ID_MAX], text[SABUS_ID_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(pattern) - 2; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	pattern[sizeof(pattern) - 2] = 'b';
	pattern[sizeof(pattern) - 1] = 0;
	memset(text, 'a', SABUS_ID_MAX - 2);
	text[SABUS_ID_MAX - 2] = 0;
	assert_false(like(pattern, text));
}

static void whose_identity(void **state)
{
	(void)state;
	assert_true(fits("alice", "10.1.2.3", "alice", "eap-mschapv2"));
	assert_true(fits("alice", "alice", "", "eap-mschapv2"));
	assert_false(fits("alice", "alice", "mallory", "eap-mschapv2"));
	assert_false(fits("alice", "alice", "mallory", "psk+xauth"));
	assert_true(fits("CN=gw", "CN=gw", "mallory", "pubkey+eap-mschapv2"));
	assert_true(fits("alice", "CN=gw", "alice", "pubkey+eap-mschapv2"));
	assert_true(fits("CN=gw", "CN=gw", "", "psk"));
}

static void nobody_in_particular(void **state)
{
	char cut[SABUS_ID_MAX];

	(void)state;
	memset(cut, 'a', sizeof(cut) - 1);
	cut[sizeof(cut) - 1] = 0;
	assert_false(like("*", ""));
	assert_false(like("*", "%any"));
	assert_false(like("a*", cut));
	cut[sizeof(cut) - 2] = 0;
	assert_true(like("a*", cut));
}

static void lists_of_identities(void **state)
{
	struct sabus_reply r = { .n_identities = 0 };
	struct sabus_sa sa = fix_sa();

	(void)state;
	set_ids(&sa, "h", "", "psk");
	assert_true(sabus_reply_identity_fits(&r, &sa));
	assert_true(sabus_reply_identity_fits(&r, NULL));
	for (size_t i = 0; i < SABUS_REPLY_IDS; i++)
		snprintf(r.identities[i], sizeof(r.identities[i]), "%c", (int)('a' + i));
	for (unsigned int n = 1; n < 256; n++) {
		r.n_identities = (uint8_t)n;
		assert_int_equal(sabus_reply_identity_fits(&r, &sa), n == SABUS_REPLY_IDS);
		assert_false(sabus_reply_identity_fits(&r, NULL));
	}
}

/* ---- updates ---- */

static uint32_t *member(struct sabus_reply *r, int bit)
{
	uint32_t *const members[] = { &r->encryption, &r->ms_policy,  &r->ms_types,	   &r->mandate,	     &r->min_strength,
				      &r->mtu_cap,    &r->framed_mtu, &r->session_timeout, &r->idle_timeout, &r->interim };

	return bit < (int)COUNT(members) ? members[bit] : NULL;
}

static struct sabus_reply filled(uint32_t has, uint32_t base)
{
	struct sabus_reply r = { .has = has };

	for (int bit = 0; member(&r, bit); bit++)
		*member(&r, bit) = base + (uint32_t)bit;
	snprintf(r.filter_id, sizeof(r.filter_id), "filter %u", base);
	return r;
}

/* Every set of members, on top of every set would be 2^22: the members do not know each other, so all sets on top of three. */
static void every_update(void **state)
{
	static const uint32_t before[] = { 0, 0x7ff, 0x2aa };

	(void)state;
	for (size_t b = 0; b < COUNT(before); b++) {
		for (uint32_t has = 0; has < 0x800; has++) {
			struct sabus_reply now = filled(before[b], 100), late = filled(has, 200);

			sabus_reply_update(&now, &late);
			assert_int_equal(now.has, before[b] | has);
			for (int bit = 0; member(&now, bit); bit++)
				assert_int_equal(*member(&now, bit), (has & 1u << bit ? 200 : 100) + bit);
			assert_string_equal(now.filter_id, has & SABUS_RP_FILTER_ID ? "filter 200" : "filter 100");
		}
	}
}

static void update_of_identities(void **state)
{
	struct sabus_reply now = { .n_identities = 2 }, late = { .n_identities = 0 };

	(void)state;
	strcpy(now.identities[0], "a");
	strcpy(now.identities[1], "b");
	sabus_reply_update(&now, &late);
	assert_int_equal(now.n_identities, 2);
	late.n_identities = 1;
	strcpy(late.identities[0], "c");
	sabus_reply_update(&now, &late);
	assert_int_equal(now.n_identities, 1);
	assert_string_equal(now.identities[0], "c");
}

static void protection(void **state)
{
	static const struct {
		uint16_t encr, bits, integ;
		enum sabus_protection gives;
	} suites[] = {
		{ GCM_16, 128, 0, SABUS_PROT_CONFIDENTIAL }, { AES_CBC, 128, SHA1_96, SABUS_PROT_CONFIDENTIAL },
		{ AES_CBC, 128, 0, SABUS_PROT_NONE },	     { NULL_ENC, 0, SHA256_128, SABUS_PROT_INTEGRITY },
		{ GMAC, 256, 0, SABUS_PROT_INTEGRITY },	     { NULL_ENC, 0, 0, SABUS_PROT_NONE },
		{ 999, 128, SHA256_128, SABUS_PROT_NONE },
	};
	struct sabus_sa ah = fix_suite(0, 0, SHA256_128);

	(void)state;
	assert_int_equal(sabus_sa_protection(NULL), SABUS_PROT_NONE);
	for (size_t i = 0; i < COUNT(suites); i++) {
		struct sabus_sa sa = fix_suite(suites[i].encr, suites[i].bits, suites[i].integ);

		assert_int_equal(sabus_sa_protection(&sa), suites[i].gives);
	}
	ah.proto = SABUS_PROTO_AH;
	assert_int_equal(sabus_sa_protection(&ah), SABUS_PROT_INTEGRITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination),
		cmocka_unit_test(nothing_said),
		cmocka_unit_test(every_mtu),
		cmocka_unit_test(all_faults_at_once),
		cmocka_unit_test(a_contradiction_is_named),
		cmocka_unit_test(allowed_loosens_nothing),
		cmocka_unit_test(what_nobody_can_meet_is_refused),
		cmocka_unit_test(patterns),
		cmocka_unit_test(a_bad_pattern_is_quick),
		cmocka_unit_test(whose_identity),
		cmocka_unit_test(nobody_in_particular),
		cmocka_unit_test(lists_of_identities),
		cmocka_unit_test(every_update),
		cmocka_unit_test(update_of_identities),
		cmocka_unit_test(protection),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
