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

/* Sets CCP's and IPCP's wishes.  At PHASE_NETWORK: everything earlier could be overwritten by options in a secrets file.  May be repeated. */
void ccp_apply(void);

#endif
