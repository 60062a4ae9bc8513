// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a RADIUS server says, through sabus_link_api: within authentication, and for the life of the link.  (Requests of the bus: test_request.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "reason.h"
#include "stub.h"

#define SAYS(bit, member, value) ((struct sabus_reply){ .has = (bit), .member = (value) })

static const struct sabus_reply require = { .has = SABUS_RP_ENCRYPTION, .encryption = 1 };
static const struct sabus_reply allow = { .has = SABUS_RP_ENCRYPTION, .encryption = 2 };
static const struct sabus_reply prohibit = { .has = SABUS_RP_ENCRYPTION, .encryption = 3 };
static const struct sabus_reply nothing = { .has = 0 };

static unsigned int told; /* SABUS_LINK_* bits that the watcher got */

static int setup(void **state)
{
	told = 0;
	return stub_setup(state);
}

static void null_sa(void)
{
	bus.sas[0] = stub_sa(3);
	stub_sa_null(&bus.sas[0]);
	bus.n_sas = 1;
}

/* To the moment when a RADIUS plugin has the server's answer. */
static void to_authentication(void)
{
	bus.answer = SABUS_PRESENT;
	if (!bus.n_sas) {
		bus.sas[0] = stub_sa(3);
		bus.n_sas = 1;
	}
	if (stub_dial() != STUB_FD)
		fail_msg("refused: %s", host.log);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
}

static void to_network(void)
{
	stub_authenticate();
	stub_phase(PHASE_NETWORK);
	ccp_protent.open(0);
	stub_run(300);
}

static int authorize(const struct sabus_reply *reply)
{
	enum sabus_reason why = SABUS_R_COUNT;
	int err = stub_api()->authorize(reply, &why);

	assert_int_not_equal(why, SABUS_R_COUNT);
	return err;
}

static void link_up_with(const struct sabus_reply *reply)
{
	to_authentication();
	if (authorize(reply))
		fail_msg("denied: %s", host.log);
	to_network();
	assert_int_equal(host.closed, 0);
}

static struct sabus_link_facts facts(void)
{
	struct sabus_link_facts f;

	memset(&f, 0xa5, sizeof(f));
	stub_api()->facts(&f);
	return f;
}

static void assert_denied(const struct sabus_reply *reply, enum sabus_reason r)
{
	enum sabus_reason why = SABUS_R_COUNT;
	char text[64];

	assert_int_equal(stub_api()->authorize(reply, &why), -EPERM);
	assert_string_equal(sabus_reason_word(why), sabus_reason_word(r));
	snprintf(text, sizeof(text), "sabus: deny reason=%s ", sabus_reason_word(r));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_int_equal(facts().reason, r);
	host.status = sabus_reason_exit(r); /* what pppd's last step gives exit() for us: a test cannot live through that */
}

static void assert_ended(enum sabus_reason r)
{
	char text[64];

	stub_run(300);
	snprintf(text, sizeof(text), "sabus: close reason=%s ", sabus_reason_word(r));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, sabus_reason_exit(r));
	assert_true(facts().closing);
	assert_int_equal(facts().reason, r);
}

static void now_only(const struct sabus_sa *sa)
{
	bus.sas[0] = *sa;
	bus.n_sas = 1;
	stub_event_put(sa);
}

static void note(void *data, unsigned int what)
{
	assert_ptr_equal(data, &told);
	told |= what;
}

/* ---- the object ---- */

static void test_object(void **state)
{
	const struct sabus_link_api *api = stub_api();

	(void)state;
	assert_non_null(api);
	assert_int_equal(api->version, SABUS_LINK_VERSION);
	assert_int_equal(api->size, sizeof(struct sabus_link_api));
}

/* Before there is a link: valid, and nothing is claimed. */
static void test_facts_of_nothing(void **state)
{
	struct sabus_link_facts f = facts();

	(void)state;
	assert_false(f.judged || f.closing || f.have_tunnel || f.have_sa || f.mppe_up);
	assert_int_equal(f.mtu, 0);
	assert_int_equal(authorize(&allow), -EPERM);
	stub_api()->account("alice", "1", NULL);
}

static void test_facts(void **state)
{
	struct sabus_link_facts f;

	(void)state;
	assert_int_equal(stub_option("sabus-l2tp-names", "lns.example,client%20one,4711"), 1);
	to_authentication();
	f = facts();
	assert_true(f.judged && f.have_tunnel && f.have_sa);
	assert_false(f.closing || f.compulsory || f.mppe_up);
	assert_int_equal(f.tunnel_id, 238);
	assert_int_equal(f.peer_session_id, 32404);
	assert_int_equal(f.flow.remote.port, 1701);
	assert_int_equal(f.sa.spi_in, 0xc0ffee01);
	assert_int_equal(f.reason, SABUS_R_OK_PROTECTED);
	assert_string_equal(f.local_host, "lns.example");
	assert_string_equal(f.peer_host, "client one");
	assert_int_equal(f.serial, 4711);
	assert_int_equal(f.mtu, 0);
	authorize(&nothing);
	to_network();
	assert_int_equal(facts().mtu, 1428);
}

