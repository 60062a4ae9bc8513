// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Raising and lowering on an SPD that others use too: a predecessor that was killed, an administrator, charon, a kernel that fails.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "guard.h"
#include "stub_spd.h"

static struct guard_config config;
static struct spd_policy list[GUARD_POLICIES_MAX];
static size_t n_list;
static struct guard *guard;
static struct guard_count count;
static char text[400];

static int setup(void **state)
{
	(void)state;
	stub_spd_reset();
	memset(&config, 0, sizeof(config));
	config.port = 1701;
	assert_int_equal(guard_network_parse(&config.networks[config.n_networks++], "10.1.0.0/16"), 0);
	n_list = guard_list(&config, list);
	guard = NULL;
	text[0] = 0;
	return 0;
}

static int raise_guard(void)
{
	return guard_raise(&guard, &config, &count, text, sizeof(text));
}

static bool all_there(void)
{
	for (size_t i = 0; i < n_list; i++) {
		const struct stub_policy *sp = stub_spd_find(&list[i]);

		if (!sp || !guard_same(&sp->p, &list[i]))
			return false;
	}
	return true;
}

static void put_others(void)
{
	struct spd_policy p;

	for (int i = 0; i < 40; i++) {
		memset(&p, 0, sizeof(p));
		p.sel.family = AF_INET;
		p.sel.proto = IPPROTO_UDP;
		p.sel.dport = (uint16_t)i;
		p.sel.dport_mask = UINT16_MAX;
		p.sel.prefixlen_d = 32;
		p.priority = 366847;
		p.dir = (uint8_t)(i % 3);
		stub_spd_put(&p, true);
	}
}

static void test_raise_and_lower(void **state)
{
	(void)state;
	put_others();
	assert_int_equal(raise_guard(), 0);
	assert_true(all_there());
	assert_int_equal(count.ours, 12);
	assert_int_equal(count.adopted + count.foreign + count.removed, 0);
	assert_int_equal(spd.n, 40 + 12);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 40);
	assert_int_equal(spd.sockets, 0);
	assert_int_equal(guard_lower(NULL, text, sizeof(text)), 0);
}

static void test_predecessors_are_adopted(void **state)
{
	(void)state;
	for (size_t i = 0; i < 7; i++)
		stub_spd_put(&list[i], false);
	assert_int_equal(raise_guard(), 0);
	assert_true(all_there());
	assert_int_equal(count.adopted, 7);
	assert_int_equal(count.ours, 12);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 0);
}

static void test_predecessors_exceptions_end(void **state)
{
	struct guard_config former = config;

	(void)state;
	former.n_networks = 0;
	for (int i = 0; i < 9; i++) {
		char net[32];

		snprintf(net, sizeof(net), "172.16.%d.0/24", i);
		assert_int_equal(guard_network_parse(&former.networks[former.n_networks++], net), 0);
	}
	assert_int_equal(guard_raise(&guard, &former, &count, text, sizeof(text)), 0);
	put_others();
	/* it is killed: nobody lowers */
	free(guard);
	assert_int_equal(raise_guard(), 0);
	assert_true(all_there());
	assert_int_equal(count.adopted, 8);
	assert_int_equal(count.removed, 36);
	assert_int_equal(spd.n, 40 + 12);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 40);
}

static void test_another_ports_guard_is_left_alone(void **state)
{
	struct guard_config other = { .port = 1702 };
	struct guard *theirs;

	(void)state;
	assert_int_equal(guard_raise(&theirs, &other, NULL, text, sizeof(text)), 0);
	assert_int_equal(raise_guard(), 0);
	assert_int_equal(spd.n, 8 + 12);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 8);
	assert_int_equal(guard_lower(theirs, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 0);
}

static void test_guard_batch_stays(void **state)
{
	(void)state;
	for (size_t i = 0; i < 8; i++) {
		struct spd_policy p = list[i];

		p.priority = 4000000 + (i & 1);
		stub_spd_put(&p, false);
	}
	assert_int_equal(raise_guard(), 0);
	assert_int_equal(count.foreign, 8);
	assert_int_equal(count.ours, 4);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 8);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(stub_spd_find(&list[i])->p.priority, 4000000 + (i & 1));
}

static void test_foreign_demand_for_ipsec_is_as_good(void **state)
{
	struct spd_policy p = list[0];

	(void)state;
	p.priority = 1000;
	p.action = XFRM_POLICY_ALLOW;
	stub_spd_put(&p, true);
	assert_int_equal(raise_guard(), 0);
	assert_int_equal(count.foreign, 1);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 1);
}

static void test_foreign_hole_is_an_error(void **state)
{
	struct spd_policy p = list[5];

	(void)state;
	p.priority = 1000;
	p.action = XFRM_POLICY_ALLOW;
	stub_spd_put(&p, false);
	assert_int_equal(raise_guard(), -EEXIST);
	assert_null(guard);
	assert_non_null(strstr(text, "allow in udp ::/0 -> ::/0 sport 1701 priority 1000"));
	assert_non_null(strstr(text, "ip xfrm policy"));
	assert_int_equal(spd.n, 1);
	assert_int_equal(spd.sockets, 0);
}

static void test_foreign_exception_is_left_alone(void **state)
{
	struct spd_policy p = list[9];

	(void)state;
	p.priority = 77;
	stub_spd_put(&p, false);
	p = list[10];
	p.action = XFRM_POLICY_BLOCK;
	p.priority = 78;
	stub_spd_put(&p, false);
	assert_int_equal(raise_guard(), 0);
	assert_int_equal(count.foreign, 2);
	assert_int_equal(count.ours, 10);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 2);
}

