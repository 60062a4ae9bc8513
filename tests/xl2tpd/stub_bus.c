// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub_bus.c - libsabus' calls, answered from a table; sabusd and the wire have tests of their own.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stub.h"

#define QUEUE 256

struct sabus {
	int head, tail;
	struct sabus_event *queue[QUEUE];
	uint32_t seq;
};

struct stub_bus bus;
static struct sabus *connection;

bool stub_bus_open(void)
{
	return connection != NULL;
}

bool stub_bus_readable(void)
{
	return connection && (bus.broken || (!bus.mute && connection->head != connection->tail));
}

static struct sabus_event *push(enum sabus_event_type type)
{
	struct sabus_event *ev = calloc(1, sizeof(*ev));

	if (!connection || !ev || (connection->tail + 1) % QUEUE == connection->head)
		abort();
	ev->type = type;
	connection->queue[connection->tail] = ev;
	connection->tail = (connection->tail + 1) % QUEUE;
	return ev;
}

int sabus_open(struct sabus **out, const char *path, const char *name, uint64_t epoch)
{
	(void)path;
	(void)name;
	(void)epoch;
	bus.opened++;
	*out = NULL;
	if (bus.open_errno)
		return -bus.open_errno;
	if (connection)
		abort(); /* the plugin has one connection at a time */
	bus.broken = false;
	*out = connection = calloc(1, sizeof(**out));
	push(SABUS_EV_HELLO);
	return 0;
}

void sabus_close(struct sabus *s)
{
	if (!s)
		return;
	for (; s->head != s->tail; s->head = (s->head + 1) % QUEUE)
		free(s->queue[s->head]);
	free(s);
	connection = NULL;
}

int sabus_fd(const struct sabus *s)
{
	(void)s;
	return 50;
}

const char *sabus_strerror(const struct sabus *s)
{
	(void)s;
	return "the stub says so";
}

const char *sabus_cause_name(enum sabus_cause c)
{
	return c == SABUS_CAUSE_DELETED ? "deleted" : "other";
}

int sabus_lookup_send(struct sabus *s, const struct sabus_flow *flow, uint32_t *seq)
{
	struct sabus_event *ev;

	if (bus.send_errno)
		return -bus.send_errno;
	bus.lookups++;
	*seq = ++s->seq;
	ev = push(SABUS_EV_ANSWER);
	ev->seq = *seq;
	ev->truncated = bus.truncated;
	ev->answer = bus.unknown ? SABUS_UNKNOWN : SABUS_ABSENT;
	for (size_t i = 0; !bus.unknown && i < bus.n_sas && ev->n_sas < 16; i++) {
		if (!sabus_addr_equal(&bus.sas[i].remote.addr, &flow->remote.addr))
			continue;
		ev->answer = SABUS_PRESENT;
		ev->sas[ev->n_sas++] = bus.sas[i];
	}
	return 0;
}

int sabus_watch(struct sabus *s, const struct sabus_flow *flow, bool sessions)
{
	(void)s;
	(void)flow;
	(void)sessions;
	bus.watches++;
	for (size_t i = 0; i < bus.n_sas; i++)
		push(SABUS_EV_SA_PUT)->sas[0] = bus.sas[i];
	push(SABUS_EV_DONE);
	return 0;
}

int sabus_tunnel_put(struct sabus *s, const struct sabus_tunnel_info *tunnel)
{
	(void)s;
	if (bus.send_errno)
		return -bus.send_errno;
	bus.tunnel_puts++;
	bus.tunnel = *tunnel;
	return 0;
}

int sabus_tunnel_del(struct sabus *s, uint16_t tunnel_id)
{
	(void)s;
	(void)tunnel_id;
	bus.tunnel_dels++;
	return 0;
}

int sabus_call_put(struct sabus *s, const struct sabus_call_info *call)
{
	(void)s;
	bus.call_puts++;
	bus.call = *call;
	return 0;
}

