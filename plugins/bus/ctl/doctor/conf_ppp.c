/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_ppp.c - pppd's options files, with the files that they name.
 *
 * pppd knows how many arguments each option has, and takes them over line ends; we do not, so each word is an entry whose value is the word
 * after it on its line.  The checks only ask for words that are no argument of anything.
 */
#include "config.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"

/* Cuts the next word off *at, quotes and all; NULL = no more, or a comment begins. */
static char *word(char **at)
{
	char *p = *at + strspn(*at, " \t\r\n"), *begin = p;
	char quote = *p == '"' || *p == '\'' ? *p : 0;

	if (!*p || *p == '#')
		return NULL;
	if (quote) {
		begin = ++p;
		p = strchr(p, quote);
		p = p ? p : begin + strlen(begin);
	} else {
		p += strcspn(p, " \t\r\n");
	}
	*at = *p ? p + 1 : p;
	*p = 0;
	return begin;
}

static void take(struct conf *c, char *line, const char *file, unsigned int number)
{
	char *now = word(&line), *then;

	for (; now; now = then) {
		then = word(&line);
		conf_add(c, "", now, then ? then : "", file, number);
		if (!strcmp(now, "file") && then)
			conf_read_ppp(c, then);
	}
}

void conf_read_ppp(struct conf *c, const char *name)
{
	char *line = NULL;
	const char *file;
	size_t size = 0;
	FILE *f;

	f = conf_open(c->root, name);
	if (!f)
		return;
	file = conf_enter(c, name);
	for (unsigned int number = 1; file && getline(&line, &size, f) > 0; number++)
		take(c, line, file, number);
	free(line);
	fclose(f);
}
