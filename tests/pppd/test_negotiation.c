// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LCP, CCP and ECP as decided: MTU counted once, MPPE refused, mirrored or required, compression off, and the peers that misbehave.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "reason.h"
#include "stub.h"

static const unsigned char mppe_128[] = { 18, 6, 1, 0, 0, 0x40 };
static const unsigned char mppe_128_stateful[] = { 18, 6, 0, 0, 0, 0x40 };
static const unsigned char mppe_40[] = { 18, 6, 1, 0, 0, 0x20 };
static const unsigned char mppe_windows[] = { 18, 6, 1, 0, 0, 0x41 }; /* MPPC and 128 bit */
static const unsigned char mppc_only[] = { 18, 6, 1, 0, 0, 0x01 };

static void null_sa(void)
{
	bus.sas[0] = stub_sa(3);
	stub_sa_null(&bus.sas[0]);
	bus.n_sas = 1;
}

static void assert_ended(enum sabus_reason r)
{
	char text[64];

	stub_run(10);
	snprintf(text, sizeof(text), "sabus: close reason=%s ", sabus_reason_word(r));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_int_equal(stub_count("sabus: close"), 1);
	assert_true(host.closed >= 1);
	snprintf(text, sizeof(text), "IPsec: %s (", sabus_reason_word(r));
	assert_memory_equal(host.close_reason, text, strlen(text));
	assert_int_equal(host.status, sabus_reason_exit(r));
	assert_false(persist);
}

static void assert_nak_128(void)
{
	assert_int_equal(host.code, CONFNAK);
	assert_int_equal(host.answer_len, 6);
	assert_memory_equal(host.answer, mppe_128, 6);
}

/* ---- LCP ---- */

static void test_mtu(void **state)
{
	(void)state;
	stub_link_up();
	assert_true(lcp_wantoptions[0].neg_mru);
	assert_int_equal(lcp_wantoptions[0].mru, 1428);
	assert_int_equal(lcp_allowoptions[0].mru, 1428);
	assert_int_equal(host.mtu, 1428);
	assert_int_equal(bus.session.mtu, 1428);
}

static void test_mtu_admin(void **state)
{
	(void)state;
	lcp_wantoptions[0].mru = 1280;
	lcp_allowoptions[0].mru = 1300;
	stub_link_up();
	assert_int_equal(lcp_wantoptions[0].mru, 1280);
	assert_int_equal(lcp_allowoptions[0].mru, 1300);
	stub_phase(PHASE_ESTABLISH); /* again: the administrator's values are not read back from our own */
	assert_int_equal(lcp_allowoptions[0].mru, 1300);
}

static void test_mtu_cap(void **state)
{
	(void)state;
	stub_option("sabus-mtu-cap", "1400");
	stub_link_up();
	assert_int_equal(lcp_wantoptions[0].mru, 1400);
	assert_int_equal(host.mtu, 1400);
}

static void test_peer_mru(void **state)
{
	(void)state;
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	bus.n_sas = 1;
	stub_dial();
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(1600);
	assert_int_equal(host.mtu, 1428);
	stub_lcp_up(1300);
	assert_int_equal(host.mtu, 1300);
}

/* Our MRU has room for MPPE's header, the interface MTU is four bytes less, however often pppd subtracts them. */
static void test_mtu_mppe_once(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	assert_int_equal(lcp_wantoptions[0].mru, 1436);
	assert_true(stub_logged("mtu=1432 mru=1436 "));
	stub_ccp_request(mppe_128, 6);
	stub_ccp_request(mppe_128, 6);
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(host.mtu, 1436 - 12);
	stub_ccp_ack();
	assert_int_equal(host.mtu, 1432);
}

