// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A live link and its SA: rekey, loss, weakening, moving, and daemons that come and go.
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

/* The table now holds exactly this SA, and the bus says so. */
static void now_only(const struct sabus_sa *sa)
{
	bus.sas[0] = *sa;
	bus.n_sas = 1;
	stub_event_put(sa);
}

static void gone(uint32_t id, enum sabus_cause cause)
{
	bus.n_sas = 0;
	bus.answer = SABUS_ABSENT;
	stub_event_del(id, cause);
}

static void assert_ended_within(int ms, enum sabus_reason r)
{
	char text[64];

	stub_run(ms);
	snprintf(text, sizeof(text), "sabus: close reason=%s ", sabus_reason_word(r));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, sabus_reason_exit(r));
	stub_run(10000);
	assert_int_equal(stub_count("sabus: close"), 1);
}

static void assert_alive(int ms)
{
	stub_run(ms);
	if (host.closed)
		fail_msg("closed: %s", host.log);
}

static void test_deleted(void **state)
{
	(void)state;
	stub_link_up();
	gone(3, SABUS_CAUSE_DELETED);
	assert_ended_within(300, SABUS_R_SA_GONE);
	assert_true(stub_logged("text=\"deleted\""));
	assert_int_equal(kernel.asked, 0);
	/* the Terminate-Request cannot be answered any more: LCP waits for nothing */
	assert_int_equal(lcp_fsm[0].maxtermtransmits, 0);
}

/* LCP may take seconds to end a link: what comes meanwhile is not read, and must not keep pppd busy (stub_run() sees to that). */
static void test_event_while_ending(void **state)
{
	(void)state;
	stub_link_up();
	gone(3, SABUS_CAUSE_DELETED);
	assert_ended_within(300, SABUS_R_SA_GONE);
	stub_event(SABUS_EV_PUBLISHER);
	stub_run(1000);
	assert_int_equal(host.closed, 1);
}

/* With descriptor callbacks (pppd 2.5.3) an event needs no timer, and an idle link hardly any. */
static void test_latency(void **state)
{
	int64_t began;

	(void)state;
	stub_link_up();
	stub_run(10000);
	began = stub_now();
	gone(3, SABUS_CAUSE_DELETED);
	stub_run(0);
#ifdef STUB_FD_CALLBACKS
	assert_int_equal(host.closed, 1);
	assert_int_equal(stub_now(), began);
#else
	assert_int_equal(host.closed, 0);
	stub_run(300);
	assert_int_equal(host.closed, 1);
	assert_true(stub_now() >= began);
#endif
}

static void test_optional_does_not_go_on_in_the_clear(void **state)
{
	(void)state;
	stub_option("sabus-ipsec", "optional");
	stub_link_up();
	gone(3, SABUS_CAUSE_DELETED);
	assert_ended_within(300, SABUS_R_SA_GONE);
}

static void test_another_sa_deleted(void **state)
{
	(void)state;
	stub_link_up();
	stub_event_del(99, SABUS_CAUSE_DELETED);
	assert_alive(5000);
}

static void test_rekey(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	next.replaces = 3;
	next.spi_in = 0xc0ffee11;
	next.spi_out = 0xc0ffee12;
	stub_link_up();
	for (int i = 0; i < 20; i++) {
		/* both for a moment, then the new one alone */
		bus.sas[1] = next;
		bus.n_sas = 2;
		stub_event_put(&next);
		assert_alive(250);
		bus.sas[0] = next;
		bus.n_sas = 1;
		stub_event_del(next.replaces, SABUS_CAUSE_REKEYED);
		assert_alive(250);
		assert_int_equal(bus.session.sa_id, next.id);
		next.replaces = next.id++;
		next.spi_in++;
		next.spi_out++;
	}
	assert_int_equal(stub_count("sabus: rekey"), 20);
	assert_int_equal(kernel.policies_in, 1); /* the pin names no SA: it holds */
	assert_int_equal(host.mtu, 1428);
}

