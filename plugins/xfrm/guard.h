/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard.h - L2TP that no SA takes is dropped by the kernel, in and out, whatever the state of the daemons.
 *
 * The guard is a set of policies in the kernel's SPD: UDP with the L2TP port as destination or as source is blocked, IPv4 and IPv6, in
 * and out, so for server and client alike.  charon's policies have a far better priority, so protected packets pass.  Networks that may
 * come without an SA get an exception: policies of a priority between the two that let such packets pass as they are.
 *
 * The priorities are the guard's own signature: by them a daemon that was killed is recognised by its successor, which takes over
 * what is still wanted and removes the rest.  What others have put there (sabus/guard.batch at 4000000 and 4000001, an administrator)
 * is never changed and never taken away.  Two daemons on one port in one network namespace would share one guard: not supported.
 */
#ifndef SABUS_XFRM_GUARD_H
#define SABUS_XFRM_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sa.h"
#include "spd.h"

/* The smaller number goes first.  charon's are below 400000, the fence has 3999999. */
#define GUARD_PRIORITY_ALLOW 3999000u /* and + 1 */
#define GUARD_PRIORITY_BLOCK 3999100u /* and + 1: those for the port as source */

#define GUARD_NETWORKS_MAX 64
#define GUARD_POLICIES_MAX (8 + 4 * GUARD_NETWORKS_MAX)

struct guard_network {
	struct sabus_addr addr; /* bits beyond the prefix are zero */
	uint8_t prefix;		/* bits, 0..32 or 0..128 */
};

struct guard_config {
	uint16_t port; /* UDP port of L2TP, host byte order, not 0 */
	size_t n_networks;
	struct guard_network networks[GUARD_NETWORKS_MAX]; /* peers that may come without an SA */
};

/* ---- pure (guard_list.c) ---- */

/*
 * "10.1.0.0/16", "2001:db8::/32", or an address alone.  0; -EINVAL: no address, or a prefix that is not a number in its range, or an
 * address with bits beyond the prefix (10.1.2.3/16: more is meant or less).
 */
int guard_network_parse(struct guard_network *n, const char *text);

/* Is the address in one of the networks?  An IPv4 network holds IPv4 addresses only. */
bool guard_exempts(const struct guard_config *c, const struct sabus_addr *peer);

/* Writes the policies of c, the blocking ones first, and returns how many.  list has room for GUARD_POLICIES_MAX. */
size_t guard_list(const struct guard_config *c, struct spd_policy *list);

bool guard_same(const struct spd_policy *a, const struct spd_policy *b);

/* Is the policy one that a guard for this port has made, now or earlier? */
bool guard_made(const struct spd_policy *p, bool has_template, uint16_t port);

#define GUARD_STRLEN 160
/* "block in udp 0.0.0.0/0 -> 0.0.0.0/0 dport 1701 priority 3999100".  Returns buf. */
const char *guard_text(const struct spd_policy *p, char buf[GUARD_STRLEN]);

/* ---- the kernel (guard.c); needs CAP_NET_ADMIN ---- */

struct guard; /* what this process has put into the SPD, or taken over from a killed one */

struct guard_count {
	size_t ours;	/* policies that guard_lower() takes away */
	size_t adopted; /* of these, found there already */
	size_t foreign; /* not ours, there with the same selector, and left alone */
	size_t removed; /* of a killed predecessor, no longer wanted */
};

/*
 * Puts the policies of c into the SPD: those of a killed predecessor are adopted or, where not wanted, removed.  A policy of somebody
 * else with the same selector is left alone if it blocks or demands IPsec (or where ours would only be an exception); one that lets clear text through where ours would
 * block is an error, -EEXIST: no guard could be promised.  A kernel without IPv6 needs none there.
 * 0: *out is the caller's until guard_lower(); count (may be NULL) tells.  -errno: the SPD is as it was, but for what a killed
 * predecessor had left; text (size bytes) says which policy and why.  -EPERM: no CAP_NET_ADMIN; -EPROTONOSUPPORT: a kernel without
 * XFRM; -EINVAL: port 0 or too many networks.
 * BLOCKS for the kernel's answers: microseconds each; 200 ms at most without one, then -EAGAIN.
 */
int guard_raise(struct guard **out, const struct guard_config *c, struct guard_count *count, char *text, size_t size);

/*
 * Takes away what guard_raise() has put there, the exceptions first, and frees g (NULL is fine).  A policy that is gone already is fine.
 * 0, or the first -errno, with its policy in text; the others are taken away all the same.  BLOCKS like guard_raise().
 */
int guard_lower(struct guard *g, char *text, size_t size);

#endif
