// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sabus-radius.so beside sabus.so: accounting, limits of a session, and what a CoA changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "stub.h"

#define OURS SABUS_RADIUS_VENDOR

static void put_u32(uint32_t vendor, uint16_t number, uint32_t v)
{
	worker_put_u32(&helper.reply, vendor, number, v);
}

static void put_text(uint32_t vendor, uint16_t number, const char *text)
{
	worker_put_text(&helper.reply, vendor, number, text);
}

/* ---- accounting ---- */
static void test_start_and_stop(void **state)
{
	char id[64];

	(void)state;
	stub_link();
	stub_accept();
	worker_put(&helper.reply, 0, RA_CLASS, "one", 3);
	worker_put(&helper.reply, 0, RA_CLASS, "two", 3);
	put_text(0, RA_USER_NAME, "alice@corp");
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	assert_int_equal(helper.n_sent, 0);
	assert_int_equal(helper.kept, 1);
	stub_notify(NF_AUTH_UP);
	stub_ip_up();
	assert_int_equal(helper.n_sent, 1);
	assert_int_equal(helper.sent[0].status, RV_ACCT_START);
	assert_int_equal(stub_sent_u32(0, 0, RA_ACCT_AUTHENTIC), RV_AUTHENTIC_RADIUS);
	assert_string_equal(stub_sent_text(0, 0, RA_CLASS), "one");
	assert_string_equal(stub_sent_text(0, 0, RA_USER_NAME), "alice@corp");
	assert_string_equal(stub_sent_text(0, OURS, SABUS_AT_SUITE), "ESP AES_GCM_16-256");
	snprintf(id, sizeof(id), "%s", stub_sent_text(0, 0, RA_ACCT_SESSION_ID));
	assert_string_equal(sabus.acct_id, id);
	stub_run(100);
	host.bytes_in = 0x500000007ull;
	host.bytes_out = 9;
	host.unit = -1; /* the end of it: the numbers stay those of the beginning */
	host.no_stats = false;
	host.status = EXIT_HANGUP;
	host.unit = 3;
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(helper.n_sent, 2);
	assert_string_equal(stub_sent_text(1, 0, RA_ACCT_SESSION_ID), id);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_STATUS_TYPE), RV_ACCT_STOP);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_SESSION_TIME), 100);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_INPUT_OCTETS), 7);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_INPUT_GIGAWORDS), 5);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_OUTPUT_PACKETS), 12);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_TERMINATE_CAUSE), 2);
	assert_true(stub_has(&helper.sent[1].list, 0, RA_EVENT_TIMESTAMP));
	stub_phase(PHASE_DEAD);
	stub_notify(NF_EXIT);
	assert_int_equal(helper.n_sent, 2);
	assert_true(helper.ended);
}

static void test_sa_lost(void **state)
{
	(void)state;
	stub_up();
	sabus.facts.closing = true;
	sabus.facts.reason = SABUS_R_SA_GONE;
	host.status = sabus_reason_exit(SABUS_R_SA_GONE);
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_TERMINATE_CAUSE), 2); /* Lost-Carrier */
	assert_string_equal(stub_sent_text(1, OURS, SABUS_AT_REASON), "sa-gone");
}

/* LCP goes down, with it MPPE; then the interface is taken away, and pppd calls that a fatal error. */
static void test_end_of_the_link(void **state)
{
	(void)state;
	sabus.facts.mppe_up = true;
	stub_up();
	host.bytes_in = 252;
	host.status = EXIT_PEER_DEAD;
	stub_notify(NF_LINK_DOWN);
	sabus.facts.mppe_up = false;
	sabus.facts.mtu = 0;
	sabus.changed(sabus.changed_data, SABUS_LINK_MPPE);
	assert_int_equal(helper.n_sent, 1);
	host.bytes_in = 0;
	host.status = EXIT_FATAL_ERROR;
	stub_notify(NF_EXIT);
	assert_int_equal(helper.n_sent, 2);
	assert_int_equal(stub_sent_u32(1, OURS, SABUS_AT_MPPE), 128);
	assert_int_equal(stub_sent_u32(1, OURS, SABUS_AT_MTU), 1400);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_INPUT_OCTETS), 252);
	assert_int_equal(stub_sent_u32(1, 0, RA_ACCT_TERMINATE_CAUSE), 2); /* not 9, NAS-Error */
}

