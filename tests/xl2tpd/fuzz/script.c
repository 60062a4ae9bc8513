/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The script: an input of the fuzzer, read as events around the daemon.
 *
 *   byte 0: which of the configurations (target.c)
 *   then events: an op byte, its arguments, see read_op()
 *
 * The daemon's epoll_wait() asks for the next event.  Bit 7 of the op byte joins the
 * event with the one that follows, so that both are ready in the same round.
 * Whatever the bytes are, they mean something; a cut argument is zero.
 *
 * States: STARTING (one datagram too short to mean anything, so that what the
 * daemon allocates with the first is not taken for a leak), PLAYING, CLOSING (the script is over:
 * every tunnel is told to close, then time passes until the last
 * retransmission), then world_leave().
 */
#include "daemon.h"
#include "world.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum op { OP_CONTROL, OP_RAW, OP_DATA, OP_TIME, OP_CHILD, OP_PTY, OP_COMMAND, OP_PLUGIN, OP_FAULT, OP_SIGNAL, OP_ERROR, OP_VERDICT, OPS };

/* check.c compares all with all after each event: longer scripts are slow, and find no more. */
enum { LONGEST = 8192 };

enum { CLOSING_ROUNDS = 400, CLOSING_STEP_US = 20000000 };

static struct {
	const uint8_t *data;
	size_t len, pos;
	enum { STARTING, STARTED, PLAYING, CLOSING } state;
	bool config_only, interrupted;
	unsigned int rounds;
} script;

void script_begin(const uint8_t *data, size_t len)
{
	memset(&script, 0, sizeof(script));
	script.data = data;
	script.len = len < LONGEST ? len : LONGEST;
}

void script_begin_config(void)
{
	script_begin(NULL, 0);
	script.config_only = true;
}

static uint8_t u8(void)
{
	return script.pos < script.len ? script.data[script.pos++] : 0;
}

static size_t blob(const uint8_t **start)
{
	size_t len = (size_t)u8() << 8;

	len |= u8();
	if (len > script.len - script.pos)
		len = script.len - script.pos;
	*start = script.data + script.pos;
	script.pos += len;
	return len;
}

static struct peer_message message(void)
{
	struct peer_message m = { .tunnel = u8() };

	m.call = u8();
	m.flags = u8();
	m.peer = u8();
	m.len = blob(&m.body);
	return m;
}

static void child_exits(uint8_t which, uint8_t status)
{
	unsigned int n = world_children(false);

	if (!n)
		return;
	n = which % n;
	for (size_t i = 0; i < sizeof(world.child) / sizeof(world.child[0]); i++)
		if (world.child[i].state == CHILD_RUNS && !n--) {
			world_child_exits(world.child[i].pid, status & 0x80 ? status & 0x7f : status << 8);
			break;
		}
}

static void raise_signal(int sig)
{
	world_signal(sig);
	script.interrupted = true;
}

static void feed_pty(uint8_t tunnel, uint8_t call, uint8_t repeat)
{
	const struct call *c = pick_call(pick_tunnel(tunnel), call);
	const uint8_t *data;
	size_t len = blob(&data);

	if (!c || c->fd < 0 || world.bytes.len || !len)
		return;
	world.bytes.fd = c->fd;
	world.bytes.pos = 0;
	for (unsigned int i = 0; i <= repeat && world.bytes.len + len <= sizeof(world.bytes.data); i++) {
		memcpy(world.bytes.data + world.bytes.len, data, len);
		world.bytes.len += len;
	}
}

/* Byte 1 stands for the newest tunnel's id, byte 2 for its newest call's. */
static void command(const uint8_t *data, size_t len)
{
	struct world_bytes *b = &world.bytes;
	const struct tunnel *t = pick_tunnel(1);
	const struct call *c = pick_call(t, 1);
	int id;

	if (b->len)
		return;
	b->fd = control_fd;
	b->pos = 0;
	for (size_t i = 0; i < len && b->len < sizeof(b->data) - 8; i++) {
		if (data[i] > 2 || !data[i]) {
			b->data[b->len++] = data[i];
			continue;
		}
		id = data[i] == 1 ? (t ? t->ourtid : 0) : (c ? c->ourcid : 0);
		b->len += (size_t)snprintf((char *)b->data + b->len, 8, "%d", id);
	}
}

