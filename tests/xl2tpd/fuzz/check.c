/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must always hold in the daemon, and what must be left when all is closed.
 */
#include "daemon.h"
#include "calls.h"
#include "world.h"

#include <string.h>

enum { MANY = 100000 };

static struct {
	size_t blocks, config_blocks;
	unsigned int fds;
} baseline;

struct tunnel *pick_tunnel(unsigned int n)
{
	struct tunnel *t = tunnels.head;

	if (!n || tunnels.count < 1)
		return NULL;
	for (n = (n - 1) % (unsigned int)tunnels.count; n && t; n--)
		t = t->next;
	return t;
}

struct call *pick_call(const struct tunnel *t, unsigned int n)
{
	struct call *c;

	if (!n || !t || t->count < 1)
		return NULL;
	c = t->call_head;
	for (n = (n - 1) % (unsigned int)t->count; n && c; n--)
		c = c->next;
	return c;
}

static bool is_tunnel(const void *p)
{
	for (const struct tunnel *t = tunnels.head; t; t = t->next)
		if (t == p)
			return true;
	return false;
}

static bool is_lac(const void *p)
{
	for (const struct lac *l = laclist; l; l = l->next)
		if (l == p)
			return true;
	return false;
}

static void check_calls(const struct tunnel *t)
{
	int n = 0;

	for (const struct call *c = t->call_head; c; c = c->next) {
		if (++n > MANY)
			world_bug("the calls of a tunnel run in a circle");
		if (c->container != t || c == t->self)
			world_bug("a call is in the wrong tunnel");
		if (c->ourcid <= 0 || c->ourcid > 0xffff)
			world_bug("call id %d", c->ourcid);
		for (const struct call *d = c->next; d; d = d->next)
			if (d->ourcid == c->ourcid)
				world_bug("two calls have the id %d", c->ourcid);
		if (c->fd >= 0 && world_kind(c->fd) != WORLD_PTY)
			world_bug("a call's descriptor %d is not its pty", c->fd);
		if (c->lac && !is_lac(c->lac))
			world_bug("a call belongs to a LAC that is gone");
	}
	if (n != t->count)
		world_bug("a tunnel has %d calls and counts %d", n, t->count);
}

/* Each stage of a set-up has a limit, a plugin's thinking, too: it is less than this. */
enum { PATIENCE_S = 300 };

static unsigned int rounds; /* of checks: an id may be used again after one without it */

static void check_patience(const struct tunnel *t)
{
	static struct {
		unsigned int life, round;
		int state;
		uint64_t since;
	} first[0x10000];
	bool done = t->state == SCCCN || t->self->needclose || t->self->closing;

	if (done || first[t->ourtid].life != world.life || first[t->ourtid].round + 1 < rounds || first[t->ourtid].state != t->state) {
		first[t->ourtid].life = done ? 0 : world.life;
		first[t->ourtid].state = t->state;
		first[t->ourtid].since = world.now_us;
	} else if (world.now_us - first[t->ourtid].since > PATIENCE_S * UINT64_C(1000000)) {
		world_bug("a tunnel waits for ever to be established");
	}
	first[t->ourtid].round = rounds;
}

static void check_tunnels(void)
{
	int n = 0;

	for (const struct tunnel *t = tunnels.head; t; t = t->next) {
		if (++n > MANY)
			world_bug("the tunnels run in a circle");
		if (t->ourtid <= 0 || t->ourtid > 0xffff)
			world_bug("tunnel id %d", t->ourtid);
		if (!t->self || t->self->container != t)
			world_bug("a tunnel is not its own");
		for (const struct tunnel *u = t->next; u; u = u->next)
			if (u->ourtid == t->ourtid)
				world_bug("two tunnels have the id %d", t->ourtid);
		if (t->udp_fd >= 0 && world_kind(t->udp_fd) != WORLD_UDP)
			world_bug("a tunnel's descriptor %d is not its socket", t->udp_fd);
		if (t->lac && !is_lac(t->lac))
			world_bug("a tunnel belongs to a LAC that is gone");
		check_calls(t);
		check_patience(t);
	}
	if (n != tunnels.count)
		world_bug("there are %d tunnels, counted %d", n, tunnels.count);
}

static void check_entry(const struct schedule_entry *e)
{
	const struct buffer *b = e->data;

	if (e->func == hello && !is_tunnel(e->data))
		world_bug("a hello timer without its tunnel");
	if (e->func == control_xmit && b->tunnel && !is_tunnel(b->tunnel))
		world_bug("a message in flight without its tunnel");
	if (e->func == lac_redial && !is_lac(e->data))
		world_bug("a redial timer without its LAC");
}