/* The SA is gone: the Stop still says which it was. */
static void test_sa_of_the_stop(void **state)
{
	(void)state;
	stub_up();
	sabus.facts.closing = true;
	sabus.facts.have_sa = false;
	sabus.facts.reason = SABUS_R_SA_GONE;
	sabus.changed(sabus.changed_data, SABUS_LINK_CLOSING);
	stub_notify(NF_LINK_DOWN);
	stub_phase(PHASE_DISCONNECT);
	assert_string_equal(stub_sent_text(1, OURS, SABUS_AT_SUITE), "ESP AES_GCM_16-256");
	assert_string_equal(stub_sent_text(1, OURS, SABUS_AT_REASON), "sa-gone");
}

/* LCP anew is no end: what counts is asked again. */
static void test_link_down_and_up(void **state)
{
	(void)state;
	stub_up();
	stub_notify(NF_LINK_DOWN);
	stub_phase(PHASE_ESTABLISH);
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	stub_ip_up();
	host.bytes_in = 99;
	host.status = EXIT_HANGUP;
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(stub_sent_u32(2, 0, RA_ACCT_INPUT_OCTETS), 99);
	assert_int_equal(stub_sent_u32(2, 0, RA_ACCT_TERMINATE_CAUSE), 2);
}

/* The server decides by what is below the link now, not by what was there before LCP went down. */
static void test_asked_anew_with_what_is_now(void **state)
{
	struct worker_attr a;
	uint32_t mppe;

	(void)state;
	sabus.facts.mppe_up = true;
	stub_up();
	stub_notify(NF_LINK_DOWN);
	sabus.facts.sa.encr_bits = 128;
	sabus.facts.mppe_up = false;
	stub_phase(PHASE_ESTABLISH);
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	assert_string_equal(stub_text(&helper.request, OURS, SABUS_AT_SUITE), "ESP AES_GCM_16-128");
	assert_true(worker_find(&helper.request, OURS, SABUS_AT_MPPE, &a));
	assert_int_equal(worker_u32(&a, &mppe), 0);
	assert_int_equal(mppe, SABUS_AV_MPPE_OFF);
}

static void test_lcp_down_before_ipcp(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	stub_mschap2("alice", NULL);
	host.status = EXIT_NEGOTIATION_FAILED;
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(helper.n_sent, 1);
	assert_int_equal(helper.sent[0].status, RV_ACCT_STOP);
	assert_int_equal(stub_sent_u32(0, 0, RA_ACCT_SESSION_TIME), 0);
}

static void test_no_session_no_stop(void **state)
{
	(void)state;
	stub_link();
	helper.result = WORKER_REJECT;
	stub_mschap2("alice", NULL);
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(helper.n_sent, 0);
}

static void test_kept_for_pppds_death(void **state)
{
	(void)state;
	stub_up();
	host.bytes_in = 77;
	stub_run(25);
	assert_true(helper.kept >= 3);
	assert_in_range(helper.keep_seconds, 20, 25);
	assert_false(stub_has(&helper.keep, 0, RA_ACCT_TERMINATE_CAUSE));
	assert_false(stub_has(&helper.keep, 0, RA_ACCT_SESSION_TIME));
	assert_string_equal(stub_text(&helper.keep, 0, RA_ACCT_SESSION_ID), sabus.acct_id);
}

static void test_rekey_and_mppe(void **state)
{
	(void)state;
	stub_up();
	sabus.changed(sabus.changed_data, SABUS_LINK_SA); /* nothing is different */
	assert_int_equal(helper.n_sent, 1);
	sabus.facts.sa.id = 4;
	sabus.facts.sa.spi_in = 0xd1;
	sabus.changed(sabus.changed_data, SABUS_LINK_SA);
	assert_int_equal(helper.n_sent, 2);
	assert_int_equal(helper.sent[1].status, RV_ACCT_INTERIM);
	assert_string_equal(stub_sent_text(1, OURS, SABUS_AT_EVENT), "rekey");
	assert_int_equal(stub_sent_u32(1, OURS, SABUS_AT_SPI_IN), 0xd1);
	sabus.facts.mppe_up = true;
	sabus.changed(sabus.changed_data, SABUS_LINK_MPPE);
	assert_string_equal(stub_sent_text(2, OURS, SABUS_AT_EVENT), "mppe");
	assert_int_equal(stub_sent_u32(2, OURS, SABUS_AT_MPPE), 128);
}

