/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world's state: descriptors, children, the clock, waiting, and the way out.
 *
 * A descriptor that is closed twice, used after close, or a signal sent to a
 * process that is no child of the daemon is a bug of the daemon, and reported.
 */
#include "world.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

struct world world;

int world_epoll_create1(int flags);
int world_epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev);
int world_epoll_wait(int epfd, struct epoll_event *ev, int max, int timeout);
int world_gettimeofday(struct timeval *tv, void *tz);
int world_clock_gettime(clockid_t id, struct timespec *ts);
time_t world_time(time_t *t);
int world_rand(void);
void world_srand(unsigned int seed);
int world_fork(void);
int world_kill(int pid, int sig);
int world_waitpid(int pid, int *status, int options);
void world_exit(int status);
int world_atexit(void (*f)(void));
void (*world_signal_set(int sig, void (*handler)(int)))(int);
int world_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int world_sigaction(int sig, const struct sigaction *act, struct sigaction *old);

void world_begin(const char *config, size_t config_len, const char *secrets)
{
	static unsigned int lives;

	memset(&world, 0, offsetof(struct world, queue));
	world.queued = 0;
	memset(&world.bytes, 0, offsetof(struct world_bytes, data));
	memset(&world.child, 0, sizeof(world) - offsetof(struct world, child));
	world.config = config;
	world.config_len = config_len;
	world.secrets = secrets;
	world.now_us = 1000000000ull * 1000000;
	world.random = 1;
	world.last_pid = 1000;
	world.life = ++lives;
}

_Noreturn void world_leave(void)
{
	if (world.left)
		world_bug("the run ended twice");
	world.left = true;
	longjmp(world.out, 1);
}

int world_atexit(void (*f)(void))
{
	world.at_exit = f;
	return 0;
}

void world_exit(int status)
{
	(void)status;
	if (world.at_exit)
		world.at_exit();
	world_leave();
}

_Noreturn void world_bug(const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	fprintf(stderr, "xl2tpd fuzz: ");
	vfprintf(stderr, what, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	abort();
}

bool world_fault(enum world_fault f)
{
	if (!world.fault[f])
		return false;
	world.fault[f]--;
	return true;
}

/* Descriptors */

int world_fd(enum world_kind kind)
{
	for (int i = 0; i < WORLD_FDS; i++)
		if (world.fd[i].kind == WORLD_FREE) {
			memset(&world.fd[i], 0, sizeof(world.fd[i]));
			world.fd[i].kind = kind;
			return WORLD_FD_BASE + i;
		}
	errno = EMFILE;
	return -1;
}

enum world_kind world_kind(int fd)
{
	if (fd < WORLD_FD_BASE || fd >= WORLD_FD_BASE + WORLD_FDS)
		return WORLD_FREE;
	return world.fd[fd - WORLD_FD_BASE].kind;
}

unsigned int world_fds_open(void)
{
	unsigned int n = 0;

	for (int i = 0; i < WORLD_FDS; i++)
		n += world.fd[i].kind != WORLD_FREE;
	return n;
}

struct world_datagram *world_datagram(void)
{
	struct world_datagram *d;

	if (world.queued == WORLD_QUEUE)
		return NULL;
	d = &world.queue[world.queued++];
	memset(d, 0, offsetof(struct world_datagram, data));
	return d;
}

bool world_readable(int fd)
{
	for (unsigned int i = 0; i < world.queued; i++)
		if (world.queue[i].fd == fd)
			return true;
	return world.bytes.fd == fd && world.bytes.len > 0;
}

int world_epoll_create1(int flags)
{
	(void)flags;
	return world_fd(WORLD_EPOLL);
}

int world_epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	bool watched;

	(void)epfd;
	if (world_kind(fd) == WORLD_FREE) {
		errno = EBADF;
		return -1;
	}
	watched = world.fd[fd - WORLD_FD_BASE].events != 0;
	if (watched == (op == EPOLL_CTL_ADD)) {
		errno = watched ? EEXIST : ENOENT;
		return -1;
	}
	if (op == EPOLL_CTL_ADD && world_kind(fd) != WORLD_CONTROL && world_fault(WORLD_FAULT_WATCH)) {
		errno = ENOSPC;
		return -1;
	}
	world.fd[fd - WORLD_FD_BASE].events = op == EPOLL_CTL_DEL ? 0 : ev->events | EPOLLERR;
	world.fd[fd - WORLD_FD_BASE].data = op == EPOLL_CTL_DEL ? 0 : ev->data.u64;
	return 0;
}

