// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel lets through PPP's pass filter: run here, instruction by instruction, on packets of ours, of a neighbour behind the same NAT,
 * and of nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stub.h"

enum { IN = 0, OUT = 1 };

/* The part of classic BPF that the plugin and the test's own programs use. */
static uint32_t run(uint32_t mark, int direction, uint8_t protocol)
{
	const uint8_t packet[] = { (uint8_t)direction, 0, 0x00, protocol };
	uint32_t a = 0xdead;

	for (unsigned int pc = 0; pc < host.filter_len; pc++) {
		struct sock_filter i = host.filter[pc];

		if (i.code == (BPF_RET | BPF_K))
			return i.k;
		else if (i.code == (BPF_LD | BPF_B | BPF_ABS) && i.k < sizeof(packet))
			a = packet[i.k];
		else if (i.code == (BPF_LD | BPF_W | BPF_ABS) && i.k == (uint32_t)(SKF_AD_OFF + SKF_AD_MARK))
			a = mark;
		else if (i.code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i.k;
		else if (i.code == (BPF_JMP | BPF_JEQ | BPF_K))
			pc += a == i.k ? i.jt : i.jf;
		else
			fail_msg("instruction %u: %x %x", pc, i.code, i.k);
	}
	if (host.filter_len)
		fail_msg("the program does not end");
	return 1;
}

static bool passes(uint32_t mark, int direction)
{
	return run(mark, direction, 0x21) != 0;
}

static void link_up(uint32_t value, uint32_t mask)
{
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	bus.sas[0].mark_in = bus.sas[0].mark_out = bus.sas[0].set_mark_in = (struct sabus_mark){ value, mask };
	bus.n_sas = 1;
	stub_link_up();
}

static void join(const char *mark)
{
	char text[80];

	snprintf(text, sizeof(text), "10.9.0.1:1701,10.9.0.2:1701,%s,3", mark);
	assert_int_equal(stub_option("sabus-join", text), 1);
}

static void test_neighbours_packets_are_dropped(void **state)
{
	(void)state;
	join("0x5");
	link_up(5, UINT32_MAX);
	assert_true(host.filters_set > 0);
	assert_true(passes(5, IN));
	assert_false(passes(6, IN));
	assert_false(passes(0, IN)); /* out of an SA without marks, or out of none */
	assert_false(passes(0x105, IN));
	assert_true(passes(0, OUT)); /* what we send has no mark yet */
	assert_true(passes(6, OUT));
	assert_true(passes(5, OUT));
}

static void test_mask(void **state)
{
	(void)state;
	join("0xa05");
	link_up(0xf05, 0xff);
	assert_true(passes(0x05, IN));
	assert_true(passes(0xa05, IN));
	assert_false(passes(0xa06, IN));
	assert_false(passes(0xf00, IN));
}

/* It is there when pppd opens the network protocols, not only afterwards. */
static void test_before_the_first_network_packet(void **state)
{
	(void)state;
	join("0x5");
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	bus.sas[0].set_mark_in = (struct sabus_mark){ 5, UINT32_MAX };
	bus.n_sas = 1;
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	stub_authenticate();
	assert_int_equal(host.filters_set, 0);
	stub_phase(PHASE_NETWORK);
	assert_int_equal(host.filters_set, 1);
	assert_false(passes(6, IN));
	/* pppd sets its variables once more, and they are ours */
	set_filters(&pass_filter, &active_filter);
	assert_false(passes(6, IN));
}

static void test_no_marks_no_filter(void **state)
{
	(void)state;
	link_up(0, 0);
	assert_int_equal(host.filter_len, 0);
	assert_int_equal(host.filters_set, 1); /* pppd's own */
}

/* The mark was never seen on a datagram: something may take it away, and nobody promised that it is there. */
static void test_mark_not_seen(void **state)
{
	(void)state;
	link_up(5, UINT32_MAX);
	assert_int_equal(host.filter_len, 0);
}

static void test_pin_off(void **state)
{
	(void)state;
	join("0x5");
	assert_int_equal(stub_option("sabus-pin", "off"), 1);
	link_up(5, UINT32_MAX);
	assert_int_equal(host.filter_len, 0);
}

static struct sock_filter theirs[3] = {
	{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 3 }, /* protocol, low byte */
	{ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0x57 }, /* no IPv6: skips the next one */
	{ BPF_RET | BPF_K, 0, 0, 7 },
};
static struct sock_filter theirs_all[4];

static void administrators_filter(void)
{
	memcpy(theirs_all, theirs, sizeof(theirs));
	theirs_all[3] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, 0 };
	pass_filter = (struct host_filter){ 4, theirs_all };
}