static void read_op(enum op op)
{
	struct plugin_order o;
	struct peer_message m;
	const uint8_t *data;
	size_t len;
	uint8_t a, b, c;

	switch (op) {
	case OP_CONTROL:
		m = message();
		peer_control(&m);
		check_expect_empty(m.len || m.flags || world.queued != 1 ? NULL : pick_tunnel(m.tunnel));
		break;
	case OP_RAW:
		m = message();
		peer_raw(&m);
		break;
	case OP_DATA:
		m = message();
		peer_data(&m);
		break;
	case OP_TIME:
		a = u8();
		world.now_us += (uint64_t)a * a * 20000;
		break;
	case OP_CHILD:
		a = u8();
		child_exits(a, u8());
		raise_signal(SIGCHLD);
		break;
	case OP_PTY:
		a = u8();
		b = u8();
		feed_pty(a, b, u8());
		break;
	case OP_COMMAND:
		len = blob(&data);
		command(data, len);
		break;
	case OP_PLUGIN:
		o.action = u8();
		o.tunnel = u8();
		o.call = u8();
		o.arg = u8();
		plugin_order(o);
		break;
	case OP_FAULT:
		a = u8();
		world.fault[a % WORLD_FAULTS] = u8() & 0x0f;
		break;
	case OP_SIGNAL:
		a = u8();
		raise_signal(a < 0xf0 ? (a & 1 ? SIGHUP : SIGUSR1) : a & 1 ? SIGTERM : SIGINT);
		break;
	case OP_ERROR:
		a = u8();
		peer_error(a, u8());
		break;
	case OP_VERDICT:
		a = u8();
		b = u8();
		c = u8();
		plugin_verdict(a, b, c);
		break;
	case OPS: break;
	}
}

static void play(void)
{
	uint8_t op;

	unsigned int n = 0;

	do {
		op = u8();
		read_op((enum op)((op & 0x7f) % OPS));
		n++;
	} while ((op & 0x80) && script.pos < script.len);
	if (n > 1)
		check_expect_empty(NULL);
}

static void start_closing(void)
{
	script.state = CLOSING;
	world.queued = 0;
	world.bytes.len = 0;
	memset(world.fault, 0, sizeof(world.fault));
	plugin_quiet();
	for (struct lac *l = laclist; l; l = l->next)
		l->active = 0;
}

/* Tunnels that are not closing yet are told to, as a plugin would do it; else time passes. */
static void closing_step(void)
{
	bool told = false;

	if (++script.rounds > CLOSING_ROUNDS)
		world_bug("%d tunnels and %d timers live on when all is closed", tunnels.count, nevents);
	if (world_children(true)) {
		raise_signal(SIGCHLD);
		return;
	}
	for (struct tunnel *t = tunnels.head; t; t = t->next)
		if (!t->self->closing && !t->self->needclose) {
			t->self->needclose = -1;
			touch_tunnel(t);
			told = true;
		}
	if (!told)
		world.now_us += CLOSING_STEP_US;
}

bool script_step(void)
{
	script.interrupted = false;
	if (script.state == STARTING) {
		if (script.config_only)
			world_leave();
		peer_raw(&(struct peer_message){ .body = script.data, .len = 0 });
		script.state = STARTED;
		return false;
	}
	if (script.state == STARTED) {
		check_baseline();
		script.state = PLAYING;
	}
	check_state();
	if (script.state == PLAYING && script.pos >= script.len)
		start_closing();
	if (script.state == PLAYING) {
		play();
		return script.interrupted;
	}
	if (!tunnels.head && !nevents && !world_children(true) && !world.queued && !world.bytes.len) {
		check_end();
		world_leave();
	}
	closing_step();
	return script.interrupted;
}