static void test_keys_server(void **state)
{
	(void)state;
	null_sa();
	lcp_wantoptions[0].neg_chap = lcp_wantoptions[0].neg_upap = lcp_wantoptions[0].neg_eap = true;
	lcp_wantoptions[0].chap_mdtype = MDTYPE_MD5 | MDTYPE_MICROSOFT_V2;
	stub_link_up();
	assert_int_equal(lcp_wantoptions[0].chap_mdtype, MDTYPE_MICROSOFT_V2);
	assert_false(lcp_wantoptions[0].neg_upap);
	assert_false(lcp_wantoptions[0].neg_eap);
	assert_true(refuse_pap);
	assert_int_equal(lcp_allowoptions[0].chap_mdtype, MDTYPE_MICROSOFT_V2);
}

/* The administrator's own choice is not overridden. */
static void test_keys_noauth(void **state)
{
	(void)state;
	null_sa();
	refuse_mschap_v2 = true;
	stub_link_up();
	assert_false(lcp_wantoptions[0].neg_chap);
	assert_false(refuse_pap);
}

static void test_satisfied_leaves_auth(void **state)
{
	(void)state;
	lcp_wantoptions[0].neg_upap = true;
	stub_link_up();
	assert_true(lcp_wantoptions[0].neg_upap);
	assert_false(refuse_pap);
}

/* ---- compression ---- */

static void test_compression_off(void **state)
{
	(void)state;
	stub_link_up();
	assert_false(ccp_wantoptions[0].deflate || ccp_allowoptions[0].deflate || ccp_allowoptions[0].predictor_1);
	assert_false(ipcp_wantoptions[0].neg_vj || ipcp_allowoptions[0].neg_vj);
	assert_int_equal(ccp_wantoptions[0].mppe, 0);
}

static void test_compression_keep(void **state)
{
	(void)state;
	stub_option("sabus-compression", "keep");
	stub_link_up();
	assert_true(ccp_wantoptions[0].deflate && ccp_allowoptions[0].deflate && ipcp_allowoptions[0].neg_vj);
}

/* Options in a secrets file are applied after authentication: NETWORK has the last word. */
static void test_secrets_file(void **state)
{
	(void)state;
	bus.answer = SABUS_PRESENT;
	null_sa();
	stub_dial();
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	ccp_wantoptions[0].mppe = 0;
	ccp_wantoptions[0].deflate = true;
	refuse_mppe_stateful = false;
	stub_phase(PHASE_NETWORK);
	assert_int_equal(ccp_wantoptions[0].mppe, MPPE_OPT_128);
	assert_true(refuse_mppe_stateful);
}

/* ---- MIRROR ---- */

static void test_mirror(void **state)
{
	(void)state;
	stub_link_up();
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(host.code, CONFACK);
	assert_int_equal(ccp_gotoptions[0].mppe, MPPE_OPT_128); /* our own request has it too */
	stub_ccp_ack();
	assert_int_equal(host.networks_opened, 0); /* they are open already */
	assert_int_equal(host.mtu, 1424);
	assert_string_equal(bus.session.mppe, "mirror:up");
	assert_false(host.keys);
	stub_phase(PHASE_NETWORK); /* announced again: nothing is taken back */
	assert_int_equal(ccp_wantoptions[0].mppe, MPPE_OPT_128);
	assert_int_equal(host.closed, 0);
}

static void test_mirror_windows(void **state)
{
	(void)state;
	stub_link_up();
	stub_ccp_request(mppe_windows, 6);
	assert_nak_128();
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(host.code, CONFACK);
}

static void test_mirror_mppc_only(void **state)
{
	(void)state;
	stub_link_up();
	stub_ccp_request(mppc_only, 6);
	assert_int_equal(host.code, CONFREJ); /* compression alone is not MPPE, and the link goes on */
	assert_int_equal(ccp_wantoptions[0].mppe, 0);
	stub_run(60000);
	assert_int_equal(host.closed, 0);
}

static void test_mirror_40(void **state)
{
	(void)state;
	stub_link_up();
	stub_ccp_request(mppe_40, 6);
	assert_nak_128();
	assert_int_equal(ccp_wantoptions[0].mppe, 0);
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(host.code, CONFACK);
}

