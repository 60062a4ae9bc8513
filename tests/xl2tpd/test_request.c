// SPDX-License-Identifier: GPL-2.0-or-later
/* test_request.c - a tunnel is asked for, by a peer or by us: what is accepted, refused, and waited for. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include "stub.h"

#define FENCE 0x40000000u

static int setup(void **state)
{
	return stub_setup(state);
}

static void ask(uint16_t tid)
{
	struct xl2tpd_cause cause;

	assert_int_equal(stub_request(tid, &cause), XL2TPD_DEFER);
	stub_run(60);
}

static void assert_refused(uint16_t tid, const char *word)
{
	const struct stub_tunnel *t = &host.tunnels[tid];

	assert_int_equal(t->decided, REFUSED);
	assert_int_equal(t->refusal.result, 2);
	assert_int_equal(t->refusal.error, 6);
	assert_memory_equal(t->refusal.msg, "sabus: ", 7);
	assert_memory_equal(t->refusal.msg + 7, word, strlen(word));
	assert_true(stub_logged(word));
	assert_true(stub_logged("sabus: refuse reason="));
}

static void an_sa_admits(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_int_equal(host.tunnels[5].mark, FENCE);
	assert_true(
		stub_logged("sabus: accept reason=ok-protected role=lns local=10.9.0.1:1701 peer=10.9.0.2:1701 tunnel=5/1005 sa=l2tp{3} "
			    "spi=c0ff0003/c0fe0003"));
	assert_int_equal(xl2tpd_plugin.socket(9, &host.tunnels[5].info), 0);
	assert_int_equal(kernel.demands, 1);
	assert_int_equal(kernel.sock_mark, FENCE);
	assert_int_equal(bus.tunnel.tunnel_id, 5);
	assert_int_equal(bus.tunnel.sa_id, 3);
	assert_int_equal(bus.tunnel.state, SABUS_TSTATE_ASKED);
}

static void nothing_is_decided_before_the_answer(void **state)
{
	struct xl2tpd_cause cause;

	(void)state;
	assert_int_equal(stub_start(), 0);
	bus.mute = true;
	assert_int_equal(stub_request(5, &cause), XL2TPD_DEFER);
	stub_run(1000);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
}

static void no_sa_refuses(void **state)
{
	(void)state;
	assert_int_equal(stub_start(), 0);
	ask(5);
	assert_refused(5, "no-sa");
	assert_int_equal(bus.tunnel_puts, 0); /* not worth telling */
}

static void an_sa_that_does_not_cover_refuses(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	sa.ts[0].remote.port_from = sa.ts[0].remote.port_to = 4000;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	assert_refused(5, "no-sa");
}

static void the_floor(void **state)
{
	struct sabus_sa ah = stub_sa(3), weak = stub_sa(3), odd = stub_sa(3), replay = stub_sa(3), tunnel = stub_sa(3), ifid = stub_sa(3);
	struct {
		struct sabus_sa *sa;
		const char *word;
	} bad[] = {
		{ &ah, "sa-ah-only" },	     { &weak, "sa-weak" },   { &odd, "sa-unknown-algorithm" },
		{ &replay, "sa-no-replay" }, { &tunnel, "sa-mode" }, { &ifid, "pin-failed" },
	};

	(void)state;
	ah.proto = SABUS_PROTO_AH;
	ah.encr = 0;
	ah.integ = 12;
	weak.encr = 3; /* 3DES */
	weak.encr_bits = 0;
	weak.integ = 2; /* HMAC-SHA1-96 */
	odd.encr = 999;
	replay.replay_window = 0;
	tunnel.mode = SABUS_MODE_TUNNEL;
	ifid.if_id_in = 4;
	assert_int_equal(stub_option(NULL, "min strength", "good"), 0);
	assert_int_equal(stub_start(), 0);
	for (uint16_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		stub_put(bad[i].sa);
		stub_run(11000); /* the log's limit */
		ask((uint16_t)(i + 1));
		assert_refused((uint16_t)(i + 1), bad[i].word);
	}
}