static void check_events(void)
{
	for (int i = 0; i < nevents; i++) {
		if (events[i]->place != i || (i && TVLESS(events[i]->tv, events[(i - 1) / 2]->tv)))
			world_bug("the timers are out of order");
		check_entry(events[i]);
	}
}

static struct {
	int tid; /* 0: nothing expected */
	_u16 next;
} empty;

void check_expect_empty(const struct tunnel *t)
{
	empty.tid = t ? t->ourtid : 0;
	empty.next = t ? t->control_rec_seq_num : 0;
}

/* RFC 2661 section 5.8: a ZLB has no sequence number of its own. */
static void check_empty(void)
{
	for (const struct tunnel *t = tunnels.head; empty.tid && t; t = t->next)
		if (t->ourtid == empty.tid && t->control_rec_seq_num != empty.next)
			world_bug("an empty message was counted");
	empty.tid = 0;
}

void check_state(void)
{
	rounds++;
	check_empty();
	check_tunnels();
	check_events();
	for (const struct lac *l = laclist; l; l = l->next) {
		if (l->t && !is_tunnel(l->t))
			world_bug("a LAC knows a tunnel that is gone");
		if (l->c && l->c->lac != l)
			world_bug("a LAC knows a call that is not its own");
	}
}

static size_t ranges(const struct iprange *r)
{
	size_t n = 0;

	for (; r; r = r->next)
		n++;
	return n;
}

static size_t lns_blocks(const struct lns *l)
{
	return l ? 1 + ranges(l->lacs) + ranges(l->range) + ranges(l->localrange) : 0;
}

static size_t lac_blocks(const struct lac *l)
{
	size_t n = l ? 1 : 0;

	for (const struct host *h = l ? l->lns : NULL; h; h = h->next)
		n++;
	return n;
}

size_t check_config_blocks(void)
{
	size_t n = lns_blocks(deflns) + lac_blocks(deflac) + (events != NULL);

	for (const struct lns *l = lnslist; l; l = l->next)
		n += lns_blocks(l);
	for (const struct lac *l = laclist; l; l = l->next)
		n += lac_blocks(l);
	return n;
}

void check_baseline(void)
{
	baseline.blocks = world_allocs();
	baseline.config_blocks = check_config_blocks();
	baseline.fds = world_fds_open();
}

void check_end(void)
{
	if (tunnels.head || nevents)
		world_bug("tunnels or timers are left when all is closed");
	for (const struct lac *l = laclist; l; l = l->next)
		if (l->t || l->c || l->rsched)
			world_bug("a LAC is busy when all is closed");
	for (size_t i = 0; i < ADDR_HASH_SIZE; i++)
		if (uaddr[i])
			world_bug("an address is reserved when all is closed");
	if (world_children(false) || world_children(true))
		world_bug("%u children run and %u are not reaped when all is closed", world_children(false), world_children(true));
	if (world_fds_open() != baseline.fds)
		world_bug("%u descriptors are open when all is closed, %u at the start", world_fds_open(), baseline.fds);
	if (world.files)
		world_bug("%u files are open when all is closed", world.files);
	if (world_allocs() - check_config_blocks() != baseline.blocks - baseline.config_blocks) {
		world_allocs_print();
		world_bug("%zu blocks are live when all is closed, %zu at the start (and %zu and %zu of configuration)", world_allocs(),
			  baseline.blocks, check_config_blocks(), baseline.config_blocks);
	}
	plugin_check_end();
}

static unsigned int be16(const unsigned char *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* RFC 2661 sections 3.1 and 4.1; a ZLB has no AVPs. */
void check_sent(const unsigned char *data, size_t len)
{
	size_t pos = 12, avp;

	for (size_t i = 0; i < len; i++)
		world.sum += data[i];
	if (len < 6)
		world_bug("a datagram of %zu bytes was sent", len);
	if (!(data[0] & 0x80))
		return;
	if (len < 12 || be16(data) != 0xc802 || be16(data + 2) != len)
		world_bug("a control message of %zu bytes was sent, its header says %04x, %u bytes", len, be16(data), be16(data + 2));
	for (; pos < len; pos += avp) {
		if (len - pos < 6)
			world_bug("a message was sent with a cut AVP");
		avp = be16(data + pos) & 0x3ff;
		if (avp < 6 || avp > len - pos)
			world_bug("a message was sent with an AVP of %zu bytes", avp);
		if (pos == 12 && (be16(data + pos + 2) || be16(data + pos + 4)))
			world_bug("a message was sent whose first AVP is no Message Type");
	}
}
