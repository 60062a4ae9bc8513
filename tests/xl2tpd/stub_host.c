// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub_host.c - the host table, a loop with virtual time, and the events of a tunnel's life.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include "stub.h"
#include "stub_journal.h"

#define TIMERS 512

struct stub_host host;
static int64_t now = 1000000;
static struct {
	int handle;
	int64_t at;
	void (*cb)(void *);
	void *arg;
} timers[TIMERS];
static int next_handle = 1;
static struct {
	int fd;
	short events;
	void (*cb)(int, short, void *);
	void *arg;
} watch;

int64_t stub_now(void)
{
	return now;
}

__attribute__((format(printf, 2, 3))) static void host_log(int level, const char *fmt, ...)
{
	size_t n = strlen(host.log);
	va_list ap;

	(void)level;
	assert_true(n + 2048 < sizeof(host.log));
	va_start(ap, fmt);
	vsnprintf(host.log + n, sizeof(host.log) - n - 1, fmt, ap);
	va_end(ap);
	assert_null(strchr(host.log + n, '\n')); /* one line */
	strcat(host.log, "\n");
}

static int host_watch(int fd, short events, void (*cb)(int, short, void *), void *arg)
{
	if (cb && watch.cb && watch.fd != fd)
		abort();
	watch.fd = fd;
	watch.events = events;
	watch.cb = cb;
	watch.arg = arg;
	return 0;
}

static int host_timer(unsigned int ms, void (*cb)(void *), void *arg)
{
	if (host.timer_error)
		return host.timer_error;
	for (int i = 0; i < TIMERS; i++) {
		if (timers[i].handle)
			continue;
		timers[i].handle = next_handle++;
		timers[i].at = now + ms;
		timers[i].cb = cb;
		timers[i].arg = arg;
		return timers[i].handle;
	}
	abort();
}

static void host_timer_cancel(int handle)
{
	for (int i = 0; i < TIMERS; i++) {
		if (timers[i].handle != handle)
			continue;
		timers[i].handle = 0;
		return;
	}
	abort(); /* not valid: it has been called or cancelled */
}

unsigned int stub_timers(void)
{
	unsigned int n = 0;

	for (int i = 0; i < TIMERS; i++)
		n += timers[i].handle != 0;
	return n;
}

static int host_decide(uint16_t tid, const struct xl2tpd_cause *refusal)
{
	struct stub_tunnel *t = &host.tunnels[tid];

	assert_int_equal(t->decided, NOT_DECIDED);
	t->decided = refusal ? REFUSED : ACCEPTED;
	if (refusal)
		t->refusal = *refusal;
	return 0;
}

static int host_close_tunnel(uint16_t tid, const struct xl2tpd_cause *cause, unsigned int flags)
{
	struct stub_tunnel *t = &host.tunnels[tid];

	assert_false(t->closed);
	t->closed = true;
	t->close_flags = flags;
	t->close_cause = *cause;
	return 0;
}

static int host_set_mark(uint16_t tid, uint32_t mark)
{
	if (host.mark_error)
		return host.mark_error;
	host.tunnels[tid].marked = true;
	host.tunnels[tid].mark = mark;
	return 0;
}

static int host_add_option(void *opts, const char *word)
{
	assert_ptr_equal(opts, &host);
	if (host.n_words >= host.words_max)
		return -E2BIG;
	snprintf(host.words[host.n_words++], sizeof(host.words[0]), "%s", word);
	return 0;
}

static const struct xl2tpd_host table = {
	.version = XL2TPD_API_VERSION,
	.release = "xl2tpd-stub",
	.log = host_log,
	.watch = host_watch,
	.timer = host_timer,
	.timer_cancel = host_timer_cancel,
	.decide = host_decide,
	.close_tunnel = host_close_tunnel,
	.set_mark = host_set_mark,
	.add_option = host_add_option,
	.port = 1701,
};

/* ---- the loop ---- */

static int earliest(void)
{
	int best = -1;

	for (int i = 0; i < TIMERS; i++)
		if (timers[i].handle && (best < 0 || timers[i].at < timers[best].at))
			best = i;
	return best;
}

static bool run_io(void)
{
	short revents = 0;

	if (!watch.cb)
		return false;
	if (stub_bus_readable())
		revents |= POLLIN;
	if (watch.events & POLLOUT && bus.send_errno != EAGAIN)
		revents |= POLLOUT;
	if (!revents)
		return false;
	watch.cb(watch.fd, revents, watch.arg);
	return true;
}

static bool run_timer(int64_t until)
{
	int i = earliest();
	void (*cb)(void *);
	void *arg;

	if (i < 0 || timers[i].at > until)
		return false;
	if (timers[i].at > now)
		now = timers[i].at;
	timers[i].handle = 0;
	cb = timers[i].cb;
	arg = timers[i].arg;
	cb(arg);
	return true;
}

void stub_run(int ms)
{
	int64_t end = now + ms;
	int rounds = 0;

	while (run_io() || run_timer(end))
		assert_true(++rounds < 100000); /* it would spin */
	now = end;
}

/* ---- begin and end ---- */

