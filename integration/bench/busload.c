/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busload.c - puts a sabusd under the load of a large LNS and writes down how long each thing took.
 *
 *   busload DIR BROKER-PID CLIENTS SAS ROUNDS
 *
 * One publisher (charon's place) and CLIENTS sessions (pppd's place: each watches its peer, has asked once and has published its session)
 * stay connected throughout.  SA number i belongs to client i.  Phases, in this order:
 *
 *   sync      the publisher's first synchronisation, SAS entries
 *   join      all clients connect, ask, watch
 *   session   each client publishes its session, and asks once to know that sabusd has it
 *   busy      ROUNDS times: a child publishes on the shared connection, the parent asks; both at a steady pace, both timed per call.
 *             Before each, the same two with a child in sabusd's place that only reads and answers: what the kernel and this machine's other
 *             work cost alone (`bare`)
 *   event     one at a time: publish, until the watching client has read it
 *   snapshot  ROUNDS times a fresh reader's WATCH of everything until DONE, without and with sessions
 *
 * Standard output is one JSON object of raw samples in nanoseconds; statistics are the caller's.  A call that fails, or an answer that is wrong,
 * ends the program with a line on standard error: a fast wrong answer is no measurement.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "load.h"

#define EVENTS 1000u
#define OTHER  16u	/* open files beside the clients */

/* ---- connections ---- */

static struct sabus *join(const struct load *l, const char *sock, const char *name, uint64_t epoch)
{
	struct sabus *s = NULL;
	char path[128];
	int rc;

	snprintf(path, sizeof(path), "%s/%s.sock", l->dir, sock);
	while ((rc = sabus_open(&s, path, name, epoch)) == -EAGAIN)
		poll(NULL, 0, 1);	/* its accept queue is full */
	must(rc, NULL, path);
	return s;
}

/* The next event into l->ev, waiting for it. */
static void next_event(const struct load *l, struct sabus *s)
{
	struct pollfd p = { .fd = sabus_fd(s), .events = POLLIN };
	int rc;

	while ((rc = sabus_recv(s, l->ev)) == 0) {
		if (poll(&p, 1, PATIENCE) <= 0)
			die("sabusd said nothing for %d ms", PATIENCE);
	}
	must(rc, s, "receiving");
	if (l->ev->type == SABUS_EV_ERROR)
		die("sabusd: %s", l->ev->text);
}

static void await(const struct load *l, struct sabus *s, enum sabus_event_type type)
{
	do
		next_event(l, s);
	while (l->ev->type != type);
}

static void put_waiting(const struct load *l, const struct sabus_sa *sa)
{
	struct pollfd p = { .fd = sabus_fd(l->publisher), .events = POLLOUT };
	int rc;

	while ((rc = sabus_sa_put(l->publisher, sa)) == -EAGAIN)
		poll(&p, 1, PATIENCE);
	must(rc, l->publisher, "publishing");
}

/* ---- output ---- */

/* "Rss", "Private_Dirty" ... of the broker, KiB. */
static unsigned long broker_memory(const struct load *l, const char *what)
{
	char path[64], line[128];
	unsigned long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/smaps_rollup", l->broker);
	f = fopen(path, "r");
	if (!f)
		die("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, what, strlen(what)) && line[strlen(what)] == ':')
			kib = strtoul(line + strlen(what) + 1, NULL, 10);
	}
	fclose(f);
	return kib;
}

static void print_memory(const struct load *l, const char *when)
{
	printf("\"rss_%s_kib\": %lu,\n", when, broker_memory(l, "Rss"));
}

/* ---- phases ---- */

static void phase_sync(struct load *l)
{
	uint64_t ns = now_ns();
	struct sabus_sa sa;

	print_memory(l, "idle");
	l->publisher = join(l, "sa", "charon", 1);
	must(sabus_sync_begin(l->publisher), l->publisher, "SYNC_BEGIN");
	for (uint32_t i = 0; i < l->n_sas; i++) {
		sa_of(i, 0, &sa);
		put_waiting(l, &sa);
	}
	must(sabus_sync_end(l->publisher), l->publisher, "SYNC_END");
	ns = now_ns() - ns;
	samples("sync", 0, &ns, 1);
	printf("\"sa_bytes\": %d,\n", sabus_sa_encode(&sa, (uint8_t[SABUS_SA_BLOB_MAX]){ 0 }, SABUS_SA_BLOB_MAX));
}

static void ask(const struct load *l, uint32_t i)
{
	struct sabus_flow f;

	flow_of(i, &f);
	must(sabus_lookup(l->clients[i], &f, PATIENCE, l->ev, NULL, NULL), l->clients[i], "asking");
	if (l->ev->answer != SABUS_PRESENT || l->ev->n_sas != 1 || l->ev->sas[0].id != i + 1)
		die("client %" PRIu32 " got answer %d with %zu SAs, not its own", i, (int)l->ev->answer, l->ev->n_sas);
}

static void phase_join(struct load *l)
{
	uint64_t ns = now_ns();
	struct sabus_flow f;

	for (uint32_t i = 0; i < l->n_clients; i++) {
		struct sabus *s = l->clients[i] = join(l, "session", "pppd", 0);

		flow_of(i, &f);
		ask(l, i);
		must(sabus_watch(s, &f, false), s, "WATCH");
		await(l, s, SABUS_EV_DONE);
		if (i == 0)
			print_memory(l, "sas");
	}
	ns = now_ns() - ns;
	samples("join", 0, &ns, 1);
	print_memory(l, "clients");
}

