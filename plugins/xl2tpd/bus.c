// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bus.c - connecting, reading, pumping.
 *
 * A connection is closed only from callbacks of our own (readable, timers), never from within a sender: a sender that finds it broken
 * marks it, and the next callback, some microseconds later, clears up.  So no hook sees the world change under its feet.
 *
 * One log line when sabusd is not there, one when it is back, however often it is tried.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"
#include "ask.h"
#include "bus.h"
#include "dial.h"
#include "events.h"
#include "host.h"
#include "options.h"
#include "publish.h"
#include "release.h"
#include "report.h"

#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS   1000
#define EVENTS_AT_ONCE 256 /* then the other tunnels have their turn */

static struct {
	bool running;
	struct sabus *bus;
	struct sabus_event *ev; /* large */
	bool live, broken, full, told;
	unsigned int pause;
	int retry, pump, silence; /* timers, 0: none */
	int64_t heard_at;
	char why[160];
} b;

static void lose(const char *why);
static void try_connect(void *arg);

/* ---- timers ---- */

static void cancel(int *timer)
{
	if (*timer > 0)
		xl2tpd->timer_cancel(*timer);
	*timer = 0;
}

static void start_timer(int *timer, unsigned int ms, void (*cb)(void *))
{
	if (*timer <= 0)
		*timer = xl2tpd->timer(ms, cb, NULL);
}

/* ---- sending ---- */

static void on_fd(int fd, short revents, void *arg);

static void watch(void)
{
	if (b.bus)
		xl2tpd->watch(sabus_fd(b.bus), b.full ? POLLIN | POLLOUT : POLLIN, on_fd, NULL);
}

static void on_pump(void *arg)
{
	(void)arg;
	b.pump = 0;
	if (b.broken)
		lose(b.bus ? sabus_strerror(b.bus) : "lost");
	if (!b.live || b.full)
		return;
	ask_pump();
	dial_pump();
	release_pump();
	publish_pump();
	if (b.broken)
		bus_pump_soon();
}

void bus_pump_soon(void)
{
	start_timer(&b.pump, 0, on_pump);
}

bool bus_full(int err)
{
	if (err == -EAGAIN) {
		if (!b.full) {
			b.full = true;
			watch();
		}
		return true;
	}
	b.broken = true;
	bus_pump_soon();
	return false;
}

static void on_silence(void *arg)
{
	int64_t quiet = now_ms() - b.heard_at;

	(void)arg;
	b.silence = 0;
	if (!b.bus || (b.live && !ask_open()))
		return;
	if (quiet >= BUS_SILENCE_MS)
		lose("it does not answer");
	else
		start_timer(&b.silence, (unsigned int)(BUS_SILENCE_MS - quiet), on_silence);
}

void bus_expect(void)
{
	b.heard_at = now_ms();
	start_timer(&b.silence, BUS_SILENCE_MS, on_silence);
}

/* ---- receiving ---- */

static void now_live(void)
{
	int err = sabus_watch(b.bus, NULL, false);

	if (err) {
		b.broken = true; /* a fresh connection has room for one packet */
		return;
	}
	b.live = true;
	b.pause = PAUSE_FIRST_MS;
	if (b.told)
		report_event(LOG_NOTICE, "bus-up path=\"%s\" text=\"sabusd is back\"", options_global()->socket);
	b.told = false;
	b.why[0] = 0;
	events_connected();
}

static void take(const struct sabus_event *ev)
{
	b.heard_at = now_ms();
	if (ev->type == SABUS_EV_HELLO && !b.live)
		now_live();
	else if (ev->type == SABUS_EV_ERROR)
		snprintf(b.why, sizeof(b.why), "%.100s (%s)", ev->text, strerror(ev->error));
	else if (b.live)
		events_handle(ev);
}

static void drain(void)
{
	int got = 0;

	for (int i = 0; i < EVENTS_AT_ONCE && b.bus && !b.broken; i++) {
		got = sabus_recv(b.bus, b.ev);
		if (got <= 0)
			break;
		take(b.ev);
	}
	if (got < 0)
		b.broken = true;
}

static void on_fd(int fd, short revents, void *arg)
{
	(void)fd;
	(void)arg;
	if (revents & POLLOUT && b.full) {
		b.full = false;
		watch();
	}
	drain();
	cancel(&b.pump);
	on_pump(NULL);
}

/* ---- the connection ---- */

static void disconnect(void)
{
	if (b.bus) {
		xl2tpd->watch(sabus_fd(b.bus), 0, NULL, NULL);
		sabus_close(b.bus);
	}
	b.bus = NULL;
	b.broken = b.full = false;
	cancel(&b.silence);
}

static void tell(void)
{
	if (b.told)
		return;
	b.told = true;
	report_event(LOG_WARNING,
		     "bus-down path=\"%s\" text=\"no sabusd at %s (%s); trying again every second, new tunnels are refused until it is "
		     "there, the kernel "
		     "keeps the others on their SAs\"",
		     options_global()->socket, options_global()->socket, b.why);
}

static void retry(void)
{
	start_timer(&b.retry, b.pause, try_connect);
	b.pause = b.pause * 2 < PAUSE_MAX_MS ? b.pause * 2 : PAUSE_MAX_MS;
}

static void lose(const char *why)
{
	bool was_live = b.live;

	if (!b.why[0])
		snprintf(b.why, sizeof(b.why), "%s", why);
	disconnect();
	b.live = false;
	tell();
	if (was_live)
		events_lost();
	retry();
}

static void try_connect(void *arg)
{
	int err;

	(void)arg;
	b.retry = 0;
	err = sabus_open(&b.bus, options_global()->socket, "xl2tpd", 0);
	if (err) {
		b.bus = NULL;
		b.why[0] = 0;
		lose(strerror(-err));
		return;
	}
	b.why[0] = 0;
	watch();
	bus_expect();
}

int bus_start(void)
{
	b.ev = malloc(sizeof(*b.ev)); /* what no event fills is never touched */
	if (!b.ev)
		return -ENOMEM;
	b.running = true;
	b.pause = PAUSE_FIRST_MS;
	try_connect(NULL);
	return 0;
}

void bus_stop(void)
{
	if (!b.running)
		return;
	disconnect();
	cancel(&b.retry);
	cancel(&b.pump);
	free(b.ev);
	memset(&b, 0, sizeof(b));
}

struct sabus *bus_live(void)
{
	return b.live && !b.broken ? b.bus : NULL;
}

const char *bus_why(void)
{
	return b.why;
}