static void tunnel_mode_where_it_is_allowed(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	sa.mode = SABUS_MODE_TUNNEL;
	assert_int_equal(stub_option(NULL, "mode", "any"), 0);
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_int_equal(xl2tpd_plugin.socket(9, &host.tunnels[5].info), 0);
	assert_int_equal(kernel.demand_mode, SABUS_MODE_TUNNEL);
}

static void two_clients_without_marks_are_ambiguous(void **state)
{
	struct sabus_sa a = stub_sa(3), b = stub_sa(4);

	(void)state;
	strcpy(b.id_remote, "other.example");
	assert_int_equal(stub_start(), 0);
	stub_put(&a);
	stub_put(&b);
	ask(5);
	assert_refused(5, "sa-ambiguous");
	assert_non_null(strstr(host.tunnels[5].refusal.msg, "marks"));
}

static void a_cut_answer_is_ambiguous(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	bus.truncated = true;
	ask(5);
	assert_refused(5, "sa-ambiguous");
}

static void two_clients_with_marks_are_told_apart(void **state)
{
	struct sabus_sa a = stub_sa(3), b = stub_sa(4);

	(void)state;
	strcpy(b.id_remote, "other.example");
	stub_sa_mark(&a, 1);
	stub_sa_mark(&b, 2);
	assert_int_equal(stub_start(), 0);
	stub_put(&a);
	stub_put(&b);
	stub_info(5)->info.mark = 1;
	stub_info(6)->info.mark = 2;
	stub_tunnel_up(5);
	stub_tunnel_up(6);
	assert_int_equal(host.tunnels[5].mark, 1);
	assert_int_equal(host.tunnels[6].mark, 2);
	assert_int_equal(bus.tunnel.sa_id, 4);
}

static void the_second_of_two_without_marks_does_not_get_the_firsts_tunnel(void **state)
{
	struct sabus_sa a = stub_sa(3), b = stub_sa(4);

	(void)state;
	strcpy(b.id_remote, "other.example");
	assert_int_equal(stub_start(), 0);
	stub_put(&a);
	stub_tunnel_up(5);
	stub_drop(3); /* the first one's SA is not in the answer, for whatever reason */
	bus.sas[bus.n_sas++] = b;
	ask(6);
	assert_refused(6, "sa-ambiguous");
	assert_non_null(strstr(host.tunnels[6].refusal.msg, "marks")); /* names what helps */
}

static void the_same_mark_tells_nobody_apart(void **state)
{
	struct sabus_sa a = stub_sa(3), b = stub_sa(4);

	(void)state;
	strcpy(b.id_remote, "other.example");
	stub_sa_mark(&a, 1);
	stub_sa_mark(&b, 1);
	assert_int_equal(stub_start(), 0);
	stub_put(&a);
	stub_tunnel_up(5);
	stub_drop(3);
	bus.sas[bus.n_sas++] = b;
	ask(6);
	assert_refused(6, "sa-ambiguous");
}

static void the_same_peer_may_come_again(void **state)
{
	struct sabus_sa a = stub_sa(3);

	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_put(&a);
	stub_tunnel_up(5);
	stub_tunnel_up(6);
}

static void a_refusal_finds_its_way(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	stub_sa_mark(&sa, 77);
	sa.replay_window = 0;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	assert_refused(5, "sa-no-replay");
	assert_int_equal(host.tunnels[5].mark, 77);
}

static void a_refusal_goes_back_by_the_mark_it_came_with(void **state)
{
	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_info(5)->info.mark = 78;
	ask(5);
	assert_refused(5, "no-sa");
	assert_int_equal(host.tunnels[5].mark, 78);
}