static void test_compression_in_effect(void **state)
{
	(void)state;
	link_up_with(&nothing);
	assert_string_equal(facts().ccp, "none");
	ccp_fsm[0].state = OPENED;
	ccp_gotoptions[0].method = 26;
	assert_string_equal(facts().ccp, "deflate");
	ccp_gotoptions[0].method = -1;
	ccp_hisoptions[0].method = 21;
	assert_string_equal(facts().ccp, "bsd");
	ccp_hisoptions[0].method = 18; /* MPPE */
	assert_string_equal(facts().ccp, "none");
}

static void test_names(void **state)
{
	static const char *const bad[] = { "",	      "a",	"a,b",	   "a,b,",     "a,b,x",	  "a,b,-1", "a,b,4294967296",
					   "a b,c,1", "a%,b,1", "a%2,b,1", "a%00,b,1", "a,b,1,2", "a,b,1 " };
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (stub_option("sabus-l2tp-names", bad[i]) != 0)
			fail_msg("'%s' was taken", bad[i]);
	assert_int_equal(stub_option("sabus-l2tp-names", ",,0"), 1);
	memset(text, 'x', 120);
	strcpy(text + 120, ",p%2Cq%ff,4294967295");
	assert_int_equal(stub_option("sabus-l2tp-names", text), 1);
	to_authentication();
	assert_int_equal(strlen(facts().local_host), 63);
	assert_string_equal(facts().peer_host, "p,q\xff");
	assert_int_equal(facts().serial, 4294967295u);
}

static void test_watcher(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	stub_api()->watch(note, &told);
	link_up_with(&nothing);
	assert_int_equal(told, 0);
	next.replaces = 3;
	now_only(&next);
	stub_run(300);
	assert_int_equal(told, SABUS_LINK_SA);
	told = 0;
	stub_api()->close(SABUS_R_RADIUS_DOWN, "no answer");
	assert_int_equal(told, SABUS_LINK_CLOSING);
	assert_int_equal(host.closed, 0); /* the next turn */
	assert_ended(SABUS_R_RADIUS_DOWN);
	stub_api()->watch(NULL, NULL);
}

static void test_watcher_mppe(void **state)
{
	static const unsigned char mppe_128[] = { 18, 6, 1, 0, 0, 0x40 };

	(void)state;
	null_sa();
	stub_api()->watch(note, &told);
	link_up_with(&nothing);
	told = 0;
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	assert_int_equal(told, SABUS_LINK_MPPE);
	assert_true(facts().mppe_up);
	stub_api()->watch(NULL, NULL);
}

static void test_account(void **state)
{
	struct sabus_addr v6;

	(void)state;
	link_up_with(&nothing);
	assert_string_equal(bus.session.acct_id, "");
	assert_int_equal(bus.session.address.family, 0);
	stub_network_up();
	assert_int_equal(bus.session.address.family, 2);
	assert_memory_equal(bus.session.address.b, "\x0a\x08\x00\x02", 4);
	sabus_addr_parse(&v6, "2001:db8::77");
	stub_api()->account("alice@example.org", "65f0-1", &v6);
	assert_string_equal(bus.session.user, "alice@example.org");
	assert_string_equal(bus.session.acct_id, "65f0-1");
	assert_true(sabus_addr_equal(&bus.session.address, &v6));
}

/* ---- within authentication ---- */

static void test_nothing_said(void **state)
{
	(void)state;
	link_up_with(&nothing);
	assert_int_equal(stub_count("sabus: policy"), 0);
	assert_int_equal(facts().reason, SABUS_R_OK_PROTECTED);
}

/* The reply is tighter than the section: MPPE is negotiated as if the section had said so. */
static void test_tighter(void **state)
{
	(void)state;
	null_sa();
	stub_option("sabus-encryption", "allow");
	link_up_with(&require);
	assert_int_equal(stub_count("sabus: policy reason=ok-mppe-required"), 1);
	assert_int_equal(ccp_wantoptions[0].mppe, MPPE_OPT_128);
	assert_int_equal(facts().mppe_wanted, SABUS_MPPE_REQUIRE);
	assert_int_equal(host.mtu, 1432); /* less MPPE's four bytes */
	stub_run(60000);
	assert_int_equal(stub_count("sabus: close reason=mppe-timeout"), 1);
}

