/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hookload.c - the calls that the charon plugin's hooks make, each timed: publisher.c and shadow.c as they are, without a charon around.
 *
 *	hookload DIR BROKER-PID SAS ROUNDS
 *
 * Life of a CHILD_SA in four hooks, as in listener.c: told while pending, installed, rekeyed away, gone.  SAS others are in the table all the
 * time.  Each round makes CALLS of them against a sabusd that reads, CALLS against one that SIGSTOP keeps from reading (from the first
 * call on: the queue fills, a hook cuts the connection, the rest only writes the table), and CALLS bare sends of the same size to a child
 * that reads them, which is the floor.  BROKER-PID is ours to stop: the caller has started it.
 *
 * Standard output: JSON, samples in nanoseconds per round.  What describe.c asks of charon's objects is not in here: bench_charon has it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "load.h"
#include "publisher.h"

#define STEPS	 4u
#define RETRY_MS 50u
#define CHURN_ID 500000u /* numbers of the SAs that come and go: above those that stay */

struct hooks {
	struct load load; /* first: paced() hands it to the calls */
	struct publisher *publisher;
	atomic_uint connected; /* times that the publisher said so */
	int bare;
	size_t bytes; /* of an encoded SA */
};

static void heard(void *data, int prio, const struct logline *line)
{
	struct hooks *h = data;

	(void)prio;
	if (strstr(line->text, "sabus: bus-up "))
		atomic_fetch_add(&h->connected, 1);
}

static void *carry(void *data)
{
	publisher_run(data);
	return NULL;
}

static void await_connection(struct hooks *h, unsigned before)
{
	for (int ms = 0; atomic_load(&h->connected) == before; ms++) {
		if (ms > PATIENCE)
			die("sabusd did not take the SAs");
		sleep_until(now_ns() + 1000000);
	}
}

static void install(struct hooks *h, struct sabus_sa *sa)
{
	struct sabus_sa was;

	sa->state = SABUS_SA_INSTALLED;
	if (!publisher_get(h->publisher, sa->id, &was) || was.state == SABUS_SA_PENDING)
		sa->replaces = publisher_predecessor(h->publisher, sa);
	must(publisher_put(h->publisher, sa), NULL, "put of an installed SA");
}

static void rekey_away(struct hooks *h, uint32_t id)
{
	struct sabus_sa was;

	if (!publisher_get(h->publisher, id, &was))
		die("SA %u is not in the table", id);
	was.state = SABUS_SA_REKEYED;
	must(publisher_put(h->publisher, &was), NULL, "put of a rekeyed SA");
}

static void forget(struct hooks *h, uint32_t id)
{
	struct sabus_sa was;

	if (!publisher_get(h->publisher, id, &was) || !publisher_del(h->publisher, id, SABUS_CAUSE_REKEYED))
		die("SA %u is not in the table", id);
}

static void hook(struct load *l, uint32_t k)
{
	struct hooks *h = (struct hooks *)l;
	struct sabus_sa sa;

	sa_of(CHURN_ID + k / STEPS, l->round, &sa);
	switch (k % STEPS) {
	case 0:
		sa.state = SABUS_SA_PENDING;
		must(publisher_put(h->publisher, &sa), NULL, "put of a pending SA");
		break;
	case 1: install(h, &sa); break;
	case 2: rekey_away(h, sa.id); break;
	default: forget(h, sa.id); break;
	}
}

static void bare_send(struct load *l, uint32_t k)
{
	static const char bytes[SABUS_SA_BLOB_MAX];
	const struct hooks *h = (const struct hooks *)l;

	(void)k;
	if (send(h->bare, bytes, h->bytes, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
		die("bare send: %s", strerror(errno));
}

static void send_round(struct hooks *h, uint64_t *ns)
{
	char bytes[SABUS_SA_BLOB_MAX];
	int fd[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd))
		die("socketpair: %s", strerror(errno));
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(fd[0]);
		while (recv(fd[1], bytes, sizeof(bytes), 0) > 0)
			;
		_exit(0);
	}
	close(fd[1]);
	h->bare = fd[0];
	paced(&h->load, bare_send, ns);
	close(fd[0]);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		die("no child in sabusd's place");
}

static void stopped_round(struct hooks *h, pid_t broker, uint64_t *ns)
{
	unsigned before = atomic_load(&h->connected);

	if (kill(broker, SIGSTOP))
		die("SIGSTOP to sabusd: %s", strerror(errno));
	paced(&h->load, hook, ns);
	if (kill(broker, SIGCONT))
		die("SIGCONT to sabusd: %s", strerror(errno));
	/* more than its queue holds: had no hook cut the connection, there would be no new one */
	await_connection(h, before);
}

static void fill(struct hooks *h)
{
	uint8_t blob[SABUS_SA_BLOB_MAX];
	struct sabus_sa sa;
	int n;

	for (uint32_t i = 0; i < h->load.n_sas; i++) {
		sa_of(i, 0, &sa);
		must(publisher_put(h->publisher, &sa), NULL, "put");
	}
	n = sabus_sa_encode(&sa, blob, sizeof(blob));
	must(n, NULL, "encode");
	h->bytes = (size_t)n;
}

static void measure(struct hooks *h, pid_t broker)
{
	static uint64_t ns[CALLS];

	for (h->load.round = 0; h->load.round < h->load.rounds; h->load.round++) {
		send_round(h, ns);
		samples("bare", h->load.round, ns, CALLS);
		paced(&h->load, hook, ns);
		samples("live", h->load.round, ns, CALLS);
		stopped_round(h, broker, ns);
		samples("stopped", h->load.round, ns, CALLS);
	}
}

static uint32_t number(const char *text, uint32_t max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || n < 1 || n > max)
		die("'%s' is not a number from 1 to %u", text, max);
	return (uint32_t)n;
}

int main(int argc, char **argv)
{
	static struct hooks h;
	struct publisher_config config = { .name = "hookload", .retry_ms = RETRY_MS, .epoch = 1, .log = heard, .data = &h };
	pthread_t thread;
	char path[108];
	pid_t broker;

	if (argc != 5)
		die("usage: hookload DIR BROKER-PID SAS ROUNDS");
	broker = (pid_t)number(argv[2], INT32_MAX);
	h.load.n_sas = number(argv[3], CHURN_ID);
	h.load.rounds = number(argv[4], 64);
	snprintf(path, sizeof(path), "%s/sa.sock", argv[1]);
	config.path = path;
	must(publisher_new(&h.publisher, &config), NULL, "publisher");
	fill(&h);
	if (pthread_create(&thread, NULL, carry, h.publisher))
		die("no thread");
	await_connection(&h, 0);
	printf("{\n");
	measure(&h, broker);
	printf("\"connections\": %u\n}\n", atomic_load(&h.connected));
	publisher_stop(h.publisher);
	pthread_join(thread, NULL);
	publisher_free(h.publisher);
	return 0;
}
