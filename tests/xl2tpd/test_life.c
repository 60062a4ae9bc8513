// SPDX-License-Identifier: GPL-2.0-or-later
/* test_life.c - a tunnel and its SA: one life; and what pppd and sabusctl are told meanwhile. */
#include <errno.h>
#include <string.h>
#include "stub.h"

static struct sabus_sa mine;

static int setup(void **state)
{
	int ret = stub_setup(state);

	mine = stub_sa(3);
	return ret;
}

static void begin(void)
{
	assert_int_equal(stub_start(), 0);
	stub_put(&mine);
	stub_tunnel_up(5);
}

static void begin_with_call(void)
{
	begin();
	assert_int_equal(stub_call_request(5, 21), XL2TPD_OK);
	assert_int_equal(stub_call_start(5, 21), XL2TPD_OK);
	stub_run(60);
}

static void sa_deleted_without_calls(void **state)
{
	(void)state;
	begin();
	stub_del(3, SABUS_CAUSE_DELETED);
	stub_run(60);
	assert_true(host.tunnels[5].closed);
	assert_int_equal(host.tunnels[5].close_flags, XL2TPD_ABRUPT);
	assert_true(stub_logged("sabus: close reason=sa-gone"));
	assert_int_equal(host.tunnels[5].mark, 0x40000000);
	stub_down(5);
	stub_run(5000);
	assert_int_equal(bus.deletes, 0); /* it is gone already */
}

static void sa_deleted_with_a_call(void **state)
{
	(void)state;
	begin_with_call();
	stub_del(3, SABUS_CAUSE_EXPIRED);
	stub_run(60);
	assert_false(host.tunnels[5].closed);
	assert_int_equal(bus.tunnel.state, SABUS_TSTATE_ENDING);
	assert_string_equal(bus.tunnel.reason, "sa-gone");
	assert_int_equal(stub_call_request(5, 22), XL2TPD_REFUSE);
	assert_true(stub_logged("tunnel-ending"));
	stub_run(200);
	assert_false(host.tunnels[5].closed); /* pppd says goodbye to RADIUS */
	stub_call_down(5, 21);
	assert_true(host.tunnels[5].closed);
}

static void a_call_that_does_not_end(void **state)
{
	(void)state;
	begin_with_call();
	stub_del(3, SABUS_CAUSE_DELETED);
	stub_run(60);
	stub_run(600);
	assert_true(host.tunnels[5].closed);
	assert_int_equal(host.tunnels[5].close_flags, XL2TPD_ABRUPT);
	stub_call_down(5, 21);
	stub_down(5);
	assert_true(stub_logged("sabus: down reason=sa-gone"));
}

static void a_rekey_is_followed(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	begin();
	next.replaces = 3;
	next.reqid = mine.reqid;
	stub_put(&next);
	stub_run(60);
	assert_true(stub_logged("sabus: rekey reason=ok-protected"));
	stub_del(3, SABUS_CAUSE_REKEYED);
	stub_run(1000);
	assert_false(host.tunnels[5].closed);
	assert_int_equal(bus.tunnel.sa_id, 4);
	assert_int_equal(stub_call_start(5, 22), XL2TPD_OK);
	assert_true(stub_word("sabus-join", "10.9.0.1:1701,10.9.0.2:1701,0x0,4"));
	stub_call_down(5, 22);
	stub_del(4, SABUS_CAUSE_DELETED);
	stub_run(60);
	assert_true(host.tunnels[5].closed);
}

static void a_rekey_that_loses_protection_ends_it_orderly(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	begin();
	next.replaces = 3;
	next.reqid = mine.reqid;
	next.replay_window = 0;
	stub_put(&next);
	stub_run(60);
	assert_true(host.tunnels[5].closed);
	assert_int_equal(host.tunnels[5].close_flags, 0);
	assert_memory_equal(host.tunnels[5].close_cause.msg, "sabus: sa-weakened", 18);
	assert_int_equal(host.tunnels[5].close_cause.error, 6);
}

