// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of the bus to a living session: close, and change, with MPPE begun on the running link where the change asks for it.
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

static const unsigned char mppe_128[] = { 18, 6, 1, 0, 0, 0x40 };
static const struct sabus_reply require = { .has = SABUS_RP_ENCRYPTION, .encryption = 1 };
static const struct sabus_reply allow = { .has = SABUS_RP_ENCRYPTION, .encryption = 2 };
static const struct sabus_reply prohibit = { .has = SABUS_RP_ENCRYPTION, .encryption = 3 };
static const struct sabus_reply small = { .has = SABUS_RP_MTU_CAP, .mtu_cap = 1300 };

/* A link over an SA that does not encrypt, without MPPE, IPCP up. */
static void clear_link(void)
{
	bus.sas[0] = stub_sa(3);
	stub_sa_null(&bus.sas[0]);
	bus.n_sas = 1;
	stub_option("sabus-encryption", "allow");
	stub_link_up();
	stub_network_up();
	assert_int_equal(bus.results, 0);
}

static void ask(const struct sabus_reply *reply)
{
	stub_request(41, SABUS_OP_CHANGE, reply, "test");
	stub_run(300);
}

static void assert_answered(int result)
{
	assert_int_equal(bus.results, 1);
	assert_int_equal(bus.result_seq, 41);
	if (bus.result != result)
		fail_msg("answered %d (%s): %s", bus.result, strerror(bus.result), bus.result_text);
	bus.results = 0;
}

static void assert_ended(enum sabus_reason r)
{
	char text[64];

	snprintf(text, sizeof(text), "sabus: close reason=%s ", sabus_reason_word(r));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, sabus_reason_exit(r));
}

/* ---- close ---- */

static void test_close(void **state)
{
	(void)state;
	stub_link_up();
	stub_request(41, SABUS_OP_CLOSE, NULL, "Disconnect-Request");
	stub_run(300);
	assert_answered(0);
	assert_ended(SABUS_R_ADMIN_RESET);
	assert_true(stub_logged("Disconnect-Request"));
}

static void test_not_for_sessions(void **state)
{
	(void)state;
	stub_link_up();
	stub_request(41, SABUS_OP_DELETE, NULL, "");
	stub_run(300);
	assert_answered(ENOTSUP);
	assert_int_equal(host.closed, 0);
}

/* ---- change ---- */

static void test_mtu(void **state)
{
	(void)state;
	stub_link_up();
	ask(&small);
	assert_answered(0);
	assert_int_equal(host.mtu, 1300);
	assert_int_equal(bus.session.mtu, 1300);
	ask(&(struct sabus_reply){ .has = SABUS_RP_MTU_CAP, .mtu_cap = 1400 });
	assert_answered(0);
	assert_int_equal(host.mtu, 1400); /* up again, as far as the path allows */
	ask(&(struct sabus_reply){ .has = SABUS_RP_MTU_CAP, .mtu_cap = 9000 });
	assert_int_equal(host.mtu, 1428);
}

static void test_too_early(void **state)
{
	(void)state;
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	bus.n_sas = 1;
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	ask(&small);
	assert_answered(EBUSY);
	assert_int_equal(host.closed, 0);
}

/* The change stays with what was said before. */
static void test_changes_add_up(void **state)
{
	enum sabus_reason why;

	(void)state;
	stub_link_up();
	assert_int_equal(stub_api()->authorize(&small, &why), 0);
	ask(&(struct sabus_reply){ .has = SABUS_RP_MIN_STRENGTH, .min_strength = 3 });
	assert_answered(0);
	assert_int_equal(host.mtu, 1300);
	assert_int_equal(host.closed, 0);
}

static void assert_change_ends(const struct sabus_reply *reply, const char *detail)
{
	ask(reply);
	assert_answered(EPERM);
	assert_ended(SABUS_R_POLICY_CHANGED);
	if (!stub_logged(detail) || !strstr(bus.result_text, detail))
		fail_msg("no '%s' in '%s' or in:\n%s", detail, bus.result_text, host.log);
}

static void test_not_met(void **state)
{
	(void)state;
	stub_link_up();
	assert_change_ends(&prohibit, "policy-prohibit: ");
}

static void test_strength_not_met(void **state)
{
	(void)state;
	clear_link();
	assert_change_ends(&(struct sabus_reply){ .has = SABUS_RP_MIN_STRENGTH, .min_strength = 3 }, "sa-weak: ");
}

static void test_identity_not_met(void **state)
{
	(void)state;
	stub_link_up();
	assert_change_ends(&(struct sabus_reply){ .n_identities = 1, .identities = { "bob" } }, "identity-mismatch: ");
}

/* ---- change that demands MPPE ---- */

