// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guard in a real kernel, in user and network namespaces of its own; real datagrams over its loopback are the witnesses.
 *
 * Skipped, with the reason, where the kernel gives no namespace or has no XFRM.  Loopback is normally spared by IPsec (disable_xfrm,
 * disable_policy); the test switches that off in its namespace.
 */
#include <errno.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "guard.h"

#define PORT 1701

static char no_kernel[128]; /* why there is none to test with */
static char text[400];

static bool write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool fine;

	if (fd < 0)
		return false;
	fine = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return fine;
}

static bool raise_loopback(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool fine;

	r.ifr_flags = IFF_UP | IFF_RUNNING;
	fine = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &r) == 0;
	if (fd >= 0)
		close(fd);
	return fine;
}

static bool enforce_on_loopback(void)
{
	return write_file("/proc/sys/net/ipv4/conf/lo/disable_policy", "0") && write_file("/proc/sys/net/ipv4/conf/lo/disable_xfrm", "0") &&
	       write_file("/proc/sys/net/ipv4/conf/all/disable_policy", "0") && write_file("/proc/sys/net/ipv4/conf/all/disable_xfrm", "0");
}

static int enter(void **state)
{
	struct spd *s = NULL;
	int err;

	(void)state;
	if (unshare((geteuid() ? CLONE_NEWUSER : 0) | CLONE_NEWNET)) {
		snprintf(no_kernel, sizeof(no_kernel), "no network namespace: %s", strerror(errno));
		return 0;
	}
	err = spd_open(&s);
	spd_close(s);
	if (err)
		snprintf(no_kernel, sizeof(no_kernel), "no XFRM in this kernel: %s", strerror(-err));
	else if (!raise_loopback() || !enforce_on_loopback())
		snprintf(no_kernel, sizeof(no_kernel), "loopback cannot be put under IPsec: %s", strerror(errno));
	return 0;
}

static void need_kernel(void)
{
	if (!no_kernel[0])
		return;
	print_message("skipped: %s\n", no_kernel);
	skip();
}

static int udp(const char *local, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, local, &in.sin_addr), 1);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	return fd;
}