static void another_peer_without_marks_ends_it_silently(void **state)
{
	struct sabus_sa other = stub_sa(4);

	(void)state;
	begin();
	strcpy(other.id_remote, "other.example");
	stub_put(&other);
	stub_run(60);
	assert_true(host.tunnels[5].closed);
	assert_int_equal(host.tunnels[5].close_flags, XL2TPD_ABRUPT); /* a goodbye might reach the other one */
	assert_true(stub_logged("close reason=sa-ambiguous"));
}

static void another_peer_with_a_mark_is_no_harm(void **state)
{
	struct sabus_sa other = stub_sa(4);

	(void)state;
	stub_sa_mark(&mine, 1);
	stub_sa_mark(&other, 2);
	strcpy(other.id_remote, "other.example");
	stub_info(5)->info.mark = 1;
	begin();
	stub_put(&other);
	stub_run(60);
	assert_false(host.tunnels[5].closed);
	stub_del(4, SABUS_CAUSE_DELETED);
	stub_run(60);
	assert_false(host.tunnels[5].closed);
	stub_del(3, SABUS_CAUSE_DELETED);
	stub_run(60);
	assert_true(host.tunnels[5].closed);
	assert_int_equal(host.tunnels[5].mark, 0x40000000);
}

static void a_nat_that_changes_its_port_is_nothing(void **state)
{
	(void)state;
	begin();
	mine.flags |= SABUS_SAF_ENCAP;
	mine.remote.port = 61000;
	stub_put(&mine);
	stub_run(60);
	assert_false(host.tunnels[5].closed);
	assert_int_equal(stub_count("rekey"), 0);
}

static void a_peer_that_moves_ends_it(void **state)
{
	(void)state;
	begin();
	sabus_addr_parse(&mine.remote.addr, "10.9.0.77");
	mine.ts[0].remote.from = mine.ts[0].remote.to = mine.remote.addr;
	stub_put(&mine);
	stub_run(60);
	assert_true(host.tunnels[5].closed);
	assert_true(stub_logged("close reason=sa-moved"));
}

static void sabusd_lost_the_kernel_keeps(void **state)
{
	(void)state;
	begin();
	bus.open_errno = ECONNREFUSED;
	bus.broken = true;
	stub_run(20000);
	assert_false(host.tunnels[5].closed);
	assert_true(kernel.asked > 10);
	assert_int_equal(stub_count("sabus: keep"), 1);
	assert_int_equal(stub_count("no sabusd at"), 1);
	bus.open_errno = 0;
	stub_run(2000);
	assert_int_equal(stub_count("sabusd is back"), 1);
	kernel.asked = 0;
	stub_run(2000);
	assert_int_equal(kernel.asked, 0); /* somebody knows again */
	assert_int_equal(bus.tunnel.tunnel_id, 5);
}

static void sabusd_lost_and_the_sa_goes(void **state)
{
	(void)state;
	begin();
	bus.open_errno = ECONNREFUSED;
	bus.broken = true;
	stub_run(3000);
	kernel.held = 0;
	stub_run(300);
	assert_true(host.tunnels[5].closed);
}

static void a_kernel_that_cannot_be_asked_keeps(void **state)
{
	(void)state;
	begin();
	kernel.held = -EMFILE;
	bus.open_errno = ECONNREFUSED;
	bus.broken = true;
	stub_run(3000);
	assert_false(host.tunnels[5].closed); /* the socket policy and the mark hold it */
	kernel.held = 0;
	stub_run(300);
	assert_true(host.tunnels[5].closed);
}

static void charon_away_the_kernel_keeps(void **state)
{
	(void)state;
	begin();
	bus.unknown = true;
	stub_event(SABUS_EV_PUBLISHER);
	stub_run(3000);
	assert_false(host.tunnels[5].closed);
	assert_true(kernel.asked > 5);
}

static void charon_back_without_the_sa(void **state)
{
	(void)state;
	begin();
	stub_del(3, SABUS_CAUSE_RESYNC);
	stub_run(1000);
	assert_false(host.tunnels[5].closed);
	kernel.held = 0;
	stub_run(300);
	assert_true(host.tunnels[5].closed);
}

