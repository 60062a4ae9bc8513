// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guard's list of policies, without a kernel: what is blocked, what is let through, whose a policy is.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "guard.h"

static struct spd_policy list[GUARD_POLICIES_MAX];

/* A datagram as the kernel's SPD looks at it. */
struct packet {
	uint16_t family;
	const char *src, *dst;
	uint16_t sport, dport;
	uint8_t dir, proto;
	uint32_t mark;
};

static bool in_prefix(const xfrm_address_t *net, const char *text, uint16_t family, unsigned int prefix)
{
	unsigned char a[16] = { 0 }, n[16];

	assert_int_equal(inet_pton(family, text, a), 1);
	memcpy(n, net, 16);
	for (unsigned int i = 0; i < prefix; i++)
		if ((a[i / 8] ^ n[i / 8]) & (0x80 >> (i % 8)))
			return false;
	return true;
}

static bool matches(const struct spd_policy *p, const struct packet *k)
{
	return p->dir == k->dir && p->sel.family == k->family && p->sel.proto == k->proto &&
	       ((htons(k->sport) ^ p->sel.sport) & p->sel.sport_mask) == 0 && ((htons(k->dport) ^ p->sel.dport) & p->sel.dport_mask) == 0 &&
	       (k->mark & p->mark.m) == p->mark.v && in_prefix(&p->sel.saddr, k->src, k->family, p->sel.prefixlen_s) &&
	       in_prefix(&p->sel.daddr, k->dst, k->family, p->sel.prefixlen_d);
}

/* As the kernel: the smallest priority number decides; without a policy the packet passes. */
static bool passes(const struct guard_config *c, const struct packet *k)
{
	size_t n = guard_list(c, list);
	const struct spd_policy *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (matches(&list[i], k) && (!best || list[i].priority < best->priority))
			best = &list[i];
	return !best || best->action == XFRM_POLICY_ALLOW;
}

static void add_network(struct guard_config *c, const char *text)
{
	assert_int_equal(guard_network_parse(&c->networks[c->n_networks++], text), 0);
}

static void test_blocks_everything_of_the_port(void **state)
{
	struct guard_config c = { .port = 1701 };

	(void)state;
	assert_int_equal(guard_list(&c, list), 8);
	for (int dir = XFRM_POLICY_IN; dir <= XFRM_POLICY_OUT; dir++) {
		struct packet k = { AF_INET, "192.0.2.1", "198.51.100.7", 1701, 1701, (uint8_t)dir, IPPROTO_UDP, 0 };
		struct packet k6 = { AF_INET6, "2001:db8::1", "2001:db8::2", 1701, 1701, (uint8_t)dir, IPPROTO_UDP, 0x40000000 };

		assert_false(passes(&c, &k));
		assert_false(passes(&c, &k6));
		k.sport = 40000;
		assert_false(passes(&c, &k));
		k.sport = 1701;
		k.dport = 40000;
		assert_false(passes(&c, &k));
		k.sport = 40001;
		assert_true(passes(&c, &k));
		k6.proto = IPPROTO_TCP;
		assert_true(passes(&c, &k6));
	}
}

static void test_port_is_the_configured_one(void **state)
{
	struct guard_config c = { .port = 1702 };
	struct packet k = { AF_INET, "192.0.2.1", "198.51.100.7", 40000, 1702, XFRM_POLICY_IN, IPPROTO_UDP, 0 };

	(void)state;
	assert_false(passes(&c, &k));
	k.dport = 1701;
	assert_true(passes(&c, &k));
}

static void test_exception_is_the_peers_network(void **state)
{
	struct guard_config c = { .port = 1701 };
	struct packet in = { AF_INET, "10.1.255.9", "192.0.2.1", 40000, 1701, XFRM_POLICY_IN, IPPROTO_UDP, 0 };
	struct packet out = { AF_INET, "192.0.2.1", "10.1.255.9", 1701, 40000, XFRM_POLICY_OUT, IPPROTO_UDP, 0 };

	(void)state;
	add_network(&c, "10.1.0.0/16");
	add_network(&c, "2001:db8:1::/48");
	assert_int_equal(guard_list(&c, list), 16);
	assert_true(passes(&c, &in));
	assert_true(passes(&c, &out));
	in.src = "10.2.0.1";
	out.dst = "10.0.255.255";
	assert_false(passes(&c, &in));
	assert_false(passes(&c, &out));
	/* our own address in that network is no exception */
	in.dst = out.src = "10.1.0.1";
	assert_false(passes(&c, &in));
	assert_false(passes(&c, &out));
}

static void test_exception_is_not_for_a_pinned_socket(void **state)
{
	struct guard_config c = { .port = 1701 };
	struct packet out = { AF_INET, "192.0.2.1", "10.1.0.9", 1701, 1701, XFRM_POLICY_OUT, IPPROTO_UDP, 0x40000000 };

	(void)state;
	add_network(&c, "10.1.0.0/16");
	assert_false(passes(&c, &out));
	out.mark = 7;
	assert_false(passes(&c, &out));
	out.mark = 0;
	assert_true(passes(&c, &out));
}