static void test_interval(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	put_u32(0, RA_ACCT_INTERIM_INTERVAL, 5); /* less than RFC 2869 allows */
	stub_mschap2("alice", NULL);
	stub_ip_up();
	stub_run(59);
	assert_int_equal(helper.n_sent, 1);
	stub_run(1);
	assert_int_equal(helper.n_sent, 2);
	assert_string_equal(stub_sent_text(1, OURS, SABUS_AT_EVENT), "interval");
	stub_run(120);
	assert_int_equal(helper.n_sent, 4);
}

static void test_renegotiation(void **state)
{
	char id[64];

	(void)state;
	stub_up();
	snprintf(id, sizeof(id), "%s", sabus.acct_id);
	stub_phase(PHASE_ESTABLISH);
	stub_phase(PHASE_AUTHENTICATE);
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	stub_ip_up();
	assert_string_equal(sabus.acct_id, id);
	assert_int_equal(helper.n_sent, 2);
	assert_int_equal(helper.sent[1].status, RV_ACCT_INTERIM);
	/* another user: another session */
	assert_int_equal(stub_mschap2("mallory", NULL), 1);
	assert_int_equal(helper.sent[2].status, RV_ACCT_STOP);
	assert_string_equal(stub_sent_text(2, 0, RA_USER_NAME), "alice");
	stub_ip_up();
	assert_int_equal(helper.sent[3].status, RV_ACCT_START);
	assert_string_not_equal(sabus.acct_id, id);
}

static void test_rechallenge(void **state)
{
	(void)state;
	stub_up();
	host.keys = false;
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	assert_true(host.keys);
	assert_string_equal(stub_text(&helper.request, 0, RA_ACCT_SESSION_ID), sabus.acct_id);
	assert_int_equal(helper.n_sent, 1);
	helper.result = WORKER_REJECT;
	worker_list_init(&helper.reply);
	assert_int_equal(stub_mschap2("alice", NULL), 0);
	host.status = EXIT_PEER_AUTH_FAILED;
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(helper.sent[1].status, RV_ACCT_STOP);
}

static void test_helper_gone(void **state)
{
	(void)state;
	stub_up();
	helper.refuses = true;
	stub_phase(PHASE_DISCONNECT);
	assert_true(stub_logged("acct type=stop"));
	assert_true(stub_logged("result=lost"));
}

/* ---- limits, changes ---- */
static void test_session_timeout(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	put_u32(0, RA_SESSION_TIMEOUT, 100);
	stub_mschap2("alice", NULL);
	stub_ip_up();
	stub_run(60);
	stub_ip_up(); /* IPCP anew: the time goes on */
	stub_run(39);
	assert_int_equal(host.closed, 0);
	stub_run(1);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, EXIT_CONNECT_TIME);
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(stub_sent_u32(helper.n_sent - 1, 0, RA_ACCT_TERMINATE_CAUSE), 5);
}

static void test_idle_timeout(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	put_u32(0, RA_IDLE_TIMEOUT, 30);
	stub_mschap2("alice", NULL);
	stub_ip_up();
	host.idle = 10;
	stub_run(30);
	assert_int_equal(host.closed, 0);
	host.idle = 30;
	stub_run(20);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, EXIT_IDLE_TIMEOUT);
}

static int change(const struct sabus_reply *late, const char **text)
{
	int err = sabus.change(sabus.change_data, late, false, text);

	return err ? err : sabus.change(sabus.change_data, late, true, text);
}

