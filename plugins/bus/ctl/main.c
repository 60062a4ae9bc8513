/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - sabusctl: command line and the table of subcommands.
 */
#include "config.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ctl.h"

struct command {
	const char *name, *help;
	int (*run)(struct ctl *c);
	bool json; /* knows --json */
};

static const struct command commands[] = {
	{ "status", "the publisher, all SAs, tunnels, calls, sessions and what was decided for them", cmd_status, true },
	{ "monitor", "one line per change, until interrupted", cmd_monitor, false },
	{ "stats", "sabusd's counters", cmd_stats, true },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	puts("usage: sabusctl [--socket PATH] COMMAND [--json]\n\nCommands:");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].help);
	puts("\nOptions:\n"
	     "  -s, --socket PATH  sabusd's socket (" SABUS_SOCK_READ ")\n"
	     "  -j, --json         JSON for programs (status, stats); the schema is in sabusctl(8)\n"
	     "  -h, --help         this text\n"
	     "  -V, --version      version\n"
	     "\nExit status: 0 done, 1 sabusd not reachable, 2 wrong usage.");
}

static int usage(const char *what, const char *word)
{
	fprintf(stderr, "sabusctl: %s%s%s\nTry 'sabusctl --help'.\n", what, word ? ": " : "", word ? word : "");
	return CTL_USAGE;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static int run(struct ctl *c, const struct command *cmd)
{
	int status = ctl_open(c);

	if (status == CTL_OK)
		status = cmd->run(c);
	sabus_close(c->bus);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "sabusctl: cannot write to standard output\n");
		status = CTL_FAILED;
	}
	return status;
}

/* Takes the options; -1 = go on, else the exit status. */
static int parse(int argc, char **argv, struct ctl *c)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "s:jhV", long_options, NULL)) != -1) {
		switch (opt) {
		case 's': c->socket = optarg; break;
		case 'j': c->json = true; break;
		case 'h': help(); return CTL_OK;
		case 'V': puts("sabusctl " PACKAGE_VERSION); return CTL_OK;
		default: fputs("Try 'sabusctl --help'.\n", stderr); return CTL_USAGE;
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	static struct ctl c = { .socket = SABUS_SOCK_READ }; /* an event is too large for a small stack */
	const struct command *cmd;
	int status = parse(argc, argv, &c);

	if (status >= 0)
		return status;
	if (optind == argc)
		return usage("which command?", NULL);
	cmd = find_command(argv[optind]);
	if (!cmd)
		return usage("no such command", argv[optind]);
	if (optind + 1 < argc)
		return usage("too many words", argv[optind + 1]);
	if (c.json && !cmd->json)
		return usage("this command has no --json", cmd->name);
	return run(&c, cmd);
}
