/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system and library calls of xl2tpd, answered by the world.
 *
 * Declared with the types that matter to the caller's ABI only; the daemon's
 * objects are renamed to these by name (build.sh), not compiled against them.
 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <termios.h>
#include <arpa/inet.h>

#include "calls.h"

/* Sockets */

int world_socket(int domain, int type, int protocol)
{
	(void)type;
	(void)protocol;
	if (world_fault(WORLD_FAULT_SOCKET)) {
		errno = ENOMEM;
		return -1;
	}
	if (domain == AF_INET)
		return world_fd(WORLD_UDP);
	return world_fd(domain == AF_PPPOX ? WORLD_PPPOX : WORLD_OTHER);
}

static int use(int fd, enum world_fault f, int error)
{
	if (world_kind(fd) == WORLD_FREE)
		world_bug("descriptor %d is used and not open", fd);
	if (!world_fault(f))
		return 0;
	errno = error;
	return -1;
}

int world_bind(int fd, const void *addr, unsigned int len)
{
	(void)addr;
	(void)len;
	return use(fd, WORLD_FAULT_BIND, EADDRINUSE);
}

int world_connect(int fd, const void *addr, unsigned int len)
{
	(void)addr;
	(void)len;
	return use(fd, WORLD_FAULT_CONNECT, ENETUNREACH);
}

int world_setsockopt(int fd, int level, int name, const void *value, unsigned int len)
{
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return use(fd, WORLD_FAULT_NONE, 0);
}

int world_getsockname(int fd, void *addr, unsigned int *len)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(1701) };

	if (use(fd, WORLD_FAULT_GETSOCKNAME, ENOBUFS))
		return -1;
	sin.sin_addr.s_addr = htonl(0x0a000001);
	memcpy(addr, &sin, *len < sizeof(sin) ? *len : sizeof(sin));
	*len = sizeof(sin);
	return 0;
}

ssize_t world_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	(void)flags;
	if (use(fd, WORLD_FAULT_SENDMSG, EPERM))
		return -1;
	check_sent(msg->msg_iov[0].iov_base, msg->msg_iov[0].iov_len);
	for (size_t i = 0; i < msg->msg_controllen; i++)
		world.sum += ((const unsigned char *)msg->msg_control)[i];
	return (ssize_t)msg->msg_iov[0].iov_len;
}

static void add_cmsg(struct msghdr *msg, size_t *used, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)((char *)msg->msg_control + *used);

	if (*used + CMSG_SPACE(len) > msg->msg_controllen) {
		msg->msg_flags |= MSG_CTRUNC;
		return;
	}
	memset(c, 0, CMSG_SPACE(len));
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	*used += CMSG_SPACE(len);
}

static ssize_t receive(const struct world_datagram *d, struct msghdr *msg)
{
	struct in_pktinfo to = { .ipi_ifindex = 1, .ipi_spec_dst = d->to, .ipi_addr = d->to };
	size_t len = d->len, used = 0;

	if (len > msg->msg_iov[0].iov_len) {
		len = msg->msg_iov[0].iov_len;
		msg->msg_flags |= MSG_TRUNC;
	}
	memcpy(msg->msg_iov[0].iov_base, d->data, len);
	if (msg->msg_name && msg->msg_namelen >= sizeof(d->from))
		memcpy(msg->msg_name, &d->from, sizeof(d->from));
	if (d->to.s_addr)
		add_cmsg(msg, &used, IPPROTO_IP, IP_PKTINFO, &to, sizeof(to));
	if (d->mark)
		add_cmsg(msg, &used, SOL_SOCKET, SO_MARK, &d->mark, sizeof(d->mark));
	msg->msg_controllen = used;
	return (ssize_t)len;
}

ssize_t world_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct world_datagram *d = NULL;
	ssize_t len;

	(void)flags;
	use(fd, WORLD_FAULT_NONE, 0);
	for (unsigned int i = 0; !d && i < world.queued; i++)
		if (world.queue[i].fd == fd)
			d = &world.queue[i];
	if (!d || d->error) {
		len = -1;
		errno = d ? d->error : EAGAIN;
	} else {
		len = receive(d, msg);
	}
	if (d) {
		world.queued--;
		memmove(d, d + 1, (size_t)(&world.queue[world.queued] - d) * sizeof(*d));
	}
	return len;
}

/* Files and terminals */

int world_open(const char *name, int flags, ...)
{
	if (world_fault(WORLD_FAULT_OPEN) && strcmp(name, WORLD_FIFO)) {
		errno = ENOENT;
		return -1;
	}
	if (!strcmp(name, WORLD_FIFO))
		return world_fd(WORLD_CONTROL);
	if (!strcmp(name, "/dev/urandom") || !strcmp(name, "/dev/random"))
		return world_fd(WORLD_RANDOM);
	if (!strncmp(name, "/dev/pty", 8) || !strcmp(name, "/dev/ptmx"))
		return world_fd(WORLD_PTY);
	if (!strncmp(name, "/dev/", 5))
		return world_fd(WORLD_TTY);
	if ((flags & O_ACCMODE) != O_RDONLY)
		return world_fd(WORLD_FILE);
	errno = ENOENT;
	return -1;
}