static void test_mppe_begins(void **state)
{
	(void)state;
	clear_link();
	ccp_fsm[0].state = STOPPED;
	ccp_fsm[0].flags = OPT_RESTART | OPT_SILENT;
	ask(&require);
	assert_int_equal(bus.results, 0); /* not yet true */
	assert_int_equal(host.np_ip, NPMODE_DROP);
	assert_int_equal(host.np_ipv6, -1); /* IPv6CP is not up: nothing to hold, nothing to let go */
	assert_int_equal(ccp_fsm[0].flags & OPT_SILENT, 0);
	assert_int_equal(ccp_gotoptions[0].mppe, MPPE_OPT_128);
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(host.code, CONFACK);
	assert_int_equal(host.np_ip, NPMODE_DROP);
	stub_ccp_ack();
	assert_int_equal(host.np_ip, NPMODE_PASS);
	assert_int_equal(host.networks_opened, 0); /* they were open: not counted twice */
	stub_run(300);
	assert_answered(0);
	assert_int_equal(host.mtu, 1432);
	assert_string_equal(bus.session.mppe, "required:up");
	stub_run(60000);
	assert_int_equal(host.closed, 0);
	stub_ccp_down(); /* and it is required from now on */
	assert_ended(SABUS_R_MPPE_REFUSED);
}

/* CCP is open with compression: taking it down is not the end of MPPE. */
static void test_mppe_begins_over_deflate(void **state)
{
	(void)state;
	clear_link();
	stub_ccp_request(NULL, 0);
	stub_ccp_ack();
	assert_int_equal(ccp_fsm[0].state, OPENED);
	ask(&require);
	assert_int_equal(host.closed, 0);
	assert_int_equal(ccp_gotoptions[0].mppe, MPPE_OPT_128);
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	stub_run(300);
	assert_answered(0);
}

static void test_mppe_rejected(void **state)
{
	(void)state;
	clear_link();
	ask(&require);
	stub_ccp_reject(mppe_128, 6);
	stub_run(300);
	assert_answered(EPERM);
	assert_ended(SABUS_R_POLICY_CHANGED);
	assert_true(stub_logged("text=\"mppe-refused: "));
	assert_int_equal(host.np_ip, NPMODE_DROP); /* nothing in the clear until the end */
}

static void test_mppe_one_way(void **state)
{
	(void)state;
	clear_link();
	ask(&require);
	stub_ccp_request(NULL, 0);
	assert_int_equal(host.code, CONFNAK);
	assert_memory_equal(host.answer, mppe_128, 6);
	stub_ccp_ack();
	stub_run(10000);
	assert_answered(EPERM);
	assert_ended(SABUS_R_POLICY_CHANGED);
	assert_true(stub_logged("text=\"mppe-one-way: "));
}

/* The peer is silent: before the broker's patience is over. */
static void test_mppe_silence(void **state)
{
	(void)state;
	clear_link();
	ask(&require);
	stub_run(7000);
	assert_int_equal(host.closed, 0);
	stub_run(1000);
	assert_answered(EPERM);
	assert_ended(SABUS_R_POLICY_CHANGED);
	assert_true(stub_logged("text=\"mppe-timeout: "));
}

static void test_mppe_silence_short(void **state)
{
	(void)state;
	stub_option("sabus-mppe-timeout", "2");
	clear_link();
	ask(&require);
	stub_run(2000);
	assert_answered(EPERM);
	assert_ended(SABUS_R_POLICY_CHANGED);
}

static void test_mppe_without_keys(void **state)
{
	(void)state;
	clear_link();
	host.keys = false;
	assert_change_ends(&require, "mppe-no-keys: ");
}

static void test_mppe_runs_already(void **state)
{
	(void)state;
	clear_link();
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	assert_string_equal(bus.session.mppe, "mirror:up");
	ask(&require);
	assert_answered(0);
	assert_string_equal(bus.session.mppe, "required:up");
	assert_int_equal(host.np_ip, NPMODE_PASS);
	stub_ccp_down();
	assert_ended(SABUS_R_MPPE_REFUSED);
}

/* The section requires MPPE, and CCP is not up yet: pppd opens the network protocols when it is, so nothing must come between. */
static void test_mppe_is_on_its_way(void **state)
{
	int opens;

	(void)state;
	bus.sas[0] = stub_sa(3);
	stub_sa_null(&bus.sas[0]);
	bus.n_sas = 1;
	stub_link_up();
	opens = host.ccp_opens;
	ask(&small);
	assert_int_equal(bus.results, 0);
	assert_int_equal(host.mtu, 1296);
	assert_int_equal(host.ccp_opens, opens);
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	stub_run(300);
	assert_answered(0);
	assert_int_equal(host.networks_opened, 1);
}

/* MPPE came and went: its keys are used up, and the same key twice is no encryption. */
static void test_mppe_not_twice(void **state)
{
	(void)state;
	clear_link();
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	stub_ccp_down();
	host.closed = 0; /* the stub's pppd closes here as the real one does not: the wish was mirrored */
	assert_false(host.keys);
	ask(&require);
	assert_answered(EPERM);
}

static void test_prohibited_while_it_runs(void **state)
{
	(void)state;
	clear_link();
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	assert_change_ends(&prohibit, "encryption is prohibited, and MPPE runs");
}

