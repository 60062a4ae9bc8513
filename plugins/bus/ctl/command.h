/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - what a subcommand is, and the command line as it gets it.
 *
 * Each subcommand is one row of the table in commands.c and one function.  Its options are rows too: from them come parsing, --help, and what the
 * completions are checked against.  The function asks for values by name; a value that is no number or none of the words ends with a message
 * that names the option, the value and what may stand there.
 */
#ifndef SABUSCTL_COMMAND_H
#define SABUSCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct ctl;

struct option_row {
	const char *name; /* without dashes; NULL ends the list */
	const char *arg;  /* what its argument is called, NULL = it has none */
	const char *help;
};

enum command_needs {
	NEEDS_NOTHING, /* or opens the connection itself */
	NEEDS_READ,    /* SABUS_SOCK_READ is open when it runs */
	NEEDS_SESSION, /* SABUS_SOCK_SESSION: it changes something */
};

struct command {
	const char *name, *words, *help; /* words: "ID", "" = none */
	int n_words;			 /* how many, exactly */
	enum command_needs needs;
	const struct option_row *options; /* NULL = only the common ones */
	int (*run)(struct ctl *c);
};

/* The table, ended by a row without a name. */
extern const struct command commands[];

/* One option as it was given. */
struct given {
	const char *name;  /* that of its row */
	const char *value; /* NULL = it takes none */
};

#define GIVEN_MAX 64

/* ---- what was given (given.c) ---- */

/* The last value of an option, NULL = not given. */
const char *given_text(const struct ctl *c, const char *name);
bool given_flag(const struct ctl *c, const char *name);
/* A decimal number from min to max into *out, which is left alone when the option was not given.  CTL_OK, or CTL_USAGE and a message. */
int given_number(const struct ctl *c, const char *name, unsigned long min, unsigned long max, unsigned long *out);
/* A wrong value: complains, returns CTL_USAGE. */
int given_bad(const struct ctl *c, const char *name, const char *value, const char *must_be);

#endif
