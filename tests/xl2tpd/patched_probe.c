/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plugin for the patched xl2tpd that the tests steer.
 *
 * Each hook writes one line of JSON to the file "probe log"; what it answers is
 * what "probe request", "probe call" and "probe start" say (ok, refuse, defer,
 * take), or what a datagram to the socket "probe socket" said last.  Datagrams
 * hold one command; those that call the host write a line with its result.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>
#include "xl2tpd-plugin.h"

#ifndef PROBE_VERSION
#define PROBE_VERSION XL2TPD_API_VERSION
#endif
#ifndef PROBE_NAME
#define PROBE_NAME "probe"
#endif

static const struct xl2tpd_host *host;
static FILE *out;
static int ctl = -1;
static bool started;
static struct {
	char request[16], call[16], start[16], socket[16], secret[64], down[32];
	bool avps;
} answer = { "ok", "ok", "ok", "ok", "", "", false };

static void line(const char *fmt, ...)
{
	va_list args;

	if (!out)
		return;
	va_start(args, fmt);
	fprintf(out, "{\"plugin\": \"" PROBE_NAME "\", ");
	vfprintf(out, fmt, args);
	fprintf(out, "}\n");
	fflush(out);
	va_end(args);
}

static const char *text(const struct sockaddr_storage *s)
{
	static char buf[2][64];
	static int n;
	const struct sockaddr_in *in = (const void *)s;

	n = !n;
	snprintf(buf[n], sizeof(buf[n]), "%s:%u", inet_ntoa(in->sin_addr), ntohs(in->sin_port));
	return buf[n];
}

static void event(const char *hook, const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, const struct xl2tpd_cause *k)
{
	char call[400] = "", cause[300] = "", tunnel[700] = "";

	if (t)
		snprintf(tunnel, sizeof(tunnel),
			 ", \"lac\": %d, \"section\": \"%s\", \"local\": \"%s\", \"peer\": \"%s\", \"tid\": %u, \"ptid\": %u, \"host\": \"%s\", "
			 "\"vendor\": \"%s\", \"tie\": %llu, \"mark\": %u, \"calls\": %d, \"tx\": %d",
			 t->lac, t->section, text(&t->local), text(&t->peer), t->our_tid, t->peer_tid, t->peer_hostname, t->peer_vendor,
			 (unsigned long long)t->peer_tie_breaker, t->mark, t->calls, t->tx_bps);
	if (c)
		snprintf(call, sizeof(call), ", \"cid\": %u, \"pcid\": %u, \"serial\": %u, \"calling\": \"%s\", \"pppd\": %d, \"cookie\": %llu, \"fd\": %d",
			 c->our_cid, c->peer_cid, c->serial, c->calling, c->pppd_pid, (unsigned long long)c->cookie, c->session_fd);
	if (k)
		snprintf(cause, sizeof(cause), ", \"result\": %d, \"error\": %d, \"by\": %d, \"status\": %d, \"msg\": \"%s\"", k->result, k->error, k->by,
			 k->pppd_status, k->msg);
	line("\"hook\": \"%s\"%s%s%s", hook, tunnel, call, cause);
}

static int verdict(const char *word, struct xl2tpd_cause *k)
{
	if (!strcmp(word, "defer"))
		return XL2TPD_DEFER;
	if (!strcmp(word, "take"))
		return XL2TPD_TAKE;
	if (strcmp(word, "refuse"))
		return XL2TPD_OK;
	k->result = 2;
	k->error = 6;
	snprintf(k->msg, sizeof(k->msg), "probe: refused");
	return XL2TPD_REFUSE;
}

static void fired(void *arg)
{
	line("\"hook\": \"timer\", \"arg\": %ld", (long)arg);
}

static void closer(void *arg)
{
	struct xl2tpd_cause k = { .result = 6, .msg = "from a timer" };

	line("\"hook\": \"closer\", \"result\": %d", host->close_tunnel((uint16_t)(long)arg, &k, XL2TPD_ABRUPT));
}

