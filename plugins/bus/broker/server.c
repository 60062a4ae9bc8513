/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server.c - the loop and its clock.  See server.h for the order of a round.
 *
 * Timers need no heap: greetings, announced SAs and requests of a kind each wait equally long, so their lists are sorted by deadline, and there is one orphan
 * deadline.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utlist.h>
#include "clock.h"
#include "log.h"
#include "server.h"

#define EVENTS 64 /* per round */

/* As many clients as --max-clients and the limit of open files allow, whichever is less; and a line when it is the latter. */
static uint32_t raise_file_limit(const struct options *o)
{
	struct rlimit rl = { 0, 0 };
	rlim_t want = (rlim_t)o->max_clients + SERVER_SPARE_FDS;

	getrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_cur >= want)
		return o->max_clients;
	rl.rlim_cur = want;
	if (rl.rlim_max < want)
		rl.rlim_max = want;
	if (setrlimit(RLIMIT_NOFILE, &rl) == 0)
		return o->max_clients;
	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	want = rl.rlim_cur > SERVER_SPARE_FDS + 16 ? rl.rlim_cur - SERVER_SPARE_FDS : 16;
	log_line(LOG_WARNING,
		 "few-files clients=%u limit=%llu text=\"--max-clients %u needs %u open files\" remedy=\"raise LimitNOFILE= or 'ulimit "
		 "-n'\"",
		 (uint32_t)want, (unsigned long long)rl.rlim_cur, o->max_clients, o->max_clients + SERVER_SPARE_FDS);
	return (uint32_t)want;
}

static bool add_source(struct server *s, struct source *src)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = src };

	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, src->fd, &ev) == 0)
		return true;
	log_line(LOG_ERR, "cannot-start text=\"epoll_ctl: %m\"");
	return false;
}

static sigset_t end_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	return set;
}

void server_hold_signals(void)
{
	sigset_t set = end_signals();

	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static bool open_signals(struct server *s)
{
	sigset_t set = end_signals();

	s->signals.kind = SOURCE_SIGNAL;
	s->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return s->signals.fd >= 0 && add_source(s, &s->signals);
}

bool server_init(struct server *s, const struct options *opt, struct listeners *l)
{
	bool ok;

	memset(s, 0, sizeof(*s));
	s->opt = opt;
	s->now = now_ms();
	s->max_clients = raise_file_limit(opt);
	table_init(&s->table, opt->max_sas, watch_changed, s);
	s->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	ok = s->spare_fd >= 0 && s->epoll_fd >= 0 && getrandom(&s->epoch, sizeof(s->epoch), 0) == (ssize_t)sizeof(s->epoch) &&
	     open_signals(s);
	for (enum role r = 0; ok && r < ROLE_COUNT; r++) {
		s->listeners[r] = (struct listener){ { SOURCE_LISTENER, l->fd[r] }, r };
		ok = add_source(s, &s->listeners[r].source);
	}
	if (!ok)
		log_line(LOG_ERR, "cannot-start text=\"cannot set up the event loop: %m\"");
	return ok;
}

static void take_signal(struct server *s)
{
	struct signalfd_siginfo si;

	if (read(s->signals.fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		log_line(LOG_INFO, "end signal=%u pid=%u", si.ssi_signo, si.ssi_pid);
		s->stop = true;
	}
}

static void client_event(struct server *s, struct client *c, uint32_t events)
{
	unsigned int burst = SERVER_READ_BURST;

	if (c->role == ROLE_PUBLISHER && !c->denied) {
		if (events & EPOLLOUT)
			requests_flush(s);
		publisher_drain(s);
		return;
	}
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		client_release(s, c);
	if (events & EPOLLOUT)
		watch_unblocked(s, c);
	while (burst-- && client_may_ask(s, c) && client_read(s, c))
		;
}

static void listener_event(struct server *s, struct listener *l)
{
	if (l->role == ROLE_PUBLISHER)
		publisher_drain(s);
	else
		client_accept(s, l, SERVER_ACCEPT_BURST);
}

static void handle(struct server *s, const struct epoll_event *ev)
{
	struct source *src = ev->data.ptr;

	switch (src->kind) {
	case SOURCE_SIGNAL: take_signal(s); break;
	case SOURCE_LISTENER: listener_event(s, (struct listener *)src); break;
	case SOURCE_CLIENT: client_event(s, (struct client *)src, ev->events); break;
	}
}

static void timers(struct server *s)
{
	while (s->greeting && s->greeting->hello_deadline <= s->now)
		client_fail(s, s->greeting, 0, ETIMEDOUT, "no HELLO within %u s", s->opt->hello_timeout);
	table_expire_pending(&s->table, s->now);
	requests_expire(s);
	if (s->table.n_orphans && s->orphan_deadline <= s->now) {
		log_line(LOG_WARNING, "orphans-dropped sas=%u text=\"no publisher has put them again: they leave the table\"",
			 s->table.n_orphans);
		table_drop_orphans(&s->table);
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Milliseconds until something is due; -1 = nothing. */
static int patience(const struct server *s)
{
	int64_t next = INT64_MAX, left;

	if (s->queue)
		return 0;
	if (s->greeting)
		next = sooner(next, s->greeting->hello_deadline);
	if (s->table.pending)
		next = sooner(next, s->table.pending->deadline);
	if (s->requests.waiting)
		next = sooner(next, s->requests.waiting->deadline);
	if (s->requests.at_sessions)
		next = sooner(next, s->requests.at_sessions->deadline);
	if (s->table.n_orphans)
		next = sooner(next, s->orphan_deadline);
	if (next == INT64_MAX)
		return -1;
	left = next - now_ms();
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

void server_run(struct server *s)
{
	struct epoll_event ev[EVENTS];

	while (!s->stop) {
		int n = epoll_wait(s->epoll_fd, ev, EVENTS, patience(s));

		if (n < 0 && errno != EINTR) {
			log_line(LOG_ERR, "end text=\"epoll_wait: %m\"");
			return;
		}
		s->now = now_ms();
		for (int i = 0; i < n; i++)
			handle(s, &ev[i]);
		timers(s);
		watch_pump_all(s);
		client_reap(s);
	}
}

void server_free(struct server *s)
{
	struct client *c, *next;

	DL_FOREACH_SAFE(s->clients, c, next)
		client_close(s, c);
	client_reap(s);
	table_free(&s->table);
	close(s->signals.fd);
	close(s->epoll_fd);
	close(s->spare_fd);
}
