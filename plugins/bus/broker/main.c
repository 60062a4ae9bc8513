/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - sabusd: options, sockets, privileges, loop, end.
 *
 * Ready (READY=1, or the parent's exit when it becomes a daemon) is said when the sockets take connections.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "log.h"
#include "notify.h"
#include "server.h"

/* The sockets are open and stay so; only now the log leaves stderr and the parent may end. */
static bool become_daemon(void)
{
	log_to_syslog();
	if (daemon(0, 0) == 0)
		return true;
	log_line(LOG_ERR, "cannot-start text=\"cannot become a daemon: %m\"");
	return false;
}

static bool serve(const struct options *opt, struct listeners *l)
{
	struct server *s = must_calloc(1, sizeof(*s));
	bool ok = server_init(s, opt, l);

	if (ok) {
		log_line(LOG_INFO, "start version=" PACKAGE_VERSION " path=\"%s\" uid=%u max-clients=%u max-sas=%u", opt->dir,
			 (unsigned int)geteuid(), s->max_clients, opt->max_sas);
		notify("READY=1\nSTATUS=serving");
		server_run(s);
		notify("STOPPING=1");
	}
	server_free(s);
	free(s);
	return ok;
}

int main(int argc, char **argv)
{
	struct listeners l;
	struct options opt;
	bool ok;

	switch (options_parse(argc, argv, &opt)) {
	case OPTIONS_EXIT_OK: return EXIT_SUCCESS;
	case OPTIONS_EXIT_USAGE: return 2;
	case OPTIONS_RUN: break;
	}
	umask(0022);
	server_hold_signals();
	ok = listen_setup(&l, &opt) && (opt.foreground || become_daemon());
	if (ok) {
		listen_write_pid(&l);
		ok = serve(&opt, &l);
	}
	if (l.lock_fd >= 0)
		listen_close(&l, &opt);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
