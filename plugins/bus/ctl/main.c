/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - the command line of sabusctl.
 *
 * It is read twice: the common options up to the command's name, then common and the command's own ones after it.  getopt is told that the
 * program is called "sabusctl COMMAND" then, so that its messages say where to look.
 */
#include "config.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ctl.h"

#define GO_ON	   -1 /* parsed; no exit status yet */
#define OPTION_MAX 40
#define FIRST_OWN  256 /* what getopt returns for the command's first option */

enum colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct parse {
	struct ctl *c;
	struct option longs[OPTION_MAX];
	enum colour_when colour;
	char name[48]; /* argv[0] for getopt */
};

/* clang-format off */
static const struct option common[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ "color", required_argument, NULL, 'C' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};
/* clang-format on */

#define N_COMMON (sizeof(common) / sizeof(common[0]))

static void help_option(const char *left, const char *text)
{
	printf("  %-26s %s\n", left, text);
}

static void help_common(void)
{
	help_option("-s, --socket PATH", "sabusd's socket, if not in " SABUS_DIR);
	help_option("-j, --json", "for programs, see sabusctl-json(5)");
	help_option("    --color WHEN", "always, never, or auto: on a terminal without NO_COLOR");
	help_option("-h, --help", "this text; of a command: its options");
	help_option("-V, --version", "version");
}

static void help(void)
{
	puts("usage: sabusctl [OPTION...] COMMAND [OPTION...]\n\nCommands:");
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		char left[32];

		snprintf(left, sizeof(left), "%s %s", cmd->name, cmd->words);
		printf("  %-10s %s\n", left, cmd->help);
	}
	puts("\nOptions:");
	help_common();
	puts("\nExit status: 0 done, 1 failed or sabusd not reachable, 2 wrong usage, 3 refused (explain) or found (doctor).");
}

static void help_of(const struct command *cmd)
{
	const char *blank = *cmd->words ? " " : "";
	char left[64];

	printf("usage: sabusctl %s%s%s [OPTION...]\n\n%s\n\nOptions:\n", cmd->name, blank, cmd->words, cmd->help);
	for (const struct option_row *o = cmd->options; o && o->name; o++) {
		snprintf(left, sizeof(left), "    --%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
		help_option(left, o->help);
	}
	help_common();
}

static int usage(const char *what, const char *word)
{
	fprintf(stderr, "sabusctl: %s%s%s\nTry 'sabusctl --help'.\n", what, word ? ": " : "", word ? word : "");
	return CTL_USAGE;
}

static int usage_of(const struct command *cmd, const char *what, const char *word)
{
	fprintf(stderr, "sabusctl %s: %s%s%s\nTry 'sabusctl %s --help'.\n", cmd->name, what, word ? ": " : "", word ? word : "", cmd->name);
	return CTL_USAGE;
}

static const struct command *find_command(const char *name)
{
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		if (!strcmp(cmd->name, name))
			return cmd;
	}
	return NULL;
}

static int run(struct ctl *c)
{
	int status = c->command->needs == NEEDS_NOTHING ? CTL_OK : ctl_open(c);

	if (status == CTL_OK)
		status = c->command->run(c);
	sabus_close(c->bus);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "sabusctl: cannot write to standard output\n");
		status = CTL_FAILED;
	}
	return status;
}

static int set_colour(struct parse *p, const char *word)
{
	static const char *const words[] = { [COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i])) {
			p->colour = (enum colour_when)i;
			return GO_ON;
		}
	}
	return usage("--color is always, never or auto, not", word);
}

/* no-color.org: any value but the empty one */
static bool colour_wanted(enum colour_when when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != COLOUR_AUTO)
		return when == COLOUR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static int own_option(struct ctl *c, int opt)
{
	const struct option_row *o = &c->command->options[opt - FIRST_OWN];

	if (c->n_given == GIVEN_MAX)
		return usage_of(c->command, "too many options", NULL);
	c->given[c->n_given++] = (struct given){ .name = o->name, .value = optarg };
	return GO_ON;
}

static int take(struct parse *p, int opt)
{
	struct ctl *c = p->c;

	switch (opt) {
	case 's': c->socket = optarg; return GO_ON;
	case 'j': c->json = true; return GO_ON;
	case 'C': return set_colour(p, optarg);
	case 'V': puts("sabusctl " PACKAGE_VERSION); return CTL_OK;
	case 'h':
		if (c->command)
			help_of(c->command);
		else
			help();
		return CTL_OK;
	case '?':
		fprintf(stderr, "Try 'sabusctl%s%s --help'.\n", c->command ? " " : "", c->command ? c->command->name : "");
		return CTL_USAGE;
	default: return own_option(c, opt);
	}
}

static int parse(struct parse *p, int argc, char **argv, const char *shorts)
{
	int opt, status = GO_ON;

	optind = 0; /* glibc: begin anew */
	while (status == GO_ON && (opt = getopt_long(argc, argv, shorts, p->longs, NULL)) != -1)
		status = take(p, opt);
	return status;
}

static void add_own(struct parse *p, const struct command *cmd)
{
	size_t n = N_COMMON;

	for (int i = 0; cmd->options && cmd->options[i].name && n < OPTION_MAX - 1; i++) {
		const struct option_row *o = &cmd->options[i];

		p->longs[n++] = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL, FIRST_OWN + i };
	}
}

/* What comes after the command's name. */
static int parse_command(struct parse *p, int argc, char **argv)
{
	struct ctl *c = p->c;
	int status;

	snprintf(p->name, sizeof(p->name), "sabusctl %s", c->command->name);
	argv[0] = p->name;
	add_own(p, c->command);
	status = parse(p, argc, argv, "s:jhV");
	if (status != GO_ON)
		return status;
	if (argc - optind < c->command->n_words)
		return usage_of(c->command, "it needs", c->command->words);
	if (argc - optind > c->command->n_words)
		return usage_of(c->command, "too many words", argv[optind + c->command->n_words]);
	c->words = argv + optind;
	return GO_ON;
}

int main(int argc, char **argv)
{
	static struct ctl c; /* an event is too large for a small stack */
	struct parse p = { .c = &c };
	int status;

	memcpy(p.longs, common, sizeof(common));
	status = parse(&p, argc, argv, "+s:jhV");
	if (status != GO_ON)
		return status;
	if (optind == argc)
		return usage("which command?", NULL);
	c.command = find_command(argv[optind]);
	if (!c.command)
		return usage("no such command", argv[optind]);
	status = parse_command(&p, argc - optind, argv + optind);
	if (status != GO_ON)
		return status;
	c.colour = colour_wanted(p.colour);
	if (!c.socket)
		c.socket = c.command->needs == NEEDS_SESSION ? SABUS_SOCK_SESSION : SABUS_SOCK_READ;
	return run(&c);
}
