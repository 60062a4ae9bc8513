/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lacload.c - sets up thousands of tunnels to one xl2tpd, keeps them idle, ends them, and measures what that costs the daemon.
 *
 *	lacload [-cmu] [-b DIR] [-r ROUNDS] [-k HELLOS] [-w WINDOW] TUNNELS PID[,PID...]
 *
 * Tunnel number i comes from the address and port of flow_of(i) (load.c), which must be local here; the daemon listens on its other end.
 * Each has a socket of its own, so the daemon sees as many peers as in life.  At most WINDOW (32) tunnels are under way at a time, so that
 * no socket buffer overflows; each waits for its answer and says it again after 1 and 2 s, as RFC 2661 section 5.8 has it,
 * and is given up after 7.
 * -b: SAs that cover the flows are first published on the bus in DIR, in charon's stead, and stay until the end.
 * -m: tunnel i's SA puts mark i on its packets, and so do we on what we send: on the loopback it arrives with it.
 * -c: a call in each tunnel, up to the acknowledged ICCN.  -u: the last round's tunnels are left up.
 *
 * A round is: all tunnels up; HELLOS times a HELLO on some tunnel, one at a time and not repeated; all tunnels down.  Standard output: JSON, raw samples in
 * nanoseconds, per round; cpu_* and memory are of the processes PID, in their order.  A tunnel that is refused or not answered is counted
 * and its reason told; statistics are the caller's.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lac.h"
#include "load.h"

#define PIDS	  4u
#define REPEATS	  2 /* then given up: 7 s, on an idle machine the daemon has lost the tunnel then */
#define GOODBYES  2 /* of a StopCCN: the daemon may know the tunnel no more */
#define SECOND_NS 1000000000u
#define SETTLE_NS 300000000u
#define HELLO_NS  300000000u /* how long a HELLO's acknowledgement may take */

struct peer {
	struct lac lac;
	int fd, repeats;
	uint64_t began, repeat_at, took; /* ns; took 0: did not get there */
};

struct lacload {
	struct load load; /* first: pick() and the bus */
	struct peer *peers;
	uint32_t n, window, round, rounds, hellos;
	uint32_t *busy, n_busy; /* numbers of the peers with something under way */
	uint32_t repeated, lost;
	uint64_t *took;
	const char *pids[PIDS];
	uint32_t n_pids;
	char why[120]; /* of the first that was refused */
	int epoll;
	bool with_call, leave_up, marks;
};

/* ---- what the daemons use ---- */

/* Time on the CPU so far, ns: the first number of schedstat, which does not tick. */
static uint64_t cpu_of(const char *pid)
{
	char path[64];
	uint64_t ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%" SCNu64, &ns) != 1)
		die("%s: %s; has that process ended?", path, strerror(errno));
	fclose(f);
	return ns;
}

static unsigned long private_kib(const char *pid)
{
	unsigned long kib = 0, n;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/smaps_rollup", pid);
	f = fopen(path, "r");
	if (!f)
		die("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Private_%*[a-zA-Z]: %lu", &n) == 1)
			kib += n;
	}
	fclose(f);
	return kib;
}

static void print_memory(const struct lacload *l, const char *when)
{
	printf("\"private_%s_%" PRIu32 "_kib\": [", when, l->round);
	for (uint32_t i = 0; i < l->n_pids; i++)
		printf("%s%lu", i ? "," : "", private_kib(l->pids[i]));
	printf("],\n");
}

struct meter {
	uint64_t wall, cpu[PIDS];
};

static void read_meter(const struct lacload *l, struct meter *m)
{
	m->wall = now_ns();
	for (uint32_t i = 0; i < l->n_pids; i++)
		m->cpu[i] = cpu_of(l->pids[i]);
}

static void print_meter(const struct lacload *l, const char *phase, const struct meter *since)
{
	struct meter now;
	char name[32];

	read_meter(l, &now);
	now.wall -= since->wall;
	for (uint32_t i = 0; i < l->n_pids; i++)
		now.cpu[i] -= since->cpu[i];
	snprintf(name, sizeof(name), "wall_%s", phase);
	samples(name, l->round, &now.wall, 1);
	snprintf(name, sizeof(name), "cpu_%s", phase);
	samples(name, l->round, now.cpu, l->n_pids);
}

/* ---- sockets ---- */

static struct sockaddr_in address(const struct sabus_endpoint *e)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(e->port) };

	memcpy(&sin.sin_addr, e->addr.b, sizeof(sin.sin_addr));
	return sin;
}

static void open_peer(struct lacload *l, uint32_t i)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };
	struct peer *p = &l->peers[i];
	struct sockaddr_in from, to;
	uint32_t mark = i + 1;
	struct sabus_flow f;

	flow_of(i + 1, &f);
	from = address(&f.remote);
	to = address(&f.local);
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->marks && setsockopt(p->fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		die("SO_MARK: %s", strerror(errno));
	if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&from, sizeof(from)) || connect(p->fd, (struct sockaddr *)&to, sizeof(to)) ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, p->fd, &ev))
		die("socket of tunnel %" PRIu32 ": %s; its address must be a local one", i + 1, strerror(errno));
}

