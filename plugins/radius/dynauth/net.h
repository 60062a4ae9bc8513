/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net.h - the UDP sockets: one per address that is listened on, IPv4 and IPv6 each for itself; answers leave from the address that the request came to.
 *
 * Never blocks.  One thread.
 */
#ifndef SABUS_DYNAUTH_NET_H
#define SABUS_DYNAUTH_NET_H

#include "dynauth.h"

#define NET_BURST 64 /* datagrams per socket and turn */

struct net {
	int fds[CONF_LISTEN_MAX];
	int families[CONF_LISTEN_MAX];
	size_t n;
};

/* Opens the sockets of the configuration; without any, all addresses of the families that this host has.  0, or -errno after a log line. */
int net_open(struct net *net, const struct conf *conf);
void net_readable(struct net *net, size_t i, struct dynauth *d);
/* dynauth's `send`.  What the kernel does not take is lost, as UDP is: the client asks again. */
void net_send(const struct net *net, const struct dyn_peer *peer, const uint8_t *p, size_t len);
void net_close(struct net *net);

#endif