static void test_tighter_without_keys(void **state)
{
	(void)state;
	null_sa();
	stub_option("sabus-encryption", "allow");
	to_authentication();
	host.keys = false; /* PAP */
	assert_int_equal(authorize(&require), 0);
	to_network();
	assert_ended(SABUS_R_MPPE_NO_KEYS);
}

/* ... and looser. */
static void test_looser(void **state)
{
	(void)state;
	null_sa();
	link_up_with(&allow);
	assert_int_equal(ccp_wantoptions[0].mppe, 0);
	assert_int_equal(facts().mppe_wanted, SABUS_MPPE_MIRROR);
	stub_run(60000);
	assert_int_equal(host.closed, 0);
}

static void test_prohibit(void **state)
{
	(void)state;
	to_authentication();
	assert_denied(&prohibit, SABUS_R_POLICY_PROHIBIT);
}

static void test_weak(void **state)
{
	(void)state;
	bus.sas[0] = stub_sa(3);
	bus.sas[0].encr = 12;
	bus.sas[0].encr_bits = 128;
	bus.sas[0].integ = 12;
	bus.n_sas = 1;
	to_authentication();
	assert_denied(&SAYS(SABUS_RP_MIN_STRENGTH, min_strength, 3), SABUS_R_SA_WEAK);
}

static void test_mandate_without_sa(void **state)
{
	(void)state;
	stub_option("sabus-ipsec", "optional");
	bus.answer = SABUS_ABSENT;
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	assert_int_equal(authorize(&SAYS(SABUS_RP_MANDATE, mandate, 0)), 0);
	assert_denied(&SAYS(SABUS_RP_MANDATE, mandate, 1), SABUS_R_NO_SA);
}

static void test_identity(void **state)
{
	struct sabus_reply r = { .n_identities = 2, .identities = { "bob*", "client.example" } };

	(void)state;
	to_authentication();
	assert_int_equal(authorize(&r), 0);
	strcpy(r.identities[1], "*.example.org");
	assert_denied(&r, SABUS_R_IDENTITY);
	assert_true(stub_logged("admits other identities than 'client.example'"));
}

/* The caller has refused the authentication: pppd ends the link itself, with our status. */
static void test_denied_and_refused(void **state)
{
	(void)state;
	to_authentication();
	assert_denied(&prohibit, SABUS_R_POLICY_PROHIBIT);
	stub_run(1000);
	assert_int_equal(host.closed, 0);
	assert_false(facts().closing);
}

/* The caller lets him in all the same. */
static void test_denied_and_let_in(void **state)
{
	(void)state;
	to_authentication();
	assert_denied(&prohibit, SABUS_R_POLICY_PROHIBIT);
	stub_authenticate();
	assert_true(ecp_gotoptions[0].required); /* nothing opens the network protocols */
	assert_ended(SABUS_R_POLICY_PROHIBIT);
}

static void test_second_try(void **state)
{
	(void)state;
	to_authentication();
	assert_denied(&prohibit, SABUS_R_POLICY_PROHIBIT);
	host.status = 0;
	assert_int_equal(authorize(&allow), 0);
	to_network();
	assert_int_equal(host.closed, 0);
	assert_int_equal(facts().reason, SABUS_R_OK_PROTECTED);
}

static void test_contradiction_is_told_once(void **state)
{
	struct sabus_reply r = { .has = SABUS_RP_ENCRYPTION | SABUS_RP_MS_POLICY, .encryption = 2, .ms_policy = 2 };

	(void)state;
	null_sa();
	link_up_with(&r);
	assert_int_equal(stub_count("the RADIUS reply contradicts itself: Sabus-Encryption-Policy says allow"), 1);
	assert_int_equal(facts().mppe_wanted, SABUS_MPPE_REQUIRE);
	assert_int_equal(authorize(&r), 0);
	assert_int_equal(stub_count("contradicts itself"), 1);
}