static void what_happens_during_a_question_is_not_missed(void **state)
{
	struct xl2tpd_cause cause;

	(void)state;
	assert_int_equal(stub_start(), 0);
	bus.unknown = true;
	stub_event(SABUS_EV_PUBLISHER); /* will be read while the question is under way */
	assert_int_equal(stub_request(5, &cause), XL2TPD_DEFER);
	stub_run(60);
	assert_int_equal(bus.lookups, 2);
}

static void not_all_ask_at_once(void **state)
{
	struct sabus_sa sa = stub_sa(3);
	struct xl2tpd_cause cause;

	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	for (uint16_t i = 1; i <= 100; i++)
		assert_int_equal(stub_request(i, &cause), XL2TPD_DEFER);
	assert_int_equal(bus.lookups, 64);
	stub_run(60);
	assert_int_equal(bus.lookups, 100);
	for (uint16_t i = 1; i <= 100; i++)
		assert_int_equal(host.tunnels[i].decided, ACCEPTED);
}

static void pending_is_waited_for(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	sa.state = SABUS_SA_PENDING;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	stub_run(3000);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
	assert_int_equal(bus.tunnel.state, SABUS_TSTATE_ASKED);
	assert_string_equal(bus.tunnel.reason, "sa-pending");
	sa.state = SABUS_SA_INSTALLED;
	stub_put(&sa);
	stub_run(60);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
}

static void pending_is_not_waited_for_for_ever(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	sa.state = SABUS_SA_PENDING;
	assert_int_equal(stub_option(NULL, "wait", "300"), 0);
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	stub_run(200);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
	stub_run(60);
	assert_refused(5, "sa-pending");
}

static void a_failed_negotiation_ends_the_waiting(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	sa.state = SABUS_SA_PENDING;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	stub_del(3, SABUS_CAUSE_FAILED);
	stub_run(60);
	assert_refused(5, "no-sa");
}

static void unknown_is_waited_for(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	assert_int_equal(stub_start(), 0);
	bus.unknown = true;
	ask(5);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
	bus.unknown = false;
	stub_put(&sa);
	stub_event(SABUS_EV_PUBLISHER);
	stub_run(60);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
}

static void unknown_is_refused_in_the_end(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "ipsec", "optional"), 0);
	assert_int_equal(stub_start(), 0);
	bus.unknown = true;
	ask(5);
	stub_run(5000);
	assert_refused(5, "sa-unknown"); /* with ipsec optional, too: unknown is not "none" */
}

static void no_sabusd(void **state)
{
	(void)state;
	bus.open_errno = ENOENT;
	assert_int_equal(stub_start(), 0);
	ask(5);
	stub_run(4900);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
	stub_run(100);
	assert_refused(5, "bus-down");
	assert_int_equal(stub_count("no sabusd at /run/sabus/session.sock"), 1);
	assert_true(bus.opened > 4 && bus.opened < 12);
}

static void sabusd_comes_in_time(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	bus.open_errno = ECONNREFUSED;
	assert_int_equal(stub_start(), 0);
	ask(5);
	stub_run(2000);
	bus.open_errno = 0;
	stub_put(&sa);
	stub_run(1100);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_int_equal(stub_count("sabusd is back"), 1);
}

static void a_stopped_sabusd_is_no_sabusd(void **state)
{
	(void)state;
	bus.mute = true;
	assert_int_equal(stub_start(), 0);
	ask(5);
	stub_run(20000);
	assert_refused(5, "bus-down");
	assert_int_equal(stub_count("no sabusd at"), 1);
	bus.mute = false;
	stub_run(3000);
	assert_int_equal(stub_count("sabusd is back"), 1);
}

static void a_question_waits_for_room(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	bus.send_errno = EAGAIN;
	ask(5);
	stub_run(100);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
	bus.send_errno = 0;
	stub_run(60);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_int_equal(bus.opened, 1);
}

static void a_question_that_never_gets_room(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "wait", "1000"), 0);
	assert_int_equal(stub_start(), 0);
	bus.send_errno = EAGAIN;
	ask(5);
	stub_run(1000);
	assert_refused(5, "bus-timeout");
	bus.send_errno = 0;
}

