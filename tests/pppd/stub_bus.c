// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub_bus.c - libsabus' calls, answered from a script; sabusd and the wire have tests of their own.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stub.h"

#define QUEUE 32

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
	return connection && (bus.broken || connection->head != connection->tail);
}

/* the plugin's pauses are the only place where it waits by itself */
int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	(void)fds;
	(void)n;
	stub_sleep(timeout);
	return 0;
}

int sabus_open(struct sabus **out, const char *path, const char *name, uint64_t epoch)
{
	(void)name;
	(void)epoch;
	bus.opened++;
	snprintf(bus.path, sizeof(bus.path), "%s", path);
	if (bus.open_errno)
		return -bus.open_errno;
	if (connection)
		abort(); /* the plugin has one connection at a time */
	*out = connection = calloc(1, sizeof(**out));
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

static void answer(struct sabus_event *ev)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = SABUS_EV_ANSWER;
	ev->answer = bus.answer;
	ev->truncated = bus.truncated;
	ev->n_sas = bus.n_sas;
	memcpy(ev->sas, bus.sas, sizeof(ev->sas));
	if (bus.change_at && stub_now() >= bus.change_at) {
		ev->answer = bus.later;
		ev->n_sas = bus.later_sa.id ? 1 : 0;
		ev->sas[0] = bus.later_sa;
	}
}

int sabus_lookup(struct sabus *s, const struct sabus_flow *flow, int timeout_ms, struct sabus_event *ev,
		 void (*other)(void *data, const struct sabus_event *ev), void *data)
{
	(void)s;
	(void)other;
	(void)data;
	bus.flow = *flow;
	bus.lookups++;
	if (bus.silent_from && stub_now() >= bus.silent_from)
		bus.lookup_errno = ETIMEDOUT;
	if (bus.lookup_errno == ETIMEDOUT)
		stub_sleep(timeout_ms);
	if (bus.lookup_errno)
		return -bus.lookup_errno;
	stub_sleep(1);
	answer(ev);
	return 0;
}

static struct sabus_event *push(void)
{
	struct sabus_event *ev = calloc(1, sizeof(*ev));

	if (!connection || (connection->tail + 1) % QUEUE == connection->head)
		abort();
	connection->queue[connection->tail] = ev;
	connection->tail = (connection->tail + 1) % QUEUE;
	return ev;
}

int sabus_lookup_send(struct sabus *s, const struct sabus_flow *flow, uint32_t *seq)
{
	struct sabus_event *ev;

	bus.flow = *flow;
	bus.lookups++;
	*seq = ++s->seq;
	if (bus.mute)
		return 0;
	ev = push();
	answer(ev);
	ev->seq = *seq;
	return 0;
}

int sabus_watch(struct sabus *s, const struct sabus_flow *flow, bool sessions)
{
	(void)s;
	(void)flow;
	(void)sessions;
	bus.watches++;
	push()->type = SABUS_EV_DONE;
	return 0;
}

int sabus_session_put(struct sabus *s, const struct sabus_session *session)
{
	(void)s;
	bus.puts++;
	bus.session = *session;
	return 0;
}

int sabus_result(struct sabus *s, uint32_t seq, int error, const char *text)
{
	if (s != connection || !s)
		abort();
	bus.results++;
	bus.result_seq = seq;
	bus.result = error;
	snprintf(bus.result_text, sizeof(bus.result_text), "%s", text ? text : "");
	return 0;
}

int sabus_recv(struct sabus *s, struct sabus_event *ev)
{
	struct sabus_event *first;

	if (bus.broken)
		return -ECONNRESET;
	if (s->head == s->tail)
		return 0;
	first = s->queue[s->head];
	s->head = (s->head + 1) % QUEUE;
	*ev = *first;
	free(first);
	return 1;
}

void stub_event_put(const struct sabus_sa *sa)
{
	struct sabus_event *ev = push();

	ev->type = SABUS_EV_SA_PUT;
	ev->sas[0] = *sa;
}

void stub_event_del(uint32_t id, enum sabus_cause cause)
{
	struct sabus_event *ev = push();

	ev->type = SABUS_EV_SA_DEL;
	ev->sa_id = id;
	ev->cause = cause;
}

void stub_event(enum sabus_event_type type)
{
	push()->type = type;
}

void stub_request(uint32_t seq, enum sabus_op op, const struct sabus_reply *reply, const char *why)
{
	struct sabus_event *ev = push();

	ev->type = SABUS_EV_REQUEST;
	ev->seq = seq;
	ev->op = op;
	ev->session_id = 77;
	snprintf(ev->text, sizeof(ev->text), "%s", why);
	if (reply)
		ev->reply = *reply;
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
		.id = id, .ike_id = 1, .state = SABUS_SA_INSTALLED, .name = "l2tp", .ike_version = 2,
		.proto = SABUS_PROTO_ESP, .mode = SABUS_MODE_TRANSPORT, .encr = 20, .encr_bits = 256, .replay_window = 32, .id_remote = "client.example",
		.spi_in = 0xc0ffee01, .spi_out = 0xc0ffee02, .reqid = 7, .n_ts = 1,
	};

	sabus_addr_parse(&sa.local.addr, kernel.ipv6 ? "2001:db8::1" : "10.9.0.1");
	sabus_addr_parse(&sa.remote.addr, kernel.ipv6 ? "2001:db8::2" : "10.9.0.2");
	range(&sa.ts[0].local, &sa.local.addr);
	range(&sa.ts[0].remote, &sa.remote.addr);
	return sa;
}

void stub_sa_null(struct sabus_sa *sa)
{
	sa->encr = 11; /* NULL */
	sa->encr_bits = 0;
	sa->integ = 12; /* HMAC_SHA2_256_128 */
}