static void test_reauthentication(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	next.reqid = 8;
	next.spi_in = 0xc0ffee11;
	stub_link_up();
	now_only(&next);
	stub_event_del(3, SABUS_CAUSE_DELETED);
	assert_alive(1000);
	assert_int_equal(kernel.policies_in, 1);
	next.id = 5;
	next.mark_out = (struct sabus_mark){ 6, 0xff }; /* charon was told to use marks meanwhile */
	now_only(&next);
	assert_alive(1000);
	assert_int_equal(kernel.policies_in, 2);
	assert_int_equal(kernel.mark & 0xff, 6);
}

static void test_rekey_pin_fails(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	next.mark_out = (struct sabus_mark){ 6, 0xff };
	stub_link_up();
	kernel.policy_errno = EPERM;
	now_only(&next);
	assert_ended_within(300, SABUS_R_PIN_FAILED);
}

static void test_rekey_larger_overhead(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	next.encr = 12;
	next.integ = 14; /* HMAC_SHA2_512_256 */
	next.replaces = 3;
	next.spi_in = 0xc0ffee11;
	stub_link_up();
	now_only(&next);
	assert_alive(300);
	assert_int_equal(host.mtu, 1404);
	assert_true(stub_logged("sabus: rekey reason=ok-protected"));
	assert_int_equal(bus.session.mtu, 1404);
}

static void test_rekey_smaller_overhead(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	bus.sas[0] = stub_sa(3);
	bus.sas[0].encr = 12;
	bus.sas[0].integ = 14;
	bus.n_sas = 1;
	stub_link_up();
	assert_int_equal(host.mtu, 1404);
	now_only(&next);
	assert_alive(300);
	assert_int_equal(host.mtu, 1404); /* the peer's MRU was negotiated with the old sum */
}

static void test_weakened(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	stub_sa_null(&next);
	next.replaces = 3;
	stub_link_up();
	now_only(&next);
	assert_ended_within(300, SABUS_R_SA_WEAKENED);
}

static void test_weakened_under_mppe(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	stub_sa_null(&next);
	next.replaces = 3;
	stub_link_up();
	stub_ccp_request(mppe_128, 6);
	stub_ccp_ack();
	now_only(&next);
	assert_alive(1000); /* MPPE runs both ways: still encrypted, and from now on required */
	stub_ccp_down();
	assert_ended_within(0, SABUS_R_MPPE_REFUSED);
}

static void test_weakened_to_ah(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	next.proto = SABUS_PROTO_AH;
	stub_link_up();
	now_only(&next);
	assert_ended_within(300, SABUS_R_AH_ONLY);
}

static void test_moved(void **state)
{
	struct sabus_sa moved = stub_sa(3);

	(void)state;
	sabus_addr_parse(&moved.remote.addr, "10.9.0.77");
	sabus_addr_parse(&moved.ts[0].remote.from, "10.9.0.77");
	moved.ts[0].remote.to = moved.ts[0].remote.from;
	stub_link_up();
	now_only(&moved);
	assert_ended_within(300, SABUS_R_SA_MOVED);
}

/* Another client behind the same NAT, no marks: the kernel would send our packets on its SA. */
static void test_second_client(void **state)
{
	struct sabus_sa other = stub_sa(9);

	(void)state;
	strcpy(other.id_remote, "bob");
	stub_link_up();
	bus.sas[1] = other;
	bus.n_sas = 2;
	stub_event_put(&other);
	assert_ended_within(300, SABUS_R_SA_AMBIGUOUS);
}

