/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sockpolicy.h - an IPsec policy for one socket (IP_XFRM_POLICY, IPV6_XFRM_POLICY).  Needs CAP_NET_ADMIN.
 */
#ifndef SABUS_PPPD_SOCKPOLICY_H
#define SABUS_PPPD_SOCKPOLICY_H

#include <stddef.h>
#include <stdint.h>
#include <linux/xfrm.h>

#define SOCKPOLICY_TEMPLATES 2

struct sockpolicy {
	struct xfrm_userpolicy_info info;
	struct xfrm_user_tmpl tmpl[SOCKPOLICY_TEMPLATES];
	size_t n; /* templates in use; 0 = no transformation, i.e. IPsec is bypassed */
};

/* An "allow" policy for every packet of the socket in direction dir (XFRM_POLICY_IN/OUT), without a template. */
void sockpolicy_init(struct sockpolicy *p, uint8_t family, int dir);

/* The next template, zeroed, for the caller to fill; NULL when all are in use. */
struct xfrm_user_tmpl *sockpolicy_add(struct sockpolicy *p);

/* Puts the policy on fd in place of the former one of that direction.  0 or -errno. */
int sockpolicy_set(int fd, const struct sockpolicy *p);

#endif
