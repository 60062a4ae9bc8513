// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsabus: the one call that waits.  Ask, then poll until the answer with our number comes or the deadline passes.
 *
 * The deadline is on CLOCK_MONOTONIC and holds whatever arrives meanwhile, signals included.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include "client.h"
#include "clock.h"

/* Waits for something to read: 0, or -errno. A signal is "something": the caller looks again. */
static int wait_readable(struct sabus *s, int64_t deadline)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int64_t left = deadline - now_ms();

	if (left <= 0)
		return sabus_fail(s, ETIMEDOUT, "sabusd did not answer in time");
	if (poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left) < 0 && errno != EINTR) {
		int err = errno;

		return sabus_fail(s, err, "poll: %s", strerror(err));
	}
	return 0;
}

static int refused(struct sabus *s, const struct sabus_event *ev)
{
	s->tx_dead = EPROTO;
	return sabus_fail(s, EPROTO, "sabusd refused: %.180s (%s)", ev->text, strerror(ev->error));
}

int sabus_lookup(struct sabus *s, const struct sabus_flow *flow, int timeout_ms, struct sabus_event *ev,
		 void (*other)(void *data, const struct sabus_event *ev), void *data)
{
	const int64_t deadline = now_ms() + timeout_ms;
	uint32_t seq;
	int ret;

	if (timeout_ms < 0)
		return sabus_fail(s, EINVAL, "timeout of %d ms is negative", timeout_ms);
	ret = sabus_lookup_send(s, flow, &seq);
	while (ret == 0) {
		int got = sabus_recv(s, ev);

		if (got < 0)
			return got;
		if (got == 1 && ev->type == SABUS_EV_ANSWER && ev->seq == seq)
			return 0;
		if (got == 1 && ev->type == SABUS_EV_ERROR)
			return refused(s, ev);
		if (got == 1 && other)
			other(data, ev);
		if (got == 0 || now_ms() >= deadline)
			ret = wait_readable(s, deadline);
	}
	return ret;
}
