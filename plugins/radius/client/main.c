// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - sabus-radius-client: the RADIUS client of one pppd, in a process of its own.
 *
 * Why a process: radcli's names are those of pppd's own radius.so, so it cannot be loaded there; whatever a server's answer does to a library, pppd lives; accounting never
 * holds up pppd's main loop; and the Stop of a session is delivered when pppd is gone, killed or not.
 *
 *   starting     descriptor 0 is the socket to pppd, everything else inherited is closed; a session of its own: no terminal's or process group's signal comes here
 *   serving      CONFIG first; AUTH is answered at once (it blocks, with a deadline), accounting in between, one transmission at a time, so that no AUTH waits long
 *   orphaned     the socket is at its end: what waits is delivered, then exit.  Without a Stop before, KEEP's is sent: pppd was killed
 *   hurried      SIGTERM: serving goes on while pppd lives (it has got the signal, too, and will have a Stop for us); what then waits is tried for HURRY ms more
 *
 * One thread; the process owns all state below.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "exchange.h"
#include "journal.h"
#include "queue.h"
#include "terminate.h"
#include "wire.h"

#define PPPD	     0
#define HURRY	     5000
#define ATTEMPT_MOST 3000   /* ms that an accounting message may hold up an AUTH at its first try, */
#define ATTEMPT_SLOW 6000   /* and at later ones: a server that needs 5 s is slow, and not down */
#define ATTEMPT_LONE 10000  /* nobody waits any more */
#define KEEP_START   600000 /* ms that Start and Interim-Update are tried for */

static struct {
	bool connected, hurried;
	struct exchange *x;
	enum worker_result config;
	char config_text[400];
	struct queue queue;
	int64_t stop_retry; /* ms */
	bool kept;
	struct worker_list keep;
	uint32_t keep_seconds;
	int64_t keep_at;
	struct worker_message in, out;
} me;

static volatile sig_atomic_t terminated;

static void on_term(int sig)
{
	(void)sig;
	terminated = 1;
}

/* ---- to the log ---- */