/* With marks neither does its SA end our link, nor does our link go on with it. */
static void test_second_client_marked(void **state)
{
	struct sabus_sa other = stub_sa(9);

	(void)state;
	other.reqid = 55;
	other.mark_out = (struct sabus_mark){ 2, 0xff };
	strcpy(other.id_remote, "bob");
	bus.sas[0] = stub_sa(3);
	bus.sas[0].mark_out = (struct sabus_mark){ 1, 0xff };
	bus.n_sas = 1;
	stub_link_up();
	bus.sas[1] = other;
	bus.n_sas = 2;
	stub_event_put(&other);
	assert_alive(1000);
	assert_int_equal(bus.session.sa_id, 3);
	bus.sas[0] = other;
	bus.n_sas = 1;
	stub_event_del(3, SABUS_CAUSE_DELETED);
	assert_ended_within(300, SABUS_R_SA_GONE);
}

/* A new charon counts ids and reqids from 1 again: the same number is not the same peer. */
static void test_numbers_of_another(void **state)
{
	struct sabus_sa other = stub_sa(3);

	(void)state;
	strcpy(other.id_eap, "bob");
	other.spi_in = 0xc0ffee31;
	bus.sas[0] = stub_sa(3);
	bus.sas[0].mark_out = (struct sabus_mark){ 1, 0xff };
	bus.n_sas = 1;
	stub_link_up();
	now_only(&other);
	assert_alive(1000);
	assert_string_equal(bus.session.reason, "ok-protected");
	assert_int_equal(bus.session.spi_in, 0xc0ffee01);
	gone(3, SABUS_CAUSE_DELETED); /* that other one's end */
	assert_alive(1000);
	other.id = 4;
	other.replaces = 3;
	bus.answer = SABUS_PRESENT;
	now_only(&other);
	stub_event_del(3, SABUS_CAUSE_RESYNC);
	assert_alive(1000);
	assert_int_equal(bus.session.sa_id, 3); /* still ours, while the kernel has it */
	kernel.held = 0;
	assert_ended_within(1000, SABUS_R_SA_GONE);
}

/* Our own SA is seen, but without marks one that was cut may take our packets: not sure. */
static void test_cut_answer_with_ours(void **state)
{
	(void)state;
	stub_link_up();
	kernel.asked = 0;
	bus.truncated = true;
	stub_event(SABUS_EV_RESYNC);
	assert_alive(3000);
	assert_true(kernel.asked > 0);
	kernel.held = 0;
	assert_ended_within(1000, SABUS_R_SA_GONE);
}

/* So many clients behind one NAT that the answer is cut: not seen is not gone. */
static void test_cut_answer(void **state)
{
	(void)state;
	stub_link_up();
	bus.n_sas = 0;
	bus.truncated = true;
	stub_event(SABUS_EV_RESYNC);
	assert_alive(3000);
	assert_true(kernel.asked > 0);
}

/* charon was killed: its SAs stay in the kernel, and so does the link; then they go. */
static void test_charon_crash(void **state)
{
	(void)state;
	stub_link_up();
	bus.answer = SABUS_UNKNOWN;
	stub_event(SABUS_EV_PUBLISHER);
	assert_alive(30000);
	assert_int_equal(stub_count("sabus: keep"), 1);
	/* a new charon knows nothing of the old SA */
	gone(3, SABUS_CAUSE_RESYNC);
	assert_alive(30000);
	kernel.held = 0;
	assert_ended_within(1000, SABUS_R_SA_GONE);
	assert_true(stub_logged("the kernel holds the SA no longer"));
}

static void test_charon_back(void **state)
{
	unsigned int asked;

	(void)state;
	stub_link_up();
	bus.answer = SABUS_UNKNOWN;
	stub_event(SABUS_EV_PUBLISHER);
	assert_alive(3000);
	bus.answer = SABUS_PRESENT;
	stub_event(SABUS_EV_PUBLISHER);
	assert_alive(1000);
	asked = kernel.asked;
	kernel.held = 0; /* nobody asks the kernel any more */
	assert_alive(5000);
	assert_int_equal(kernel.asked, asked);
}

