// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xl2tpd's plugin names the tunnel: the join, marks that tell clients behind one NAT apart, a socket that is bound already.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "reason.h"
#include "stub.h"

#define FENCE_MARK 0x40000000u
#define JOIN	   "10.9.0.1:1701,10.9.0.2:1701,"

static void set_marks(struct sabus_sa *sa, uint32_t value)
{
	sa->mark_in = sa->mark_out = sa->set_mark_in = (struct sabus_mark){ .value = value, .mask = UINT32_MAX };
}

static void present(uint32_t mark)
{
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	bus.n_sas = 1;
	if (mark)
		set_marks(&bus.sas[0], mark);
}

/* Another client behind the same NAT: same addresses and ports, own identity, reqid and mark. */
static struct sabus_sa second_client(uint32_t id, uint32_t mark)
{
	struct sabus_sa sa = stub_sa(id);

	snprintf(sa.id_remote, sizeof(sa.id_remote), "other.example");
	sa.reqid = 8;
	sa.spi_in = 0xdeadbe01;
	sa.spi_out = 0xdeadbe02;
	set_marks(&sa, mark);
	return sa;
}

static void join(const char *text)
{
	if (stub_option("sabus-join", text) != 1)
		fail_msg("refused: %s", host.log);
}

static void assert_refused(enum sabus_reason r)
{
	char word[64];

	assert_int_equal(stub_dial(), -1);
	snprintf(word, sizeof(word), "sabus: refuse reason=%s ", sabus_reason_word(r));
	if (!stub_logged(word))
		fail_msg("no '%s' in:\n%s", word, host.log);
	assert_int_equal(host.status, sabus_reason_exit(r));
	assert_false(stub_bus_open());
}

static void test_syntax(void **state)
{
	static const char *const good[] = {
		JOIN "0x0,3",
		JOIN "0xffffffff,4294967295",
		JOIN "0x00000005,0",
		"192.0.2.1:1,198.51.100.255:65535,0xAb,7",
	};
	static const char *const wrong[] = {
		"",
		"10.9.0.1:1701",
		JOIN,
		JOIN "0x0",
		JOIN "0x0,",
		JOIN "0x0,3,",
		JOIN "0x0,3 ",
		JOIN "0x0, 3",
		JOIN "5,3",
		JOIN "0x,3",
		JOIN "0x100000000,3",
		JOIN "0x-1,3",
		JOIN "0x5,4294967296",
		JOIN "0x5,-1",
		JOIN "0x5,0x3",
		JOIN "0x0,99999999999999999999999",
		"10.9.0.1,10.9.0.2:1701,0x0,3",
		"10.9.0.1:0,10.9.0.2:1701,0x0,3",
		"10.9.0.1:65536,10.9.0.2:1701,0x0,3",
		"10.9.0.1:170100,10.9.0.2:1701,0x0,3",
		"10.9.0.1:+1701,10.9.0.2:1701,0x0,3",
		":1701,10.9.0.2:1701,0x0,3",
		"0.0.0.0:1701,10.9.0.2:1701,0x0,3",
		"10.9.0.1:1701,0.0.0.0:1701,0x0,3",
		"10.9.0.256:1701,10.9.0.2:1701,0x0,3",
		"[2001:db8::1]:1701,10.9.0.2:1701,0x0,3",
		"2001:db8::1:1701,10.9.0.2:1701,0x0,3",
		"lns.example:1701,10.9.0.2:1701,0x0,3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(stub_option("sabus-join", good[i]), 1);
	assert_string_equal(host.log, "");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		stub_forget_log();
		if (stub_option("sabus-join", wrong[i]) != 0)
			fail_msg("taken: '%s'", wrong[i]);
		assert_true(stub_logged("sabus-join: '"));
		assert_true(stub_logged(wrong[i]));
	}
}

static void test_flow_is_that_of_the_join(void **state)
{
	(void)state;
	present(5);
	join(JOIN "0x5,3");
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(bus.flow.mark, 5);
	assert_int_equal(bus.flow.local.port, 1701);
	assert_int_equal(bus.flow.remote.addr.b[3], 2);
	stub_phase(PHASE_ESTABLISH);
	assert_true(stub_logged("local=10.9.0.1:1701 peer=10.9.0.2:1701 tunnel=238/49529"));
	assert_true(stub_logged("sa=l2tp{3}"));
	assert_int_equal(bus.session.flow.mark, 5);
	assert_false(stub_logged("xl2tpd accepted"));
}

/* Our address is searched nowhere: it was told. */
static void test_socket_out_of_reach(void **state)
{
	(void)state;
	kernel.udp_hidden = true;
	present(0);
	join(JOIN "0x0,3");
	assert_int_equal(stub_option("sabus-pin", "off"), 1);
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(bus.flow.local.addr.b[3], 1);
}

