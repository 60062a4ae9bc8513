/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.c - parses the command line.  A bad value is an error that names option, value and what would be right; nothing is guessed.
 */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "options.h"
#include "sabus.h"

enum {
	OPT_DIR = 256,
	OPT_MAX_SAS,
	OPT_MAX_TUNNELS,
	OPT_MAX_CLIENTS,
	OPT_MAX_READERS,
	OPT_GRACE,
	OPT_PUBLISHER_UID,
	OPT_SESSION_UID,
	OPT_READ_GROUP,
	OPT_USER,
	OPT_HELLO,
};

static const struct option long_options[] = {
	{ "dir", required_argument, NULL, OPT_DIR },
	{ "max-sas", required_argument, NULL, OPT_MAX_SAS },
	{ "max-tunnels", required_argument, NULL, OPT_MAX_TUNNELS },
	{ "max-clients", required_argument, NULL, OPT_MAX_CLIENTS },
	{ "max-readers-per-uid", required_argument, NULL, OPT_MAX_READERS },
	{ "orphan-grace", required_argument, NULL, OPT_GRACE },
	{ "publisher-uid", required_argument, NULL, OPT_PUBLISHER_UID },
	{ "session-uid", required_argument, NULL, OPT_SESSION_UID },
	{ "read-group", required_argument, NULL, OPT_READ_GROUP },
	{ "user", required_argument, NULL, OPT_USER },
	{ "hello-timeout", required_argument, NULL, OPT_HELLO },
	{ "foreground", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] = "usage: sabusd [options]\n"
			   "The broker of the SA bus: charon publishes its IPsec SAs, pppd and others ask for them.\n"
			   "\n"
			   "  --dir DIR                  where the sockets are (" SABUS_DIR ")\n"
			   "  --user USER                drop privileges to USER when started as root\n"
			   "  --publisher-uid UID[,UID]  users that may publish SAs, besides root (none)\n"
			   "  --session-uid UID[,UID]    users that may publish sessions, besides root (none)\n"
			   "  --read-group GROUP         group of read.sock (that of sabusd)\n"
			   "  --max-sas N                SAs in the table, 1..1000000 (100000)\n"
			   "  --max-tunnels N            L2TP tunnels and calls in the table, 1..1000000 (100000)\n"
			   "  --max-clients N            connections, 16..500000 (20000)\n"
			   "  --max-readers-per-uid N    connections to read.sock per user but root, 1..500000 (256)\n"
			   "  --orphan-grace SECONDS     how long SAs are kept without a publisher, 0..86400 (60)\n"
			   "  --hello-timeout SECONDS    how long a client may stay silent at first, 1..600 (5)\n"
			   "  -f, --foreground           do not become a daemon, log to standard error\n"
			   "  -h, --help                 this text\n"
			   "  -V, --version              version\n"
			   "\n"
			   "Numbers and names are accepted for users and groups.  See sabusd(8).\n";

static bool bad(const char *option, const char *value, const char *want)
{
	fprintf(stderr, "sabusd: --%s: '%s' is not %s\n", option, value, want);
	return false;
}

static bool parse_number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;

	errno = 0;
	*out = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *out >= min && *out <= max;
}

static bool number(const char *option, const char *text, unsigned int min, unsigned int max, unsigned int *out)
{
	unsigned long v;
	char want[64];

	if (!parse_number(text, min, max, &v)) {
		snprintf(want, sizeof(want), "a number from %u to %u", min, max);
		return bad(option, text, want);
	}
	*out = (unsigned int)v;
	return true;
}

static bool user_id(const char *text, uid_t *uid)
{
	const struct passwd *pw;
	unsigned long v;

	if (parse_number(text, 0, 4294967294ul, &v)) {
		*uid = (uid_t)v;
		return true;
	}
	pw = getpwnam(text);
	if (pw)
		*uid = pw->pw_uid;
	return pw != NULL;
}