static void a_new_charon_reuses_the_number(void **state)
{
	struct sabus_sa other = stub_sa(3);

	(void)state;
	begin();
	other.spi_in = 0x11111111;
	strcpy(other.id_remote, "other.example");
	sabus_addr_parse(&other.remote.addr, "10.9.0.99");
	other.ts[0].remote.from = other.ts[0].remote.to = other.remote.addr;
	stub_put(&other);
	stub_run(1000);
	assert_false(host.tunnels[5].closed);
	stub_del(3, SABUS_CAUSE_DELETED); /* the other's */
	stub_run(1000);
	assert_false(host.tunnels[5].closed);
	kernel.held = 0;
	stub_run(300);
	assert_true(host.tunnels[5].closed);
}

static void a_tunnel_without_sa_does_not_end_with_others(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "ipsec", "optional"), 0);
	assert_int_equal(stub_start(), 0);
	stub_tunnel_up(5);
	stub_put(&mine);
	stub_run(60);
	stub_del(3, SABUS_CAUSE_DELETED);
	bus.broken = true;
	stub_run(3000);
	assert_false(host.tunnels[5].closed);
	assert_int_equal(kernel.asked, 0);
}

/* ---- the SA is given back ---- */

static void an_unused_sa_is_deleted(void **state)
{
	(void)state;
	begin();
	stub_down(5);
	stub_run(900);
	assert_int_equal(bus.deletes, 0);
	stub_run(200);
	assert_int_equal(bus.deletes, 1);
	assert_int_equal(bus.deleted, 3);
	stub_result(bus.delete_seq, 0, "");
	stub_run(60);
	assert_true(stub_logged("sabus: delete sa=l2tp{3} result=done"));
	stub_run(5000);
	assert_int_equal(bus.deletes, 1);
}

static void a_shared_sa_is_not(void **state)
{
	(void)state;
	begin();
	stub_tunnel_up(6);
	stub_down(5);
	stub_run(3000);
	assert_int_equal(bus.deletes, 0);
	stub_down(6);
	stub_run(1100);
	assert_int_equal(bus.deletes, 1);
}

static void a_peer_that_comes_back_keeps_its_sa(void **state)
{
	(void)state;
	begin();
	stub_down(5);
	stub_run(500);
	stub_tunnel_up(6);
	stub_run(3000);
	assert_int_equal(bus.deletes, 0);
}

static void the_last_of_several_tunnels_counts(void **state)
{
	(void)state;
	begin();
	stub_down(5);
	stub_run(500);
	stub_tunnel_up(6);
	stub_run(200);
	stub_down(6);
	stub_run(900); /* 1.6 s after the first, 0.9 s after the last */
	assert_int_equal(bus.deletes, 0);
	stub_run(200);
	assert_int_equal(bus.deletes, 1);
}

static void a_peer_that_waits_keeps_its_sa(void **state)
{
	struct xl2tpd_cause cause;

	(void)state;
	begin();
	stub_down(5);
	bus.unknown = true;
	assert_int_equal(stub_request(6, &cause), XL2TPD_DEFER);
	stub_run(3000);
	assert_int_equal(bus.deletes, 0);
}

static void a_rekey_before_the_deletion(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	begin();
	stub_down(5);
	next.replaces = 3;
	stub_put(&next);
	stub_run(100);
	stub_del(3, SABUS_CAUSE_REKEYED);
	stub_run(1100);
	assert_int_equal(bus.deletes, 1);
	assert_int_equal(bus.deleted, 4);
}

static void a_tunnel_on_the_successor_protects_it(void **state)
{
	struct sabus_sa next = stub_sa(4);

	(void)state;
	begin();
	stub_tunnel_up(6);
	stub_down(5);
	next.replaces = 3;
	next.reqid = mine.reqid;
	stub_put(&next);
	stub_run(60);
	stub_del(3, SABUS_CAUSE_REKEYED);
	stub_run(3000);
	assert_int_equal(bus.deletes, 0);
}

