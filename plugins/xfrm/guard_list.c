// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guard_list.c - which policies make the guard.  Pure.
 *
 * Eight block: port as destination and as source, both directions, both families.  Four more per network let its packets pass; a
 * selector has one network, which is the source of what comes in and the destination of what goes out.
 *
 * An exception is for peers that never had an SA.  A tunnel that is on one (pinned: its socket has a mark, the SA's or the fence's) must
 * not go on in the clear when the SA is gone, so the exceptions outbound are for packets without a mark.  Inbound the socket policy of the
 * pinned socket does the same.
 */
#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t bits_of(uint8_t family)
{
	return family == AF_INET6 ? 128 : 32;
}

/* ---- networks ---- */

static void mask_address(struct sabus_addr *a, uint8_t prefix)
{
	for (unsigned int i = 0; i < sizeof(a->b); i++) {
		unsigned int kept = prefix > i * 8 ? prefix - i * 8 : 0;

		if (kept < 8)
			a->b[i] &= (uint8_t)(0xff00u >> kept);
	}
}

/* No sign, no blanks: what strtoul() takes besides is not a prefix. */
static int parse_prefix(const char *text, uint8_t max, uint8_t *prefix)
{
	unsigned long n;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	n = strtoul(text, &end, 10);
	if (*end || n > max)
		return -EINVAL;
	*prefix = (uint8_t)n;
	return 0;
}

int guard_network_parse(struct guard_network *n, const char *text)
{
	char address[SABUS_ADDR_STRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct sabus_addr masked;

	if (len >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, len);
	address[len] = 0;
	memset(n, 0, sizeof(*n));
	if (sabus_addr_parse(&n->addr, address))
		return -EINVAL;
	n->prefix = bits_of(n->addr.family);
	if (slash && parse_prefix(slash + 1, n->prefix, &n->prefix))
		return -EINVAL;
	masked = n->addr;
	mask_address(&masked, n->prefix);
	return sabus_addr_equal(&masked, &n->addr) ? 0 : -EINVAL;
}

bool guard_exempts(const struct guard_config *c, const struct sabus_addr *peer)
{
	for (size_t i = 0; i < c->n_networks; i++) {
		struct sabus_addr masked = *peer;

		mask_address(&masked, c->networks[i].prefix);
		if (sabus_addr_equal(&masked, &c->networks[i].addr))
			return true;
	}
	return false;
}

/* ---- policies ---- */

static struct spd_policy make(uint8_t family, uint8_t dir, bool source, uint16_t port, uint8_t action)
{
	struct spd_policy p;

	memset(&p, 0, sizeof(p));
	p.sel.family = family;
	p.sel.proto = IPPROTO_UDP;
	if (source) {
		p.sel.sport = htons(port);
		p.sel.sport_mask = UINT16_MAX;
	} else {
		p.sel.dport = htons(port);
		p.sel.dport_mask = UINT16_MAX;
	}
	p.dir = dir;
	p.action = action;
	p.priority = (action == XFRM_POLICY_BLOCK ? GUARD_PRIORITY_BLOCK : GUARD_PRIORITY_ALLOW) + source;
	return p;
}

static struct spd_policy make_exception(const struct guard_network *n, uint8_t dir, bool source, uint16_t port)
{
	struct spd_policy p = make(n->addr.family, dir, source, port, XFRM_POLICY_ALLOW);

	memcpy(dir == XFRM_POLICY_IN ? &p.sel.saddr : &p.sel.daddr, n->addr.b, bits_of(n->addr.family) / 8);
	if (dir == XFRM_POLICY_IN)
		p.sel.prefixlen_s = n->prefix;
	else
		p.sel.prefixlen_d = n->prefix;
	if (dir == XFRM_POLICY_OUT)
		p.mark.m = UINT32_MAX; /* value 0: unmarked */
	return p;
}

size_t guard_list(const struct guard_config *c, struct spd_policy *list)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	static const uint8_t dirs[] = { XFRM_POLICY_IN, XFRM_POLICY_OUT };
	size_t n = 0;

	for (size_t f = 0; f < 2; f++)
		for (size_t d = 0; d < 2; d++)
			for (int source = 0; source < 2; source++)
				list[n++] = make(families[f], dirs[d], source, c->port, XFRM_POLICY_BLOCK);
	for (size_t i = 0; i < c->n_networks; i++)
		for (size_t d = 0; d < 2; d++)
			for (int source = 0; source < 2; source++)
				list[n++] = make_exception(&c->networks[i], dirs[d], source, c->port);
	return n;
}

static bool same_addresses(const struct xfrm_selector *a, const struct xfrm_selector *b)
{
	return memcmp(&a->saddr, &b->saddr, sizeof(a->saddr)) == 0 && memcmp(&a->daddr, &b->daddr, sizeof(a->daddr)) == 0 &&
	       a->prefixlen_s == b->prefixlen_s && a->prefixlen_d == b->prefixlen_d && a->family == b->family;
}

static bool same_selector(const struct xfrm_selector *a, const struct xfrm_selector *b)
{
	return same_addresses(a, b) && a->proto == b->proto && a->ifindex == b->ifindex && a->user == b->user && a->sport == b->sport &&
	       a->sport_mask == b->sport_mask && a->dport == b->dport && a->dport_mask == b->dport_mask;
}

bool guard_same(const struct spd_policy *a, const struct spd_policy *b)
{
	return same_selector(&a->sel, &b->sel) && a->mark.v == b->mark.v && a->mark.m == b->mark.m && a->priority == b->priority &&
	       a->dir == b->dir && a->action == b->action;
}

bool guard_made(const struct spd_policy *p, bool has_template, uint16_t port)
{
	uint32_t base = p->action == XFRM_POLICY_BLOCK ? GUARD_PRIORITY_BLOCK : GUARD_PRIORITY_ALLOW;
	bool source = p->priority == base + 1;

	if (has_template || p->sel.proto != IPPROTO_UDP || (p->dir != XFRM_POLICY_IN && p->dir != XFRM_POLICY_OUT))
		return false;
	if (source)
		return p->sel.sport == htons(port) && p->sel.sport_mask == UINT16_MAX && !p->sel.dport_mask;
	return p->priority == base && p->sel.dport == htons(port) && p->sel.dport_mask == UINT16_MAX && !p->sel.sport_mask;
}

static const char *address_text(const xfrm_address_t *a, uint16_t family, char buf[INET6_ADDRSTRLEN])
{
	return inet_ntop(family, a, buf, INET6_ADDRSTRLEN) ? buf : "?";
}

const char *guard_text(const struct spd_policy *p, char buf[GUARD_STRLEN])
{
	char s[INET6_ADDRSTRLEN], d[INET6_ADDRSTRLEN];

	snprintf(buf, GUARD_STRLEN, "%s %s udp %s/%u -> %s/%u %s %u priority %u", p->action == XFRM_POLICY_BLOCK ? "block" : "allow",
		 p->dir == XFRM_POLICY_IN ? "in" : "out", address_text(&p->sel.saddr, p->sel.family, s), p->sel.prefixlen_s,
		 address_text(&p->sel.daddr, p->sel.family, d), p->sel.prefixlen_d, p->sel.sport_mask ? "sport" : "dport",
		 ntohs(p->sel.sport_mask ? p->sel.sport : p->sel.dport), p->priority);
	return buf;
}
