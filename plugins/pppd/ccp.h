/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ccp.h - the decision's stance on MPPE and compression, made to hold.  (Not pppd's own <pppd/ccp.h>.)
 */
#ifndef SABUS_PPPD_CCP_H
#define SABUS_PPPD_CCP_H

#include "link.h"

/*
 * Wraps the callbacks of pppd's CCP and LCP state machines; l is kept.  changed() is called when mppe_up changed.
 * Call at PHASE_ESTABLISH; only the first call does anything (two plugins that compare pointers would wrap each other for ever).
 */
void ccp_hook(struct link *l, void (*changed)(struct link *l));

/* A new negotiation begins: forgets what the last one had come to.  At PHASE_ESTABLISH. */
void ccp_reset(void);

/* Are there keys that MPPE has not used yet?  Only then it can be begun on a running link. */
bool ccp_keys_left(void);

/*
 * The decision has just come to require MPPE, on a link in its network phase: CCP is negotiated anew, and no network packet passes before MPPE runs in both
 * directions.  The link ends with policy-changed when it does not within sabus-mppe-timeout, at most 8 seconds.  Not inside a callback of CCP.
 */
void ccp_demand_mppe(void);

/* A network protocol has come up: while MPPE is waited for, its packets are held back too. */
void ccp_hold_networks(void);

/* Sets CCP's and IPCP's wishes.  At PHASE_NETWORK: everything earlier could be overwritten by options in a secrets file.  May be repeated. */
void ccp_apply(void);

#endif
