// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ask.c - ask, and while the answer is not definite ask again.
 *
 * Three things are worth waiting for: a broker that is just starting, a charon that has not told its state yet (UNKNOWN), and an IKEv1
 * quick mode that the peer has finished before charon has (PENDING; no hook of charon runs before the peer's first packet).  A plain
 * "no SA" is definite: charon publishes before the kernel can carry a packet.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "ask.h"
#include "clock.h"
#include "host.h"
#include "sabus.h"

#define PAUSE_FIRST_MS 10
#define PAUSE_MAX_MS   200

static bool definite(enum sabus_knowledge k)
{
	return k == SABUS_K_SA || k == SABUS_K_NONE || k == SABUS_K_AMBIGUOUS;
}

/* sabusd has said something, which may become better. */
static bool answered(enum sabus_knowledge k)
{
	return k == SABUS_K_UNKNOWN || k == SABUS_K_PENDING;
}

static void hang_up(struct sabus **bus)
{
	sabus_close(*bus);
	*bus = NULL;
}

static void keep_reason(const struct sabus *bus, int err, char *why, size_t size)
{
	snprintf(why, size, "%s", bus ? sabus_strerror(bus) : strerror(-err));
}

/* One round; leaves *bus open where the connection is still good. */
static enum sabus_knowledge ask_once(const char *path, const struct sabus_flow *flow, int left_ms, struct sabus **bus,
				     struct sabus_event *ev, struct sabus_sa *sa, char *why, size_t size)
{
	int err = 0;

	if (!*bus)
		err = sabus_open(bus, path, "pppd", 0);
	if (err) {
		*bus = NULL;
		keep_reason(NULL, err, why, size);
		return SABUS_K_BUS_DOWN;
	}
	err = sabus_lookup(*bus, flow, left_ms, ev, NULL, NULL);
	if (!err) {
		why[0] = 0;
		return answer_read(ev, flow, NULL, sa);
	}
	keep_reason(*bus, err, why, size);
	hang_up(bus);
	return err == -ETIMEDOUT ? SABUS_K_TIMEOUT : SABUS_K_BUS_DOWN;
}

static bool told_to_stop(void)
{
	return ppp_signaled(SIGTERM) || ppp_signaled(SIGHUP);
}

enum sabus_knowledge ask_bus(const char *path, const struct sabus_flow *flow, int wait_ms, struct sabus **bus, struct sabus_sa *sa,
			     char *why, size_t size)
{
	int64_t deadline = now_ms() + wait_ms, left = wait_ms;
	enum sabus_knowledge k = SABUS_K_TIMEOUT, now;
	struct sabus_event *ev = malloc(sizeof(*ev)); /* large: what no answer fills is never touched */
	int pause = PAUSE_FIRST_MS;

	*bus = NULL;
	why[0] = 0;
	if (!ev)
		novm("an event of the SA bus");
	while (left > 0 && !told_to_stop()) {
		now = ask_once(path, flow, (int)left, bus, ev, sa, why, size);
		/* The last round may have no time for its answer: that of the one before is the reason then, not the clock. */
		if (now == SABUS_K_TIMEOUT && answered(k))
			why[0] = 0;
		else
			k = now;
		left = deadline - now_ms();
		if (definite(k) || left <= 0)
			break;
		poll(NULL, 0, pause < left ? pause : (int)left);
		pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
		left = deadline - now_ms();
	}
	free(ev);
	return k;
}