static void a_broken_send_reconnects(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	bus.send_errno = EPIPE;
	ask(5);
	bus.send_errno = 0;
	stub_run(300);
	assert_int_equal(bus.opened, 2);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
}

static void optional_admits_without(void **state)
{
	(void)state;
	assert_int_equal(stub_option("lns default", "ipsec", "optional"), 0);
	assert_int_equal(stub_start(), 0);
	ask(5);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_false(host.tunnels[5].marked);
	assert_true(stub_logged("accept reason=ok-no-ipsec"));
	assert_int_equal(xl2tpd_plugin.socket(9, &host.tunnels[5].info), 0);
	assert_int_equal(kernel.demands, 0);
	assert_int_equal(stub_call_start(5, 1), XL2TPD_OK);
	assert_true(stub_word("sabus-ipsec", "optional"));
	assert_false(stub_word("sabus-join", NULL));
}

static void optional_is_pinned_where_there_is_an_sa(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	assert_int_equal(stub_option(NULL, "ipsec", "optional"), 0);
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	assert_int_equal(host.tunnels[5].mark, FENCE);
	assert_int_equal(xl2tpd_plugin.socket(9, &host.tunnels[5].info), 0);
	assert_int_equal(kernel.demands, 1);
}

static void clear_peers_are_an_exception(void **state)
{
	(void)state;
	assert_int_equal(stub_option(NULL, "clear peers", "10.9.0.0/24"), 0);
	assert_int_equal(stub_start(), 0);
	ask(5);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_true(stub_logged("accept reason=ok-clear-peer"));
	inet_pton(AF_INET, "10.9.1.2", &((struct sockaddr_in *)&stub_info(6)->info.peer)->sin_addr);
	ask(6);
	assert_refused(6, "no-sa");
}

static void no_mark_no_tunnel(void **state)
{
	struct sabus_sa sa = stub_sa(3);
	struct xl2tpd_cause cause;

	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	host.mark_error = -EPERM;
	assert_int_equal(stub_request(5, &cause), XL2TPD_REFUSE);
	assert_non_null(strstr(cause.msg, "pin-failed"));
}

static void no_timer_no_tunnel(void **state)
{
	struct xl2tpd_cause cause;

	(void)state;
	assert_int_equal(stub_start(), 0);
	host.timer_error = -ENOMEM;
	assert_int_equal(stub_request(5, &cause), XL2TPD_REFUSE);
	host.timer_error = 0;
}

static void a_tunnel_that_goes_while_it_waits(void **state)
{
	struct sabus_sa sa = stub_sa(3);
	struct xl2tpd_cause cause;

	(void)state;
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	assert_int_equal(stub_request(5, &cause), XL2TPD_DEFER);
	stub_down(5); /* before the answer */
	stub_run(6000);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
	assert_int_equal(bus.deletes, 0);
}

static void refusals_are_rate_limited(void **state)
{
	(void)state;
	assert_int_equal(stub_start(), 0);
	for (int i = 0; i < 40; i++) {
		ask(5);
		stub_down(5);
	}
	assert_int_equal(stub_count("sabus: refuse"), 3);
	stub_run(10000);
	ask(5);
	assert_true(stub_logged("sabus: log-limited address=10.9.0.2 suppressed=37\n"));
}

static void a_host_name_cannot_forge_a_line(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	stub_info(5)->info.peer_hostname = "x\"\nsabus: accept \x1b[0m";
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	assert_true(stub_logged("host=\"x??sabus: accept ?[0m\""));
}

/* ---- client ---- */

static void as_client(uint16_t tid)
{
	struct stub_tunnel *t = stub_info(tid);

	t->info.lac = 1;
	t->info.section = "gw";
	t->info.peer_tid = 0;
}

