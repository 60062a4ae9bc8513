/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spd.h - one conversation with the kernel's SPD over NETLINK_XFRM.  Needs CAP_NET_ADMIN.
 *
 * Each call BLOCKS for the kernel's answer: microseconds, 200 ms at most, then -EAGAIN.
 */
#ifndef SABUS_XFRM_SPD_H
#define SABUS_XFRM_SPD_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/xfrm.h>

/* One policy as the kernel gets it.  Without a template: action block, or allow as it is. */
struct spd_policy {
	struct xfrm_selector sel; /* network byte order, as in the kernel's interface */
	struct xfrm_mark mark;	  /* m == 0: any */
	uint32_t priority;
	uint8_t dir, action;
};

struct spd; /* one socket */

/* *out is the caller's until spd_close().  -EPROTONOSUPPORT: the kernel has no XFRM. */
int spd_open(struct spd **out);
void spd_close(struct spd *s); /* NULL is fine */

/* -EEXIST: there is one with this selector and mark, whatever its priority and action. */
int spd_add(struct spd *s, const struct spd_policy *p);

/* Deletes by direction, selector and mark.  -ENOENT. */
int spd_delete(struct spd *s, const struct spd_policy *p);

/* The one with p's direction, selector and mark: *found and whether it has a template.  -ENOENT. */
int spd_get(struct spd *s, const struct spd_policy *p, struct spd_policy *found, bool *has_template);

/* Calls each() for every main policy until it returns nonzero, which is returned; else 0 or -errno.  each() must not use s. */
int spd_each(struct spd *s, int (*each)(void *data, const struct spd_policy *p, bool has_template), void *data);

#endif
