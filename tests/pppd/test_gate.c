// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Before the first packet: options, every refusal, the wait, the pin.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/xfrm.h>
#include "reason.h"
#include "stub.h"

#define FENCE_MARK 0x40000000u /* as pppd-sabus(8) has it */

static void present(void)
{
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	bus.n_sas = 1;
}

static void assert_refused(enum sabus_reason r)
{
	char word[64];

	assert_int_equal(stub_dial(), -1);
	snprintf(word, sizeof(word), "sabus: refuse reason=%s ", sabus_reason_word(r));
	if (!stub_logged(word))
		fail_msg("no '%s' in:\n%s", word, host.log);
	assert_int_equal(host.status, sabus_reason_exit(r));
	assert_int_equal(stub_count("sabus: "), 1);
	assert_false(persist);
	assert_false(stub_bus_open());
	assert_true(stub_logged("remedy=\""));
}

static void test_accept(void **state)
{
	(void)state;
	present();
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(host.connects, 1);
	assert_string_equal(bus.path, SABUS_SOCK_SESSION);
	stub_phase(PHASE_ESTABLISH);
	assert_true(stub_logged("sabus: accept reason=ok-protected if=ppp0 role=lns local=10.9.0.1:1701 peer=10.9.0.2:1701 "
				"tunnel=238/49529 session=2364/32404 sa=l2tp{3} spi=c0ffee01/c0ffee02 suite=\"ESP AES_GCM_16-256\" natt=no "
				"pin=fence mppe=mirror ccp=off ecp=protrej mtu=1428 mru=1428 sum=1500-"));
	stub_phase(PHASE_ESTABLISH); /* announced again on the way down */
	assert_int_equal(stub_count("sabus: accept"), 1);
}

static void test_accept_ipv6(void **state)
{
	(void)state;
	kernel.ipv6 = true;
	present();
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	assert_true(stub_logged("local=[2001:db8::1]:1701 peer=[2001:db8::2]:1701"));
	assert_true(stub_logged("mtu=1408 "));
}

static void test_no_sa(void **state)
{
	(void)state;
	assert_refused(SABUS_R_NO_SA);
	assert_int_equal(bus.lookups, 1); /* definite: nothing to wait for */
	assert_true(stub_now() < 100);
}

static void test_not_l2tp(void **state)
{
	(void)state;
	kernel.pppox = false;
	present();
	assert_refused(SABUS_R_TUNNEL_UNKNOWN);
	assert_int_equal(host.connects, 0); /* a modem would have dialled */
}

static void test_local_address_unknown(void **state)
{
	(void)state;
	kernel.udp_hidden = true;
	present();
	assert_refused(SABUS_R_TUNNEL_UNKNOWN);
}

static void test_socket_of_another(void **state)
{
	(void)state;
	kernel.udp_other = true; /* pid or descriptor were reused */
	present();
	assert_refused(SABUS_R_TUNNEL_UNKNOWN);
}

static void test_bus_down(void **state)
{
	(void)state;
	bus.open_errno = ENOENT;
	assert_refused(SABUS_R_BUS_DOWN);
	assert_in_range(stub_now(), 5000, 5200);
	assert_true(bus.opened > 10);
	assert_true(stub_logged("No such file or directory"));
}

static void test_bus_silent(void **state)
{
	(void)state;
	bus.lookup_errno = ETIMEDOUT;
	assert_int_equal(stub_option("sabus-wait", "1500"), 1);
	assert_refused(SABUS_R_BUS_TIMEOUT);
	assert_in_range(stub_now(), 1500, 1700);
}

static void test_bus_breaks(void **state)
{
	(void)state;
	bus.lookup_errno = ECONNRESET;
	assert_refused(SABUS_R_BUS_DOWN);
}

static void test_unknown(void **state)
{
	(void)state;
	bus.answer = SABUS_UNKNOWN;
	assert_refused(SABUS_R_SA_UNKNOWN);
	assert_true(bus.lookups > 5);
}