/* tid, cid, flags and so on, in this order */
static void run(const char *cmd, unsigned a, unsigned b, unsigned c)
{
	struct xl2tpd_cause k = { .result = 2, .error = 6, .msg = "probe: told to" };
	struct xl2tpd_tunnel_info ti;
	int r;

	if (!strcmp(cmd, "accept"))
		r = host->decide((uint16_t)a, NULL);
	else if (!strcmp(cmd, "refuse"))
		r = host->decide((uint16_t)a, &k);
	else if (!strcmp(cmd, "close"))
		r = host->close_tunnel((uint16_t)a, &k, b);
	else if (!strcmp(cmd, "close-call"))
		r = host->close_call((uint16_t)a, (uint16_t)b, &k);
	else if (!strcmp(cmd, "call"))
		r = host->call((uint16_t)a, b);
	else if (!strcmp(cmd, "mark"))
		r = host->set_mark((uint16_t)a, b);
	else if (!strcmp(cmd, "timer"))
		r = host->timer(a, fired, (void *)(long)b);
	else if (!strcmp(cmd, "closer"))
		r = host->timer(a, closer, (void *)(long)b);
	else if (!strcmp(cmd, "cancel"))
		host->timer_cancel((int)a), r = 0;
	else if (!strcmp(cmd, "tunnel")) {
		r = host->tunnel((uint16_t)a, &ti);
		if (!r)
			event("tunnel", &ti, NULL, NULL);
	} else
		r = -ENOSYS;
	line("\"hook\": \"result\", \"cmd\": \"%s\", \"result\": %d, \"arg\": %u", cmd, r, c);
}

static void set(const char *key, const char *value)
{
	char *to = !strcmp(key, "request") ? answer.request : !strcmp(key, "call") ? answer.call : !strcmp(key, "start") ? answer.start :
		   !strcmp(key, "socket answer") ? answer.socket : !strcmp(key, "secret") ? answer.secret : !strcmp(key, "down") ? answer.down : NULL;

	if (to)
		snprintf(to, 16, "%s", value);
	else if (!strcmp(key, "avps"))
		answer.avps = !strcmp(value, "yes");
}

static void command(int fd, short revents, void *arg)
{
	char buf[200], cmd[32] = "", key[32] = "", value[64] = "";
	unsigned a = 0, b = 0, c = 0;
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	(void)revents;
	(void)arg;
	if (n <= 0)
		return;
	buf[n] = 0;
	if (sscanf(buf, "set %31s %63s", key, value) == 2)
		set(key, value);
	else if (sscanf(buf, "%31s %u %u %u", cmd, &a, &b, &c) >= 1)
		run(cmd, a, b, c);
}

static int probe_open(const struct xl2tpd_host *h, char *err, size_t errlen)
{
	host = h;
	if (getenv("PROBE_OPEN_FAILS")) {
		snprintf(err, errlen, "probe: open fails");
		return -1;
	}
	return 0;
}

static int probe_option(enum xl2tpd_section section, const char *name, const char *key, const char *value, char *err, size_t errlen)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (!strcmp(key, "log")) {
		out = fopen(value, "ae");
	} else if (!strcmp(key, "socket")) {
		ctl = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", value);
		unlink(value);
		if (bind(ctl, (struct sockaddr *)&sun, sizeof(sun)))
			return -1;
	} else if (!strcmp(key, "bad")) {
		snprintf(err, errlen, "probe: bad value '%s'", value);
		return -1;
	} else {
		set(key, value);
	}
	line("\"hook\": \"option\", \"context\": %d, \"section\": \"%s\", \"key\": \"%s\", \"value\": \"%s\", \"started\": %d", section, name, key, value,
	     started);
	return 0;
}

static int probe_start(char *err, size_t errlen)
{
	started = true;
	line("\"hook\": \"start\", \"pid\": %d, \"port\": %u, \"release\": \"%s\"", getpid(), host->port, host->release);
	if (ctl >= 0 && host->watch(ctl, POLLIN, command, NULL)) {
		snprintf(err, errlen, "probe: no watch");
		return -1;
	}
	if (getenv("PROBE_START_FAILS")) {
		snprintf(err, errlen, "probe: start fails");
		return -1;
	}
	return 0;
}

static void probe_close(void)
{
	line("\"hook\": \"close\", \"pid\": %d", getpid());
}