static void phase_session(struct load *l)
{
	uint64_t ns = now_ns();
	struct sabus_session session;

	for (uint32_t i = 0; i < l->n_clients; i++) {
		session_of(i, &session);
		must(sabus_session_put(l->clients[i], &session), l->clients[i], "SESSION_PUT");
		ask(l, i);
	}
	ns = now_ns() - ns;
	samples("session", 0, &ns, 1);
	print_memory(l, "sessions");
}

static void call_publish(struct load *l, uint32_t k)
{
	struct sabus_sa sa;
	int rc;

	sa_of(pick(l, l->n_sas), l->round * CALLS + k + 1, &sa);
	rc = sabus_sa_put(l->publisher, &sa);
	if (rc == -EAGAIN)
		l->calls[CALLS]++;	/* told as what it is; charon's plugin would start over */
	else
		must(rc, l->publisher, "publishing at a steady pace");
}

static void call_ask(struct load *l, uint32_t k)
{
	(void)k;
	ask(l, pick(l, l->n_clients));
}

static void drain(const struct load *l)
{
	for (uint32_t i = 0; i < l->n_clients; i++) {
		int rc;

		while ((rc = sabus_recv(l->clients[i], l->ev)) > 0)
			;
		must(rc, l->clients[i], "draining");
	}
}

static void phase_busy(struct load *l)
{
	uint64_t asked[CALLS];

	for (l->round = 0; l->round < l->rounds; l->round++) {
		bare_round(l, asked);
		samples("bare_publish", l->round, l->calls, CALLS);
		samples("bare_lookup", l->round, asked, CALLS);
		paced_pair(l, call_publish, call_ask, asked);
		samples("publish", l->round, l->calls, CALLS);
		samples("lookup", l->round, asked, CALLS);
		drain(l);
	}
	printf("\"full_queue\": %" PRIu64 ",\n", l->calls[CALLS]);
}

static void phase_event(struct load *l)
{
	uint64_t took[EVENTS], begin;
	struct sabus_sa sa;

	for (uint32_t k = 0; k < EVENTS; k++) {
		uint32_t i = pick(l, l->n_clients < l->n_sas ? l->n_clients : l->n_sas);

		sa_of(i, k + 1, &sa);
		sleep_until(now_ns() + PACE_NS);
		begin = now_ns();
		must(sabus_sa_put(l->publisher, &sa), l->publisher, "publishing");
		await(l, l->clients[i], SABUS_EV_SA_PUT);
		took[k] = now_ns() - begin;
		if (l->ev->sas[0].id != i + 1)
			die("client %" PRIu32 " was told of the SA of another", i);
	}
	samples("event", 0, took, EVENTS);
}

/* Time of a whole WATCH; what came is counted. */
static uint64_t snapshot(const struct load *l, bool sessions)
{
	struct sabus *s = join(l, "read", "busload", 0);
	uint32_t sas = 0, others = 0;
	uint64_t begin;

	await(l, s, SABUS_EV_HELLO);
	begin = now_ns();
	must(sabus_watch(s, NULL, sessions), s, "WATCH");
	do {
		next_event(l, s);
		sas += l->ev->type == SABUS_EV_SA_PUT;
		others += l->ev->type == SABUS_EV_SESSION_PUT;
	} while (l->ev->type != SABUS_EV_DONE);
	begin = now_ns() - begin;
	if (sas != l->n_sas || others != (sessions ? l->n_clients : 0))
		die("the snapshot had %" PRIu32 " SAs and %" PRIu32 " sessions", sas, others);
	sabus_close(s);
	return begin;
}

static void phase_snapshot(struct load *l)
{
	uint64_t sas[64], all[64];

	for (uint32_t r = 0; r < l->rounds; r++) {
		sas[r] = snapshot(l, false);
		all[r] = snapshot(l, true);
	}
	samples("snapshot_sas", 0, sas, l->rounds);
	samples("snapshot_all", 0, all, l->rounds);
}

static uint32_t number(const char *text, uint32_t max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || n < 1 || n > max)
		die("'%s' is not a number from 1 to %" PRIu32, text, max);
	return (uint32_t)n;
}

static void more_files(uint32_t n)
{
	struct rlimit rl;

	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = n + OTHER;
	if (rl.rlim_max < rl.rlim_cur)
		rl.rlim_max = rl.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &rl))
		die("%" PRIu32 " clients need as many open files: %s (ulimit -n)", n, strerror(errno));
}

int main(int argc, char **argv)
{
	struct load l = { .random = 1 };

	if (argc != 6)
		die("usage: busload DIR BROKER-PID CLIENTS SAS ROUNDS");
	l.dir = argv[1];
	l.broker = argv[2];
	l.n_clients = number(argv[3], 100000);
	l.n_sas = number(argv[4], 100000);
	l.rounds = number(argv[5], 64);
	if (l.n_clients > l.n_sas)
		die("each client needs an SA of its own");
	more_files(l.n_clients);
	l.ev = calloc(1, sizeof(*l.ev));
	l.clients = calloc(l.n_clients, sizeof(struct sabus *));
	l.calls = mmap(NULL, (CALLS + 1) * sizeof(*l.calls), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!l.ev || !l.clients || l.calls == MAP_FAILED)
		die("no memory");
	printf("{\n");
	phase_sync(&l);
	phase_join(&l);
	phase_session(&l);
	phase_busy(&l);
	phase_event(&l);
	phase_snapshot(&l);
	print_memory(&l, "end");
	printf("\"private_dirty_kib\": %lu\n}\n", broker_memory(&l, "Private_Dirty"));
	return 0;
}