static bool user_list(const char *option, const char *text, struct uid_list *l)
{
	char copy[512], *rest = copy, *word;

	if (strlen(text) >= sizeof(copy))
		return bad(option, text, "a list of users shorter than 512 bytes");
	strcpy(copy, text);
	l->n = 0;
	while ((word = strsep(&rest, ",")) != NULL) {
		if (l->n == OPTIONS_UIDS_MAX)
			return bad(option, text, "a list of at most 16 users");
		if (!user_id(word, &l->uid[l->n++]))
			return bad(option, word, "a user of this system (a number from 0 to 4294967294 or a name)");
	}
	return true;
}

static bool group(const char *option, const char *text, struct options *o)
{
	const struct group *gr;
	unsigned long v;

	if (parse_number(text, 0, 4294967294ul, &v)) {
		o->read_group = (gid_t)v;
	} else {
		gr = getgrnam(text);
		if (!gr)
			return bad(option, text, "a group of this system (a number from 0 to 4294967294 or a name)");
		o->read_group = gr->gr_gid;
	}
	o->has_read_group = true;
	return true;
}

static bool directory(const char *option, const char *text, struct options *o)
{
	if (text[0] != '/' || strlen(text) > OPTIONS_DIR_MAX)
		return bad(option, text, "an absolute path of at most 90 bytes");
	o->dir = text;
	return true;
}

static bool user(const char *option, const char *text, struct options *o)
{
	if (!getpwnam(text))
		return bad(option, text, "the name of a user of this system");
	o->user = text;
	return true;
}

static bool apply(int opt, const char *name, struct options *o)
{
	switch (opt) {
	case OPT_DIR: return directory(name, optarg, o);
	case OPT_MAX_SAS: return number(name, optarg, 1, 1000000, &o->max_sas);
	case OPT_MAX_TUNNELS: return number(name, optarg, 1, 1000000, &o->max_tunnels);
	case OPT_MAX_CLIENTS: return number(name, optarg, 16, 500000, &o->max_clients);
	case OPT_MAX_READERS: return number(name, optarg, 1, 500000, &o->max_readers_per_uid);
	case OPT_GRACE: return number(name, optarg, 0, 86400, &o->orphan_grace);
	case OPT_HELLO: return number(name, optarg, 1, 600, &o->hello_timeout);
	case OPT_PUBLISHER_UID: return user_list(name, optarg, &o->publishers);
	case OPT_SESSION_UID: return user_list(name, optarg, &o->session_users);
	case OPT_READ_GROUP: return group(name, optarg, o);
	case OPT_USER: return user(name, optarg, o);
	case 'f': o->foreground = true; return true;
	default: return false;
	}
}

static const char *option_name(int opt)
{
	for (const struct option *o = long_options; o->name; o++) {
		if (o->val == opt)
			return o->name;
	}
	return "?";
}

enum options_result options_parse(int argc, char **argv, struct options *o)
{
	int opt;

	*o = (struct options){
		.dir = SABUS_DIR,
		.max_sas = 100000,
		.max_tunnels = 100000,
		.max_clients = 20000,
		.max_readers_per_uid = 256,
		.orphan_grace = 60,
		.hello_timeout = 5,
	};
	while ((opt = getopt_long(argc, argv, "fhV", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(help, stdout);
			return OPTIONS_EXIT_OK;
		}
		if (opt == 'V') {
			puts("sabusd " PACKAGE_VERSION);
			return OPTIONS_EXIT_OK;
		}
		if (opt == '?' || !apply(opt, option_name(opt), o)) {
			fputs("Try 'sabusd --help'.\n", stderr);
			return OPTIONS_EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "sabusd: '%s' is not an option; sabusd takes no other arguments\nTry 'sabusd --help'.\n", argv[optind]);
		return OPTIONS_EXIT_USAGE;
	}
	return OPTIONS_RUN;
}

bool uid_list_has(const struct uid_list *l, uid_t uid)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->uid[i] == uid)
			return true;
	}
	return false;
}