int world_close(int fd)
{
	if (fd < 0) {
		errno = EBADF;
		return -1;
	}
	if (world_kind(fd) == WORLD_FREE)
		world_bug("close() of descriptor %d, which is not open", fd);
	memset(&world.fd[fd - WORLD_FD_BASE], 0, sizeof(world.fd[0]));
	for (unsigned int i = 0; i < world.queued; i++)
		if (world.queue[i].fd == fd)
			world.queue[i].fd = -1;
	if (world.bytes.fd == fd)
		world.bytes.len = 0;
	return 0;
}

static ssize_t read_bytes(void *buf, size_t len)
{
	struct world_bytes *b = &world.bytes;

	if (len > b->len - b->pos)
		len = b->len - b->pos;
	memcpy(buf, b->data + b->pos, len);
	b->pos += len;
	if (b->pos == b->len)
		b->pos = b->len = 0;
	return (ssize_t)len;
}

ssize_t world_read(int fd, void *buf, size_t len)
{
	if (use(fd, WORLD_FAULT_NONE, 0))
		return -1;
	if (world_kind(fd) == WORLD_RANDOM) {
		for (size_t i = 0; i < len; i++)
			((unsigned char *)buf)[i] = (unsigned char)world_rand();
		return (ssize_t)len;
	}
	if (world_fault(WORLD_FAULT_READ)) {
		errno = world_kind(fd) == WORLD_CONTROL ? EINTR : ENXIO;
		return -1;
	}
	if (world.bytes.fd == fd && world.bytes.len)
		return read_bytes(buf, len);
	if (world_kind(fd) == WORLD_CONTROL)
		return 0;
	errno = EAGAIN;
	return -1;
}

ssize_t world_write(int fd, const void *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		world.sum += ((const unsigned char *)buf)[i];
	if (use(fd, WORLD_FAULT_WRITE, EIO) || use(fd, WORLD_FAULT_WRITE_AGAIN, EAGAIN))
		return -1;
	return (ssize_t)len;
}

int world_fcntl(int fd, int cmd, ...)
{
	if (use(fd, WORLD_FAULT_FCNTL, EBADF))
		return -1;
	return cmd == F_GETFL ? O_RDWR : 0;
}

int world_pipe(int fds[2])
{
	if (world_fault(WORLD_FAULT_PIPE)) {
		errno = EMFILE;
		return -1;
	}
	fds[0] = world_fd(WORLD_PIPE);
	fds[1] = world_fd(WORLD_PIPE);
	return 0;
}

char *world_ptsname(int fd)
{
	static char name[] = "/dev/pts/7";

	return use(fd, WORLD_FAULT_PTSNAME, ENOTTY) ? NULL : name;
}

int world_unlockpt(int fd)
{
	return use(fd, WORLD_FAULT_NONE, 0);
}

int world_tcgetattr(int fd, struct termios *t)
{
	memset(t, 0, sizeof(*t));
	return use(fd, WORLD_FAULT_NONE, 0);
}

int world_tcsetattr(int fd, int how, const struct termios *t)
{
	(void)how;
	(void)t;
	return use(fd, WORLD_FAULT_NONE, 0);
}

FILE *world_fopen(const char *name, const char *mode)
{
	static char empty[] = "\n";
	FILE *f = NULL;

	if (*mode == 'w')
		f = world_fault(WORLD_FAULT_FILE) ? NULL : fmemopen(NULL, 1 << 16, "w");
	else if (!strcmp(name, WORLD_SECRETS))
		f = world_fault(WORLD_FAULT_FILE) ? NULL : fmemopen((void *)(uintptr_t)world.secrets, strlen(world.secrets), "r");
	else if (!strcmp(name, WORLD_CONFIG))
		f = world.config_len ? fmemopen((void *)(uintptr_t)world.config, world.config_len, "r") : fmemopen(empty, 1, "r");
	if (f)
		world.files++;
	return f;
}

int world_fclose(FILE *f)
{
	world.files--;
	return fclose(f);
}

struct hostent *world_gethostbyname(const char *name)
{
	static struct in_addr addr;
	static char *list[] = { (char *)&addr, NULL };
	static struct hostent h = { .h_addrtype = AF_INET, .h_length = 4, .h_addr_list = list };

	if (world_fault(WORLD_FAULT_HOST) || !inet_aton(name, &addr))
		return NULL;
	return &h;
}

int world_gethostname(char *name, size_t len)
{
	snprintf(name, len, "fuzz");
	return 0;
}

int world_getrlimit(int what, struct rlimit *l)
{
	(void)what;
	l->rlim_cur = l->rlim_max = WORLD_FDS;
	return 0;
}

int world_setrlimit(int what, const struct rlimit *l)
{
	(void)what;
	(void)l;
	return 0;
}

int world_uname(struct utsname *u)
{
	memset(u, 0, sizeof(*u));
	return 0;
}
