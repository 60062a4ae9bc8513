// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fence.c - one policy of the SPD.  That it is there already is success: the kernel compares selector and mark, and nobody else has these.
 */
#include "fence.h"

#include <errno.h>
#include <stddef.h>
#include "spd.h"

#define PRIORITY 3999999u /* charon's are below 400000, guard.batch's begin at 4000000 */

int fence_raise(uint8_t family)
{
	struct spd_policy p = {
		.sel.family = family,
		.mark = { .v = FENCE_MARK, .m = FENCE_MARK },
		.priority = PRIORITY,
		.dir = XFRM_POLICY_OUT,
		.action = XFRM_POLICY_BLOCK,
	};
	struct spd *s = NULL;
	int err = spd_open(&s);

	if (err)
		return err;
	err = spd_add(s, &p);
	spd_close(s);
	return err == -EEXIST ? 0 : err;
}