int world_epoll_wait(int epfd, struct epoll_event *ev, int max, int timeout)
{
	int n = 0;

	(void)epfd;
	(void)timeout;
	if (script_step()) {
		errno = EINTR;
		return -1;
	}
	for (int i = 0; i < WORLD_FDS && n < max; i++)
		if ((world.fd[i].events & EPOLLIN) && world_readable(WORLD_FD_BASE + i)) {
			ev[n].events = EPOLLIN;
			ev[n++].data.u64 = world.fd[i].data;
		}
	return n;
}

/* Time and chance */

int world_gettimeofday(struct timeval *tv, void *tz)
{
	(void)tz;
	tv->tv_sec = (time_t)(world.now_us / 1000000);
	tv->tv_usec = (suseconds_t)(world.now_us % 1000000);
	return 0;
}

int world_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = (time_t)(world.now_us / 1000000);
	ts->tv_nsec = (long)(world.now_us % 1000000 * 1000);
	return 0;
}

time_t world_time(time_t *t)
{
	time_t now = (time_t)(world.now_us / 1000000);

	if (t)
		*t = now;
	return now;
}

int world_rand(void)
{
	world.random = world.random * 1103515245u + 12345u;
	return (int)(world.random >> 8 & 0x7fffff);
}

void world_srand(unsigned int seed)
{
	(void)seed;
}

/* Children and signals */

int world_fork(void)
{
	if (!world_fault(WORLD_FAULT_FORK))
		for (size_t i = 0; i < sizeof(world.child) / sizeof(world.child[0]); i++)
			if (world.child[i].state == CHILD_NONE) {
				world.child[i].state = CHILD_RUNS;
				world.child[i].pid = ++world.last_pid;
				return world.child[i].pid;
			}
	errno = EAGAIN;
	return -1;
}

void world_child_exits(int pid, int status)
{
	for (size_t i = 0; i < sizeof(world.child) / sizeof(world.child[0]); i++)
		if (world.child[i].pid == pid && world.child[i].state == CHILD_RUNS) {
			world.child[i].state = CHILD_DEAD;
			world.child[i].status = status;
		}
}

unsigned int world_children(bool dead)
{
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(world.child) / sizeof(world.child[0]); i++)
		n += world.child[i].state == (dead ? CHILD_DEAD : CHILD_RUNS);
	return n;
}

int world_kill(int pid, int sig)
{
	for (size_t i = 0; i < sizeof(world.child) / sizeof(world.child[0]); i++)
		if (world.child[i].pid == pid && world.child[i].state != CHILD_NONE) {
			if (sig == SIGTERM || sig == SIGKILL)
				world_child_exits(pid, sig);
			return 0;
		}
	world_bug("signal %d for process %d, which is no child", sig, pid);
}

int world_waitpid(int pid, int *status, int options)
{
	(void)options;
	for (size_t i = 0; i < sizeof(world.child) / sizeof(world.child[0]); i++)
		if (world.child[i].state == CHILD_DEAD && (pid < 0 || pid == world.child[i].pid)) {
			world.child[i].state = CHILD_NONE;
			*status = world.child[i].status;
			pid = world.child[i].pid;
			world.child[i].pid = 0;
			return pid;
		}
	if (world_children(false))
		return 0;
	errno = ECHILD;
	return -1;
}

void (*world_signal_set(int sig, void (*handler)(int)))(int)
{
	void (*old)(int) = world.handler[sig];

	world.handler[sig] = handler;
	return old;
}

int world_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	if (old)
		memset(old, 0, sizeof(*old));
	if (act)
		world.handler[sig] = act->sa_handler;
	return 0;
}

/* Signals come only between two events of the script: there is nothing to hold back. */
int world_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	(void)how;
	(void)set;
	if (old)
		memset(old, 0, sizeof(*old));
	return 0;
}

void world_signal(int sig)
{
	if (world.handler[sig] && world.handler[sig] != SIG_IGN)
		world.handler[sig](sig);
}