static void test_contradiction_peer(void **state)
{
	(void)state;
	present(0);
	join("10.9.0.1:1701,10.9.0.3:1701,0x0,3");
	assert_refused(SABUS_R_TUNNEL_UNKNOWN);
	assert_true(stub_logged("sabus-join says tunnel 10.9.0.1:1701-10.9.0.3:1701"));
	assert_true(stub_logged("10.9.0.2:1701"));
	assert_int_equal(bus.lookups, 0);
}

static void test_contradiction_peer_port(void **state)
{
	(void)state;
	present(0);
	join("10.9.0.1:1701,10.9.0.2:40001,0x0,3");
	assert_refused(SABUS_R_TUNNEL_UNKNOWN);
	assert_true(stub_logged("10.9.0.1:1701-10.9.0.2:40001"));
}

static void test_contradiction_local(void **state)
{
	(void)state;
	present(0);
	join("10.9.0.77:1701,10.9.0.2:1701,0x0,3");
	assert_refused(SABUS_R_TUNNEL_UNKNOWN);
	assert_true(stub_logged("sabus-join says tunnel 10.9.0.77:1701-10.9.0.2:1701, the socket is of 10.9.0.1:1701-10.9.0.2:1701"));
}

static void test_contradiction_family(void **state)
{
	(void)state;
	kernel.ipv6 = true;
	present(0);
	join(JOIN "0x0,3");
	assert_refused(SABUS_R_TUNNEL_UNKNOWN);
	assert_true(stub_logged("2001:db8::2"));
}

/* Each client's call goes on its own SA, though the broker knows two for these addresses and ports. */
static void test_two_clients(void **state)
{
	for (uint32_t i = 0; i < 2; i++) {
		present(5);
		bus.sas[1] = second_client(4, 6);
		bus.n_sas = 2;
		join(i ? JOIN "0x6,4" : JOIN "0x5,3");
		assert_int_equal(stub_dial(), STUB_FD);
		stub_phase(PHASE_ESTABLISH);
		assert_true(stub_logged(i ? "sa=l2tp{4} spi=deadbe01" : "sa=l2tp{3} spi=c0ffee01"));
		assert_int_equal(kernel.mark, i ? 6 : 5);
		if (i == 0) {
			assert_int_equal(stub_teardown(state), 0);
			assert_int_equal(stub_setup(state), 0);
		}
	}
}

/* The same two without a mark: nobody is taken for another. */
static void test_two_clients_no_mark(void **state)
{
	(void)state;
	present(5);
	bus.sas[1] = second_client(4, 6);
	bus.n_sas = 2;
	join(JOIN "0x0,3"); /* the id is a hint, never a choice */
	assert_refused(SABUS_R_SA_AMBIGUOUS);
}

static void test_mark_of_nobody(void **state)
{
	(void)state;
	present(5);
	join(JOIN "0x7,3");
	assert_refused(SABUS_R_NO_SA);
}

/* A patched xl2tpd without our plugin in it: the mark is on the socket. */
static void test_mark_of_the_socket(void **state)
{
	(void)state;
	present(5);
	bus.sas[1] = second_client(4, 6);
	bus.n_sas = 2;
	kernel.mark = 6;
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	assert_int_equal(bus.flow.mark, 6);
	assert_true(stub_logged("sa=l2tp{4}"));
	assert_int_equal(kernel.mark, 6);
}

/* The next call in a tunnel whose socket the first one has bound to an SA that puts no mark on what it decrypts. */
static void test_mark_that_the_first_call_set(void **state)
{
	(void)state;
	present(5);
	bus.sas[0].set_mark_in = (struct sabus_mark){ 0 };
	bus.sas[1] = second_client(4, 6);
	bus.sas[1].set_mark_in = (struct sabus_mark){ 0 };
	bus.n_sas = 2;
	kernel.mark = 5;
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	assert_true(stub_logged("sa=l2tp{3}"));
}

static void test_bound_by_xl2tpd_already(void **state)
{
	(void)state;
	present(5);
	kernel.mark = 5;
	join(JOIN "0x5,3");
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(kernel.mark, 5);
	assert_int_equal(kernel.policies_in, 1);
}

static void test_fenced_by_xl2tpd_already(void **state)
{
	(void)state;
	present(0);
	kernel.mark = FENCE_MARK;
	join(JOIN "0x0,3");
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(kernel.mark, FENCE_MARK);
	assert_int_equal(bus.flow.mark, 0);
}

/* IPsec is optional here, but this tunnel had an SA: it does not go on without. */
static void test_bound_and_now_without(void **state)
{
	(void)state;
	bus.answer = SABUS_ABSENT;
	kernel.mark = 5;
	assert_int_equal(stub_option("sabus-ipsec", "optional"), 1);
	join(JOIN "0x5,3");
	assert_refused(SABUS_R_NO_SA);
	assert_true(stub_logged("was on an SA that is gone"));
}

static void test_never_had_one(void **state)
{
	(void)state;
	bus.answer = SABUS_ABSENT;
	assert_int_equal(stub_option("sabus-ipsec", "optional"), 1);
	join(JOIN "0x0,0");
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(kernel.mark, 0);
}

