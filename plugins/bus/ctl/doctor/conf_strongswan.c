/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_strongswan.c - strongSwan's settings: sections in braces, key = value, includes.
 *
 *   connections { l2tp { remote { auth = psk } } }    ->  "connections.l2tp.remote", "auth", "psk"
 *
 * A value ends with its line, a brace or a comment; between quotes it may have anything.  What a section takes over from another ("a : b {") is
 * added as an entry with the key ":".
 */
#include "config.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"

#define SECTION_MAX 512
#define TEXT_MAX    4096
#define DEPTH_MAX   16

struct reader {
	struct conf *c;
	FILE *f;
	const char *file;
	unsigned int line;
	char section[SECTION_MAX];
	unsigned int depth; /* of includes */
};

static void read_pattern(struct conf *c, const char *pattern, const char *section, unsigned int depth);

static int next(struct reader *r)
{
	int ch = getc(r->f);

	if (ch == '#')
		while ((ch = getc(r->f)) != EOF && ch != '\n')
			;
	if (ch == '\n')
		r->line++;
	return ch;
}

/* The first byte that is no blank and no line end. */
static int skip_blanks(struct reader *r)
{
	int ch;

	do {
		ch = next(r);
	} while (isspace(ch));
	return ch;
}

static void push(char *text, size_t *n, int ch)
{
	if (*n + 1 < TEXT_MAX)
		text[(*n)++] = (char)ch;
	text[*n] = 0;
}

static void trim(char *text)
{
	size_t n = strlen(text);

	while (n && isspace((unsigned char)text[n - 1]))
		text[--n] = 0;
}

/* The rest of a quoted text, unescaped. */
static void quoted(struct reader *r, char *text, size_t *n)
{
	int ch;

	while ((ch = getc(r->f)) != EOF && ch != '"') {
		if (ch == '\\' && (ch = getc(r->f)) == EOF)
			return;
		if (ch == '\n')
			r->line++;
		push(text, n, ch);
	}
}

/* After '='.  What ended it: '\n', '}' or EOF. */
static int value(struct reader *r, char *text)
{
	int ch = next(r);
	size_t n = 0;

	text[0] = 0;
	while (ch == ' ' || ch == '\t')
		ch = next(r);
	while (ch != EOF && ch != '\n' && ch != '}') {
		if (ch == '"')
			quoted(r, text, &n);
		else
			push(text, &n, ch);
		ch = next(r);
	}
	trim(text);
	return ch;
}

static void enter(struct reader *r, char *name)
{
	char *parent = strchr(name, ':');
	size_t n = strlen(r->section);

	if (parent)
		*parent++ = 0;
	trim(name);
	snprintf(r->section + n, SECTION_MAX - n, "%s%.200s", n ? "." : "", name);
	if (parent)
		conf_add(r->c, r->section, ":", parent + strspn(parent, " \t"), r->file, r->line);
}

static void leave(struct reader *r)
{
	char *dot = strrchr(r->section, '.');

	*(dot ? dot : r->section) = 0;
}

/* "include conf.d/x.conf": relative to the file that has it. */
static void include(struct reader *r, const char *what)
{
	char pattern[1024];
	const char *slash = strrchr(r->file, '/');

	if (what[0] == '/' || !slash)
		snprintf(pattern, sizeof(pattern), "%s", what);
	else
		snprintf(pattern, sizeof(pattern), "%.*s/%s", (int)(slash - r->file), r->file, what);
	if (r->depth < DEPTH_MAX)
		read_pattern(r->c, pattern, r->section, r->depth + 1);
}

/* One statement that begins with ch. */
static int statement(struct reader *r, int ch)
{
	char name[TEXT_MAX], text[TEXT_MAX];
	unsigned int line = r->line;
	size_t n = 0;

	name[0] = 0;
	while (ch != EOF && ch != '\n' && ch != '{' && ch != '}' && ch != '=') {
		push(name, &n, ch);
		ch = next(r);
	}
	trim(name);
	if (ch == '{') {
		enter(r, name);
	} else if (ch == '=') {
		ch = value(r, text);
		conf_add(r->c, r->section, name, text, r->file, line);
	} else if (!strncmp(name, "include", 7) && isspace((unsigned char)name[7])) {
		include(r, name + 7 + strspn(name + 7, " \t"));
	}
	return ch;
}

/* A statement may end with the brace that closes its section, "a { b = c }". */
static void read_all(struct reader *r)
{
	int ch;

	while ((ch = skip_blanks(r)) != EOF) {
		if (ch != '}')
			ch = statement(r, ch);
		if (ch == '}')
			leave(r);
	}
}

struct include_of {
	struct conf *c;
	const char *section;
	unsigned int depth;
};

static void read_one(void *data, const char *name)
{
	const struct include_of *i = data;
	struct reader r = { .c = i->c, .line = 1, .depth = i->depth };

	snprintf(r.section, sizeof(r.section), "%s", i->section);
	r.f = conf_open(i->c->root, name);
	if (!r.f)
		return;
	r.file = conf_enter(i->c, name);
	if (r.file)
		read_all(&r);
	fclose(r.f);
}

static void read_pattern(struct conf *c, const char *pattern, const char *section, unsigned int depth)
{
	struct include_of i = { .c = c, .section = section, .depth = depth };

	conf_glob(c->root, pattern, read_one, &i);
}

void conf_read_strongswan(struct conf *c, const char *pattern)
{
	read_pattern(c, pattern, "", 0);
}
