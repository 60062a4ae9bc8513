// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub_kernel.c - the socket calls and the libmnl calls that the plugin makes.  Descriptor 100 is the PPPoL2TP socket; the tunnel's UDP
 * socket and scratch sockets are real descriptors (of /dev/null), so that leaks can be seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_pppox.h>
#include <linux/if_pppol2tp.h>
#include <linux/xfrm.h>
#include <dirent.h>
#include <libmnl/libmnl.h>
#include "stub.h"

struct stub_kernel kernel;
static bool scratch[1024];

static void put_address(struct sockaddr *sa, socklen_t *len, bool remote)
{
	if (kernel.ipv6) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(1701) };

		inet_pton(AF_INET6, remote ? "2001:db8::2" : "2001:db8::1", &in6.sin6_addr);
		memcpy(sa, &in6, sizeof(in6));
		*len = sizeof(in6);
	} else {
		struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(1701) };

		inet_pton(AF_INET, remote ? "10.9.0.2" : "10.9.0.1", &in.sin_addr);
		memcpy(sa, &in, sizeof(in));
		*len = sizeof(in);
	}
}

static void pppox_v4(struct sockaddr *sa, socklen_t *len)
{
	struct sockaddr_pppol2tp s = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OL2TP };
	struct sockaddr_in in;
	socklen_t n;

	put_address((struct sockaddr *)&in, &n, true);
	s.pppol2tp.addr = in;
	s.pppol2tp.pid = 1;
	s.pppol2tp.fd = 5;
	s.pppol2tp.s_tunnel = 238;
	s.pppol2tp.s_session = 2364;
	s.pppol2tp.d_tunnel = 49529;
	s.pppol2tp.d_session = 32404;
	memcpy(sa, &s, sizeof(s));
	*len = sizeof(s);
}

static void pppox_v6(struct sockaddr *sa, socklen_t *len)
{
	struct sockaddr_pppol2tpin6 s = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OL2TP };
	struct sockaddr_in6 in6;
	socklen_t n;

	put_address((struct sockaddr *)&in6, &n, true);
	s.pppol2tp.addr = in6;
	s.pppol2tp.pid = 1;
	s.pppol2tp.fd = 5;
	s.pppol2tp.s_tunnel = 238;
	s.pppol2tp.s_session = 2364;
	s.pppol2tp.d_tunnel = 49529;
	s.pppol2tp.d_session = 32404;
	memcpy(sa, &s, sizeof(s));
	*len = sizeof(s);
}

int getsockname(int fd, struct sockaddr *sa, socklen_t *len)
{
	if (fd != STUB_FD) {
		put_address(sa, len, false);
		return 0;
	}
	if (!kernel.pppox) {
		errno = ENOTSOCK;
		return -1;
	}
	(kernel.ipv6 ? pppox_v6 : pppox_v4)(sa, len);
	return 0;
}

int getpeername(int fd, struct sockaddr *sa, socklen_t *len)
{
	(void)fd;
	put_address(sa, len, true);
	if (kernel.udp_other)
		((struct sockaddr_in *)sa)->sin_port = htons(1702);
	return 0;
}

/* /proc/self/fd, as far as the plugin looks at it */
static struct dirent entry = { .d_name = "100" };
static int read_once;

DIR *opendir(const char *name)
{
	(void)name;
	read_once = 0;
	return (DIR *)&entry;
}

struct dirent *readdir(DIR *dir)
{
	(void)dir;
	return read_once++ ? NULL : &entry;
}

int closedir(DIR *dir)
{
	(void)dir;
	return 0;
}

int pidfd_open(pid_t pid, unsigned int flags)
{
	(void)pid;
	(void)flags;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int pidfd_getfd(int pidfd, int targetfd, unsigned int flags)
{
	(void)pidfd;
	(void)targetfd;
	(void)flags;
	if (kernel.udp_hidden) {
		errno = EPERM;
		return -1;
	}
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* the tests' files belong to whom a test says, whoever runs it */
int fstat(int fd, struct stat *st)
{
	int err = fstatat(fd, "", st, AT_EMPTY_PATH);

	st->st_uid = kernel.file_uid;
	return err;
}

int socket(int domain, int type, int protocol)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)domain;
	(void)type;
	(void)protocol;
	scratch[fd] = true;
	kernel.bypassed = false;
	return fd;
}

int connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	(void)fd;
	(void)sa;
	(void)len;
	if (kernel.mtu)
		return 0;
	errno = ENETUNREACH;
	return -1;
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	(void)fd;
	*len = sizeof(int);
	if (level == SOL_SOCKET && option == SO_MARK)
		memcpy(value, &kernel.mark, sizeof(kernel.mark));
	else
		memcpy(value, &kernel.mtu, sizeof(kernel.mtu));
	return 0;
}

static void note_policy(const void *value, socklen_t len)
{
	const struct xfrm_userpolicy_info *p = value;
	const struct xfrm_user_tmpl *t = (const void *)(p + 1);
	size_t n = (len - sizeof(*p)) / sizeof(*t);

	if (p->dir == XFRM_POLICY_IN) {
		kernel.policies_in++;
		kernel.reqid_in = t[n - 1].reqid;
		kernel.mode_in = t[n - 1].mode;
	} else {
		kernel.policies_out++;
	}
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	if (level == SOL_SOCKET && option == SO_MARK) {
		memcpy(&kernel.mark, value, sizeof(kernel.mark));
		return 0;
	}
	if (level == SOL_SOCKET)
		return 0;
	if (scratch[fd]) {
		scratch[fd] = false;
		kernel.bypassed = len == sizeof(struct xfrm_userpolicy_info);
		return 0;
	}
	if (kernel.policy_errno) {
		errno = kernel.policy_errno;
		return -1;
	}
	note_policy(value, len);
	return 0;
}

/* ---- XFRM_MSG_GETSA, XFRM_MSG_NEWPOLICY ---- */
static unsigned int seq;
static bool fence;	/* the last request was for a policy */

static void note_fence(const struct nlmsghdr *nlh)
{
	const struct xfrm_userpolicy_info *p = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a = mnl_nlmsg_get_payload_offset(nlh, sizeof(*p));
	const struct xfrm_mark *m = mnl_attr_get_payload(a);

	if (p->dir == XFRM_POLICY_OUT && p->action == XFRM_POLICY_BLOCK && mnl_attr_get_type(a) == XFRMA_MARK && m->v == m->m)
		kernel.fence = m->v;
}

struct mnl_socket *mnl_socket_open(int bus_type)
{
	(void)bus_type;
	return (struct mnl_socket *)&seq;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

int mnl_socket_get_fd(const struct mnl_socket *nl)
{
	(void)nl;
	return 99;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t size)
{
	const struct nlmsghdr *nlh = req;

	(void)nl;
	fence = nlh->nlmsg_type == XFRM_MSG_NEWPOLICY;
	if (fence)
		note_fence(nlh);
	else
		kernel.asked++;
	seq = nlh->nlmsg_seq;
	return (ssize_t)size;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *e;

	(void)nl;
	(void)size;
	nlh->nlmsg_seq = seq;
	if (fence) {
		nlh->nlmsg_type = NLMSG_ERROR;
		e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));
		e->error = kernel.fence_error;
	} else if (kernel.held == 1) {
		nlh->nlmsg_type = XFRM_MSG_NEWSA;
	} else {
		nlh->nlmsg_type = NLMSG_ERROR;
		e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));
		e->error = kernel.held ? kernel.held : -ESRCH;
	}
	return nlh->nlmsg_len;
}

int mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}
