/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traffic.h - how many bytes a session's interface has carried, as the kernel counts them.
 *
 * sabusd does not count; the interface is in the network namespace of the session's pppd, which need not be ours, so it is looked up there
 * (/proc/PID/net/dev).  Namespaces are read once each.
 */
#ifndef SABUSCTL_TRAFFIC_H
#define SABUSCTL_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

struct traffic;

struct traffic *traffic_new(void);
void traffic_free(struct traffic *t);
/* PPP payload in bytes: in = from the peer, out = to it.  false: there is no such process or interface, or it cannot be seen. */
bool traffic_of(struct traffic *t, uint32_t pid, const char *ifname, uint64_t *in, uint64_t *out);

#endif
