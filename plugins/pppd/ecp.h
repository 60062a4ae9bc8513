/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ecp.h - what a peer that asks for ECP gets.  (Not pppd's own <pppd/ecp.h>.)
 */
#ifndef SABUS_PPPD_ECP_H
#define SABUS_PPPD_ECP_H

/* Takes ECP's place in pppd's protocol table.  Once, before the first link. */
void ecp_hook(void);

#endif
