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

static const char *remedy(int err)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED: return "sabusd does not run: start it with 'systemctl start sabusd' or 'sabusd'";
	case EACCES: return "you may not open it: be root or in the group of the socket (see sabusd --read-group)";
	case EAGAIN: return "sabusd does not take connections: it is overloaded or stopped";
	default: return "see the log of sabusd";
	}
}

int ctl_open(struct ctl *c)
{
	int r = sabus_open(&c->bus, c->socket, "sabusctl", 0);

	if (r == 0)
		return CTL_OK;
	fprintf(stderr, "sabusctl: %s: %s\n%s\n", c->socket, strerror(-r), remedy(-r));
	return CTL_FAILED;
}

int ctl_failed(const struct ctl *c, const char *what)
{
	fprintf(stderr, "sabusctl: %s: %s\n", c->socket, what);
	return CTL_FAILED;
}

int ctl_next(struct ctl *c, int timeout_ms)
{
	struct pollfd pfd = { .fd = sabus_fd(c->bus), .events = POLLIN };
	int r;

	while ((r = sabus_recv(c->bus, &c->ev)) == 0) {
		int n = poll(&pfd, 1, timeout_ms);

		if (n == 0)
			return ctl_failed(c, "sabusd does not answer (is it stopped?)");
		if (n < 0 && errno != EINTR)
			return ctl_failed(c, strerror(errno));
	}
	if (r < 0)
		return ctl_failed(c, sabus_strerror(c->bus));
	return c->ev.type == SABUS_EV_ERROR ? ctl_failed(c, c->ev.text) : CTL_OK;
}