static void test_mirror_stateful(void **state)
{
	(void)state;
	stub_link_up();
	stub_ccp_request(mppe_128_stateful, 6);
	assert_nak_128();
}

static void test_mirror_no_keys(void **state)
{
	(void)state;
	host.keys = false;
	stub_link_up();
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(host.code, CONFREJ);
	assert_true(stub_logged("authentication gave no keys"));
	assert_int_equal(host.closed, 0);
}

static void test_mirror_both_directions_authenticated(void **state)
{
	(void)state;
	auth_done[0] = 0xc00; /* RFC 3079 knows no keys for that */
	stub_link_up();
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(host.code, CONFREJ);
}

static void test_refuse(void **state)
{
	(void)state;
	stub_option("sabus-no-mppe", NULL);
	stub_link_up();
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(host.code, CONFREJ);
	assert_true(stub_logged("rejected by policy"));
	assert_int_equal(host.closed, 0);
}

/* A peer that asks again and again gets an answer each time, and does not fill the log. */
static void test_refuse_flood(void **state)
{
	int lines;

	(void)state;
	stub_option("sabus-no-mppe", NULL);
	stub_link_up();
	for (int i = 0; i < 1000; i++) {
		host.code = 0;
		stub_ccp_request(mppe_128, 6);
		assert_int_equal(host.code, CONFREJ);
	}
	lines = stub_count("rejected by policy");
	assert_true(lines > 10 && lines <= 100);
	assert_int_equal(stub_count("log-limited"), 0);
	stub_run(5000);
	stub_ccp_request(mppe_128, 6);
	assert_int_equal(stub_count("sabus: log-limited suppressed="), 1);
	assert_int_equal(stub_count("rejected by policy"), lines + 1);
}

/* ---- REQUIRE ---- */

static void test_require(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	assert_true(stub_logged("accept reason=ok-mppe-required"));
	assert_int_equal(ccp_gotoptions[0].mppe, MPPE_OPT_128);
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	assert_int_equal(host.networks_opened, 1);
	assert_string_equal(bus.session.mppe, "required:up");
	stub_run(120000);
	assert_int_equal(host.closed, 0);
}

static void test_require_peer_asks_nothing(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	stub_ccp_ack();
	for (int i = 0; i < 5; i++) {
		stub_ccp_request(NULL, 0);
		assert_nak_128();
	}
	stub_ccp_request(NULL, 0);
	assert_int_equal(host.networks_opened, 0);
	assert_ended(SABUS_R_MPPE_ONE_WAY);
}

static void test_require_mppc_only(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	stub_ccp_request(mppc_only, 6);
	assert_nak_128();
	stub_ccp_request(mppe_40, 6);
	assert_nak_128();
	stub_ccp_request(mppe_128_stateful, 6);
	assert_nak_128();
}

static void test_require_acks_only(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	stub_ccp_ack();
	stub_run(31000);
	assert_ended(SABUS_R_MPPE_ONE_WAY);
}

static void test_require_silent(void **state)
{
	(void)state;
	null_sa();
	stub_option("sabus-mppe-timeout", "7");
	stub_link_up();
	stub_run(6000);
	assert_int_equal(host.closed, 0);
	stub_run(1000);
	assert_ended(SABUS_R_MPPE_TIMEOUT);
	assert_int_equal(host.networks_opened, 0);
}

static void test_require_rejected(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	stub_ccp_reject(mppe_128, 6);
	assert_ended(SABUS_R_MPPE_REFUSED);
}

static void test_require_nakked_weaker(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	stub_ccp_nak(mppe_40, 6);
	assert_ended(SABUS_R_MPPE_REFUSED);
}

static void test_require_no_ccp(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	ccp_protent.protrej(0);
	assert_ended(SABUS_R_MPPE_REFUSED);
}