/* Does a datagram arrive?  On loopback both the outbound and the inbound policies see it. */
static bool arrives(const char *src, uint16_t sport, const char *dst, uint16_t dport, uint32_t mark)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(dport) };
	int from = udp(src, sport), at = udp(dst, dport);
	struct pollfd p = { .fd = at, .events = POLLIN };
	bool came;

	assert_int_equal(inet_pton(AF_INET, dst, &to.sin_addr), 1);
	assert_int_equal(setsockopt(from, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
	came = sendto(from, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1 && poll(&p, 1, 100) == 1;
	close(from);
	close(at);
	return came;
}

static int count_one(void *data, const struct spd_policy *p, bool has_template)
{
	size_t *n = data;

	(void)p;
	(void)has_template;
	++*n;
	return 0;
}

static size_t policies(void)
{
	struct spd *s = NULL;
	size_t n = 0;

	assert_int_equal(spd_open(&s), 0);
	assert_int_equal(spd_each(s, count_one, &n), 0);
	spd_close(s);
	return n;
}

static void test_guard_blocks_and_lets_go(void **state)
{
	struct guard_config c = { .port = PORT };
	struct guard_count count;
	struct guard *g;

	(void)state;
	need_kernel();
	assert_true(arrives("127.0.0.1", 40001, "127.0.0.1", PORT, 0)); /* or the test would see nothing */
	assert_int_equal(guard_raise(&g, &c, &count, text, sizeof(text)), 0);
	assert_int_equal(count.ours, policies());
	assert_false(arrives("127.0.0.1", 40002, "127.0.0.1", PORT, 0));
	assert_false(arrives("127.0.0.1", PORT, "127.0.0.1", 40003, 0));
	assert_true(arrives("127.0.0.1", 40004, "127.0.0.1", 40005, 0));
	assert_int_equal(guard_lower(g, text, sizeof(text)), 0);
	assert_int_equal(policies(), 0);
	assert_true(arrives("127.0.0.1", 40006, "127.0.0.1", PORT, 0));
}

static void test_exception(void **state)
{
	struct guard_config c = { .port = PORT };
	struct guard *g;

	(void)state;
	need_kernel();
	/* both ends are on loopback: the peer of either must be in the network */
	assert_int_equal(guard_network_parse(&c.networks[c.n_networks++], "127.9.0.0/16"), 0);
	assert_int_equal(guard_raise(&g, &c, NULL, text, sizeof(text)), 0);
	assert_true(arrives("127.9.0.1", 40011, "127.9.0.2", PORT, 0));
	assert_false(arrives("127.9.0.1", 40012, "127.8.0.2", PORT, 0));
	assert_false(arrives("127.8.0.1", 40013, "127.9.0.2", PORT, 0));
	assert_false(arrives("127.9.0.1", 40014, "127.9.0.2", PORT, 0x40000000)); /* a pinned socket */
	assert_int_equal(guard_lower(g, text, sizeof(text)), 0);
	assert_int_equal(policies(), 0);
}

static void test_killed_predecessor(void **state)
{
	struct guard_config c = { .port = PORT };
	struct guard_count count;
	struct guard *g, *next;

	(void)state;
	need_kernel();
	assert_int_equal(guard_network_parse(&c.networks[c.n_networks++], "127.9.0.0/16"), 0);
	assert_int_equal(guard_raise(&g, &c, &count, text, sizeof(text)), 0);
	free(g); /* it is killed */
	c.n_networks = 0;
	assert_int_equal(guard_raise(&next, &c, &count, text, sizeof(text)), 0);
	assert_int_equal(count.removed, 4);
	assert_int_equal(count.adopted, count.ours);
	assert_false(arrives("127.9.0.1", 40021, "127.9.0.2", PORT, 0));
	assert_int_equal(guard_lower(next, text, sizeof(text)), 0);
	assert_int_equal(policies(), 0);
}

static void test_administrators_policies_stay(void **state)
{
	struct guard_config c = { .port = PORT };
	struct spd_policy list[GUARD_POLICIES_MAX];
	struct guard_count count;
	struct spd *s = NULL;
	struct guard *g;

	(void)state;
	need_kernel();
	guard_list(&c, list);
	list[0].priority = 4000000;
	assert_int_equal(spd_open(&s), 0);
	assert_int_equal(spd_add(s, &list[0]), 0);
	assert_int_equal(guard_raise(&g, &c, &count, text, sizeof(text)), 0);
	assert_int_equal(count.foreign, 1);
	assert_int_equal(guard_lower(g, text, sizeof(text)), 0);
	assert_int_equal(policies(), 1);
	assert_int_equal(spd_delete(s, &list[0]), 0);
	assert_int_equal(spd_delete(s, &list[0]), -ENOENT);
	/* a bypass in the place of a blocking policy */
	list[0].action = XFRM_POLICY_ALLOW;
	assert_int_equal(spd_add(s, &list[0]), 0);
	assert_int_equal(guard_raise(&g, &c, NULL, text, sizeof(text)), -EEXIST);
	assert_int_equal(policies(), 1);
	assert_int_equal(spd_delete(s, &list[0]), 0);
	spd_close(s);
}

static void test_among_thousands(void **state)
{
	struct guard_config c = { .port = PORT };
	struct spd_policy p = { .sel = { .family = AF_INET, .proto = IPPROTO_UDP, .prefixlen_d = 32 }, .priority = 366847 };
	struct spd *s = NULL;
	struct guard *g;

	(void)state;
	need_kernel();
	assert_int_equal(spd_open(&s), 0);
	for (uint32_t i = 0; i < 2000; i++) {
		p.sel.daddr.a4 = htonl(0x0a000000 + i);
		assert_int_equal(spd_add(s, &p), 0);
	}
	assert_int_equal(guard_raise(&g, &c, NULL, text, sizeof(text)), 0);
	assert_true(policies() > 2000);
	assert_int_equal(guard_lower(g, text, sizeof(text)), 0);
	assert_int_equal(policies(), 2000);
	spd_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guard_blocks_and_lets_go), cmocka_unit_test(test_exception),
		cmocka_unit_test(test_killed_predecessor),	 cmocka_unit_test(test_administrators_policies_stay),
		cmocka_unit_test(test_among_thousands),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