static void test_change(void **state)
{
	struct sabus_reply late = { .has = SABUS_RP_SESSION_TIMEOUT | SABUS_RP_INTERIM, .session_timeout = 100, .interim = 70 };
	const char *text = "";

	(void)state;
	stub_up();
	stub_run(50);
	assert_int_equal(sabus.change(sabus.change_data, &late, false, &text), 0);
	assert_int_equal(helper.n_sent, 1);
	assert_int_equal(change(&late, &text), 0);
	assert_int_equal(helper.n_sent, 2);
	assert_string_equal(stub_sent_text(1, OURS, SABUS_AT_EVENT), "policy");
	stub_run(49);
	assert_int_equal(host.closed, 0);
	stub_run(1);
	assert_int_equal(host.closed, 1);
}

static void test_change_in_the_past(void **state)
{
	struct sabus_reply late = { .has = SABUS_RP_SESSION_TIMEOUT, .session_timeout = 10 };
	const char *text = "";

	(void)state;
	stub_up();
	stub_run(50);
	assert_int_equal(change(&late, &text), 0);
	stub_run(0);
	assert_int_equal(host.closed, 1);
}

static void test_change_of_filter(void **state)
{
	struct sabus_reply late = { .has = SABUS_RP_FILTER_ID, .filter_id = "cage" };
	const char *text = "";

	(void)state;
	stub_up();
	assert_int_equal(change(&late, &text), -ENOTSUP);
	assert_non_null(strstr(text, "sabus-radius-filter"));
	assert_int_equal(stub_option("sabus-radius-filter", "/bin/true"), 1);
	assert_int_equal(change(&late, &text), 0);
	assert_int_equal(host.programs, 1);
	assert_string_equal(host.program[1], "ppp3");
	assert_string_equal(host.program[2], "cage");
	assert_string_equal(host.program[3], "alice");
	assert_string_equal(stub_env("RADIUS_FILTER_ID"), "cage");
	snprintf(late.filter_id, sizeof(late.filter_id), "a\nb");
	assert_int_equal(change(&late, &text), -EINVAL);
}

/* Who is to be filtered and cannot be, goes. */
static void test_filter_fails(void **state)
{
	(void)state;
	assert_int_equal(stub_option("sabus-radius-filter", "/bin/true"), 1);
	host.program_status = 1;
	stub_link();
	stub_accept();
	worker_put_text(&helper.reply, 0, RA_FILTER_ID, "cage");
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	stub_ip_up();
	assert_int_equal(host.programs, 1);
	assert_int_equal(sabus.closed, 1);
	assert_int_equal(sabus.close_reason, SABUS_R_RADIUS_REPLY);
}

static void test_filter_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(stub_option("sabus-radius-filter", "/nowhere/filter"), 1);
	stub_link();
	stub_accept();
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	worker_put_text(&helper.reply, 0, RA_FILTER_ID, "cage");
	assert_int_equal(stub_mschap2("alice", NULL), 0);
	assert_true(stub_logged("sabus-radius-filter, which cannot be executed"));
}

static void test_filter_of_scripts(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	worker_put_text(&helper.reply, 0, RA_FILTER_ID, "cage");
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	stub_ip_up();
	assert_true(stub_logged("is only told to the scripts"));
	assert_int_equal(sabus.closed, 0);
}

static void test_change_without_session(void **state)
{
	struct sabus_reply late = { .has = SABUS_RP_INTERIM, .interim = 70 };
	const char *text = "";

	(void)state;
	stub_link();
	assert_int_equal(change(&late, &text), -ENOENT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, stub_setup, stub_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_start_and_stop),	    T(test_sa_lost),
		T(test_end_of_the_link),    T(test_sa_of_the_stop),
		T(test_asked_anew_with_what_is_now),
		T(test_link_down_and_up),   T(test_lcp_down_before_ipcp),
		T(test_no_session_no_stop), T(test_kept_for_pppds_death),
		T(test_rekey_and_mppe),	    T(test_interval),
		T(test_renegotiation),	    T(test_rechallenge),
		T(test_helper_gone),	    T(test_session_timeout),
		T(test_idle_timeout),	    T(test_change),
		T(test_change_in_the_past), T(test_change_of_filter),
		T(test_filter_fails),	    T(test_filter_is_not_there),
		T(test_filter_of_scripts),  T(test_change_without_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