int sabus_call_del(struct sabus *s, uint16_t tunnel_id, uint16_t call_id)
{
	(void)s;
	(void)tunnel_id;
	(void)call_id;
	bus.call_dels++;
	return 0;
}

int sabus_request_delete(struct sabus *s, uint32_t sa_id, const char *why, uint32_t *seq)
{
	(void)why;
	bus.deletes++;
	bus.deleted = sa_id;
	bus.delete_seq = *seq = ++s->seq;
	return 0;
}

int sabus_request_initiate(struct sabus *s, const struct sabus_flow *flow, const char *name, uint32_t *seq)
{
	bus.initiates++;
	bus.flow = *flow;
	snprintf(bus.connection, sizeof(bus.connection), "%s", name ? name : "");
	bus.initiate_seq = *seq = ++s->seq;
	return 0;
}

int sabus_recv(struct sabus *s, struct sabus_event *ev)
{
	struct sabus_event *first;

	if (bus.broken)
		return -ECONNRESET;
	if (bus.mute || s->head == s->tail)
		return 0;
	first = s->queue[s->head];
	s->head = (s->head + 1) % QUEUE;
	*ev = *first;
	free(first);
	return 1;
}

static size_t find(uint32_t id)
{
	size_t i = 0;

	while (i < bus.n_sas && bus.sas[i].id != id)
		i++;
	return i;
}

void stub_put(const struct sabus_sa *sa)
{
	size_t i = find(sa->id);

	assert_true(i < sizeof(bus.sas) / sizeof(bus.sas[0]));
	bus.sas[i] = *sa;
	bus.n_sas += i == bus.n_sas;
	if (connection && !bus.broken)
		push(SABUS_EV_SA_PUT)->sas[0] = *sa;
}

void stub_drop(uint32_t id)
{
	size_t i = find(id);

	assert_true(i < bus.n_sas);
	memmove(&bus.sas[i], &bus.sas[i + 1], (bus.n_sas - i - 1) * sizeof(bus.sas[0]));
	bus.n_sas--;
}

void stub_del(uint32_t id, enum sabus_cause cause)
{
	struct sabus_event *ev;

	stub_drop(id);
	if (!connection || bus.broken)
		return;
	ev = push(SABUS_EV_SA_DEL);
	ev->sa_id = id;
	ev->cause = cause;
}

void stub_event(enum sabus_event_type type)
{
	push(type);
}

void stub_result(uint32_t seq, int error, const char *text)
{
	struct sabus_event *ev = push(SABUS_EV_RESULT);

	ev->seq = seq;
	ev->error = error;
	snprintf(ev->text, sizeof(ev->text), "%s", text);
}

static void range(struct sabus_ts *ts, const struct sabus_addr *a)
{
	ts->from = ts->to = *a;
	ts->port_from = ts->port_to = SABUS_L2TP_PORT;
	ts->proto = IPPROTO_UDP;
}

struct sabus_sa stub_sa(uint32_t id)
{
	struct sabus_sa sa = {
		.id = id,
		.ike_id = 1,
		.state = SABUS_SA_INSTALLED,
		.name = "l2tp",
		.ike_version = 2,
		.proto = SABUS_PROTO_ESP,
		.mode = SABUS_MODE_TRANSPORT,
		.encr = 20,
		.encr_bits = 256,
		.replay_window = 32,
		.id_remote = "client.example",
		.spi_in = 0xc0ff0000 + id,
		.spi_out = 0xc0fe0000 + id,
		.reqid = id,
		.n_ts = 1,
	};

	sabus_addr_parse(&sa.local.addr, "10.9.0.1");
	sabus_addr_parse(&sa.remote.addr, "10.9.0.2");
	range(&sa.ts[0].local, &sa.local.addr);
	range(&sa.ts[0].remote, &sa.remote.addr);
	return sa;
}

void stub_sa_mark(struct sabus_sa *sa, uint32_t mark)
{
	sa->mark_in.value = sa->mark_out.value = sa->set_mark_in.value = mark;
	sa->mark_in.mask = sa->mark_out.mask = sa->set_mark_in.mask = 0xffffffff;
}
