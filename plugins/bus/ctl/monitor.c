/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor.c - one line per change, flushed at once so that it can be piped; over restarts of sabusd.
 *
 *   connect -> snapshot, "done" -> events ... connection ends -> "lost" -> connect again, with growing pauses -> "resync", snapshot, "done" ...
 *
 * "resync" says: forget all that you were told.  Only the first connect may fail for good; later ones are tried for ever, but for
 * what no waiting can heal: no permission, a sabusd that speaks another language or refuses us.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "monitor.h"

#define PAUSE_MIN_MS 50
#define PAUSE_MAX_MS 2000

static void pause_ms(unsigned int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}

static bool worth_waiting(int err)
{
	return err == -ENOENT || err == -ECONNREFUSED || err == -EAGAIN || err == -ECONNRESET || err == -EPIPE;
}

static void tell(const struct ctl *c, const struct view *v, const struct sabus_event *ev)
{
	if (c->json)
		monitor_json(v, ev);
	else
		monitor_text(ev);
	fflush(stdout);
}

struct follow {
	bool again;	 /* not the first connection */
	bool on;	 /* sabusd has answered on this one */
	const char *why; /* it has ended */
};

/* A connection counts from the first answer on: a sabusd that is about to end takes some that it never serves. */
static void take(struct ctl *c, struct view *v, struct follow *f)
{
	static const struct sabus_event resync = { .type = SABUS_EV_RESYNC };

	if (!f->on && f->again)
		tell(c, v, &resync);
	f->on = true;
	view_apply(v, &c->ev);
	tell(c, v, &c->ev);
}

/* Until the connection ends: -errno. */
static int follow(struct ctl *c, struct follow *f)
{
	struct view v = { 0 };
	int r = sabus_watch(c->bus, NULL, true);

	f->on = false;
	f->why = sabus_strerror(c->bus);
	while (r == 0 && !ferror(stdout)) {
		r = ctl_receive(c, -1, &f->why);
		if (r == 0)
			take(c, &v, f);
	}
	view_free(&v);
	return r;
}

/* Connects again.  0, or what waiting does not heal. */
static int reconnect(struct ctl *c, unsigned int *pause)
{
	int r;

	sabus_close(c->bus);
	c->bus = NULL;
	do {
		pause_ms(*pause);
		*pause = *pause * 2 < PAUSE_MAX_MS ? *pause * 2 : PAUSE_MAX_MS;
		r = ctl_connect(c);
	} while (r != 0 && worth_waiting(r));
	return r;
}

int cmd_monitor(struct ctl *c)
{
	unsigned int pause = PAUSE_MIN_MS;
	struct follow f = { .again = false };
	int r;

	if (ctl_open(c) != CTL_OK)
		return CTL_FAILED;
	while (worth_waiting(follow(c, &f)) && !ferror(stdout)) {
		if (f.on || !f.again)
			monitor_lost(c->json, f.why);
		if (f.on)
			pause = PAUSE_MIN_MS;
		f.again = true;
		r = reconnect(c, &pause);
		if (r != 0)
			return ctl_failed(c, strerror(-r));
	}
	return ferror(stdout) ? CTL_FAILED : ctl_failed(c, f.why);
}