static void test_loosened_while_waiting(void **state)
{
	(void)state;
	clear_link();
	ask(&require);
	stub_request(42, SABUS_OP_CHANGE, &allow, "again");
	stub_run(300);
	assert_int_equal(bus.result_seq, 42);
	assert_int_equal(bus.result, EBUSY);
	bus.results = 0;
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	stub_run(300);
	assert_answered(0);
}

/* A network protocol that comes up while MPPE is waited for carries nothing either. */
static void test_late_network(void **state)
{
	(void)state;
	clear_link();
	ask(&require);
	stub_network_up();
	assert_int_equal(host.np_ip, NPMODE_DROP);
	ipv6cp_fsm[0].state = OPENED;
	stub_network_up();
	assert_int_equal(host.np_ipv6, NPMODE_DROP);
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	assert_int_equal(host.np_ip, NPMODE_PASS);
	assert_int_equal(host.np_ipv6, NPMODE_PASS);
}

/* pppd ends for another reason while the answer is owed. */
static void test_answer_at_the_end(void **state)
{
	(void)state;
	clear_link();
	ask(&require);
	stub_phase(PHASE_DISCONNECT);
	assert_answered(EPERM);
}

static void test_asker_is_gone(void **state)
{
	(void)state;
	clear_link();
	ask(&require);
	bus.broken = true;
	stub_run(300);
	bus.broken = false;
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	stub_run(3000);
	assert_int_equal(bus.results, 0);
	assert_int_equal(host.closed, 0);
}

/* ---- the server of changes ---- */

static struct {
	int calls, commits, err;
	uint32_t has;
} server;

static int serve_change(void *data, const struct sabus_reply *late, bool commit, const char **text)
{
	assert_ptr_equal(data, &server);
	server.calls++;
	server.has = late->has;
	assert_int_equal(server.commits, 0);
	if (commit) {
		assert_int_equal(server.err, 0);
		server.commits++;
		return 0;
	}
	*text = "not that long";
	return server.err;
}

static const struct sabus_reply timeout = { .has = SABUS_RP_SESSION_TIMEOUT | SABUS_RP_MTU_CAP, .session_timeout = 60, .mtu_cap = 1300 };

static void test_nobody_serves(void **state)
{
	(void)state;
	stub_link_up();
	ask(&timeout);
	assert_answered(ENOTSUP);
	assert_int_equal(host.mtu, 1428); /* nothing of it */
}

static void test_served(void **state)
{
	(void)state;
	memset(&server, 0, sizeof(server));
	stub_link_up();
	stub_api()->serve(serve_change, &server);
	ask(&timeout);
	assert_answered(0);
	assert_int_equal(server.calls, 2);
	assert_int_equal(server.commits, 1);
	assert_int_equal(server.has, timeout.has);
	assert_int_equal(host.mtu, 1300);
	stub_api()->serve(NULL, NULL);
	ask(&timeout);
	assert_answered(ENOTSUP);
}

static void test_server_refuses(void **state)
{
	(void)state;
	memset(&server, 0, sizeof(server));
	server.err = -EINVAL;
	stub_link_up();
	stub_api()->serve(serve_change, &server);
	ask(&timeout);
	assert_answered(EINVAL);
	assert_string_equal(bus.result_text, "not that long");
	assert_int_equal(server.commits, 0);
	assert_int_equal(host.mtu, 1428);
	stub_api()->serve(NULL, NULL);
}

/* The link ends: the server need not act any more. */
static void test_server_and_end(void **state)
{
	struct sabus_reply r = timeout;

	(void)state;
	memset(&server, 0, sizeof(server));
	r.has |= SABUS_RP_ENCRYPTION;
	r.encryption = 3;
	stub_link_up();
	stub_api()->serve(serve_change, &server);
	assert_change_ends(&r, "policy-prohibit: ");
	assert_int_equal(server.commits, 0);
	stub_api()->serve(NULL, NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stub_setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_close),
		T(test_not_for_sessions),
		T(test_mtu),
		T(test_too_early),
		T(test_changes_add_up),
		T(test_not_met),
		T(test_strength_not_met),
		T(test_identity_not_met),
		T(test_mppe_begins),
		T(test_mppe_begins_over_deflate),
		T(test_mppe_rejected),
		T(test_mppe_one_way),
		T(test_mppe_silence),
		T(test_mppe_silence_short),
		T(test_mppe_without_keys),
		T(test_mppe_runs_already),
		T(test_mppe_is_on_its_way),
		T(test_mppe_not_twice),
		T(test_prohibited_while_it_runs),
		T(test_loosened_while_waiting),
		T(test_late_network),
		T(test_answer_at_the_end),
		T(test_asker_is_gone),
		T(test_nobody_serves),
		T(test_served),
		T(test_server_refuses),
		T(test_server_and_end),
	};

	return cmocka_run_group_tests_name("pppd request", tests, NULL, NULL);
}
