/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts_file.c - the sabus- words of a file of pppd's options.
 *
 * As pppd reads it (options.c there): words separated by blanks and line ends, '#' where a word could begin is a comment, quotes around a word with
 * blanks.  All other options are skipped, with their arguments, since none of those begins with "sabus-".
 */
#include "config.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "facts.h"
#include "words.h"

#define PREFIX "sabus-"

struct reader {
	FILE *f;
	unsigned int line;
	char word[256];
};

/* The first byte of the next word, EOF = no more. */
static int skip(struct reader *r)
{
	int ch;

	while ((ch = getc(r->f)) != EOF) {
		if (ch == '#')
			while ((ch = getc(r->f)) != EOF && ch != '\n')
				;
		if (ch == '\n')
			r->line++;
		else if (ch != EOF && !isspace(ch))
			break;
	}
	return ch;
}

/* A word that is too long is cut: it is none of ours. */
static bool next_word(struct reader *r)
{
	int ch = skip(r), quote = 0;
	size_t n = 0;

	if (ch == EOF)
		return false;
	if (ch == '"' || ch == '\'') {
		quote = ch;
		ch = getc(r->f);
	}
	while (ch != EOF && (quote ? ch != quote : !isspace(ch))) {
		if (ch == '\\')
			ch = getc(r->f);
		if (n + 1 < sizeof(r->word))
			r->word[n++] = (char)ch;
		ch = getc(r->f);
	}
	if (ch == '\n')
		ungetc(ch, r->f); /* for the count of lines */
	r->word[n] = 0;
	return true;
}

static int bad(const struct ctl *c, const char *path, const struct reader *r, const char *name, const char *must_be)
{
	char word[512];

	fprintf(stderr, "sabusctl %s: %s:%u: " PREFIX "%s: '%s' is not valid; it must be %s\n", c->command->name, path, r->line, name,
		printable(r->word, word, sizeof(word)), must_be);
	return CTL_USAGE;
}

static int take(const struct ctl *c, const char *path, struct reader *r, const struct facts_reader *how, struct facts *f)
{
	char name[sizeof(r->word)], word[512];
	enum setting kind;
	const char *must_be;

	memcpy(name, r->word + strlen(PREFIX), strlen(r->word) - strlen(PREFIX) + 1);
	kind = how->kind(name);
	if (kind == SETTING_UNKNOWN) {
		fprintf(stderr, "sabusctl %s: %s:%u: " PREFIX "%s is no option of pppd-sabus(8)\n", c->command->name, path, r->line,
			printable(name, word, sizeof(word)));
		return CTL_USAGE;
	}
	if (kind == SETTING_VALUE && !next_word(r))
		r->word[0] = 0;
	must_be = how->set(f, name, r->word);
	return must_be ? bad(c, path, r, name, must_be) : CTL_OK;
}

int facts_file(const struct ctl *c, const char *path, const struct facts_reader *how, struct facts *f)
{
	struct reader r = { .f = fopen(path, "re"), .line = 1 };
	int status = CTL_OK;

	if (!r.f) {
		fprintf(stderr, "sabusctl %s: %s: %s\n", c->command->name, path, strerror(errno));
		return CTL_FAILED;
	}
	while (status == CTL_OK && next_word(&r)) {
		if (!strncmp(r.word, PREFIX, strlen(PREFIX)))
			status = take(c, path, &r, how, f);
	}
	fclose(r.f);
	return status;
}