static void test_broker_restart(void **state)
{
	unsigned int puts;

	(void)state;
	stub_link_up();
	puts = bus.puts;
	bus.broken = true;
	bus.open_errno = ECONNREFUSED;
	assert_alive(10000);
	assert_int_equal(stub_count("lost sabusd"), 1);
	assert_in_range(bus.opened, 8, 16); /* about one a second */
	bus.broken = false;
	bus.open_errno = 0;
	assert_alive(2000);
	assert_int_equal(stub_count("sabusd is back"), 1);
	assert_int_equal(bus.watches, 2);
	assert_int_equal(bus.puts, puts + 1);
}

static void test_broker_dead_sa_gone(void **state)
{
	(void)state;
	stub_link_up();
	bus.broken = true;
	bus.open_errno = ENOENT;
	assert_alive(5000);
	kernel.held = 0;
	assert_ended_within(1000, SABUS_R_SA_GONE);
}

static void test_broker_dead_kernel_mute(void **state)
{
	(void)state;
	stub_link_up();
	bus.broken = true;
	bus.open_errno = ENOENT;
	kernel.held = -EPERM;
	assert_ended_within(1000, SABUS_R_SA_GONE);
}

static void test_broker_stopped(void **state)
{
	(void)state;
	stub_link_up();
	bus.mute = true;
	stub_event(SABUS_EV_RESYNC);
	assert_alive(5000);
	assert_true(kernel.asked > 2);
	kernel.held = 0;
	assert_ended_within(1000, SABUS_R_SA_GONE);
}

static void test_loss_in_establish(void **state)
{
	(void)state;
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	bus.n_sas = 1;
	assert_int_equal(stub_dial(), STUB_FD);
	gone(3, SABUS_CAUSE_DELETED);
	stub_phase(PHASE_ESTABLISH);
	assert_int_equal(host.closed, 0); /* never inside the notifier: pppd would hang */
	assert_ended_within(500, SABUS_R_SA_GONE);
}

static void test_past_the_gate(void **state)
{
	(void)state;
	stub_phase(PHASE_ESTABLISH);
	stub_run(10);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, sabus_reason_exit(SABUS_R_TUNNEL_UNKNOWN));
}

static void test_session(void **state)
{
	(void)state;
	stub_link_up();
	stub_phase(PHASE_RUNNING);
	assert_string_equal(bus.session.ifname, "ppp0");
	assert_string_equal(bus.session.user, "alice");
	assert_string_equal(bus.session.reason, "ok-protected");
	assert_int_equal(bus.session.tunnel_id, 238);
	assert_int_equal(bus.session.peer_session_id, 32404);
	assert_int_equal(bus.session.spi_in, 0xc0ffee01);
	assert_int_equal(bus.session.up, 1);
	assert_int_not_equal(bus.session.since, 0);
}

static void test_redial(void **state)
{
	(void)state;
	stub_link_up();
	gone(3, SABUS_CAUSE_DELETED);
	stub_run(1000);
	stub_phase(PHASE_DISCONNECT);
	stub_phase(PHASE_DEAD);
	assert_false(stub_bus_open());
	host.closed = 0;
	bus.n_sas = 0;
	stub_link_up();
	assert_int_equal(stub_count("sabus: accept"), 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stub_setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_deleted), T(test_event_while_ending), T(test_latency), T(test_optional_does_not_go_on_in_the_clear), T(test_another_sa_deleted), T(test_rekey),
		T(test_reauthentication), T(test_rekey_pin_fails), T(test_rekey_larger_overhead), T(test_rekey_smaller_overhead),
		T(test_weakened), T(test_weakened_under_mppe), T(test_weakened_to_ah), T(test_moved), T(test_second_client),
		T(test_second_client_marked), T(test_numbers_of_another), T(test_cut_answer), T(test_cut_answer_with_ours),
		T(test_charon_crash), T(test_charon_back), T(test_broker_restart), T(test_broker_dead_sa_gone),
		T(test_broker_dead_kernel_mute), T(test_broker_stopped), T(test_loss_in_establish), T(test_past_the_gate), T(test_session),
		T(test_redial),
	};

	return cmocka_run_group_tests_name("pppd life", tests, NULL, NULL);
}
