/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lcp.h - MRU and MTU from the decision.
 *
 * The file is not pppd's own <pppd/lcp.h>, which host.h brings in.
 */
#ifndef SABUS_PPPD_LCP_H
#define SABUS_PPPD_LCP_H

#include "link.h"

/* Sets LCP's wishes and limits.  Call at each PHASE_ESTABLISH (before LCP starts); may be repeated. */
void lcp_apply(const struct link *l);

/* Demands an authentication that gives MPPE keys, where MPPE is required and the administrator's options leave the choice. */
void lcp_demand_keys(const struct link *l);

/* The MRU that we offer the peer, in bytes: the largest PPP information field that fits, MPPE's header included in it. */
int lcp_mru(const struct link *l);

/* The MTU planned for the interface: the same less MPPE's four bytes where MPPE is required or runs. */
int lcp_mtu(const struct link *l);

/* Sets the interface MTU to what holds now (peer's MRU, our limit, MPPE).  only_lower: never raises it.  LCP must be up. */
void lcp_set_interface_mtu(const struct link *l, bool only_lower);

#endif
