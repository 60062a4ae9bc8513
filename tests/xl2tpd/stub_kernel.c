// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub_kernel.c - what plugins/xfrm does to the kernel, and the clock.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>
#include "fence.h"
#include "kernelsa.h"
#include "sockpolicy.h"
#include "stub.h"

struct stub_kernel kernel;

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	ts->tv_sec = (time_t)(stub_now() / 1000);
	ts->tv_nsec = (long)(stub_now() % 1000) * 1000000;
	return 0;
}

int fence_raise(uint8_t family)
{
	assert_int_equal(family, AF_INET);
	kernel.fence = !kernel.fence_error;
	return kernel.fence_error;
}

int guard_raise(struct guard **out, const struct guard_config *c, struct guard_count *count, char *text, size_t size)
{
	memset(count, 0, sizeof(*count));
	snprintf(text, size, "the stub's policy");
	if (kernel.guard_error)
		return kernel.guard_error;
	kernel.guard = true;
	kernel.guard_config = *c;
	*out = (struct guard *)&kernel;
	return 0;
}

int guard_lower(struct guard *g, char *text, size_t size)
{
	(void)text;
	(void)size;
	if (g)
		kernel.guard = false;
	return 0;
}

int kernelsa_held(const struct sabus_sa *sa)
{
	assert_non_null(sa);
	kernel.asked++;
	return kernel.held;
}

void sockpolicy_init(struct sockpolicy *p, uint8_t family, int dir)
{
	memset(p, 0, sizeof(*p));
	p->info.sel.family = family;
	p->info.dir = (uint8_t)dir;
}

int sockpolicy_set(int fd, const struct sockpolicy *p)
{
	(void)fd;
	kernel.bypassed += !p->demands && p->info.dir == XFRM_POLICY_OUT;
	return kernel.policy_error;
}

int sockpolicy_demand_esp(int fd, const struct sabus_sa *sa, uint8_t family)
{
	(void)fd;
	assert_int_equal(family, AF_INET);
	if (kernel.policy_error)
		return kernel.policy_error;
	kernel.demands++;
	kernel.demand_mode = sa ? sa->mode : SABUS_MODE_TRANSPORT;
	return 0;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	(void)fd;
	if (level == SOL_SOCKET && option == SO_MARK && len == sizeof(kernel.sock_mark))
		memcpy(&kernel.sock_mark, value, sizeof(kernel.sock_mark));
	return 0;
}