int stub_setup(void **state)
{
	(void)state;
	memset(&host, 0, sizeof(host));
	memset(&kernel, 0, sizeof(kernel));
	memset(&bus, 0, sizeof(bus));
	stub_journal_reset();
	kernel.held = 1;
	host.words_max = 32;
	return xl2tpd_plugin.open(&table, host.error, sizeof(host.error));
}

int stub_teardown(void **state)
{
	(void)state;
	xl2tpd_plugin.close();
	assert_int_equal(stub_timers(), 0);
	assert_null(watch.cb);
	assert_false(stub_bus_open());
	assert_false(kernel.guard);
	assert_true(stub_journal_is(host.log, "xl2tpd"));
	return 0;
}

int stub_option(const char *section, const char *key, const char *value)
{
	enum xl2tpd_section kind = XL2TPD_GLOBAL;

	if (section)
		kind = strncmp(section, "lac ", 4) == 0 ? XL2TPD_LAC : XL2TPD_LNS;
	return xl2tpd_plugin.option(kind, section ? section + 4 : "", key, value, host.error, sizeof(host.error));
}

int stub_start(void)
{
	int ret = xl2tpd_plugin.start(host.error, sizeof(host.error));

	if (!ret)
		stub_run(60);
	return ret;
}

bool stub_logged(const char *text)
{
	return strstr(host.log, text) != NULL;
}

int stub_count(const char *text)
{
	int n = 0;

	for (const char *p = host.log; (p = strstr(p, text)) != NULL; p = strchr(p, '\n'))
		n++;
	return n;
}

/* ---- tunnels ---- */

static void put_address(struct sockaddr_storage *ss, const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(1701) };

	inet_pton(AF_INET, text, &in.sin_addr);
	memcpy(ss, &in, sizeof(in));
}

struct stub_tunnel *stub_info(uint16_t tid)
{
	struct stub_tunnel *t = &host.tunnels[tid];

	if (t->info.size)
		return t;
	t->info = (struct xl2tpd_tunnel_info){
		.size = sizeof(t->info),
		.section = "default",
		.our_tid = tid,
		.peer_tid = (uint16_t)(1000 + tid),
		.peer_hostname = "peer",
		.peer_vendor = "",
	};
	put_address(&t->info.local, "10.9.0.1");
	put_address(&t->info.peer, "10.9.0.2");
	return t;
}

int stub_request(uint16_t tid, struct xl2tpd_cause *cause)
{
	return xl2tpd_plugin.tunnel_request(&stub_info(tid)->info, cause);
}

void stub_up(uint16_t tid)
{
	xl2tpd_plugin.tunnel_up(&host.tunnels[tid].info);
}

void stub_down(uint16_t tid)
{
	struct xl2tpd_cause cause = { .result = 1, .by = XL2TPD_BY_PEER, .msg = "Goodbye!" };

	xl2tpd_plugin.tunnel_down(&host.tunnels[tid].info, &cause);
	memset(&host.tunnels[tid], 0, sizeof(host.tunnels[tid]));
}

int gethostname(char *name, size_t size)
{
	snprintf(name, size, "lns.example");
	return 0;
}

static struct xl2tpd_call_info call_info(uint16_t cid)
{
	return (struct xl2tpd_call_info){
		.size = sizeof(struct xl2tpd_call_info),
		.our_cid = cid,
		.serial = 4294967295,
		.called = "",
		.calling = "",
		.subaddress = "",
		.session_fd = -1,
	};
}

int stub_call_request(uint16_t tid, uint16_t cid)
{
	struct xl2tpd_call_info ci = call_info(cid);
	struct xl2tpd_cause cause;

	return xl2tpd_plugin.call_request(&host.tunnels[tid].info, &ci, &cause);
}

int stub_call_start(uint16_t tid, uint16_t cid)
{
	struct xl2tpd_call_info ci = call_info(cid);
	struct xl2tpd_cause cause;
	int verdict;

	host.n_words = 0;
	verdict = xl2tpd_plugin.call_start(&host.tunnels[tid].info, &ci, &host, &cause);
	if (verdict != XL2TPD_OK)
		return verdict;
	ci.pppd_pid = 4711;
	xl2tpd_plugin.call_up(&host.tunnels[tid].info, &ci);
	return verdict;
}

void stub_call_down(uint16_t tid, uint16_t cid)
{
	struct xl2tpd_cause cause = { .by = XL2TPD_BY_PPPD };
	struct xl2tpd_call_info ci = call_info(cid);

	xl2tpd_plugin.call_down(&host.tunnels[tid].info, &ci, &cause);
}

bool stub_word(const char *word, const char *value)
{
	for (size_t i = 0; i < host.n_words; i++)
		if (strcmp(host.words[i], word) == 0 && (!value || (i + 1 < host.n_words && strcmp(host.words[i + 1], value) == 0)))
			return true;
	return false;
}

void stub_tunnel_up(uint16_t tid)
{
	struct xl2tpd_cause cause;

	assert_int_equal(stub_request(tid, &cause), XL2TPD_DEFER);
	stub_run(60);
	assert_int_equal(host.tunnels[tid].decided, ACCEPTED);
	stub_up(tid);
	stub_run(60);
}
