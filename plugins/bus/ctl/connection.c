/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connection.c - to sabusd and back, with errors that say what to do.
 */
#include "config.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "ctl.h"

static const char *remedy(const struct ctl *c, int err)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED: return "sabusd does not run: start it with 'systemctl start sabusd' or 'sabusd'";
	case EACCES:
		if (c->command->needs == NEEDS_SESSION)
			return "you may not open it: be root";
		return "you may not open it: be root or in the group of the socket (see sabusd --read-group)";
	case EAGAIN: return "sabusd does not take connections: it is overloaded or stopped";
	default: return "see the log of sabusd";
	}
}

int ctl_connect(struct ctl *c)
{
	return sabus_open(&c->bus, c->socket, "sabusctl", 0);
}

int ctl_open(struct ctl *c)
{
	int r = ctl_connect(c);

	if (r == 0)
		return CTL_OK;
	fprintf(stderr, "sabusctl: %s: %s\n%s\n", c->socket, strerror(-r), remedy(c, -r));
	return CTL_FAILED;
}

int ctl_failed(const struct ctl *c, const char *what)
{
	fprintf(stderr, "sabusctl: %s: %s\n", c->socket, what);
	return CTL_FAILED;
}

int ctl_receive(struct ctl *c, int timeout_ms, const char **why)
{
	struct pollfd pfd = { .fd = sabus_fd(c->bus), .events = POLLIN };
	int r;

	while ((r = sabus_recv(c->bus, &c->ev)) == 0) {
		int n = poll(&pfd, 1, timeout_ms);

		if (n == 0) {
			*why = "sabusd does not answer (is it stopped?)";
			return -ETIMEDOUT;
		}
		if (n < 0 && errno != EINTR) {
			*why = strerror(errno);
			return -errno;
		}
	}
	*why = r < 0 ? sabus_strerror(c->bus) : c->ev.text;
	if (r < 0)
		return r;
	return c->ev.type == SABUS_EV_ERROR ? -EPROTO : 0;
}

int ctl_next(struct ctl *c, int timeout_ms)
{
	const char *why;

	return ctl_receive(c, timeout_ms, &why) == 0 ? CTL_OK : ctl_failed(c, why);
}
