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
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "fence.h"
#include "guard.h"
#include "host.h"
#include "kernel.h"
#include "sockpolicy.h"

static struct guard *guard;

static int raise_guard(char *err, size_t errlen)
{
	struct guard_config c = *options_clear();
	struct guard_count n;
	char text[192] = "";
	int ret;

	if (options_any_optional() && options_global()->guard)
		xl2tpd->log(LOG_NOTICE,
			    "sabus: no guard policies: a section says 'sabus ipsec = optional', so clear text is allowed from anywhere");
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
	xl2tpd->log(LOG_INFO,
		    "sabus: guard policies for UDP port %u: %zu ours, %zu of these there already, %zu of others left alone, %zu removed",
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
		xl2tpd->log(LOG_WARNING, "sabus: a guard policy could not be taken back: %s (%s)", text, strerror(-ret));
	guard = NULL;
}

static uint32_t mark_for(const struct sabus_mark *m)
{
	return (m->value & m->mask) | (FENCE_MARK & ~m->mask);
}

static uint8_t xfrm_mode(const struct sabus_sa *sa)
{
	switch (sa->mode) {
	case SABUS_MODE_TUNNEL: return XFRM_MODE_TUNNEL;
	case SABUS_MODE_BEET: return XFRM_MODE_BEET;
	default: return XFRM_MODE_TRANSPORT;
	}
}

static void set_xfrm_address(xfrm_address_t *x, const struct sabus_addr *a)
{
	memset(x, 0, sizeof(*x));
	memcpy(x, a->b, a->family == AF_INET6 ? 16 : 4);
}

/* What comes in on fd must have come out of ESP: of sa's mode, or (NULL) in transport mode.  No reqid: any SA of charon's will do. */
static int demand_esp(int fd, const struct sabus_sa *sa)
{
	struct sockpolicy p;
	struct xfrm_user_tmpl *t = &p.tmpl;

	sockpolicy_init(&p, AF_INET, XFRM_POLICY_IN);
	p.demands = true;
	t->id.proto = IPPROTO_ESP;
	t->mode = sa ? xfrm_mode(sa) : XFRM_MODE_TRANSPORT;
	t->family = AF_INET;
	t->aalgos = t->ealgos = t->calgos = ~0u;
	if (t->mode != XFRM_MODE_TRANSPORT) {
		t->family = sa->remote.addr.family;
		set_xfrm_address(&t->saddr, &sa->remote.addr);
		set_xfrm_address(&t->id.daddr, &sa->local.addr);
	}
	return sockpolicy_set(fd, &p);
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
	ret = options_global()->any_mode ? 0 : demand_esp(fd, NULL);
	return ret ? ret : put_mark(fd, FENCE_MARK);
}

int kernel_tunnel_socket(int fd, const struct tun *t)
{
	int ret;

	if (!t->sa)
		return 0;
	ret = demand_esp(fd, t->sa);
	return ret ? ret : put_mark(fd, mark_for(&t->sa->mark_out));
}

int kernel_mark_as(const struct tun *t, const struct sabus_sa *sa)
{
	return xl2tpd->set_mark(t->tid, mark_for(&sa->mark_out));
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
	return mark_for(&a->mark_out) != mark_for(&b->mark_out);
}
