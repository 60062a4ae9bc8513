// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net.c - see net.h.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "log.h"
#include "net.h"

static int set(int fd, int level, int name)
{
	const int on = 1;

	return setsockopt(fd, level, name, &on, sizeof(on));
}

static int open_one(const struct sabus_endpoint *e)
{
	const bool v6 = e->addr.family == AF_INET6;
	struct sockaddr_storage ss;
	size_t len;
	int fd = socket(e->addr.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	/* IP_FREEBIND: an address that moves here with a failover, or comes up later, is none to wait for */
	if (v6 ? set(fd, IPPROTO_IPV6, IPV6_V6ONLY) || set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO) || set(fd, IPPROTO_IPV6, IPV6_FREEBIND)
	       : set(fd, IPPROTO_IP, IP_PKTINFO) || set(fd, IPPROTO_IP, IP_FREEBIND))
		err = -errno;
	else if (sabus_endpoint_to_sockaddr(e, &ss, &len) < 0 || bind(fd, (const struct sockaddr *)&ss, (socklen_t)len) < 0)
		err = -errno;
	if (err < 0) {
		close(fd);
		return err;
	}
	return fd;
}

static int add(struct net *net, const struct sabus_endpoint *e)
{
	char addr[SABUS_ADDR_STRLEN];
	int fd = open_one(e);

	if (fd < 0) {
		dyn_log(DYN_LOG_OWN, LOG_ERR, "listen-failed address=%s port=%u text=\"%s\"", sabus_addr_text(&e->addr, addr), e->port,
			strerror(-fd));
		return fd;
	}
	net->fds[net->n] = fd;
	net->families[net->n] = e->addr.family;
	net->n++;
	return 0;
}

static bool has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int net_open(struct net *net, const struct conf *conf)
{
	const struct sabus_endpoint all[] = {
		{ .addr.family = AF_INET, .port = CONF_PORT },
		{ .addr.family = AF_INET6, .port = CONF_PORT },
	};
	int ret = 0;

	memset(net, 0, sizeof(*net));
	for (size_t i = 0; i < conf->n_listen && ret == 0; i++)
		ret = add(net, &conf->listen[i]);
	if (conf->n_listen == 0)
		ret = add(net, &all[0]);
	if (conf->n_listen == 0 && ret == 0 && has_ipv6())
		ret = add(net, &all[1]);
	if (ret < 0)
		net_close(net);
	return ret;
}

void net_close(struct net *net)
{
	while (net->n)
		close(net->fds[--net->n]);
}

/* ---- in ---- */

static void read_control(struct msghdr *msg, struct dyn_peer *peer)
{
	struct in6_pktinfo p6;
	struct in_pktinfo p4;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&p4, CMSG_DATA(c), sizeof(p4));
			peer->to.family = AF_INET;
			memcpy(peer->to.b, &p4.ipi_addr, 4);
			peer->ifindex = (unsigned int)p4.ipi_ifindex;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&p6, CMSG_DATA(c), sizeof(p6));
			peer->to.family = AF_INET6;
			memcpy(peer->to.b, &p6.ipi6_addr, 16);
			peer->ifindex = p6.ipi6_ifindex;
		}
	}
}

/* One datagram: its length, or -1: nothing there. */
static ssize_t receive(const struct net *net, size_t i, uint8_t buf[RADIUS_MAX + 1], struct dyn_peer *peer)
{
	_Alignas(struct cmsghdr) char control[256];
	struct sockaddr_storage from;
	struct iovec iov = { buf, RADIUS_MAX + 1 };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(net->fds[i], &msg, MSG_DONTWAIT);

	memset(peer, 0, sizeof(*peer));
	if (n < 0)
		return -1;
	peer->socket = (int)i;
	sabus_endpoint_from_sockaddr(&peer->from, (const struct sockaddr *)&from, msg.msg_namelen);
	read_control(&msg, peer);
	return n;
}

void net_readable(struct net *net, size_t i, struct dynauth *d)
{
	uint8_t buf[RADIUS_MAX + 1];
	struct dyn_peer peer;

	for (int n = 0; n < NET_BURST; n++) {
		ssize_t len = receive(net, i, buf, &peer);

		if (len < 0)
			return;
		dynauth_datagram(d, &peer, buf, (size_t)len, now_ms(), (int64_t)time(NULL));
	}
}

/* ---- out ---- */

static void write_control(struct msghdr *msg, const struct dyn_peer *peer)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct in6_pktinfo p6 = { .ipi6_ifindex = peer->ifindex };
	struct in_pktinfo p4 = { 0 };

	if (c && peer->to.family == AF_INET) {
		memcpy(&p4.ipi_spec_dst, peer->to.b, 4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(p4));
		memcpy(CMSG_DATA(c), &p4, sizeof(p4));
		msg->msg_controllen = CMSG_SPACE(sizeof(p4));
	} else if (c && peer->to.family == AF_INET6) {
		memcpy(&p6.ipi6_addr, peer->to.b, 16);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(p6));
		memcpy(CMSG_DATA(c), &p6, sizeof(p6));
		msg->msg_controllen = CMSG_SPACE(sizeof(p6));
	} else {
		msg->msg_control = NULL;
		msg->msg_controllen = 0;
	}
}

void net_send(const struct net *net, const struct dyn_peer *peer, const uint8_t *p, size_t len)
{
	_Alignas(struct cmsghdr) char control[256] = { 0 };
	struct iovec iov = { (void *)(uintptr_t)p, len };
	struct sockaddr_storage to;
	struct msghdr msg = { .msg_name = &to, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	char addr[SABUS_ADDR_STRLEN];
	size_t to_len;

	if (sabus_endpoint_to_sockaddr(&peer->from, &to, &to_len) < 0)
		return;
	msg.msg_namelen = (socklen_t)to_len;
	write_control(&msg, peer);
	if (sendmsg(net->fds[peer->socket], &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		dyn_log(DYN_LOG_CLIENT, LOG_WARNING, "send-failed client=%s text=\"%s\"", sabus_addr_text(&peer->from.addr, addr),
			strerror(errno));
}
