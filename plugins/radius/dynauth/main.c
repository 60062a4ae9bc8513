// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - sabus-dynauth: options, configuration, sockets, privileges, loop, end.
 *
 * Started as root it reads its secrets, opens its sockets and becomes --user for good; under systemd it is never root: the configuration is a credential.
 * Sockets are polled, signals come as a descriptor, and the bus is reconnected by time: nothing waits for anything.
 */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "bus.h"
#include "clock.h"
#include "log.h"
#include "net.h"

struct options {
	const char *config; /* NULL: systemd's credential if there is one, else default_config */
	const char *bus, *user;
	bool check;
};

struct program {
	struct options opt;
	struct dynauth dynauth;
	struct net net;
	struct bus bus;
	int signals;
};

static const char default_config[] = DEFAULT_CONFIG, default_user[] = SABUS_USER;

/* %s: default_config, default_user */
#define HELP \
	"usage: sabus-dynauth [options]\n" \
	"Answers Disconnect-Requests and CoA-Requests of RADIUS (RFC 5176) for the PPP sessions of this host.\n" \
	"\n" \
	"  --config FILE  clients and secrets (%s)\n" \
	"  --bus PATH     sabusd's socket for sessions (" SABUS_SOCK_SESSION ")\n" \
	"  --user USER    drop privileges to USER when started as root (%s)\n" \
	"  --check        read the configuration and end\n" \
	"  -h, --help     this text\n" \
	"  -V, --version  version\n" \
	"\n" \
	"It stays in the foreground and logs to standard error.  See sabus-dynauth(8) and sabus-dynauth.conf(5).\n"

/* ---- options ---- */

/* -1: go on, else the exit status. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option all[] = {
		{ "config", required_argument, NULL, 'c' }, { "bus", required_argument, NULL, 'b' }, { "user", required_argument, NULL, 'u' },
		{ "check", no_argument, NULL, 'k' },	    { "help", no_argument, NULL, 'h' },	     { "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	*o = (struct options){ .bus = SABUS_SOCK_SESSION, .user = default_user };
	while ((opt = getopt_long(argc, argv, "hV", all, NULL)) != -1) {
		switch (opt) {
		case 'c': o->config = optarg; break;
		case 'b': o->bus = optarg; break;
		case 'u': o->user = optarg; break;
		case 'k': o->check = true; break;
		case 'h': printf(HELP, default_config, default_user); return 0;
		case 'V': puts("sabus-dynauth " PACKAGE_VERSION); return 0;
		default: fputs("Try 'sabus-dynauth --help'.\n", stderr); return 2;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "sabus-dynauth: '%s' is not an option\nTry 'sabus-dynauth --help'.\n", argv[optind]);
	return 2;
}

static bool read_config(const struct options *o, struct conf *c)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char credential[512], error[CONF_ERROR_MAX];
	bool use = false;

	if (!o->config && dir && snprintf(credential, sizeof(credential), "%s/dynauth.conf", dir) < (int)sizeof(credential))
		use = access(credential, F_OK) == 0;
	if (conf_read(use ? credential : o->config ? o->config : default_config, use, c, error) == 0)
		return true;
	dyn_log(DYN_LOG_OWN, LOG_ERR, "bad-config text=\"%s\"", error);
	return false;
}

static void warn_of_config(const struct conf *c)
{
	char addr[SABUS_ADDR_STRLEN];

	for (size_t i = 0; i < c->n_clients; i++) {
		const struct conf_client *k = &c->clients[i];
		const char *net = sabus_addr_text(&k->net, addr);

		if (strlen(k->secret) < 16)
			dyn_log(DYN_LOG_OWN, LOG_WARNING, "weak-secret client=%s/%u remedy=\"16 random bytes or more\"", net, k->bits);
		if (!k->need_ma || !k->need_timestamp)
			dyn_log(DYN_LOG_OWN, LOG_WARNING, "weak-client client=%s/%u message-authenticator=%s event-timestamp=%s", net,
				k->bits, k->need_ma ? "required" : "optional", k->need_timestamp ? "required" : "optional");
	}
}

/* ---- privileges ---- */

