/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stockradius.h - pppd's own radius.so beside sabus.so, within its limits (sabus-radius.so needs none of this).
 */
#ifndef SABUS_PPPD_STOCKRADIUS_H
#define SABUS_PPPD_STOCKRADIUS_H

#include <stddef.h>
#include "link.h"

/* PHASE_SERIALCONN: takes radius.so's hooks, if it is loaded; repeated calls do nothing.  l is kept. */
void stockradius_hook(struct link *l);

/* Is what the options ask for possible?  false: why says why not. */
bool stockradius_ready(const struct plugin_options *o, char *why, size_t size);

/* PHASE_AUTHENTICATE: with sabus-radius-avpair, radius.so's requests carry what is known of the SA from now on.  The first call counts. */
void stockradius_tell(const struct link *l);

/* LCP begins anew: the next authentication is to be a whole one.  At PHASE_ESTABLISH. */
void stockradius_again(void);

#endif