static void a_client_has_its_sa_brought_up(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	as_client(5);
	assert_int_equal(stub_option("lac gw", "connection", "home/l2tp"), 0);
	assert_int_equal(stub_start(), 0);
	ask(5);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
	assert_int_equal(bus.initiates, 1);
	assert_string_equal(bus.connection, "home/l2tp");
	assert_int_equal(bus.flow.remote.port, 1701);
	stub_put(&sa);
	stub_result(bus.initiate_seq, 0, "");
	stub_run(60);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_true(stub_logged("role=client"));
	assert_int_equal(bus.initiates, 1);
	assert_int_equal(stub_call_start(5, 1), XL2TPD_OK);
	assert_false(stub_word("remotenumber", NULL));
	assert_true(stub_word("sabus-join", "10.9.0.1:1701,10.9.0.2:1701,0x0,3"));
}

static void an_sa_that_is_there_needs_no_initiation(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	as_client(5);
	assert_int_equal(stub_start(), 0);
	stub_put(&sa);
	ask(5);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_int_equal(bus.initiates, 0);
}

static void an_sa_that_is_impossible(void **state)
{
	(void)state;
	as_client(5);
	assert_int_equal(stub_start(), 0);
	ask(5);
	stub_result(bus.initiate_seq, ECONNREFUSED, "NO_PROPOSAL_CHOSEN");
	stub_run(60);
	assert_refused(5, "sa-impossible");
	assert_non_null(strstr(host.tunnels[5].refusal.msg, "NO_PROPOSAL_CHOSEN"));
}

static void an_sa_that_covers_something_else(void **state)
{
	(void)state;
	as_client(5);
	assert_int_equal(stub_start(), 0);
	ask(5);
	stub_result(bus.initiate_seq, 0, "");
	stub_run(60);
	assert_refused(5, "sa-impossible");
}

static void ike_that_takes_too_long(void **state)
{
	(void)state;
	as_client(5);
	assert_int_equal(stub_option("lac gw", "wait", "1000"), 0);
	assert_int_equal(stub_start(), 0);
	ask(5);
	stub_run(1000);
	assert_refused(5, "sa-impossible");
	stub_down(5);
	stub_result(bus.initiate_seq, 0, ""); /* too late, for nobody */
	stub_run(60);
}

static void charon_comes_in_time(void **state)
{
	struct sabus_sa sa = stub_sa(3);

	(void)state;
	as_client(5);
	assert_int_equal(stub_start(), 0);
	bus.unknown = true;
	ask(5);
	assert_int_equal(bus.initiates, 0);
	bus.unknown = false;
	stub_event(SABUS_EV_PUBLISHER);
	stub_run(60);
	assert_int_equal(bus.initiates, 1);
	bus.unknown = true; /* and goes away again */
	stub_result(bus.initiate_seq, EPIPE, "");
	stub_run(60);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
	bus.unknown = false;
	stub_event(SABUS_EV_PUBLISHER);
	stub_run(60);
	assert_int_equal(bus.initiates, 2);
	stub_put(&sa);
	stub_result(bus.initiate_seq, 0, "");
	stub_run(60);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
}

static void sabusd_restarts_while_a_client_waits(void **state)
{
	(void)state;
	as_client(5);
	assert_int_equal(stub_start(), 0);
	ask(5);
	bus.broken = true;
	stub_run(500);
	assert_int_equal(bus.initiates, 2);
	assert_int_equal(host.tunnels[5].decided, NOT_DECIDED);
}

static void a_client_that_may_go_without_does(void **state)
{
	(void)state;
	as_client(5);
	assert_int_equal(stub_option("lac gw", "ipsec", "optional"), 0);
	assert_int_equal(stub_start(), 0);
	ask(5);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_int_equal(bus.initiates, 0);
}

static void a_client_that_may_go_without_tries_first_where_told(void **state)
{
	(void)state;
	as_client(5);
	assert_int_equal(stub_option("lac gw", "ipsec", "optional"), 0);
	assert_int_equal(stub_option("lac gw", "connection", "home"), 0);
	assert_int_equal(stub_start(), 0);
	ask(5);
	assert_int_equal(bus.initiates, 1);
	stub_result(bus.initiate_seq, ETIMEDOUT, "");
	stub_run(60);
	assert_int_equal(host.tunnels[5].decided, ACCEPTED);
	assert_true(stub_logged("ok-no-ipsec"));
}