static void test_mtu(void **state)
{
	static const struct {
		struct sabus_reply reply;
		int mtu;
	} cases[] = {
		{ { .has = SABUS_RP_MTU_CAP, .mtu_cap = 1300 }, 1300 },
		{ { .has = SABUS_RP_FRAMED_MTU, .framed_mtu = 1200 }, 1200 },
		{ { .has = SABUS_RP_FRAMED_MTU, .framed_mtu = 1500 }, 1400 },
		{ { .has = SABUS_RP_MTU_CAP, .mtu_cap = 1 }, 128 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (i) {
			stub_teardown(state);
			setup(state);
		}
		stub_option("sabus-mtu-cap", "1400");
		link_up_with(&cases[i].reply);
		assert_int_equal(host.mtu, cases[i].mtu);
	}
}

/* ---- for the life of the link ---- */

static void test_rekey_below_the_replys_strength(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	link_up_with(&SAYS(SABUS_RP_MIN_STRENGTH, min_strength, 3));
	next.replaces = 3;
	next.encr = 12;
	next.encr_bits = 128;
	next.integ = 2;
	now_only(&next);
	assert_ended(SABUS_R_SA_WEAK);
}

/* The section would demand MPPE over this SA, the reply does not. */
static void test_rekey_under_a_looser_reply(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	link_up_with(&allow);
	next.replaces = 3;
	stub_sa_null(&next);
	now_only(&next);
	stub_run(1000);
	assert_int_equal(host.closed, 0);
	assert_int_equal(facts().reason, SABUS_R_OK_CLEAR);
}

static void test_rekey_of_another(void **state)
{
	struct sabus_reply r = { .n_identities = 1, .identities = { "client.*" } };
	struct sabus_sa next = stub_sa(4);

	(void)state;
	bus.sas[0] = stub_sa(3);
	bus.sas[0].mark_out = next.mark_out = (struct sabus_mark){ 1, 0xff };
	bus.n_sas = 1;
	link_up_with(&r);
	next.replaces = 3;
	strcpy(next.id_remote, "client.other");
	bus.sas[1] = next;
	bus.n_sas = 2;
	stub_event_put(&next);
	stub_run(300);
	assert_int_equal(host.closed, 0); /* that one is on the list, too */
	next.id = 5;
	next.replaces = 3;
	strcpy(next.id_remote, "mallory");
	bus.sas[1] = next;
	stub_event_put(&next);
	assert_ended(SABUS_R_IDENTITY);
}

/* Stock radius.so does not ask the server again when LCP is negotiated anew. */
static void test_renegotiation_of_the_same_user(void **state)
{
	(void)state;
	null_sa();
	stub_option("sabus-encryption", "allow");
	link_up_with(&require);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	to_network();
	assert_int_equal(facts().mppe_wanted, SABUS_MPPE_REQUIRE);
}

static void test_renegotiation_of_another_user(void **state)
{
	(void)state;
	null_sa();
	link_up_with(&allow);
	assert_int_equal(facts().mppe_wanted, SABUS_MPPE_MIRROR);
	host.user = "bob";
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	to_network();
	assert_int_equal(facts().mppe_wanted, SABUS_MPPE_REQUIRE); /* the section's */
}

static void test_renegotiation_with_a_new_reply(void **state)
{
	(void)state;
	null_sa();
	link_up_with(&allow);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	assert_int_equal(authorize(&nothing), 0);
	to_network();
	assert_int_equal(facts().mppe_wanted, SABUS_MPPE_REQUIRE);
}

static void test_next_link_starts_with_the_section(void **state)
{
	(void)state;
	link_up_with(&SAYS(SABUS_RP_MTU_CAP, mtu_cap, 1300));
	stub_api()->close(SABUS_R_ADMIN_RESET, NULL);
	stub_run(1000);
	stub_phase(PHASE_DISCONNECT);
	stub_phase(PHASE_DEAD);
	host.closed = 0;
	link_up_with(&nothing);
	assert_int_equal(host.mtu, 1428);
}

/* CHAP is repeated on a link that is up. */
static void test_rechallenge(void **state)
{
	(void)state;
	link_up_with(&nothing);
	assert_int_equal(authorize(&SAYS(SABUS_RP_MTU_CAP, mtu_cap, 1300)), 0);
	assert_int_equal(host.mtu, 1300);
	assert_int_equal(authorize(&prohibit), -EPERM);
	assert_ended(SABUS_R_POLICY_CHANGED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_object),
		T(test_facts_of_nothing),
		T(test_facts),
		T(test_compression_in_effect),
		T(test_names),
		T(test_watcher),
		T(test_watcher_mppe),
		T(test_account),
		T(test_nothing_said),
		T(test_tighter),
		T(test_tighter_without_keys),
		T(test_looser),
		T(test_prohibit),
		T(test_weak),
		T(test_mandate_without_sa),
		T(test_identity),
		T(test_denied_and_refused),
		T(test_denied_and_let_in),
		T(test_second_try),
		T(test_contradiction_is_told_once),
		T(test_mtu),
		T(test_rekey_below_the_replys_strength),
		T(test_rekey_under_a_looser_reply),
		T(test_rekey_of_another),
		T(test_renegotiation_of_the_same_user),
		T(test_renegotiation_of_another_user),
		T(test_renegotiation_with_a_new_reply),
		T(test_next_link_starts_with_the_section),
		T(test_rechallenge),
	};

	return cmocka_run_group_tests_name("pppd grant", tests, NULL, NULL);
}
