/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sockpolicy.h - an IPsec policy for one socket (IP_XFRM_POLICY, IPV6_XFRM_POLICY).  Needs CAP_NET_ADMIN.
 */
#ifndef SABUS_XFRM_SOCKPOLICY_H
#define SABUS_XFRM_SOCKPOLICY_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/xfrm.h>
#include "sa.h"

struct sockpolicy {
	struct xfrm_userpolicy_info info;
	struct xfrm_user_tmpl tmpl;
	bool demands; /* tmpl; false = no transformation, i.e. IPsec is bypassed */
};

/* An "allow" policy for every packet of the socket in direction dir (XFRM_POLICY_IN/OUT), without a template. */
void sockpolicy_init(struct sockpolicy *p, uint8_t family, int dir);

/* Puts the policy on fd in place of the former one of that direction.  0 or -errno. */
int sockpolicy_set(int fd, const struct sockpolicy *p);

/*
 * From now on the socket takes only what came out of ESP, in sa's mode; sa == NULL: in transport mode.  It names no reqid: any SA that charon has
 * installed between the two addresses will do, so a rekey is never a moment in which good packets are dropped.  0 or -errno.
 */
int sockpolicy_demand_esp(int fd, const struct sabus_sa *sa, uint8_t family);

#endif
