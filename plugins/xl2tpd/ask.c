// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ask.c - a queue of tunnels, and a window of questions under way.
 *
 * When charon comes back all tunnels ask at once; the window keeps sabusd's answers (each up to 40 KiB) from filling both sockets.
 */
#include <utlist.h>
#include "ask.h"
#include "bus.h"
#include "life.h"
#include "request.h"

#define WINDOW 64

static struct tun *queue, *asked;

unsigned int ask_open(void)
{
	return HASH_CNT(hh_seq, asked);
}

static void enqueue(struct tun *t)
{
	if (t->queued)
		return;
	t->queued = true;
	DL_APPEND2(queue, t, ask_prev, ask_next);
}

static void dequeue(struct tun *t)
{
	if (!t->queued)
		return;
	t->queued = false;
	DL_DELETE2(queue, t, ask_prev, ask_next);
}

static void unask(struct tun *t)
{
	if (!t->asking)
		return;
	t->asking = false;
	HASH_DELETE(hh_seq, asked, t);
}

void ask_for(struct tun *t)
{
	if (t->asking) {
		t->again = true;
		return;
	}
	enqueue(t);
	ask_pump();
}

void ask_forget(struct tun *t)
{
	dequeue(t);
	unask(t);
}

static int put_question(struct sabus *bus, struct tun *t)
{
	int err = sabus_lookup_send(bus, &t->flow, &t->seq);

	if (err)
		return err;
	if (!ask_open())
		bus_expect();
	dequeue(t);
	t->again = false;
	t->asking = true;
	HASH_ADD(hh_seq, asked, seq, sizeof(t->seq), t);
	return 0;
}

void ask_pump(void)
{
	struct sabus *bus = bus_live();

	while (bus && queue && ask_open() < WINDOW) {
		int err = put_question(bus, queue);

		if (err) {
			bus_full(err);
			return;
		}
	}
}

void ask_answered(const struct sabus_event *ev)
{
	struct tun *t;

	HASH_FIND(hh_seq, asked, &ev->seq, sizeof(ev->seq), t);
	if (!t)
		return;
	unask(t);
	if (t->again)
		enqueue(t);
	if (t->phase == TUN_ASKED)
		request_answered(t, ev);
	else if (t->phase == TUN_OPEN)
		life_answered(t, ev);
}

void ask_lost(void)
{
	struct tun *t, *next;

	HASH_ITER(hh_seq, asked, t, next) {
		unask(t);
		enqueue(t);
	}
}