static void test_blocking_ones_come_first_in_the_list_and_last_in_priority(void **state)
{
	struct guard_config c = { .port = 1701 };

	(void)state;
	add_network(&c, "0.0.0.0/0");
	assert_int_equal(guard_list(&c, list), 12);
	for (size_t i = 0; i < 12; i++) {
		assert_int_equal(list[i].action, i < 8 ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW);
		assert_true(list[i].priority > 400000 && list[i].priority < 3999999);
	}
	assert_true(GUARD_PRIORITY_ALLOW + 1 < GUARD_PRIORITY_BLOCK);
}

static void test_each_policy_is_ours_and_like_no_other(void **state)
{
	struct guard_config c = { .port = 1701 };
	size_t n;

	(void)state;
	add_network(&c, "10.0.0.0/8");
	add_network(&c, "2001:db8::7");
	n = guard_list(&c, list);
	for (size_t i = 0; i < n; i++) {
		assert_true(guard_made(&list[i], false, 1701));
		assert_false(guard_made(&list[i], true, 1701));
		assert_false(guard_made(&list[i], false, 1702));
		for (size_t k = 0; k < n; k++)
			assert_int_equal(guard_same(&list[i], &list[k]), i == k);
	}
}

static void test_others_policies_are_not_ours(void **state)
{
	struct guard_config c = { .port = 1701 };
	struct spd_policy p;

	(void)state;
	guard_list(&c, list);
	for (size_t i = 0; i < 8; i++) {
		p = list[i];
		p.priority = 4000000 + (i & 1); /* sabus/guard.batch */
		assert_false(guard_made(&p, false, 1701));
		p = list[i];
		p.dir = XFRM_POLICY_FWD;
		assert_false(guard_made(&p, false, 1701));
		p = list[i];
		p.sel.proto = IPPROTO_TCP;
		assert_false(guard_made(&p, false, 1701));
		p = list[i];
		p.action = XFRM_POLICY_ALLOW; /* with the priority of a blocking one */
		assert_false(guard_made(&p, false, 1701));
	}
}

static void test_networks(void **state)
{
	static const struct {
		const char *text;
		unsigned int prefix;
	} t[] = {
		{ "10.1.0.0/16", 16 },	 { "10.1.2.3", 32 },	 { "10.1.2.3/32", 32 }, { "0.0.0.0/0", 0 },
		{ "2001:db8::/32", 32 }, { "2001:db8::1", 128 }, { "::/0", 0 },		{ "10.1.2.128/25", 25 },
	};
	struct guard_network n;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(guard_network_parse(&n, t[i].text), 0);
		assert_int_equal(n.prefix, t[i].prefix);
	}
}

static void test_no_networks(void **state)
{
	static const char *const t[] = {
		"10.1.2.3/16",
		"10.1.0.0/33",
		"::/129",
		"10.1.0.0/",
		"10.1.0.0/-1",
		"10.1.0.0/ 8",
		"10.1.0.0/8x",
		"",
		"/8",
		"host.example",
		"10.1.2.129/25",
		"2001:db8::1/64",
		"10.1.0.0/99999999999999999999",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc/8",
	};
	struct guard_network n;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(guard_network_parse(&n, t[i]), -EINVAL);
}

static void test_exempts(void **state)
{
	struct guard_config c = { .port = 1701 };
	struct sabus_addr a;

	(void)state;
	sabus_addr_parse(&a, "10.1.2.130");
	assert_false(guard_exempts(&c, &a));
	add_network(&c, "10.1.2.128/25");
	add_network(&c, "2001:db8::/33");
	assert_true(guard_exempts(&c, &a));
	sabus_addr_parse(&a, "10.1.2.127");
	assert_false(guard_exempts(&c, &a));
	sabus_addr_parse(&a, "2001:db8:7fff::1");
	assert_true(guard_exempts(&c, &a));
	sabus_addr_parse(&a, "2001:db8:8000::1");
	assert_false(guard_exempts(&c, &a));
	c.n_networks = 0;
	add_network(&c, "0.0.0.0/0");
	assert_false(guard_exempts(&c, &a));
	sabus_addr_parse(&a, "203.0.113.1");
	assert_true(guard_exempts(&c, &a));
	memset(&a, 0, sizeof(a));
	assert_false(guard_exempts(&c, &a));
}

static void test_text(void **state)
{
	struct guard_config c = { .port = 1701 };
	char buf[GUARD_STRLEN];

	(void)state;
	add_network(&c, "2001:db8:1111:2222:3333:4444:5555:6666");
	guard_list(&c, list);
	assert_string_equal(guard_text(&list[0], buf), "block in udp 0.0.0.0/0 -> 0.0.0.0/0 dport 1701 priority 3999100");
	assert_string_equal(guard_text(&list[3], buf), "block out udp 0.0.0.0/0 -> 0.0.0.0/0 sport 1701 priority 3999101");
	assert_string_equal(guard_text(&list[8], buf),
			    "allow in udp 2001:db8:1111:2222:3333:4444:5555:6666/128 -> ::/0 dport 1701 priority 3999000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_everything_of_the_port),
		cmocka_unit_test(test_port_is_the_configured_one),
		cmocka_unit_test(test_exception_is_the_peers_network),
		cmocka_unit_test(test_exception_is_not_for_a_pinned_socket),
		cmocka_unit_test(test_blocking_ones_come_first_in_the_list_and_last_in_priority),
		cmocka_unit_test(test_each_policy_is_ours_and_like_no_other),
		cmocka_unit_test(test_others_policies_are_not_ours),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_no_networks),
		cmocka_unit_test(test_exempts),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
