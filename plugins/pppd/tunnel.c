// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tunnel.c - from the PPPoL2TP socket to the UDP flow that an SA must cover.
 *
 * The socket address has the peer's endpoint but not ours.  Ours comes from the tunnel's own UDP socket (exact); where the owner
 * process cannot be reached, from /proc/net/pppol2tp (exact, by ids, IPv4 only), then from /proc/net/udp or udp6 (only if exactly one
 * socket is connected to that peer).  A wildcard local address is no address: such a tunnel is not identified.
 * Our own mark there is the SA's if somebody has put one on the tunnel's socket (a patched xl2tpd, or this plugin for an earlier call).
 *
 * With a join from xl2tpd's plugin there is nothing to look for: the join has our address and, what the socket of a stock xl2tpd never has,
 * the mark.  It must not contradict what the kernel says.
 *
 * L2TPv3 sockets have other sizes of address and are not for pppd: refused as unknown.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_pppox.h>
#include <linux/if_pppol2tp.h>
#include "fence.h"
#include "tunnel.h"

union pppox_address {
	struct sockaddr sa;
	struct sockaddr_storage storage;
	struct sockaddr_pppol2tp v4;
	struct sockaddr_pppol2tpin6 v6;
};

static bool is_pppol2tp(int fd, union pppox_address *a, socklen_t *len)
{
	memset(a, 0, sizeof(*a));
	*len = sizeof(*a);
	if (getsockname(fd, &a->sa, len))
		return false;
	return *len >= sizeof(a->v4) && a->v4.sa_family == AF_PPPOX && a->v4.sa_protocol == PX_PROTO_OL2TP;
}

bool tunnel_socket_present(void)
{
	union pppox_address a;
	struct dirent *e;
	socklen_t len;
	bool found = false;
	DIR *dir;

	dir = opendir("/proc/self/fd");
	if (!dir)
		return false;
	while (!found && (e = readdir(dir))) {
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9')
			found = is_pppol2tp(atoi(e->d_name), &a, &len);
	}
	closedir(dir);
	return found;
}

static bool endpoint_equal(const struct sabus_endpoint *a, const struct sabus_endpoint *b)
{
	return a->port == b->port && sabus_addr_equal(&a->addr, &b->addr);
}

static int endpoint_of(int fd, int (*name)(int, struct sockaddr *, socklen_t *), struct sabus_endpoint *e)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);

	if (name(fd, (struct sockaddr *)&ss, &len))
		return -errno;
	return sabus_endpoint_from_sockaddr(e, (struct sockaddr *)&ss, len);
}

/* Is fd connected as the tunnel is?  Our own end counts once it is known. */
static bool is_of_tunnel(int fd, const struct sabus_flow *flow)
{
	struct sabus_endpoint e;

	if (endpoint_of(fd, getpeername, &e) || !endpoint_equal(&e, &flow->remote))
		return false;
	return !flow->local.addr.family || (!endpoint_of(fd, getsockname, &e) && endpoint_equal(&e, &flow->local));
}

/* Descriptor `remote_fd` of process pid, if it is the socket that the kernel's tunnel uses: pids and descriptors are reused. */
static int socket_of(pid_t pid, int remote_fd, const struct sabus_flow *flow)
{
	int pidfd, fd, err;

	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0)
		return -errno;
	fd = pidfd_getfd(pidfd, remote_fd, 0);
	err = fd < 0 ? -errno : 0;
	close(pidfd);
	if (err)
		return err;
	if (!is_of_tunnel(fd, flow)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

int tunnel_udp_socket(const struct tunnel *t)
{
	int fd, parent;

	if (t->owner_fd < 0)
		return -ESRCH;
	fd = t->owner > 0 ? socket_of(t->owner, t->owner_fd, &t->flow) : -ESRCH;
	if (fd >= 0)
		return fd;
	/* the kernel names the owner by its pid outside of any container; inside, it is still our parent, and why that one cannot be reached counts */
	parent = socket_of(getppid(), t->owner_fd, &t->flow);
	return parent >= 0 || fd == -ESRCH ? parent : fd;
}

static int local_from_socket(struct tunnel *t)
{
	uint32_t mark = 0;
	socklen_t len = sizeof(mark);
	int fd, err;

	fd = tunnel_udp_socket(t);
	if (fd < 0)
		return fd;
	err = endpoint_of(fd, getsockname, &t->flow.local);
	if (!err && !getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len))
		t->flow.mark = mark & ~FENCE_MARK; /* ours, of an earlier session in this tunnel */
	close(fd);
	return err;
}