static void transmit(struct peer *p, const uint8_t *msg, size_t len)
{
	/* An ICMP error of an earlier datagram is told here; then this one has not gone. */
	if (send(p->fd, msg, len, 0) < 0 && send(p->fd, msg, len, 0) < 0 && errno != ECONNREFUSED)
		die("sending: %s", strerror(errno));
}

static void say(struct peer *p)
{
	p->repeats = 0;
	p->repeat_at = now_ns() + (p->lac.state == LAC_PINGED ? HELLO_NS : SECOND_NS);
	transmit(p, p->lac.out, p->lac.len);
}

/* ---- what is under way ---- */

static void start(struct lacload *l, uint32_t i)
{
	struct peer *p = &l->peers[i];

	p->took = 0;
	p->began = now_ns();
	say(p);
	l->busy[l->n_busy++] = i;
}

static void repeat(struct lacload *l, struct peer *p, uint64_t now)
{
	if (now < p->repeat_at)
		return;
	if (++p->repeats > (p->lac.state == LAC_PINGED ? 0 : p->lac.state == LAC_STOPPED ? GOODBYES : REPEATS)) {
		snprintf(p->lac.why, sizeof(p->lac.why), "no answer in state %d", (int)p->lac.state);
		p->lac.state = LAC_FAILED;
		return;
	}
	l->repeated++;
	p->repeat_at = now + ((uint64_t)SECOND_NS << p->repeats);
	transmit(p, p->lac.out, p->lac.len);
}

static void hear(struct peer *p)
{
	uint8_t msg[2048], ack[12];
	ssize_t n;

	while ((n = recv(p->fd, msg, sizeof(msg), 0)) > 0) {
		switch (lac_heard(&p->lac, msg, (size_t)n, ack)) {
		case LAC_SEND_OUT:
			say(p);
			break;
		case LAC_SEND_ACK:
			transmit(p, ack, sizeof(ack));
			break;
		case LAC_NOTHING:
			break;
		}
	}
}

/* Takes those out of the list that are done. */
static void settle(struct lacload *l)
{
	uint64_t now = now_ns();
	uint32_t left = 0;

	for (uint32_t k = 0; k < l->n_busy; k++) {
		uint32_t i = l->busy[k];
		struct peer *p = &l->peers[i];

		if (lac_busy(&p->lac))
			repeat(l, p, now);
		if (lac_busy(&p->lac)) {
			l->busy[left++] = i;
		} else if (p->lac.state == LAC_FAILED) {
			l->lost++;
			if (!l->why[0])
				memcpy(l->why, p->lac.why, sizeof(l->why));
		} else {
			p->took = now - p->began;
		}
	}
	l->n_busy = left;
}

static void pump(struct lacload *l)
{
	struct epoll_event ev[64];
	int n = epoll_wait(l->epoll, ev, 64, 100);

	for (int k = 0; k < n; k++)
		hear(&l->peers[ev[k].data.u32]);
	settle(l);
}

/* ---- phases ---- */

static void print_took(struct lacload *l, const char *name)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		if (l->peers[i].took)
			l->took[n++] = l->peers[i].took;
	}
	samples(name, l->round, l->took, n);
}

/* When each was up, counted from the first's beginning. */
static void print_when(struct lacload *l, uint64_t since)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		if (l->peers[i].took)
			l->took[n++] = l->peers[i].began + l->peers[i].took - since;
	}
	samples("when", l->round, l->took, n);
}

/* What the daemon has put off is part of what it costs. */
static void settle_down(struct lacload *l)
{
	for (uint64_t end = now_ns() + SETTLE_NS; now_ns() < end;)
		pump(l);
}

static void phase_up(struct lacload *l)
{
	struct meter m;

	read_meter(l, &m);
	for (uint32_t i = 0; i < l->n || l->n_busy; pump(l)) {
		for (; i < l->n && l->n_busy < l->window; i++) {
			/* another number in each round: the daemon may still have the last one's */
			lac_open(&l->peers[i].lac, (uint16_t)((l->round * l->n + i) % 65535 + 1), l->with_call);
			start(l, i);
		}
	}
	settle_down(l);
	print_meter(l, "up", &m);
	print_took(l, "up");
	print_when(l, m.wall);
}

static void phase_hello(struct lacload *l)
{
	struct meter m;
	uint32_t made = 0;

	read_meter(l, &m);
	for (uint32_t k = 0; k < l->hellos; k++) {
		uint32_t i = pick(&l->load, l->n);

		if (l->peers[i].lac.state != LAC_UP)
			continue;
		lac_hello(&l->peers[i].lac);
		start(l, i);
		while (l->n_busy)
			pump(l);
		if (l->peers[i].took)
			l->took[made++] = l->peers[i].took;
	}
	print_meter(l, "hello", &m);
	samples("hello", l->round, l->took, made);
}

