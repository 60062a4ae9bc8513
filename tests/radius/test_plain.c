// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sabus-radius.so without sabus.so: a plain RADIUS client, which refuses what it cannot enforce.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "stub.h"

static void test_plain(void **state)
{
	struct worker_attr a;
	size_t at = 0;

	(void)state;
	stub_link();
	stub_accept();
	worker_put_u32(&helper.reply, 0, RA_FRAMED_MTU, 1300);
	worker_put_u32(&helper.reply, RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_POLICY, 2);
	worker_put_u32(&helper.reply, RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_TYPES, 4);
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	while (worker_next(&helper.request, &at, &a))
		assert_int_not_equal(a.vendor, SABUS_RADIUS_VENDOR);
	assert_string_equal(stub_text(&helper.request, 0, RA_CALLING_STATION_ID), "198.51.100.9");
	assert_int_equal(host.mtu, 1300);
	assert_int_equal(host.enc_types, 1);
	assert_true(ccp_wantoptions[0].mppe & MPPE_OPT_128);
	assert_true(host.keys);
	stub_ip_up();
	assert_int_equal(helper.n_sent, 1);
	host.status = EXIT_USER_REQUEST;
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(helper.n_sent, 2);
}

static void test_policy_that_nobody_enforces(void **state)
{
	static const uint16_t policies[] = { SABUS_AT_ENCRYPTION_POLICY, SABUS_AT_IPSEC_MANDATE, SABUS_AT_MIN_STRENGTH, SABUS_AT_MTU_CAP };

	(void)state;
	stub_link();
	for (size_t i = 0; i < 5; i++) {
		stub_accept();
		if (i < 4)
			worker_put_u32(&helper.reply, SABUS_RADIUS_VENDOR, policies[i], 2);
		else
			worker_put_text(&helper.reply, SABUS_RADIUS_VENDOR, SABUS_AT_ALLOWED_IKE_IDENTITY, "*");
		stub_forget_log();
		assert_int_equal(stub_mschap2("alice", NULL), 0);
		assert_true(stub_logged("reason=radius-no-sabus"));
	}
}

static void test_eap_down(void **state)
{
	(void)state;
	stub_link();
	helper.result = WORKER_DOWN;
	host.authname = "CN=dora";
	auth_done[0] = AUTH_DONE_EAP_PEER;
	stub_notify(NF_AUTH_UP);
	assert_int_equal(allowed_address_hook(1), 0);
	stub_run(0);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, sabus_reason_exit(SABUS_R_RADIUS_DOWN));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, stub_setup, stub_teardown),
		cmocka_unit_test_setup_teardown(test_policy_that_nobody_enforces, stub_setup, stub_teardown),
		cmocka_unit_test_setup_teardown(test_eap_down, stub_setup, stub_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