/* SESSION 'sess 238/2364' 0A090001/1701 00EE/093C -> C179/7E94 : local address (host order) and port, our ids, the peer's */
static int local_from_pppol2tp(struct tunnel *t)
{
	unsigned int ip, port, tid, sid;
	char line[256];
	int err = -ENOENT;
	FILE *f;

	f = fopen("/proc/net/pppol2tp", "re");
	if (!f)
		return -errno;
	while (err && fgets(line, sizeof(line), f)) {
		struct sockaddr_in in = { .sin_family = AF_INET };

		if (sscanf(line, " SESSION '%*[^']' %x/%u %x/%x", &ip, &port, &tid, &sid) != 4 || tid != t->tunnel_id || sid != t->session_id)
			continue;
		in.sin_addr.s_addr = htonl(ip);
		in.sin_port = htons((uint16_t)port);
		err = sabus_endpoint_from_sockaddr(&t->flow.local, (struct sockaddr *)&in, sizeof(in));
	}
	fclose(f);
	return err;
}

/* "0100007F" or 32 digits: words as they lie in memory, each printed as a host-order number. */
static bool proc_address(const char *hex, uint8_t family, struct sabus_addr *a)
{
	size_t words = family == AF_INET ? 1 : 4;
	uint32_t word;

	memset(a, 0, sizeof(*a));
	if (strlen(hex) != words * 8)
		return false;
	for (size_t i = 0; i < words; i++) {
		if (sscanf(hex + i * 8, "%8" SCNx32, &word) != 1)
			return false;
		memcpy(a->b + i * 4, &word, sizeof(word));
	}
	a->family = family;
	return true;
}

static int local_from_udp(struct tunnel *t)
{
	uint8_t family = t->flow.remote.addr.family;
	char line[256], local[33], remote[33];
	struct sabus_endpoint l, r;
	unsigned int lport, rport;
	int found = 0;
	FILE *f;

	f = fopen(family == AF_INET ? "/proc/net/udp" : "/proc/net/udp6", "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %*d: %32[0-9A-F]:%x %32[0-9A-F]:%x", local, &lport, remote, &rport) != 4 ||
		    !proc_address(local, family, &l.addr) || !proc_address(remote, family, &r.addr))
			continue;
		l.port = (uint16_t)lport;
		r.port = (uint16_t)rport;
		if (!endpoint_equal(&r, &t->flow.remote))
			continue;
		t->flow.local = l;
		found++;
	}
	fclose(f);
	return found == 1 ? 0 : -ENOENT; /* two tunnels to one peer: cannot tell which is ours */
}

/* xl2tpd names the tunnel on pppd's command line only where it is the LNS. */
static enum sabus_role find_role(void)
{
	const int *id = dlsym(RTLD_DEFAULT, "pppol2tp_tunnel_id");

	return id && *id ? SABUS_ROLE_LNS : SABUS_ROLE_CLIENT;
}

static int from_v4(const struct sockaddr_pppol2tp *s, struct tunnel *t)
{
	const struct pppol2tp_addr a = s->pppol2tp;
	struct sockaddr_in in = a.addr;

	t->tunnel_id = a.s_tunnel;
	t->session_id = a.s_session;
	t->peer_tunnel_id = a.d_tunnel;
	t->peer_session_id = a.d_session;
	t->owner = a.pid;
	t->owner_fd = a.fd;
	return sabus_endpoint_from_sockaddr(&t->flow.remote, (struct sockaddr *)&in, sizeof(in));
}

static int from_v6(const struct sockaddr_pppol2tpin6 *s, struct tunnel *t)
{
	const struct pppol2tpin6_addr a = s->pppol2tp;
	struct sockaddr_in6 in = a.addr;

	t->tunnel_id = a.s_tunnel;
	t->session_id = a.s_session;
	t->peer_tunnel_id = a.d_tunnel;
	t->peer_session_id = a.d_session;
	t->owner = a.pid;
	t->owner_fd = a.fd;
	return sabus_endpoint_from_sockaddr(&t->flow.remote, (struct sockaddr *)&in, sizeof(in));
}

/* What the kernel can tell of our own end is compared; a tunnel whose socket is out of reach has the peer compared. */
static int take_join(const struct join *join, struct tunnel *t)
{
	if (!endpoint_equal(&join->flow.remote, &t->flow.remote))
		return -EXDEV;
	if (!local_from_socket(t) && !sabus_addr_is_any(&t->flow.local.addr) && !endpoint_equal(&join->flow.local, &t->flow.local))
		return -EXDEV;
	t->flow = join->flow;
	return 0;
}

int tunnel_identify(int fd, const struct join *join, struct tunnel *t)
{
	union pppox_address a;
	socklen_t len;
	int err;

	memset(t, 0, sizeof(*t));
	t->owner_fd = -1;
	if (!is_pppol2tp(fd, &a, &len))
		return -ENOTSOCK;
	if (len == sizeof(a.v4))
		err = from_v4(&a.v4, t);
	else if (len == sizeof(a.v6))
		err = from_v6(&a.v6, t);
	else
		err = -ENOTSUP;
	if (err)
		return err;
	t->role = find_role();
	if (join)
		return take_join(join, t);
	if (local_from_socket(t) && local_from_pppol2tp(t) && local_from_udp(t))
		return -ENOENT;
	if (sabus_addr_is_any(&t->flow.local.addr) || sabus_addr_is_any(&t->flow.remote.addr) || !t->flow.remote.port)
		return -ENOENT;
	return 0;
}
