/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stub_spd.h - a kernel's SPD made of cardboard, behind libmnl's socket calls.
 *
 * It does what Linux does: one policy per direction, selector, mark and interface id; EXCL; a dump in several packets; errors on demand.
 */
#ifndef SABUS_TEST_XFRM_STUB_SPD_H
#define SABUS_TEST_XFRM_STUB_SPD_H

#include <stdbool.h>
#include <stddef.h>
#include "spd.h"

#define STUB_POLICIES 1024

struct stub_policy {
	struct spd_policy p;
	bool has_template;
};

struct stub_spd {
	struct stub_policy list[STUB_POLICIES];
	size_t n;
	int open_errno; /* no socket */
	int mute_after; /* so many requests are answered, then none; -1: all */
	int fail_at;	/* the request with this number (from 0) is answered with fail_error; -1: none */
	int fail_error; /* -errno */
	bool no_ipv6;
	bool stale;	       /* each answer is preceded by one to an older request */
	int requests, sockets; /* seen; open now */
};
extern struct stub_spd spd;

void stub_spd_reset(void);
void stub_spd_put(const struct spd_policy *p, bool has_template);    /* somebody else's */
const struct stub_policy *stub_spd_find(const struct spd_policy *p); /* by selector, mark, direction */

#endif