/* The time is over within the last round: what sabusd has said before is the reason, not that it was too slow at last. */
static void test_answered_then_silent(void **state)
{
	(void)state;
	bus.answer = SABUS_UNKNOWN;
	bus.silent_from = 700;
	assert_refused(SABUS_R_SA_UNKNOWN);
	assert_in_range(stub_now(), 5000, 5200);
	assert_false(stub_logged("did not answer"));
}

static void test_pending_then_installed(void **state)
{
	(void)state;
	present();
	bus.sas[0].state = SABUS_SA_PENDING;
	bus.change_at = 900;
	bus.later = SABUS_PRESENT;
	bus.later_sa = stub_sa(3);
	assert_int_equal(stub_dial(), STUB_FD);
	assert_in_range(stub_now(), 900, 1200);
}

static void test_pending_for_ever(void **state)
{
	(void)state;
	present();
	bus.sas[0].state = SABUS_SA_PENDING;
	assert_refused(SABUS_R_SA_PENDING);
	assert_in_range(stub_now(), 5000, 5200);
}

static void test_unknown_then_gone(void **state)
{
	(void)state;
	bus.answer = SABUS_UNKNOWN;
	bus.change_at = 300;
	bus.later = SABUS_ABSENT;
	assert_refused(SABUS_R_NO_SA);
	assert_true(stub_now() < 1000);
}

static void test_ambiguous(void **state)
{
	(void)state;
	present();
	bus.sas[1] = stub_sa(4);
	bus.sas[1].reqid = 8;
	bus.n_sas = 2;
	assert_refused(SABUS_R_SA_AMBIGUOUS);
}

static void test_truncated(void **state)
{
	(void)state;
	present();
	bus.truncated = true;
	assert_refused(SABUS_R_SA_AMBIGUOUS);
}

static void test_optional_is_not_unknown(void **state)
{
	(void)state;
	assert_int_equal(stub_option("sabus-ipsec", "optional"), 1);
	bus.answer = SABUS_UNKNOWN;
	assert_refused(SABUS_R_SA_UNKNOWN);
}

static void test_optional(void **state)
{
	(void)state;
	stub_option("sabus-ipsec", "optional");
	stub_option("sabus-encryption", "allow");
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	assert_true(stub_logged("accept reason=ok-no-ipsec"));
	assert_true(stub_logged("sa=none pin=none"));
	assert_int_equal(kernel.policies_in, 0);
}

/* All sessions of a tunnel share its socket: what another one is bound to is not taken away. */
static void test_optional_in_a_pinned_tunnel(void **state)
{
	(void)state;
	stub_option("sabus-ipsec", "optional");
	stub_option("sabus-encryption", "allow");
	kernel.mark = FENCE_MARK;
	bus.answer = SABUS_ABSENT;
	assert_refused(SABUS_R_NO_SA);
	assert_int_equal(kernel.mark, FENCE_MARK);
	assert_true(stub_logged("only a new tunnel"));
}

static void test_floor(void **state)
{
	(void)state;
	present();
	bus.sas[0].proto = SABUS_PROTO_AH;
	assert_refused(SABUS_R_AH_ONLY);
}

static void test_no_replay(void **state)
{
	(void)state;
	present();
	bus.sas[0].replay_window = 0;
	assert_refused(SABUS_R_NO_REPLAY);
}

static void test_no_integrity(void **state)
{
	(void)state;
	present();
	bus.sas[0].encr = 12;
	assert_refused(SABUS_R_NO_INTEGRITY);
}

static void test_weak(void **state)
{
	(void)state;
	present();
	stub_sa_null(&bus.sas[0]);
	bus.sas[0].encr = 12;
	bus.sas[0].integ = 2; /* HMAC_SHA1_96 */
	stub_option("sabus-min-strength", "good");
	assert_refused(SABUS_R_SA_WEAK);
}

static void test_prohibit(void **state)
{
	(void)state;
	present();
	stub_option("sabus-encryption", "prohibit");
	assert_refused(SABUS_R_POLICY_PROHIBIT);
}

static void test_mode(void **state)
{
	(void)state;
	present();
	bus.sas[0].mode = SABUS_MODE_TUNNEL;
	stub_option("sabus-tunnel-mode", "refuse");
	assert_refused(SABUS_R_MODE_REFUSED);
}

