/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linkapi.h - the inner side of sabus-link.h: whom to tell, whom to ask.
 */
#ifndef SABUS_PPPD_LINKAPI_H
#define SABUS_PPPD_LINKAPI_H

#include "link.h"

/* l is what the exported object speaks of; kept.  Once, from plugin_init. */
void linkapi_init(struct link *l);

/* Tells the watcher, if there is one; what: SABUS_LINK_* bits. */
void linkapi_changed(unsigned int what);

/*
 * Asks the server of changes (commit false), or makes it act (true).  0 or a positive errno, and *text then says why.  ENOTSUP: late has what only such a
 * server could do, and there is none.
 */
int linkapi_change(const struct sabus_reply *late, bool commit, const char **text);

#endif