static bool become(const char *name)
{
	const struct passwd *pw;

	if (geteuid() == 0) {
		pw = getpwnam(name);
		if (!pw) {
			dyn_log(DYN_LOG_OWN, LOG_ERR, "no-user user=%s remedy=\"make it, or give --user\"", name);
			return false;
		}
		if (setgroups(0, NULL) < 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 || setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0) {
			dyn_log(DYN_LOG_OWN, LOG_ERR, "cannot-become user=%s text=\"%s\"", name, strerror(errno));
			return false;
		}
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* the secrets are in memory */
	return true;
}

/* ---- the loop ---- */

static int ask(void *ctx, uint32_t session_id, const struct dyn_request *rq, const char *why, uint32_t *seq)
{
	struct program *p = ctx;

	return bus_ask(&p->bus, session_id, rq, why, seq);
}

static void answer(void *ctx, const struct dyn_peer *peer, const uint8_t *packet, size_t len)
{
	const struct program *p = ctx;

	net_send(&p->net, peer, packet, len);
}

static bool open_signals(struct program *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	p->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return p->signals >= 0;
}

static int sooner(int a, int b)
{
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

/* fds: signals, bus, sockets. */
static void loop(struct program *p)
{
	struct pollfd fds[2 + CONF_LISTEN_MAX];

	for (;;) {
		int64_t now = now_ms(), clock = (int64_t)time(NULL);
		int patience;

		bus_turn(&p->bus, now, clock);
		patience = sooner(dynauth_timers(&p->dynauth, now, clock), bus_patience(&p->bus, now));
		fds[0] = (struct pollfd){ .fd = p->signals, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = bus_fd(&p->bus), .events = POLLIN };
		for (size_t i = 0; i < p->net.n; i++)
			fds[2 + i] = (struct pollfd){ .fd = p->net.fds[i], .events = POLLIN };
		if (poll(fds, (nfds_t)(2 + p->net.n), patience) < 0)
			continue;
		if (fds[0].revents)
			return;
		if (fds[1].revents)
			bus_readable(&p->bus, now_ms(), (int64_t)time(NULL));
		for (size_t i = 0; i < p->net.n; i++)
			if (fds[2 + i].revents)
				net_readable(&p->net, i, &p->dynauth);
	}
}

static bool start(struct program *p)
{
	struct dynauth *d = &p->dynauth;

	d->ask = ask;
	d->send = answer;
	d->ctx = p;
	gethostname(d->hostname, sizeof(d->hostname) - 1);
	warn_of_config(&d->conf);
	if (net_open(&p->net, &d->conf) < 0 || !become(p->opt.user) || !open_signals(p))
		return false;
	bus_init(&p->bus, p->opt.bus, d);
	dyn_log(DYN_LOG_OWN, LOG_INFO, "start version=" PACKAGE_VERSION " clients=%zu sockets=%zu uid=%u window=%u", d->conf.n_clients,
		p->net.n, (unsigned int)geteuid(), d->conf.window);
	return true;
}

int main(int argc, char **argv)
{
	struct program *p = calloc(1, sizeof(*p));
	int status;

	if (!p)
		return EXIT_FAILURE;
	p->signals = -1;
	status = parse_options(argc, argv, &p->opt);
	if (status >= 0)
		goto out;
	status = EXIT_FAILURE;
	if (!read_config(&p->opt, &p->dynauth.conf))
		goto out;
	status = EXIT_SUCCESS;
	if (p->opt.check) {
		warn_of_config(&p->dynauth.conf);
		goto out;
	}
	if (start(p)) {
		loop(p);
		dyn_log(DYN_LOG_OWN, LOG_INFO, "end");
	} else {
		status = EXIT_FAILURE;
	}
	bus_close(&p->bus);
	net_close(&p->net);
	if (p->signals >= 0)
		close(p->signals);
out:
	dynauth_free(&p->dynauth);
	free(p);
	return status;
}