static void test_require_no_keys(void **state)
{
	(void)state;
	bus.answer = SABUS_PRESENT;
	null_sa();
	host.keys = false;
	assert_int_equal(stub_dial(), STUB_FD);
	stub_to_network();
	assert_true(ecp_gotoptions[0].required); /* pppd's gate before IPCP */
	assert_ended(SABUS_R_MPPE_NO_KEYS);
}

static void test_require_ends_mid_session(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	stub_ccp_down();
	assert_ended(SABUS_R_MPPE_REFUSED);
}

/* The peer hangs up LCP: pppd must not put "MPPE disabled" over that. */
static void test_hangup_keeps_reason(void **state)
{
	(void)state;
	null_sa();
	stub_link_up();
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	lcp_close(0, (char *)"User request");
	assert_int_equal(host.closed, 1);
	assert_string_equal(host.close_reason, "User request");
	assert_int_equal(stub_count("sabus: close"), 0);
}

static void test_optional_require(void **state)
{
	(void)state;
	stub_option("sabus-ipsec", "optional");
	assert_int_equal(stub_dial(), STUB_FD);
	stub_to_network();
	assert_int_equal(ccp_wantoptions[0].mppe, MPPE_OPT_128);
}

/* Garbage must not be read beyond its end (the sanitizers watch). */
static void test_malformed_ccp(void **state)
{
	static const unsigned char short_mppe[] = { 18, 4, 1, 0 }, zero[] = { 18, 0 }, overlong[] = { 18, 200, 1, 0, 0, 0x40 };
	unsigned char truncated[6] = { 0xff, 0x03, CONFREQ, 1, 0, 40 };

	(void)state;
	null_sa();
	stub_link_up();
	stub_ccp_request(short_mppe, sizeof(short_mppe));
	assert_nak_128();
	stub_ccp_request(zero, sizeof(zero));
	stub_ccp_request(overlong, sizeof(overlong));
	ccp_protent.input(0, truncated + 2, 4); /* says 40 bytes, has 4 */
	assert_int_equal(host.networks_opened, 0);
}

/* ---- ECP ---- */

static void test_ecp(void **state)
{
	unsigned char frame[] = { 0xff, 0x03, 0x80, 0x53, CONFREQ, 7, 0, 14, 2, 10, 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	stub_link_up();
	assert_true(ecp_protent.enabled_flag);
	ecp_protent.input(0, frame + 4, (int)sizeof(frame) - 4);
	ecp_protent.input(0, frame + 4, (int)sizeof(frame) - 4);
	ecp_protent.protrej(0);
	assert_int_equal(host.protrej, 2);
	assert_int_equal(host.protrej_proto, 0x8053);
	assert_int_equal(host.protrej_len, sizeof(frame));
	assert_int_equal(stub_count("sabus: ecp "), 1);
	assert_int_equal(host.closed, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stub_setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_mtu),
		T(test_mtu_admin),
		T(test_mtu_cap),
		T(test_peer_mru),
		T(test_mtu_mppe_once),
		T(test_keys_server),
		T(test_keys_noauth),
		T(test_satisfied_leaves_auth),
		T(test_compression_off),
		T(test_compression_keep),
		T(test_secrets_file),
		T(test_mirror),
		T(test_mirror_windows),
		T(test_mirror_mppc_only),
		T(test_mirror_40),
		T(test_mirror_stateful),
		T(test_mirror_no_keys),
		T(test_mirror_both_directions_authenticated),
		T(test_refuse),
		T(test_refuse_flood),
		T(test_require),
		T(test_require_peer_asks_nothing),
		T(test_require_mppc_only),
		T(test_require_acks_only),
		T(test_require_silent),
		T(test_require_rejected),
		T(test_require_nakked_weaker),
		T(test_require_no_ccp),
		T(test_require_no_keys),
		T(test_require_ends_mid_session),
		T(test_hangup_keeps_reason),
		T(test_optional_require),
		T(test_malformed_ccp),
		T(test_ecp),
	};

	return cmocka_run_group_tests_name("pppd negotiation", tests, NULL, NULL);
}