static void test_what_was_replaced_meanwhile_is_not_ours(void **state)
{
	struct spd_policy p = list[2];

	(void)state;
	assert_int_equal(raise_guard(), 0);
	p.priority = 5;
	stub_spd_put(&p, false);
	p = list[3];
	stub_spd_put(&p, true);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 2);
}

static void test_what_is_gone_already_is_fine(void **state)
{
	(void)state;
	assert_int_equal(raise_guard(), 0);
	spd.n = 3;
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 0);
}

static void test_a_failure_takes_back_what_was_done(void **state)
{
	(void)state;
	/* request 0 is the dump */
	for (int at = 0; at <= 12; at++) {
		setup(state);
		spd.fail_at = at;
		spd.fail_error = -ENOMEM;
		assert_int_equal(raise_guard(), -ENOMEM);
		assert_null(guard);
		assert_int_equal(spd.n, 0);
		assert_int_equal(spd.sockets, 0);
		assert_true(strlen(text) > 20);
	}
}

static void test_a_failure_leaves_the_predecessors(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++)
		stub_spd_put(&list[i], false);
	spd.fail_at = 3;
	spd.fail_error = -EPERM;
	assert_int_equal(raise_guard(), -EPERM);
	assert_int_equal(spd.n, 4);
	assert_non_null(strstr(text, "block out udp ::/0 -> ::/0 dport 1701"));
}

static void test_a_leftover_that_stays_is_an_error(void **state)
{
	struct spd_policy p = list[8];

	(void)state;
	p.sel.prefixlen_s = 8; /* an exception that nobody wants any more */
	stub_spd_put(&p, false);
	spd.fail_at = 1;
	spd.fail_error = -EBUSY;
	assert_int_equal(raise_guard(), -EBUSY);
	assert_non_null(strstr(text, "a former guard policy could not be removed 'allow in udp 10.1.0.0/8"));
	assert_int_equal(spd.n, 1);
	/* somebody else has removed it just now */
	spd.fail_at = spd.requests + 1;
	spd.fail_error = -ENOENT;
	assert_int_equal(raise_guard(), 0);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
}

static void test_a_silent_kernel_is_not_waited_for(void **state)
{
	(void)state;
	for (int after = 0; after < 13; after++) {
		setup(state);
		spd.mute_after = after;
		assert_int_equal(raise_guard(), -EAGAIN);
		assert_int_equal(spd.sockets, 0);
	}
}

static void test_old_answers_are_dropped(void **state)
{
	(void)state;
	put_others();
	spd.stale = true;
	assert_int_equal(raise_guard(), 0);
	assert_true(all_there());
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 40);
}

static void test_no_ipv6(void **state)
{
	(void)state;
	spd.no_ipv6 = true;
	assert_int_equal(raise_guard(), 0);
	assert_int_equal(count.ours, 8);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 0);
}

static void test_no_xfrm(void **state)
{
	(void)state;
	spd.open_errno = EPROTONOSUPPORT;
	assert_int_equal(raise_guard(), -EPROTONOSUPPORT);
	assert_non_null(strstr(text, "cannot be reached"));
}

static void test_nonsense(void **state)
{
	(void)state;
	config.port = 0;
	assert_int_equal(raise_guard(), -EINVAL);
	config.port = 1701;
	config.n_networks = GUARD_NETWORKS_MAX + 1;
	assert_int_equal(raise_guard(), -EINVAL);
	assert_int_equal(spd.requests, 0);
}

static void test_as_many_networks_as_there_may_be(void **state)
{
	(void)state;
	for (config.n_networks = 0; config.n_networks < GUARD_NETWORKS_MAX; config.n_networks++) {
		char net[32];

		snprintf(net, sizeof(net), "10.%zu.0.0/16", config.n_networks);
		assert_int_equal(guard_network_parse(&config.networks[config.n_networks], net), 0);
	}
	assert_int_equal(raise_guard(), 0);
	assert_int_equal(count.ours, GUARD_POLICIES_MAX);
	assert_int_equal(guard_lower(guard, text, sizeof(text)), 0);
	assert_int_equal(spd.n, 0);
}

static void test_a_lowering_that_fails_says_where_and_goes_on(void **state)
{
	(void)state;
	assert_int_equal(raise_guard(), 0);
	spd.fail_at = spd.requests + 1; /* the first deletion: the last exception */
	spd.fail_error = -EBUSY;
	assert_int_equal(guard_lower(guard, text, sizeof(text)), -EBUSY);
	assert_non_null(strstr(text, "allow out"));
	assert_int_equal(spd.n, 1);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_raise_and_lower),
		T(test_predecessors_are_adopted),
		T(test_predecessors_exceptions_end),
		T(test_another_ports_guard_is_left_alone),
		T(test_guard_batch_stays),
		T(test_foreign_demand_for_ipsec_is_as_good),
		T(test_foreign_hole_is_an_error),
		T(test_foreign_exception_is_left_alone),
		T(test_what_was_replaced_meanwhile_is_not_ours),
		T(test_what_is_gone_already_is_fine),
		T(test_a_failure_takes_back_what_was_done),
		T(test_a_failure_leaves_the_predecessors),
		T(test_a_leftover_that_stays_is_an_error),
		T(test_a_silent_kernel_is_not_waited_for),
		T(test_old_answers_are_dropped),
		T(test_no_ipv6),
		T(test_no_xfrm),
		T(test_nonsense),
		T(test_as_many_networks_as_there_may_be),
		T(test_a_lowering_that_fails_says_where_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
