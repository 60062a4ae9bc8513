/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * join.h - what pppd is told of the tunnel below its call, so that it need not search.
 */
#ifndef SABUS_XL2TPD_JOIN_H
#define SABUS_XL2TPD_JOIN_H

#include "tunnels.h"

/* In call_start: adds words to pppd's command line (opts is xl2tpd's).  0 or -E2BIG: then pppd must not start. */
int join_add_options(const struct tun *t, const struct xl2tpd_call_info *ci, void *opts);

#endif
