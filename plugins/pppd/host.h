/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - pppd 2.5.0 to 2.5.3 as this plugin sees it.
 *
 * Everything that ppp-dev declares comes from its headers.  A few names that every pppd exports and no installed header declares are
 * declared here, with the types of pppd's own source; pppd-private.h is not shipped and never used.  What only some releases have is
 * weak and must be compared with NULL before use.
 *
 * pppd is one thread with one main loop: every function of this plugin runs in it.  Its log functions have their own formatter
 * (no %f, %z, %lx before 2.5.3): text is formatted with snprintf() and handed over as "%s".
 */
#ifndef SABUS_PPPD_HOST_H
#define SABUS_PPPD_HOST_H

#include <stdbool.h>
#include <pppd/pppd.h>
#include <pppd/options.h>
#include <pppd/fsm.h>
#include <pppd/lcp.h>
#include <pppd/ccp.h>
#include <pppd/ecp.h>
#include <pppd/ipcp.h>
#include <pppd/chap.h>
#include <pppd/mppe.h>
#include <linux/ppp_defs.h>

#if !defined(PPP_WITH_MPPE) || !defined(PPP_WITH_CHAPMS)
#error "this pppd was built without MPPE or MS-CHAP: sabus-encryption=require could not be enforced"
#endif

/* main.c, options.c, auth.c, ccp.c of pppd */
extern bool persist;
extern bool multilink __attribute__((weak));
extern bool refuse_pap, refuse_chap, refuse_mschap_v2;
extern bool refuse_mppe_stateful;
extern int auth_done[];

/* auth_done[]: which authentication was carried out */
#define AUTH_DONE_BY_PEER 0x02a /* PAP, CHAP, EAP: the peer to us */
#define AUTH_DONE_EAP  0x030 /* EAP, either direction */
#define AUTH_DONE_MSCHAP 0xf00 /* MS-CHAP and MS-CHAPv2, a bit for each direction */

/* pppd >= 2.5.3: events from file descriptors; NULL on older ones */
extern void add_fd_callback(int fd, void (*cb)(int fd, void *ctx), void *ctx) __attribute__((weak));
extern void remove_fd(int fd) __attribute__((weak));

/* pppd built with packet filters (Debian's is): pcap's struct bpf_program, whose instructions are the kernel's */
struct sock_filter;
struct host_filter {
	unsigned int len;
	struct sock_filter *insns;
};
extern struct host_filter pass_filter __attribute__((weak));
extern struct host_filter active_filter __attribute__((weak));
extern int set_filters(struct host_filter *pass, struct host_filter *active) __attribute__((weak)); /* 1 = fine */

/* sys-linux.c: what the kernel does with packets of a network protocol (PPP_IP, PPP_IPV6); 1 = fine */
extern int sifnpmode(int unit, int proto, enum NPmode mode);
/* options.c: words as of an options file; 1 = fine */
extern int options_from_list(struct wordlist *words, int privileged);
extern fsm ipv6cp_fsm[] __attribute__((weak));

/* CCP configuration option (RFC 3078 section 2) */
#define CI_MPPE	   18
#define CILEN_MPPE 6

/* pppd's frames: address, control, protocol */
#define HOST_PPP_HDRLEN 4

#endif