static void test_ecp(void **state)
{
	(void)state;
	present();
	stub_option("sabus-require-ecp", NULL);
	assert_refused(SABUS_R_ECP_UNSUPPORTED);
}

static void test_multilink(void **state)
{
	(void)state;
	present();
	multilink = true;
	assert_refused(SABUS_R_MULTILINK);
}

static void test_told_to_stop(void **state)
{
	(void)state;
	bus.open_errno = ENOENT;
	host.sigterm = SIGTERM;
	assert_int_equal(stub_dial(), -1);
	assert_true(stub_now() < 100);
}

/* ---- pin ---- */

static void test_pin(void **state)
{
	(void)state;
	present();
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(kernel.policies_in, 1);
	assert_int_equal(kernel.policies_out, 0); /* charon's own policy knows the moment of a rekey, see pin.c */
	assert_int_equal(kernel.reqid_in, 0);
	assert_int_equal(kernel.fence, FENCE_MARK);
	assert_int_equal(kernel.mark, FENCE_MARK);
	assert_true(kernel.bypassed);
}

static void test_pin_mark(void **state)
{
	(void)state;
	present();
	bus.sas[0].mark_out = (struct sabus_mark){ .value = 5, .mask = 0xff };
	bus.sas[0].set_mark_in = (struct sabus_mark){ .value = 0x100, .mask = 0x100 };
	kernel.mark = 0x100; /* of the tunnel's socket: part of the question, and kept outside the SA's mask */
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(kernel.policies_in, 1);
	assert_int_equal(kernel.policies_out, 0);
	assert_int_equal(kernel.mark, 0x105 | FENCE_MARK);
	stub_phase(PHASE_ESTABLISH);
	assert_true(stub_logged("pin=mark"));
}

/* No room for the fence's bit: the SA's mark it is. */
static void test_pin_whole_mark(void **state)
{
	(void)state;
	present();
	bus.sas[0].mark_out = (struct sabus_mark){ .value = 5, .mask = ~0u };
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(kernel.mark, 5);
}

/* A second session in a tunnel that is pinned already: the fence's bit is no part of the question. */
static void test_pin_again(void **state)
{
	(void)state;
	present();
	kernel.mark = FENCE_MARK;
	kernel.fence_error = -EEXIST;
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(kernel.mark, FENCE_MARK);
}

static void test_fence_refused(void **state)
{
	(void)state;
	present();
	kernel.fence_error = -EPERM;
	assert_refused(SABUS_R_PIN_FAILED);
}

/* The socket's mark names another SA than the only one there is. */
static void test_wrong_mark(void **state)
{
	(void)state;
	present();
	kernel.mark = 6;
	bus.sas[0].set_mark_in = (struct sabus_mark){ .value = 5, .mask = 0xff };
	assert_refused(SABUS_R_NO_SA);
}

static void test_pin_tunnel_mode(void **state)
{
	(void)state;
	present();
	bus.sas[0].mode = SABUS_MODE_TUNNEL;
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(kernel.mode_in, XFRM_MODE_TUNNEL);
}

static void test_pin_impossible(void **state)
{
	(void)state;
	present();
	bus.sas[0].if_id_out = 9;
	assert_refused(SABUS_R_PIN_FAILED);
}

static void test_pin_refused(void **state)
{
	(void)state;
	present();
	kernel.policy_errno = EPERM;
	assert_refused(SABUS_R_PIN_FAILED);
	assert_true(stub_logged("Operation not permitted"));
}

static void test_pin_off(void **state)
{
	(void)state;
	present();
	kernel.policy_errno = EPERM;
	stub_option("sabus-pin", "off");
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	assert_true(stub_logged("pin=none"));
}

/* ---- options ---- */

