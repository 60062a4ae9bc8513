// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel.c - three belts, each put on before the first datagram that it is for.
 *
 * guard             policies in the SPD: L2TP that no SA takes is dropped, in and out (plugins/xfrm/guard.h).  From start() to close(); not where
 *                   a section says that tunnels may come without an SA: then nobody knows from where.
 * listening socket  inbound: only what came out of ESP.  Outbound: the fence's mark, so that no answer leaves in the clear.  Both only
 *                   where every tunnel needs an SA.
 * tunnel            its own socket: inbound as above.  All that leaves for it, through whichever socket, has its SA's mark, or the fence's
 *                   where the SA has none (same rule as pppd's plugin, see pin.c there).
 *
 * Tunnel mode: a socket policy for transport mode does not take packets from a tunnel mode SA and cannot name both; with `mode = any`
 * the listening socket has none, and the guard alone holds until the tunnel has its own socket.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "fence.h"
#include "guard.h"
#include "host.h"
#include "kernel.h"
#include "report.h"
#include "sockpolicy.h"

static struct guard *guard;

static int raise_guard(char *err, size_t errlen)
{
	struct guard_config c = *options_clear();
	struct guard_count n;
	char text[192] = "";
	int ret;

	if (options_any_optional() && options_global()->guard)
		report_event(LOG_NOTICE, "guard result=none text=\"no guard policies: a section says 'sabus ipsec = optional', so clear "
					 "text is allowed from "
					 "anywhere\"");
	if (!options_global()->guard || options_any_optional())
		return 0;
	c.port = xl2tpd->port;
	ret = guard_raise(&guard, &c, &n, text, sizeof(text));
	if (ret) {
		guard = NULL;
		snprintf(err, errlen, "sabus: the guard policies cannot be set: %s (%s); 'sabus guard = no' does without", text,
			 strerror(-ret));
		return -1;
	}
	report_event(LOG_INFO,
		     "guard result=ok port=%u text=\"guard policies: %zu ours, %zu of these there already, %zu of others left alone, %zu "
		     "removed\"",
		     c.port, n.ours, n.adopted, n.foreign, n.removed);
	return 0;
}

int kernel_start(char *err, size_t errlen)
{
	int ret = fence_raise(AF_INET);

	if (ret) {
		snprintf(err, errlen, "sabus: the fence policy cannot be set: %s (xl2tpd needs CAP_NET_ADMIN and a kernel with XFRM)",
			 strerror(-ret));
		return -1;
	}
	return raise_guard(err, errlen);
}

void kernel_stop(void)
{
	char text[192] = "";
	int ret = guard_lower(guard, text, sizeof(text));

	if (ret)
		report_event(LOG_WARNING, "guard result=failed text=\"a guard policy could not be taken back: %s (%s)\"", text,
			     strerror(-ret));
	guard = NULL;
}

static int put_mark(int fd, uint32_t mark)
{
	return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ? -errno : 0;
}

int kernel_listen(int fd)
{
	int ret;

	if (!options_strict())
		return 0;
	ret = options_global()->any_mode ? 0 : sockpolicy_demand_esp(fd, NULL, AF_INET);
	return ret ? ret : put_mark(fd, FENCE_MARK);
}

int kernel_tunnel_socket(int fd, const struct tun *t)
{
	int ret;

	if (!t->sa)
		return 0;
	ret = sockpolicy_demand_esp(fd, t->sa, AF_INET);
	return ret ? ret : put_mark(fd, fence_mark(&t->sa->mark_out));
}

int kernel_mark_as(const struct tun *t, const struct sabus_sa *sa)
{
	return xl2tpd->set_mark(t->tid, fence_mark(&sa->mark_out));
}

int kernel_mark(const struct tun *t)
{
	if (t->sa)
		return kernel_mark_as(t, t->sa);
	if (t->phase != TUN_OPEN && t->flow.mark)
		return xl2tpd->set_mark(t->tid, t->flow.mark);
	return options_strict() ? xl2tpd->set_mark(t->tid, FENCE_MARK) : 0;
}

int kernel_block(const struct tun *t)
{
	return xl2tpd->set_mark(t->tid, FENCE_MARK);
}

bool kernel_can_pin(const struct sabus_sa *sa)
{
	if (sa->if_id_in || sa->if_id_out)
		return false;
	if (sa->mode == SABUS_MODE_TRANSPORT)
		return true;
	return !(sa->flags & SABUS_SAF_IPCOMP) && sa->local.addr.family && sa->remote.addr.family;
}

bool kernel_mark_differs(const struct sabus_sa *a, const struct sabus_sa *b)
{
	return fence_mark(&a->mark_out) != fence_mark(&b->mark_out);
}
