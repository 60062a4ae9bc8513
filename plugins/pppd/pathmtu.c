// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pathmtu.c - IP_MTU of a scratch UDP socket.
 *
 * A connected socket's IP_MTU is that of its route, PMTU discovery's results included.  But where an IPsec policy covers the socket, the
 * kernel has already subtracted ESP from it (by its own, coarser sum).  A socket policy "allow, no transformation" takes the scratch
 * socket out of IPsec, as IKE daemons do with their own sockets, and shows the bare path.  It never sends anything.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "pathmtu.h"
#include "sockpolicy.h"

#ifndef IPV6_MTU
#define IPV6_MTU 24
#endif

static int bypass_ipsec(int fd, uint8_t family)
{
	struct sockpolicy p;

	sockpolicy_init(&p, family, XFRM_POLICY_OUT);
	return sockpolicy_set(fd, &p);
}

static int route_mtu(int fd, const struct sabus_endpoint *to)
{
	uint8_t family = to->addr.family;
	struct sockaddr_storage ss;
	socklen_t optlen = sizeof(int);
	size_t len;
	int mtu, err;

	err = sabus_endpoint_to_sockaddr(to, &ss, &len);
	if (err)
		return err;
	if (connect(fd, (struct sockaddr *)&ss, (socklen_t)len))
		return -errno;
	if (getsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, family == AF_INET ? IP_MTU : IPV6_MTU, &mtu, &optlen))
		return -errno;
	if (mtu < 576)
		return -ERANGE;
	return mtu > 65535 ? 65535 : mtu;
}

int pathmtu_ask(const struct tunnel *t, const struct sabus_sa *sa)
{
	struct sabus_endpoint to = t->flow.remote;
	int fd, mtu;

	if (sa && sa->mode != SABUS_MODE_TRANSPORT && sa->remote.addr.family)
		to.addr = sa->remote.addr;
	fd = socket(to.addr.family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	if (fd < 0)
		return -errno;
	mtu = bypass_ipsec(fd, to.addr.family);
	if (!mtu)
		mtu = route_mtu(fd, &to);
	close(fd);
	return mtu;
}