static void test_rekeyed_since_the_tunnel_came(void **state)
{
	(void)state;
	present(5);
	bus.sas[0].id = 4;
	bus.sas[0].replaces = 3;
	join(JOIN "0x5,3");
	assert_int_equal(stub_dial(), STUB_FD);
	assert_false(stub_logged("xl2tpd accepted"));
}

static void test_another_sa_is_said(void **state)
{
	(void)state;
	present(5);
	bus.sas[0].id = 9;
	join(JOIN "0x5,3");
	assert_int_equal(stub_dial(), STUB_FD);
	assert_true(stub_logged("sabus: join-differs text=\"xl2tpd accepted the tunnel on SA {3}, the bus says {9}"));
	assert_int_equal(stub_count("\n"), 1);
}

static void test_loaded_twice(void **state)
{
	(void)state;
	stub_load_again();
	present(5);
	join(JOIN "0x5,3");
	stub_load_again(); /* pppd's command line comes after the options file */
	assert_int_equal(stub_dial(), STUB_FD);
	assert_int_equal(host.connects, 1);
	assert_int_equal(bus.flow.mark, 5);
	stub_phase(PHASE_ESTABLISH);
	assert_int_equal(stub_count("sabus: accept"), 1);
}

/* ---- the live link ---- */

static void test_second_client_does_not_end_this_link(void **state)
{
	struct sabus_sa other = second_client(4, 6);

	(void)state;
	present(5);
	join(JOIN "0x5,3");
	stub_link_up();
	assert_int_equal(bus.flow.mark, 5);
	bus.sas[1] = other;
	bus.n_sas = 2;
	stub_event_put(&other);
	stub_event(SABUS_EV_PUBLISHER);
	stub_run(2000);
	assert_int_equal(host.closed, 0);
	/* and when it goes */
	bus.n_sas = 1;
	stub_event_del(4, SABUS_CAUSE_DELETED);
	stub_event(SABUS_EV_RESYNC);
	stub_run(2000);
	assert_int_equal(host.closed, 0);
	assert_int_equal(bus.session.sa_id, 3);
	assert_int_equal(kernel.mark, 5);
}

static void test_own_sa_gone_second_client_stays(void **state)
{
	(void)state;
	present(5);
	join(JOIN "0x5,3");
	stub_link_up();
	bus.sas[0] = second_client(4, 6);
	stub_event_put(&bus.sas[0]);
	stub_event_del(3, SABUS_CAUSE_DELETED);
	stub_run(1000);
	assert_int_equal(host.closed, 1);
	assert_true(stub_logged("sabus: close reason=sa-gone"));
	assert_int_equal(host.status, 119);
}

/* charon keeps the marks in a rekey. */
static void test_rekey_with_marks(void **state)
{
	(void)state;
	present(5);
	join(JOIN "0x5,3");
	stub_link_up();
	bus.sas[0].id = 7;
	bus.sas[0].replaces = 3;
	bus.sas[0].spi_in++;
	stub_event_put(&bus.sas[0]);
	stub_event_del(3, SABUS_CAUSE_REKEYED);
	stub_run(1000);
	assert_int_equal(host.closed, 0);
	assert_int_equal(bus.session.sa_id, 7);
	assert_int_equal(kernel.mark, 5);
}

/* A new SA of the same client with a mark of its own (reauthentication): its packets are another tunnel's to xl2tpd. */
static void test_new_mark_is_another_tunnel(void **state)
{
	(void)state;
	present(5);
	join(JOIN "0x5,3");
	stub_link_up();
	bus.sas[0] = stub_sa(7);
	set_marks(&bus.sas[0], 8);
	stub_event_put(&bus.sas[0]);
	stub_event_del(3, SABUS_CAUSE_DELETED);
	stub_run(1000);
	assert_int_equal(host.closed, 1);
	assert_true(stub_logged("sabus: close reason=sa-gone"));
	assert_int_equal(kernel.mark, 5);
}

#define T(f) cmocka_unit_test_setup_teardown(f, stub_setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_syntax),
		T(test_flow_is_that_of_the_join),
		T(test_socket_out_of_reach),
		T(test_contradiction_peer),
		T(test_contradiction_peer_port),
		T(test_contradiction_local),
		T(test_contradiction_family),
		T(test_two_clients),
		T(test_two_clients_no_mark),
		T(test_mark_of_nobody),
		T(test_mark_of_the_socket),
		T(test_mark_that_the_first_call_set),
		T(test_bound_by_xl2tpd_already),
		T(test_fenced_by_xl2tpd_already),
		T(test_bound_and_now_without),
		T(test_never_had_one),
		T(test_rekeyed_since_the_tunnel_came),
		T(test_another_sa_is_said),
		T(test_loaded_twice),
		T(test_second_client_does_not_end_this_link),
		T(test_own_sa_gone_second_client_stays),
		T(test_rekey_with_marks),
		T(test_new_mark_is_another_tunnel),
	};

	return cmocka_run_group_tests_name("pppd join", tests, NULL, NULL);
}
