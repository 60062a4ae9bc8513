/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bare.c - the floor: the calls of a busy round with nothing behind them.
 *
 * A child sits in sabusd's place, reads the one kind of packet and answers the other.  What remains is what the kernel's sockets, the
 * scheduler and the machine's other work cost; sabusd is to be compared with that.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "load.h"

#define SA_BYTES   400u	/* about a SA_PUT, and an answer with one SA */
#define FLOW_BYTES 80u	/* about a LOOKUP */

/* [0] ours, [1] the child's. */
static int publish_fd[2], ask_fd[2];
static char bytes[SA_BYTES];

static void bare_publish(struct load *l, uint32_t k)
{
	(void)l;
	(void)k;
	if (send(publish_fd[0], bytes, SA_BYTES, MSG_DONTWAIT) < 0 && errno != EAGAIN)
		die("bare send: %s", strerror(errno));
}

static void bare_ask(struct load *l, uint32_t k)
{
	struct pollfd p = { .fd = ask_fd[0], .events = POLLIN };

	(void)l;
	(void)k;
	if (send(ask_fd[0], bytes, FLOW_BYTES, MSG_DONTWAIT) < 0 || poll(&p, 1, PATIENCE) <= 0 || recv(ask_fd[0], bytes, SA_BYTES, 0) < 0)
		die("bare request: %s", strerror(errno));
}

static void serve(void)
{
	struct pollfd p[2] = { { .fd = publish_fd[1], .events = POLLIN }, { .fd = ask_fd[1], .events = POLLIN } };

	close(publish_fd[0]);
	close(ask_fd[0]);
	while (poll(p, 2, PATIENCE) > 0 && !(p[1].revents & POLLHUP)) {
		if (p[0].revents & POLLIN)
			recv(p[0].fd, bytes, SA_BYTES, 0);
		if (p[1].revents & POLLIN && recv(p[1].fd, bytes, SA_BYTES, 0) > 0)
			send(p[1].fd, bytes, SA_BYTES, MSG_DONTWAIT);
	}
}

void bare_round(struct load *l, uint64_t *asked)
{
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, publish_fd) || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ask_fd))
		die("socketpair: %s", strerror(errno));
	child = fork();
	if (child == 0) {
		serve();
		_exit(0);
	}
	close(publish_fd[1]);
	close(ask_fd[1]);
	paced_pair(l, bare_publish, bare_ask, asked);
	close(ask_fd[0]);
	close(publish_fd[0]);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		die("no child in sabusd's place");
}
