/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world that the fuzzed xl2tpd sees.
 *
 * xl2tpd's own objects are linked with every call to the kernel, the clock,
 * the allocator, files and other processes renamed to world_*: no socket, no
 * file and no process is ever made, time stands still until the script moves
 * it, and all that the daemon holds is counted.
 *
 * A run: world_begin(), then the daemon's main(), whose only way out is
 * world_leave() (from epoll_wait() when the script has ended, or from exit()).
 * Everything is global and single-threaded, as the daemon itself is.
 */
#ifndef SABUS_XL2TPD_FUZZ_WORLD_H
#define SABUS_XL2TPD_FUZZ_WORLD_H

#include <netinet/in.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum world_kind {
	WORLD_FREE,
	WORLD_UDP,
	WORLD_PPPOX,
	WORLD_PTY,
	WORLD_TTY,
	WORLD_CONTROL,
	WORLD_EPOLL,
	WORLD_RANDOM,
	WORLD_PIPE,
	WORLD_FILE,
	WORLD_EVENT, /* the test plugin's */
	WORLD_OTHER,
};

/* What can be made to fail, for the next n calls. */
enum world_fault {
	WORLD_FAULT_NONE,
	WORLD_FAULT_SOCKET,
	WORLD_FAULT_BIND,
	WORLD_FAULT_CONNECT,
	WORLD_FAULT_FORK,
	WORLD_FAULT_SENDMSG,
	WORLD_FAULT_OPEN,
	WORLD_FAULT_FCNTL,
	WORLD_FAULT_WRITE,
	WORLD_FAULT_WRITE_AGAIN,
	WORLD_FAULT_READ,
	WORLD_FAULT_PIPE,
	WORLD_FAULT_HOST,
	WORLD_FAULT_FILE,
	WORLD_FAULT_GETSOCKNAME,
	WORLD_FAULT_PTSNAME,
	WORLD_FAULT_WATCH,
	WORLD_FAULTS,
};

enum { WORLD_FD_BASE = 64, WORLD_FDS = 512, WORLD_DATAGRAM = 8192, WORLD_QUEUE = 32, WORLD_BYTES = 16384 };

struct world_datagram {
	int fd;
	int error; /* errno instead of data; 0 for data */
	struct sockaddr_in from;
	struct in_addr to;
	uint32_t mark;
	size_t len;
	unsigned char data[WORLD_DATAGRAM];
};

/* One byte stream in flight at a time: a pty's or the control FIFO's. */
struct world_bytes {
	int fd;
	size_t pos, len;
	unsigned char data[WORLD_BYTES];
};

struct world {
	jmp_buf out;
	bool left; /* inside world_leave() */
	void (*at_exit)(void);
	const char *config; /* text of xl2tpd.conf */
	size_t config_len;
	const char *secrets; /* text of l2tp-secrets */
	uint64_t now_us;
	uint32_t random;
	struct {
		enum world_kind kind;
		uint32_t events; /* watched for; 0: not watched */
		uint64_t data;
	} fd[WORLD_FDS];
	struct world_datagram queue[WORLD_QUEUE];
	unsigned int queued;
	struct world_bytes bytes;
	struct {
		int pid, status;
		enum { CHILD_NONE, CHILD_RUNS, CHILD_DEAD } state;
	} child[256];
	int last_pid;
	unsigned int fault[WORLD_FAULTS];
	unsigned int files; /* FILEs open */
	unsigned int life;  /* counts the runs, from 1 */
	void (*handler[65])(int);
	unsigned int sum; /* of all bytes sent: makes the sanitizer look at each */
};

extern struct world world;

void world_begin(const char *config, size_t config_len, const char *secrets);
_Noreturn void world_leave(void);
_Noreturn void world_bug(const char *what, ...) __attribute__((format(printf, 1, 2)));

bool world_fault(enum world_fault);
int world_fd(enum world_kind);
enum world_kind world_kind(int fd);
unsigned int world_fds_open(void);
bool world_readable(int fd);
struct world_datagram *world_datagram(void);
void world_child_exits(int pid, int status);
unsigned int world_children(bool dead);
void world_signal(int sig);

/* Live allocations of the daemon, and an end to all of them. */
size_t world_allocs(void);
void world_allocs_drop(void);
void world_allocs_print(void);

void *world_malloc(size_t);
void world_free(void *);

/* The script's side of epoll_wait(): runs until something is ready or a signal came (true). */
bool script_step(void);

#endif