static void tell(int prio, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(int prio, const char *format, ...)
{
	struct logline ln;
	va_list ap;

	logline_begin(&ln, "sabus-radius");
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	syslog(prio, "%s", ln.text);
	journal_send(JOURNAL_SOCKET, "sabus-radius-client", prio, &ln);
}

/* ---- to pppd ---- */

static void say(enum worker_op op, uint32_t id, enum worker_result r, int64_t took)
{
	static uint8_t b[WORKER_MESSAGE_MAX];
	int n;

	me.out.op = op;
	me.out.id = id;
	me.out.arg = r;
	me.out.arg2 = (uint32_t)took;
	n = worker_encode(&me.out, b, sizeof(b));
	if (n > 0 && me.connected && send(PPPD, b, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		tell(LOG_WARNING, "client text=\"pppd does not listen: %m\"");
	explicit_bzero(b, sizeof(b));
	explicit_bzero(&me.out, sizeof(me.out));
}

/* ---- from pppd ---- */

static void configure(void)
{
	struct worker_attr a;
	uint32_t seconds = 600;

	if (me.x || me.config_text[0])
		return; /* once */
	if (worker_find(&me.in.list, WORKER_PRIVATE, WORKER_STOP_RETRY, &a))
		worker_u32(&a, &seconds);
	me.stop_retry = (int64_t)seconds * 1000;
	me.config = exchange_open(&me.in.list, &me.x, me.config_text, sizeof(me.config_text));
	if (me.config_text[0])
		worker_put_text(&me.out.list, WORKER_PRIVATE, WORKER_TEXT, me.config_text);
	say(WORKER_OP_READY, me.in.id, me.config, 0);
}

static void authenticate(void)
{
	int64_t start = now_ms();
	int64_t left = (int32_t)(me.in.arg - (uint32_t)start); /* it may have waited for an accounting message */
	enum worker_result r = WORKER_CONFIG;

	if (me.x)
		r = exchange_auth(me.x, &me.in.list, start + left, &me.out.list);
	else
		worker_put_text(&me.out.list, WORKER_PRIVATE, WORKER_TEXT, me.config_text[0] ? me.config_text : "not configured");
	say(WORKER_OP_ANSWER, me.in.id, r, now_ms() - start);
}

static void enqueue(uint32_t id, uint32_t status, const struct worker_list *list)
{
	uint32_t dropped[QUEUE_MAX];
	int n = 0, err;

	err = queue_add(&me.queue, id, status, list, now_ms(), status == RV_ACCT_STOP ? me.stop_retry : KEEP_START, dropped, &n);
	for (int i = 0; i < n; i++)
		say(WORKER_OP_ACCT_DONE, dropped[i], WORKER_DOWN, 0);
	if (!err)
		return;
	tell(LOG_ERR, "acct type=%s id=%u result=lost text=\"%s\"", worker_status_name(status), id, strerror(-err));
	say(WORKER_OP_ACCT_DONE, id, WORKER_DOWN, 0);
}

static void account(void)
{
	if (me.in.arg == RV_ACCT_STOP)
		me.kept = false;
	enqueue(me.in.id, me.in.arg, &me.in.list);
}

static void keep(void)
{
	me.kept = true;
	me.keep = me.in.list;
	me.keep_seconds = me.in.arg;
	me.keep_at = now_ms();
}

static void handle(void)
{
	switch (me.in.op) {
	case WORKER_OP_CONFIG: configure(); break;
	case WORKER_OP_AUTH: authenticate(); break;
	case WORKER_OP_ACCT: account(); break;
	case WORKER_OP_KEEP: keep(); break;
	default: tell(LOG_ERR, "client text=\"pppd sent a message of type %d\"", me.in.op); break;
	}
	explicit_bzero(&me.in, sizeof(me.in)); /* passwords */
}

/* pppd has said nothing of an end: it was killed, or crashed. */
static void stop_for_dead_pppd(void)
{
	uint32_t seconds = me.keep_seconds + (uint32_t)((now_ms() - me.keep_at) / 1000);

	worker_put_u32(&me.keep, 0, RA_ACCT_SESSION_TIME, seconds);
	worker_put_u32(&me.keep, 0, RA_ACCT_TERMINATE_CAUSE, SABUS_TC_NAS_ERROR);
	worker_put_u32(&me.keep, 0, RA_EVENT_TIMESTAMP, (uint32_t)time(NULL));
	tell(LOG_WARNING, "client text=\"pppd is gone without an end of its session: sending Stop\"");
	enqueue(0, RV_ACCT_STOP, &me.keep);
	me.kept = false;
}

static void hang_up(void)
{
	int64_t now = now_ms();

	me.connected = false;
	close(PPPD);
	if (me.kept)
		stop_for_dead_pppd();
	queue_hurry(&me.queue, now, now + (me.hurried ? HURRY : me.stop_retry));
}

static void from_pppd(void)
{
	static uint8_t b[WORKER_MESSAGE_MAX];
	ssize_t n = recv(PPPD, b, sizeof(b), MSG_DONTWAIT);

	/* ECONNRESET comes once, before what pppd said last, when it went away with an answer of ours unread */
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET))
		return;
	if (n <= 0) {
		hang_up();
		return;
	}
	if (worker_decode(&me.in, b, (size_t)n))
		tell(LOG_ERR, "client text=\"pppd sent %zd bytes that are no message\"", n);
	else
		handle();
	explicit_bzero(b, sizeof(b));
}

/* ---- accounting ---- */

/* ms for this try */
static int patience(const struct queue_item *it, int64_t now)
{
	int most = !me.connected ? ATTEMPT_LONE : it->tries ? ATTEMPT_SLOW : ATTEMPT_MOST;
	int64_t left = it->give_up - now;

	if (left >= most)
		return most;
	return left > ATTEMPT_MOST ? (int)left : ATTEMPT_MOST;
}

static void deliver(struct queue_item *it)
{
	int64_t now = now_ms();
	uint32_t delay = (uint32_t)((now - it->since) / 1000);
	enum worker_result r = WORKER_BAD;
	char text[256] = "no acctserver can be used";
	struct worker_attr a;

	if (me.x)
		r = exchange_acct(me.x, it->list, delay, patience(it, now), &me.out.list);
	if (worker_find(&me.out.list, WORKER_PRIVATE, WORKER_TEXT, &a))
		worker_text(&a, text, sizeof(text));
	if (r == WORKER_DOWN && queue_retry(&me.queue, now_ms())) {
		if (it->tries == 1)
			tell(LOG_WARNING, "acct type=%s id=%u result=waits text=\"%s\"", worker_status_name(it->status), it->id, text);
		explicit_bzero(&me.out, sizeof(me.out));
		return;
	}
	if (r != WORKER_OK)
		tell(LOG_ERR, "acct type=%s id=%u result=lost seconds=%lld text=\"%s\"", worker_status_name(it->status), it->id,
		     (long long)((now_ms() - it->since) / 1000), text);
	say(WORKER_OP_ACCT_DONE, it->id, r, now_ms() - it->since);
	queue_remove_first(&me.queue);
}

static int wait_ms(int64_t now)
{
	int64_t next = queue_next(&me.queue);

	if (next < 0)
		return -1;
	return next > now ? (int)(next - now) : 0;
}

static void hurry(void)
{
	int64_t now = now_ms();

	terminated = 0;
	me.hurried = true;
	if (!me.connected)
		queue_hurry(&me.queue, now, now + HURRY);
}

static void serve(const sigset_t *while_waiting)
{
	while (me.connected || me.queue.n) {
		struct pollfd p = { .fd = me.connected ? PPPD : -1, .events = POLLIN };
		int ms = wait_ms(now_ms());
		struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
		struct queue_item *it;

		if (ppoll(&p, 1, ms < 0 ? NULL : &t, while_waiting) > 0)
			from_pppd();
		if (terminated)
			hurry();
		/* pppd's messages first: an AUTH has somebody waiting */
		if (me.connected && recv(PPPD, &(char){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
			continue;
		it = queue_due(&me.queue, now_ms());
		if (it)
			deliver(it);
	}
}

/* ---- start ---- */

static bool is_seqpacket(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) && type == SOCK_SEQPACKET;
}

/* SIGTERM is blocked but while waiting: no system call of radcli's is interrupted. */
static void signals(sigset_t *while_waiting)
{
	struct sigaction term = { .sa_handler = on_term };
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_SETMASK, &block, NULL);
	sigemptyset(while_waiting);
	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGINT, &term, NULL);
	sigaction(SIGHUP, &term, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	sigset_t while_waiting;

	(void)argv;
	if (argc != 1 || !is_seqpacket(PPPD)) {
		static const char text[] = "sabus-radius-client is started by sabus-radius.so, see sabus-radius(7)\n";

		return write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? 1 : 2;
	}
	close_range(3, ~0U, 0);
	setsid(); /* fails only where it is one already */
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	umask(077);
	if (chdir("/"))
		return 1;
	signals(&while_waiting);
	openlog("sabus-radius-client", LOG_PID, LOG_DAEMON);
	me.connected = true;
	me.config = WORKER_CONFIG;
	me.stop_retry = 600000;
	serve(&while_waiting);
	queue_clear(&me.queue);
	exchange_close(me.x);
	return 0;
}