static void test_nonsense(void **state)
{
	static const struct {
		const char *name, *value, *range;
	} cases[] = {
		{ "sabus-encryption", "maybe", "require, allow or prohibit" },
		{ "sabus-encryption", "", "require, allow or prohibit" },
		{ "sabus-ipsec", "yes", "optional or required" },
		{ "sabus-min-strength", "strongest", "broken, legacy, good or strong" },
		{ "sabus-wait", "99", "a number from 100 to 60000" },
		{ "sabus-wait", "60001", "a number from 100 to 60000" },
		{ "sabus-wait", "5s", "a number from 100 to 60000" },
		{ "sabus-wait", "99999999999999999999", "a number from 100 to 60000" },
		{ "sabus-wait", "", "a number from 100 to 60000" },
		{ "sabus-socket", "sabus.sock", "an absolute path of at most 107 characters" },
		{ "sabus-compression", "on", "keep or off" },
		{ "sabus-tunnel-mode", "no", "accept or refuse" },
		{ "sabus-path-mtu", "575", "auto or a number from 576 to 65535" },
		{ "sabus-path-mtu", "automatic", "auto or a number from 576 to 65535" },
		{ "sabus-mtu-cap", "65536", "a number from 128 to 65535" },
		{ "sabus-mtu-cap", "-1", "a number from 128 to 65535" },
		{ "sabus-mppe-timeout", "0", "a number from 1 to 600" },
		{ "sabus-pin", "maybe", "on or off" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[256];

		stub_forget_log();
		assert_int_equal(stub_option(cases[i].name, cases[i].value), 0);
		snprintf(line, sizeof(line), "%s: '%s' is not valid; it must be %s", cases[i].name, cases[i].value, cases[i].range);
		if (!stub_logged(line))
			fail_msg("wanted '%s', got '%s'", line, host.log);
	}
}

static void test_long_socket(void **state)
{
	char path[200];

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[108] = 0;
	assert_int_equal(stub_option("sabus-socket", path), 0);
	path[107] = 0;
	assert_int_equal(stub_option("sabus-socket", path), 1);
	present();
	assert_int_equal(stub_dial(), STUB_FD);
	assert_string_equal(bus.path, path);
}

static void test_path_mtu(void **state)
{
	(void)state;
	present();
	stub_option("sabus-path-mtu", "1492");
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	assert_true(stub_logged("mtu=1420 "));
}

static void test_no_route(void **state)
{
	(void)state;
	present();
	kernel.mtu = 0;
	assert_int_equal(stub_dial(), STUB_FD);
	assert_true(stub_logged("path MTU to the L2TP peer is not known (Network is unreachable), taking 1500"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, stub_setup, stub_teardown)

static void test_stock_radius_is_not_there(void **state)
{
	(void)state;
	stub_option("sabus-radius-avpair", NULL);
	assert_int_equal(stub_dial(), -1);
	assert_int_equal(host.status, sabus_reason_exit(SABUS_R_BAD_OPTION));
	assert_true(stub_logged("sabus-radius-avpair needs 'plugin radius.so'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_stock_radius_is_not_there), T(test_accept),		 T(test_accept_ipv6),	   T(test_no_sa),		  T(test_not_l2tp),
		T(test_local_address_unknown), T(test_socket_of_another), T(test_bus_down),	  T(test_bus_silent),
		T(test_answered_then_silent),
		T(test_bus_breaks),	 T(test_unknown),	   T(test_pending_then_installed), T(test_pending_for_ever),
		T(test_unknown_then_gone), T(test_ambiguous),	   T(test_truncated),		  T(test_optional_is_not_unknown),
		T(test_optional),	 T(test_optional_in_a_pinned_tunnel), T(test_floor),		   T(test_no_replay),		  T(test_no_integrity),
		T(test_weak),		 T(test_prohibit),	   T(test_mode),		  T(test_ecp),
		T(test_multilink),	 T(test_told_to_stop),	   T(test_pin),			  T(test_pin_mark),
		T(test_pin_whole_mark),	 T(test_pin_again),	   T(test_fence_refused),
		T(test_pin_tunnel_mode), T(test_pin_impossible),	  T(test_pin_refused),
		T(test_pin_off),	 T(test_nonsense),	   T(test_long_socket),		  T(test_path_mtu),
		T(test_no_route),	 T(test_wrong_mark),
	};

	return cmocka_run_group_tests_name("pppd gate", tests, NULL, NULL);
}