static void an_sa_that_goes_by_itself_is_not_asked_for(void **state)
{
	(void)state;
	begin();
	stub_down(5);
	stub_del(3, SABUS_CAUSE_DELETED);
	stub_run(3000);
	assert_int_equal(bus.deletes, 0);
}

static void a_failed_deletion_is_told(void **state)
{
	(void)state;
	begin();
	stub_down(5);
	stub_run(1100);
	stub_result(bus.delete_seq, ETIMEDOUT, "");
	stub_run(60);
	assert_true(stub_logged("result=failed"));
}

static void delete_sa_no(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "delete sa", "no"), 0);
	begin();
	stub_down(5);
	stub_run(3000);
	assert_int_equal(bus.deletes, 0);
	stub_tunnel_up(6);
	xl2tpd_plugin.close();
	assert_int_equal(bus.deletes, 0);
}

static void a_deletion_outlives_sabusd_only_with_its_sa(void **state)
{
	struct sabus_sa other = stub_sa(3);

	(void)state;
	begin();
	bus.open_errno = ECONNREFUSED;
	bus.broken = true;
	stub_run(100);
	stub_down(5);
	stub_run(3000);
	assert_int_equal(bus.deletes, 0);
	other.spi_in = 0x22222222; /* charon was restarted as well */
	bus.sas[0] = other;
	bus.open_errno = 0;
	stub_run(3000);
	assert_int_equal(bus.deletes, 0);
}

static void a_deletion_waits_for_sabusd(void **state)
{
	(void)state;
	begin();
	bus.open_errno = ECONNREFUSED;
	bus.broken = true;
	stub_run(100);
	stub_down(5);
	stub_run(3000);
	bus.open_errno = 0;
	stub_run(3000);
	assert_int_equal(bus.deletes, 1);
}

static void xl2tpd_ends(void **state)
{
	(void)state;
	begin();
	stub_tunnel_up(6);
	xl2tpd_plugin.close();
	assert_int_equal(bus.deletes, 1); /* one SA */
}

/* ---- calls, pppd, sabusctl ---- */

static void pppd_is_told(void **state)
{
	(void)state;
	stub_sa_mark(&mine, 9);
	assert_int_equal(stub_option("lns default", "bind identity", "map /etc/sabus/map"), 0);
	assert_int_equal(stub_option(NULL, "socket", "/tmp/s.sock"), 0);
	begin_with_call();
	assert_true(stub_word("remotenumber", "10.9.0.2"));
	assert_true(stub_word("plugin", "sabus.so"));
	assert_true(stub_word("sabus-join", "10.9.0.1:1701,10.9.0.2:1701,0x9,3"));
	assert_true(stub_word("sabus-bind-identity", "map"));
	assert_true(stub_word("sabus-identity-map", "/etc/sabus/map"));
	assert_true(stub_word("sabus-socket", "/tmp/s.sock"));
	assert_int_equal(bus.call.pppd_pid, 4711);
	assert_int_equal(bus.call.up, 1);
	assert_int_equal(bus.tunnel.calls, 1);
	assert_int_equal(bus.tunnel.state, SABUS_TSTATE_UP);
	stub_call_down(5, 21);
	stub_run(60);
	assert_int_equal(bus.call_dels, 1);
	assert_int_equal(bus.tunnel.calls, 0);
	stub_down(5);
	stub_run(60);
	assert_int_equal(bus.tunnel_dels, 1);
}

