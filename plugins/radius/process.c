// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process.c - see process.h.
 *
 * The helper is a grandchild: pppd neither waits for it at its end nor hears of it.  It gets one descriptor, no signal handlers, no environment but a PATH, and all of root's
 * identity (pppd can be setuid: whoever started it must not be able to signal a process that holds the secret).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "process.h"

/* ---- start ---- */

/* Descriptor 0 is fd, or /dev/null (-1); no handler, no blocked signal, no terminal. */
static int spawn(char *const argv[], int fd, pid_t *pid)
{
	static char *const env[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LC_ALL=C", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t all, none;
	int err;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	if (fd >= 0)
		posix_spawn_file_actions_adddup2(&files, fd, 0);
	else
		posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
	err = posix_spawn(pid, argv[0], &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return err;
}

static bool become_root(void)
{
	return geteuid() || (!setresgid(0, 0, 0) && !setresuid(0, 0, 0));
}

/* In the child between us and the helper. */
static int become_parent(const char *program, int fd)
{
	char *const argv[] = { (char *)program, NULL };
	pid_t pid;

	return become_root() ? spawn(argv, fd, &pid) : EPERM;
}

/* In the child between us and a program that is waited for: its status; 255: it was not started, or was killed. */
static int run(char *const argv[])
{
	int status = 0;
	pid_t pid;

	if (!become_root() || spawn(argv, -1, &pid))
		return 255;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

int process_run(char *const argv[], int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;
	pid_t pid = fork(), got;
	int status = 0;

	if (!pid) {
		setpgid(0, 0);
		_exit(run(argv));
	}
	if (pid < 0)
		return -EAGAIN;
	/* pppd's own handler of SIGCHLD only writes to a pipe: nobody else waits for this one meanwhile */
	while ((got = waitpid(pid, &status, WNOHANG)) == 0 && now_ms() < end)
		usleep(5000);
	if (got == pid)
		return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -ETIMEDOUT;
}

/* Hands p->out to the helper.  One that is gone is forgotten; one that does not read (it works, and its socket is full) is not. */
static bool give(struct process *p)
{
	static uint8_t b[WORKER_MESSAGE_MAX];
	int n = worker_encode(&p->out, b, sizeof(b));
	bool ok = n > 0 && p->fd >= 0 && send(p->fd, b, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) == n;

	if (!ok && n > 0 && p->fd >= 0 && errno != EAGAIN)
		process_end(p);
	explicit_bzero(b, sizeof(b));
	explicit_bzero(&p->out, sizeof(p->out));
	return ok;
}

static uint32_t begin(struct process *p, enum worker_op op, uint32_t arg)
{
	p->out.op = op;
	p->out.id = ++p->last_id;
	p->out.arg = arg;
	return p->last_id;
}

static bool configure(struct process *p, const struct settings *s)
{
	begin(p, WORKER_OP_CONFIG, 0);
	worker_put_text(&p->out.list, WORKER_PRIVATE, WORKER_CONFIG_FILE, s->config_file);
	worker_put_u32(&p->out.list, WORKER_PRIVATE, WORKER_STOP_RETRY, (uint32_t)s->stop_retry);
	for (int i = 0; i < s->n_pairs; i++)
		worker_put_text(&p->out.list, WORKER_PRIVATE, WORKER_AVPAIR, s->pairs[i]);
	return give(p);
}

int process_start(struct process *p, const struct settings *s)
{
	int pair[2], status = 0;
	pid_t pid;

	process_poll(p); /* has it ended? */
	if (p->fd >= 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (!pid)
		_exit(become_parent(s->client, pair[1]));
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -EAGAIN;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		close(pair[0]);
		return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
	}
	p->fd = pair[0];
	return configure(p, s) ? 0 : -EPIPE;
}

void process_end(struct process *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

/* ---- answers ---- */

/* One message.  1: p->in has it; 0: none now; -1: the helper has ended */
static int receive(struct process *p)
{
	static uint8_t b[WORKER_MESSAGE_MAX];
	ssize_t n = recv(p->fd, b, sizeof(b), MSG_DONTWAIT);
	int err;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	err = n > 0 ? worker_decode(&p->in, b, (size_t)n) : -EPIPE;
	explicit_bzero(b, sizeof(b));
	if (!err)
		return 1;
	process_end(p);
	return -1;
}

static void text_of(const struct worker_list *l, uint16_t number, char *buf, size_t size)
{
	struct worker_attr a;

	buf[0] = '\0';
	if (worker_find(l, WORKER_PRIVATE, number, &a))
		worker_text(&a, buf, size);
}

static void other(struct process *p)
{
	char server[128], text[512];

	text_of(&p->in.list, WORKER_SERVER, server, sizeof(server));
	text_of(&p->in.list, WORKER_TEXT, text, sizeof(text));
	if (p->done && (p->in.op == WORKER_OP_ACCT_DONE || p->in.op == WORKER_OP_READY))
		p->done(p->in.op, p->in.id, (enum worker_result)p->in.arg, p->in.arg2, server, text);
}

void process_poll(struct process *p)
{
	while (p->fd >= 0 && receive(p) > 0)
		other(p);
}

/* Waits for the answer with this id.  1: p->in; 0: the time is over; -1: the helper has ended */
static int await(struct process *p, uint32_t id, int64_t until)
{
	for (;;) {
		int64_t left = until - now_ms();
		struct pollfd f = { .fd = p->fd, .events = POLLIN };
		int got;

		if (left <= 0)
			return 0;
		poll(&f, 1, (int)left);
		got = receive(p);
		if (got < 0)
			return -1;
		if (got && p->in.op == WORKER_OP_ANSWER && p->in.id == id)
			return 1;
		if (got)
			other(p);
	}
}

enum worker_result process_auth(struct process *p, const struct worker_list *request, int timeout_ms, struct worker_list *reply,
				uint32_t *ms, char *text, size_t size)
{
	int64_t start = now_ms();
	enum worker_result r;
	uint32_t id;
	int got;

	*ms = 0;
	text[0] = '\0';
	worker_list_init(reply);
	id = begin(p, WORKER_OP_AUTH, (uint32_t)(start + timeout_ms));
	worker_put_list(&p->out.list, request);
	if (!give(p)) {
		snprintf(text, size, "sabus-radius-client could not be started, or ended (see the system's log)");
		return WORKER_DOWN;
	}
	/* a second for what the helper does beside waiting */
	got = await(p, id, start + timeout_ms + 1000);
	*ms = (uint32_t)(now_ms() - start);
	if (got <= 0) {
		/* an answer that comes later has another id than the next one's */
		snprintf(text, size, "%s", got ? "sabus-radius-client ended (see the system's log)" : "sabus-radius-client is silent");
		return got ? WORKER_BAD : WORKER_DOWN;
	}
	r = (enum worker_result)p->in.arg;
	text_of(&p->in.list, WORKER_TEXT, text, size);
	worker_put_list(reply, &p->in.list);
	explicit_bzero(&p->in, sizeof(p->in));
	return r <= WORKER_CONFIG ? r : WORKER_BAD;
}

/* ---- accounting ---- */

uint32_t process_acct(struct process *p, uint32_t status, const struct worker_list *request)
{
	uint32_t id = begin(p, WORKER_OP_ACCT, status);

	worker_put_list(&p->out.list, request);
	return give(p) ? id : 0;
}

bool process_keep(struct process *p, const struct worker_list *stop, uint32_t seconds)
{
	begin(p, WORKER_OP_KEEP, seconds);
	worker_put_list(&p->out.list, stop);
	return give(p);
}