static void test_administrators_filter_is_kept(void **state)
{
	(void)state;
	administrators_filter();
	join("0x5");
	link_up(5, UINT32_MAX);
	assert_int_equal(run(5, IN, 0x21), 7);
	assert_int_equal(run(5, IN, 0x57), 0);
	assert_int_equal(run(6, IN, 0x21), 0);
	assert_int_equal(run(0, OUT, 0x21), 7);
	assert_int_equal(run(0, OUT, 0x57), 0);
	/* a second link does not pile them up */
	stub_phase(PHASE_DISCONNECT);
	stub_phase(PHASE_DEAD);
	persist = true;
	host.unit = -1;
	stub_link_up();
	assert_int_equal(host.filter_len, 4 + 6);
	assert_int_equal(run(5, IN, 0x21), 7);
	assert_memory_equal(theirs_all, theirs, sizeof(theirs));
}

static void test_administrators_filter_alone(void **state)
{
	(void)state;
	administrators_filter();
	link_up(0, 0);
	assert_int_equal(host.filter_len, 4);
	assert_ptr_equal(pass_filter.insns, theirs_all);
}

static void test_kernel_without_filters(void **state)
{
	(void)state;
	host.no_filters = true;
	join("0x5");
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	bus.sas[0].set_mark_in = (struct sabus_mark){ 5, UINT32_MAX };
	bus.n_sas = 1;
	assert_int_equal(stub_dial(), STUB_FD);
	stub_to_network();
	assert_true(ecp_gotoptions[0].required); /* no network protocol opens */
	stub_run(0);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, 113);
	assert_true(stub_logged("sabus: close reason=pin-failed"));
	assert_true(stub_logged("CONFIG_PPP_FILTER"));
}

static void test_kernel_without_filters_nor_marks(void **state)
{
	(void)state;
	host.no_filters = true;
	link_up(0, 0);
	stub_run(1000);
	assert_int_equal(host.closed, 0);
}

/* What MPPE decrypts is a new packet, without a mark: from then on, and only then, those pass. */
static void test_mppe(void **state)
{
	static const unsigned char mppe[6] = { 18, 6, 1, 0, 0, 0x40 };

	(void)state;
	join("0x5");
	link_up(5, UINT32_MAX);
	assert_false(passes(0, IN));
	stub_ccp_request(mppe, sizeof(mppe));
	stub_ccp_ack();
	assert_true(stub_logged("MPPE 128-bit stateless runs in both directions"));
	assert_true(passes(0, IN));
	assert_true(passes(5, IN));
	assert_false(passes(6, IN));
	assert_true(passes(0, OUT));
	stub_ccp_down();
	assert_false(passes(0, IN));
	assert_true(passes(5, IN));
}

static void test_compression_kept(void **state)
{
	(void)state;
	join("0x5");
	assert_int_equal(stub_option("sabus-compression", "keep"), 1);
	link_up(5, UINT32_MAX);
	assert_true(passes(0, IN));
	assert_true(passes(5, IN));
	assert_false(passes(6, IN));
}

#define T(f) cmocka_unit_test_setup_teardown(f, stub_setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_neighbours_packets_are_dropped),
		T(test_mask),
		T(test_before_the_first_network_packet),
		T(test_no_marks_no_filter),
		T(test_mark_not_seen),
		T(test_pin_off),
		T(test_administrators_filter_is_kept),
		T(test_administrators_filter_alone),
		T(test_kernel_without_filters),
		T(test_kernel_without_filters_nor_marks),
		T(test_mppe),
		T(test_compression_kept),
	};

	return cmocka_run_group_tests_name("pppd markfilter", tests, NULL, NULL);
}
