// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * match.c - which SA protects an L2TP tunnel?
 *
 * The question is asked twice in RFC 3193: section 3.3 (the addresses and ports of each packet must be the tunnel's) and section 4.2.2
 * (the selectors carry the exact UDP ports).  The rules here err on the side of "no":
 *
 *  - An SA covers a flow only when *every* packet of the flow fits its selectors: a port that is not known fits only a selector that
 *    admits all ports.
 *  - A transport mode SA protects packets between its own two end points and no others, however wide its selectors are: the kernel
 *    looks its state up by destination address.  Tunnel and BEET mode have inner addresses of their own, there only selectors count.
 *  - A mark, where the flow has one, must be the one that this SA puts on what it decrypts; of an SA that puts none there, the one that
 *    its outbound policy takes (the socket carries it once the tunnel is bound to the SA).  So two clients behind one NAT with the same
 *    addresses and ports are told apart.
 *  - Selectors that did not fit into the model (ts_dropped) cover nothing.
 *
 * Two SAs with one reqid serve one kernel policy.  Of one peer, or linked by a rekey, they are its overlap and one protection.  Of two
 * peers (clients behind one NAT without marks: charon gives them one reqid, as their selectors are equal) one peer's packets may leave on
 * the other's SA: ambiguous, which nobody may take for protected.  So are two reqids, of which the kernel takes one by rules that are
 * not visible from here.
 */
#include "sa.h"

#include <netinet/in.h>
#include <string.h>

static bool ports_all(const struct sabus_ts *ts)
{
	return ts->port_from == 0 && ts->port_to == UINT16_MAX;
}

static bool port_in(const struct sabus_ts *ts, uint16_t port)
{
	return ts->port_from <= port && port <= ts->port_to;
}

static bool carries_udp(const struct sabus_ts *ts)
{
	return ts->proto == 0 || ts->proto == IPPROTO_UDP;
}

static size_t ts_count(const struct sabus_sa *sa)
{
	return sa->n_ts < SABUS_TS_MAX ? sa->n_ts : SABUS_TS_MAX;
}

bool sabus_sa_can_carry_l2tp(const struct sabus_sa *sa)
{
	for (size_t i = 0; i < ts_count(sa); i++) {
		const struct sabus_ts_pair *p = &sa->ts[i];

		if (!carries_udp(&p->local) || !carries_udp(&p->remote))
			continue;
		if (port_in(&p->local, SABUS_L2TP_PORT) || port_in(&p->remote, SABUS_L2TP_PORT))
			return true;
	}
	return false;
}

static bool ts_covers(const struct sabus_ts *ts, const struct sabus_endpoint *e)
{
	if (!carries_udp(ts) || !sabus_addr_within(&e->addr, &ts->from, &ts->to))
		return false;
	return e->port ? port_in(ts, e->port) : ports_all(ts);
}

static bool selectors_cover(const struct sabus_sa *sa, const struct sabus_flow *flow)
{
	for (size_t i = 0; i < ts_count(sa); i++)
		if (ts_covers(&sa->ts[i].local, &flow->local) && ts_covers(&sa->ts[i].remote, &flow->remote))
			return true;
	return false;
}

static bool ends_fit(const struct sabus_sa *sa, const struct sabus_flow *flow)
{
	if (sa->mode != SABUS_MODE_TRANSPORT)
		return true;
	return sabus_addr_equal(&sa->local.addr, &flow->local.addr) && sabus_addr_equal(&sa->remote.addr, &flow->remote.addr);
}

static bool mark_fits(const struct sabus_sa *sa, uint32_t mark)
{
	const struct sabus_mark *m = sa->set_mark_in.mask ? &sa->set_mark_in : &sa->mark_out;

	if (!mark)
		return true;
	return m->mask != 0 && (mark & m->mask) == (m->value & m->mask);
}

bool sabus_sa_covers(const struct sabus_sa *sa, const struct sabus_flow *flow)
{
	return mark_fits(sa, flow->mark) && ends_fit(sa, flow) && selectors_cover(sa, flow);
}

static bool is_candidate(const struct sabus_sa *sa, const struct sabus_flow *flow)
{
	return sa->state == SABUS_SA_INSTALLED && sabus_sa_covers(sa, flow);
}

static bool is_pending_from(const struct sabus_sa *sa, const struct sabus_flow *flow)
{
	return sa->state == SABUS_SA_PENDING && sabus_addr_equal(&sa->remote.addr, &flow->remote.addr);
}

static bool is_replaced(const struct sabus_sa *sas, size_t n, size_t i, const struct sabus_flow *flow)
{
	for (size_t k = 0; k < n; k++)
		if (k != i && sas[k].replaces == sas[i].id && is_candidate(&sas[k], flow))
			return true;
	return false;
}

/* Links first; where they are cut (an SA between two is gone already) the age decides, as it does in the kernel. */
static bool is_newer(const struct sabus_sa *sas, size_t n, size_t a, size_t b, const struct sabus_flow *flow)
{
	bool a_replaced = is_replaced(sas, n, a, flow);

	if (a_replaced != is_replaced(sas, n, b, flow))
		return !a_replaced;
	if (sas[a].installed != sas[b].installed)
		return sas[a].installed > sas[b].installed;
	return sas[a].id > sas[b].id;
}

bool sabus_sa_same_peer(const struct sabus_sa *a, const struct sabus_sa *b)
{
	return a->id_remote[0] && strcmp(a->id_remote, b->id_remote) == 0 && strcmp(a->id_eap, b->id_eap) == 0 &&
	       a->remote.port == b->remote.port && sabus_addr_equal(&a->remote.addr, &b->remote.addr);
}

/* One protection: charon gives clients behind one NAT the same reqid where no marks tell them apart, so that alone proves nothing. */
static bool is_one(const struct sabus_sa *a, const struct sabus_sa *b)
{
	if (a->reqid != b->reqid || !a->reqid) /* reqid 0 is "not known", and what is not known is not the same */
		return false;
	return sabus_sa_same_peer(a, b) || a->replaces == b->id || b->replaces == a->id;
}

/* Is sas[i] one protection with every candidate before it? */
static bool is_one_with_all(const struct sabus_sa *sas, size_t i, const struct sabus_flow *flow)
{
	for (size_t k = 0; k < i; k++)
		if (is_candidate(&sas[k], flow) && !is_one(&sas[k], &sas[i]))
			return false;
	return true;
}

enum sabus_find sabus_sa_find(const struct sabus_sa *sas, size_t n, const struct sabus_flow *flow, size_t *best)
{
	bool pending = false;
	size_t found = n;

	for (size_t i = 0; i < n; i++) {
		pending = pending || is_pending_from(&sas[i], flow);
		if (!is_candidate(&sas[i], flow))
			continue;
		if (!is_one_with_all(sas, i, flow))
			return SABUS_FIND_AMBIGUOUS;
		if (found == n || is_newer(sas, n, i, found, flow))
			found = i;
	}
	if (found == n)
		return pending ? SABUS_FIND_PENDING : SABUS_FIND_NONE;
	*best = found;
	return SABUS_FIND_ONE;
}
