/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * radhost.h - pppd 2.5.0 to 2.5.3 as sabus-radius.so sees it: host.h of sabus.so, and what only a RADIUS client needs.
 */
#ifndef SABUS_RADIUS_HOST_H
#define SABUS_RADIUS_HOST_H

#include "host.h"
#include "say.h"
#include <sys/types.h>
#include <pppd/upap.h>
#include <pppd/chap_ms.h>
#include <pppd/eui64.h>
#include <pppd/ipv6cp.h>

/* Exported by every pppd, declared by no installed header. */
struct ppp_idle;
extern int get_ppp_stats(int unit, struct pppd_stats *stats) __attribute__((weak)); /* 1: fine; totals of the interface, never reset */
extern int get_idle_time(int unit, struct ppp_idle *idle) __attribute__((weak));    /* 1: fine */

/* pppd.h declares these without a prototype */
int ppp_ifunit(void);
const char *ppp_ifname(void);
const char *ppp_devnam(void);
const char *ppp_ipparam(void);
ppp_exit_code_t ppp_status(void);
int ppp_get_max_idle_time(void);

#define AUTH_DONE_EAP_PEER 0x020 /* of auth_done[]: the peer authenticated itself with EAP */

#endif