/* Whatever a peer calls itself: one word, short enough, with three fields. */
static void names_for_pppd(void **state)
{
	static const struct {
		const char *host, *word;
	} names[] = {
		{ "client-1.example.org", "lns.example,client-1.example.org,4294967295" },
		{ "my phone,\n", "lns.example,my%20phone%2C%3F,4294967295" },
		{ "", "lns.example,,4294967295" },
		{ "0123456789012345678901234567890123456789012345678,,", "lns.example,0123456789012345678901234567890123456789012345678,4294967295" },
		{ ",,,,,,,,,,,,,,,,,", "lns.example,%2C%2C%2C%2C%2C%2C%2C%2C%2C%2C%2C%2C%2C%2C%2C%2C,4294967295" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (i) {
			stub_teardown(state);
			setup(state);
		}
		stub_info(5)->info.peer_hostname = names[i].host;
		begin_with_call();
		if (!stub_word("sabus-l2tp-names", names[i].word))
			fail_msg("%s: told %s", names[i].word, host.words[host.n_words - 1]);
	}
}

static void pppd_plugin_no(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "pppd plugin", "no"), 0);
	begin_with_call();
	assert_true(stub_word("remotenumber", "10.9.0.2"));
	assert_false(stub_word("plugin", NULL));
	assert_false(stub_word("sabus-join", NULL));
}

static void a_full_command_line_refuses_the_call(void **state)
{
	(void)state;
	begin();
	host.words_max = 3;
	assert_int_equal(stub_call_start(5, 21), XL2TPD_REFUSE);
}

static void a_call_without_tunnel_is_refused(void **state)
{
	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_info(9);
	assert_int_equal(stub_call_request(9, 1), XL2TPD_REFUSE);
	assert_int_equal(stub_call_start(9, 1), XL2TPD_REFUSE);
	assert_int_not_equal(xl2tpd_plugin.socket(4, &host.tunnels[9].info), 0);
}

static void a_new_sabusd_is_told_everything(void **state)
{
	(void)state;
	begin_with_call();
	bus.broken = true;
	bus.tunnel_puts = bus.call_puts = 0;
	stub_run(500);
	assert_int_equal(bus.opened, 2);
	assert_int_equal(bus.tunnel_puts, 1);
	assert_int_equal(bus.call_puts, 1);
	assert_int_equal(bus.watches, 2);
}

static void publishing_waits_for_room(void **state)
{
	(void)state;
	begin();
	bus.send_errno = EAGAIN;
	assert_int_equal(stub_call_start(5, 21), XL2TPD_OK);
	stub_run(100);
	bus.send_errno = 0;
	stub_run(100);
	assert_int_equal(bus.tunnel.calls, 1);
	assert_int_equal(bus.opened, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sa_deleted_without_calls),
		TEST(sa_deleted_with_a_call),
		TEST(a_call_that_does_not_end),
		TEST(a_rekey_is_followed),
		TEST(a_rekey_that_loses_protection_ends_it_orderly),
		TEST(another_peer_without_marks_ends_it_silently),
		TEST(another_peer_with_a_mark_is_no_harm),
		TEST(a_nat_that_changes_its_port_is_nothing),
		TEST(a_peer_that_moves_ends_it),
		TEST(sabusd_lost_the_kernel_keeps),
		TEST(sabusd_lost_and_the_sa_goes),
		TEST(a_kernel_that_cannot_be_asked_keeps),
		TEST(charon_away_the_kernel_keeps),
		TEST(charon_back_without_the_sa),
		TEST(a_new_charon_reuses_the_number),
		TEST(a_tunnel_without_sa_does_not_end_with_others),
		TEST(an_unused_sa_is_deleted),
		TEST(a_shared_sa_is_not),
		TEST(a_peer_that_comes_back_keeps_its_sa),
		TEST(the_last_of_several_tunnels_counts),
		TEST(a_peer_that_waits_keeps_its_sa),
		TEST(a_rekey_before_the_deletion),
		TEST(a_tunnel_on_the_successor_protects_it),
		TEST(an_sa_that_goes_by_itself_is_not_asked_for),
		TEST(a_failed_deletion_is_told),
		TEST(delete_sa_no),
		TEST(a_deletion_outlives_sabusd_only_with_its_sa),
		TEST(a_deletion_waits_for_sabusd),
		TEST(xl2tpd_ends),
		TEST(pppd_is_told),
		TEST(names_for_pppd),
		TEST(pppd_plugin_no),
		TEST(a_full_command_line_refuses_the_call),
		TEST(a_call_without_tunnel_is_refused),
		TEST(a_new_sabusd_is_told_everything),
		TEST(publishing_waits_for_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