static void phase_down(struct lacload *l)
{
	struct meter m;

	read_meter(l, &m);
	for (uint32_t i = 0; i < l->n || l->n_busy; pump(l)) {
		for (; i < l->n && l->n_busy < l->window; i++) {
			l->peers[i].took = 0;
			if (l->peers[i].lac.state != LAC_UP)
				continue;
			lac_stop(&l->peers[i].lac);
			start(l, i);
		}
	}
	print_meter(l, "down", &m);
	print_took(l, "down");
}

static void run(struct lacload *l)
{
	for (l->round = 0; l->round < l->rounds; l->round++) {
		print_memory(l, "idle");
		phase_up(l);
		print_memory(l, "up");
		if (l->hellos)
			phase_hello(l);
		if (!l->leave_up || l->round + 1 < l->rounds)
			phase_down(l);
	}
}

/* ---- the bus ---- */

static void put_waiting(struct sabus *s, const struct sabus_sa *sa)
{
	struct pollfd p = { .fd = sabus_fd(s), .events = POLLOUT };
	int rc;

	while ((rc = sabus_sa_put(s, sa)) == -EAGAIN)
		poll(&p, 1, PATIENCE);
	must(rc, s, "publishing");
}

static void publish(struct lacload *l)
{
	char path[128];
	struct sabus_sa sa;
	struct sabus *s;

	snprintf(path, sizeof(path), "%s/sa.sock", l->load.dir);
	must(sabus_open(&l->load.publisher, path, "charon", 1), NULL, path);
	s = l->load.publisher;
	must(sabus_sync_begin(s), s, "SYNC_BEGIN");
	for (uint32_t i = 1; i <= l->n; i++) {
		sa_of(i, 0, &sa);
		sa.local.port = sa.remote.port = 500;	/* no UDP encapsulation */
		if (l->marks)
			sa.mark_in = sa.mark_out = sa.set_mark_in = (struct sabus_mark){ .value = i, .mask = ~0u };
		put_waiting(s, &sa);
	}
	must(sabus_sync_end(s), s, "SYNC_END");
}

/* ---- start ---- */

static uint32_t number(const char *text, uint32_t min, uint32_t max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || n < min || n > max)
		die("'%s' is not a number from %" PRIu32 " to %" PRIu32, text, min, max);
	return (uint32_t)n;
}

static void arguments(struct lacload *l, int argc, char **argv)
{
	static const char usage[] = "usage: lacload [-cmu] [-b DIR] [-r ROUNDS] [-k HELLOS] [-w WINDOW] TUNNELS PID[,PID...]";
	int c;

	while ((c = getopt(argc, argv, "cmub:r:k:w:")) != -1) {
		switch (c) {
		case 'c': l->with_call = true; break;
		case 'm': l->marks = true; break;
		case 'u': l->leave_up = true; break;
		case 'b': l->load.dir = optarg; break;
		case 'r': l->rounds = number(optarg, 1, 1000); break;
		case 'k': l->hellos = number(optarg, 0, 100000); break;
		case 'w': l->window = number(optarg, 1, 1000); break;
		default: die("%s", usage);
		}
	}
	if (argc != optind + 2)
		die("%s", usage);
	l->n = number(argv[optind], 1, 60000);
	for (char *p = strtok(argv[optind + 1], ","); p; p = strtok(NULL, ",")) {
		if (l->n_pids == PIDS)
			die("at most %u PIDs", PIDS);
		l->pids[l->n_pids++] = p;
	}
}

static void prepare(struct lacload *l)
{
	struct rlimit rl;

	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = l->n + 32;
	if (rl.rlim_max < rl.rlim_cur)
		rl.rlim_max = rl.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &rl))
		die("%" PRIu32 " tunnels need as many open files: %s (ulimit -n)", l->n, strerror(errno));
	l->peers = calloc(l->n, sizeof(*l->peers));
	l->busy = calloc(l->window, sizeof(*l->busy));
	l->took = calloc(l->n > l->hellos ? l->n : l->hellos, sizeof(*l->took));
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!l->peers || !l->busy || !l->took || l->epoll < 0)
		die("no memory");
	for (uint32_t i = 0; i < l->n; i++)
		open_peer(l, i);
}

int main(int argc, char **argv)
{
	struct lacload l = { .window = 32, .rounds = 1, .load = { .random = 1 } };

	arguments(&l, argc, argv);
	prepare(&l);
	if (l.load.dir)
		publish(&l);
	printf("{\n");
	run(&l);
	for (char *p = l.why; *p; p++)
		*p = *p == '"' || *p == '\\' || (unsigned char)*p < ' ' ? '?' : *p;
	printf("\"repeated\": %" PRIu32 ", \"lost\": %" PRIu32 ", \"why\": \"%s\"\n}\n", l.repeated, l.lost, l.why);
	return 0;
}