static void a_clients_own_address_is_looked_up(void **state)
{
	struct sockaddr_in *local, *peer;

	(void)state;
	as_client(5);
	local = (struct sockaddr_in *)&stub_info(5)->info.local;
	peer = (struct sockaddr_in *)&stub_info(5)->info.peer;
	local->sin_addr.s_addr = htonl(INADDR_ANY);
	peer->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(stub_start(), 0);
	ask(5);
	assert_int_equal(bus.flow.local.addr.b[0], 127);
	assert_int_equal(bus.flow.local.port, 1701);
	assert_int_equal(kernel.bypassed, 1); /* else the guard would not let us look */
}

static void a_client_without_a_route(void **state)
{
	struct xl2tpd_cause cause;

	(void)state;
	as_client(5);
	((struct sockaddr_in *)&stub_info(5)->info.local)->sin_addr.s_addr = htonl(INADDR_ANY);
	kernel.policy_error = -EPERM; /* whatever the reason */
	assert_int_equal(stub_start(), 0);
	assert_int_equal(stub_request(5, &cause), XL2TPD_REFUSE);
	assert_non_null(strstr(cause.msg, "sa-impossible"));
	assert_true(stub_logged("section=\"gw\""));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, stub_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_sa_admits),
		TEST(nothing_is_decided_before_the_answer),
		TEST(no_sa_refuses),
		TEST(an_sa_that_does_not_cover_refuses),
		TEST(the_floor),
		TEST(tunnel_mode_where_it_is_allowed),
		TEST(two_clients_without_marks_are_ambiguous),
		TEST(a_cut_answer_is_ambiguous),
		TEST(two_clients_with_marks_are_told_apart),
		TEST(the_second_of_two_without_marks_does_not_get_the_firsts_tunnel),
		TEST(the_same_mark_tells_nobody_apart),
		TEST(the_same_peer_may_come_again),
		TEST(a_refusal_finds_its_way),
		TEST(a_refusal_goes_back_by_the_mark_it_came_with),
		TEST(what_happens_during_a_question_is_not_missed),
		TEST(not_all_ask_at_once),
		TEST(pending_is_waited_for),
		TEST(pending_is_not_waited_for_for_ever),
		TEST(a_failed_negotiation_ends_the_waiting),
		TEST(unknown_is_waited_for),
		TEST(unknown_is_refused_in_the_end),
		TEST(no_sabusd),
		TEST(sabusd_comes_in_time),
		TEST(a_stopped_sabusd_is_no_sabusd),
		TEST(a_question_waits_for_room),
		TEST(a_question_that_never_gets_room),
		TEST(a_broken_send_reconnects),
		TEST(optional_admits_without),
		TEST(optional_is_pinned_where_there_is_an_sa),
		TEST(clear_peers_are_an_exception),
		TEST(no_mark_no_tunnel),
		TEST(no_timer_no_tunnel),
		TEST(a_tunnel_that_goes_while_it_waits),
		TEST(refusals_are_rate_limited),
		TEST(a_host_name_cannot_forge_a_line),
		TEST(a_client_has_its_sa_brought_up),
		TEST(an_sa_that_is_there_needs_no_initiation),
		TEST(an_sa_that_is_impossible),
		TEST(an_sa_that_covers_something_else),
		TEST(ike_that_takes_too_long),
		TEST(charon_comes_in_time),
		TEST(sabusd_restarts_while_a_client_waits),
		TEST(a_client_that_may_go_without_does),
		TEST(a_client_that_may_go_without_tries_first_where_told),
		TEST(a_clients_own_address_is_looked_up),
		TEST(a_client_without_a_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