static int probe_socket(int fd, const struct xl2tpd_tunnel_info *t)
{
	struct sockaddr_in in = { 0 };
	socklen_t len = sizeof(in);

	getsockname(fd, (struct sockaddr *)&in, &len);
	line("\"hook\": \"socket\", \"tid\": %u, \"bound\": %d", t ? t->our_tid : 0, in.sin_port != 0);
	return !strcmp(answer.socket, "refuse");
}

static int probe_tunnel_request(const struct xl2tpd_tunnel_info *t, struct xl2tpd_cause *k)
{
	event("tunnel_request", t, NULL, NULL);
	return verdict(answer.request, k);
}

static void probe_tunnel_up(const struct xl2tpd_tunnel_info *t)
{
	event("tunnel_up", t, NULL, NULL);
}

static void probe_tunnel_down(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_cause *k)
{
	event("tunnel_down", t, NULL, k);
	line("\"hook\": \"gone\", \"result\": %d", host->close_tunnel(t->our_tid, k, XL2TPD_ABRUPT));
}

static int probe_call_request(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, struct xl2tpd_cause *k)
{
	event("call_request", t, c, NULL);
	return verdict(answer.call, k);
}

static int probe_call_start(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, void *opts, struct xl2tpd_cause *k)
{
	char big[200];
	int i, n, r;

	event("call_start", t, c, NULL);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	r = host->add_option(opts, big);
	for (i = 0, n = 0; !strcmp(answer.start, "many") && i < 200; i++)
		n += host->add_option(opts, "noop") == 0;
	line("\"hook\": \"options\", \"result\": %d, \"many\": %d", r, n);
	host->add_option(opts, "probe-was-here");
	return verdict(answer.start, k);
}

static void probe_call_up(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c)
{
	event("call_up", t, c, NULL);
}

static void probe_call_down(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, const struct xl2tpd_cause *k)
{
	event("call_down", t, c, k);
	if (!strcmp(answer.down, "tunnel"))
		line("\"hook\": \"down\", \"result\": %d", host->close_tunnel(t->our_tid, k, XL2TPD_ABRUPT));
}

static int probe_avp_in(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, int msgtype, uint16_t vendor, uint16_t attr,
			const void *data, size_t len)
{
	line("\"hook\": \"avp_in\", \"tid\": %u, \"call\": %d, \"msgtype\": %d, \"vendor\": %u, \"attr\": %u, \"data\": \"%.*s\"", t->our_tid, c != NULL,
	     msgtype, vendor, attr, (int)len, (const char *)data);
	return answer.avps;
}

static void probe_avp_out(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, int msgtype, void *msg)
{
	static char big[2000];
	int big_result = host->add_avp(msg, 0, 9, 1, big, sizeof(big));

	line("\"hook\": \"avp_out\", \"tid\": %u, \"call\": %d, \"msgtype\": %d, \"big\": %d", t->our_tid, c != NULL, msgtype, big_result);
	if (answer.avps)
		host->add_avp(msg, 0, 9999, 7, "probe", 5);
}

static int probe_secret(const struct xl2tpd_tunnel_info *t, const char *us, const char *them, char *buf, size_t size)
{
	line("\"hook\": \"secret\", \"tid\": %u, \"us\": \"%s\", \"them\": \"%s\"", t->our_tid, us, them);
	if (!answer.secret[0])
		return 0;
	snprintf(buf, size, "%s", answer.secret);
	return 1;
}

const struct xl2tpd_plugin xl2tpd_plugin = {
	.version = PROBE_VERSION,
	.name = PROBE_NAME,
	.open = probe_open,
	.option = probe_option,
	.start = probe_start,
	.close = probe_close,
	.socket = probe_socket,
	.tunnel_request = probe_tunnel_request,
	.tunnel_up = probe_tunnel_up,
	.tunnel_down = probe_tunnel_down,
	.call_request = probe_call_request,
	.call_start = probe_call_start,
	.call_up = probe_call_up,
	.call_down = probe_call_down,
	.avp_in = probe_avp_in,
	.avp_out = probe_avp_out,
	.secret = probe_secret,
};
