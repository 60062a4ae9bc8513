// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sockpolicy.c - the kernel's per-socket policies.  They come before the policies of the SPD, for this socket's packets only, and go
 * with the socket.  The selector is left open: the socket is connected already.
 */
#include "sockpolicy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#ifndef IP_XFRM_POLICY
#define IP_XFRM_POLICY 17
#endif
#ifndef IPV6_XFRM_POLICY
#define IPV6_XFRM_POLICY 35
#endif

void sockpolicy_init(struct sockpolicy *p, uint8_t family, int dir)
{
	memset(p, 0, sizeof(*p));
	p->info.sel.family = family;
	p->info.dir = (uint8_t)dir;
	p->info.action = XFRM_POLICY_ALLOW;
	p->info.share = XFRM_SHARE_ANY;
	p->info.lft.soft_byte_limit = p->info.lft.hard_byte_limit = XFRM_INF;
	p->info.lft.soft_packet_limit = p->info.lft.hard_packet_limit = XFRM_INF;
}

int sockpolicy_set(int fd, const struct sockpolicy *p)
{
	socklen_t len = (socklen_t)(offsetof(struct sockpolicy, tmpl) + (p->demands ? sizeof(p->tmpl) : 0));
	int err = p->info.sel.family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_XFRM_POLICY, p, len) :
						  setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, p, len);

	return err ? -errno : 0;
}

static void set_xfrm_address(xfrm_address_t *x, const struct sabus_addr *a)
{
	memset(x, 0, sizeof(*x));
	memcpy(x, a->b, a->family == AF_INET6 ? 16 : 4);
}

static uint8_t xfrm_mode(const struct sabus_sa *sa)
{
	switch (sa->mode) {
	case SABUS_MODE_TUNNEL: return XFRM_MODE_TUNNEL;
	case SABUS_MODE_BEET: return XFRM_MODE_BEET;
	default: return XFRM_MODE_TRANSPORT;
	}
}

int sockpolicy_demand_esp(int fd, const struct sabus_sa *sa, uint8_t family)
{
	struct sockpolicy p;
	struct xfrm_user_tmpl *t = &p.tmpl;

	sockpolicy_init(&p, family, XFRM_POLICY_IN);
	p.demands = true;
	t->id.proto = sa ? sa->proto : IPPROTO_ESP;
	t->mode = sa ? xfrm_mode(sa) : XFRM_MODE_TRANSPORT;
	t->family = family;
	t->aalgos = t->ealgos = t->calgos = ~0u;
	if (t->mode != XFRM_MODE_TRANSPORT) {
		t->family = sa->remote.addr.family;
		set_xfrm_address(&t->saddr, &sa->remote.addr);
		set_xfrm_address(&t->id.daddr, &sa->local.addr);
	}
	return sockpolicy_set(fd, &p);
}
