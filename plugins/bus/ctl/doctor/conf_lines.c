/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_lines.c - files of one statement a line: xl2tpd.conf and modprobe.d.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"

/* Calls take() with each line that says something, without what is around it. */
static void each_line(struct conf *c, const char *name, const char *comments,
		      void (*take)(struct conf *c, char *line, const char *file, unsigned int number))
{
	char *line = NULL;
	size_t size = 0;
	const char *file;
	FILE *f;

	f = conf_open(c->root, name);
	if (!f)
		return;
	file = conf_enter(c, name);
	for (unsigned int number = 1; file && getline(&line, &size, f) > 0; number++) {
		char *text = conf_trimmed(line);

		if (*text && !strchr(comments, *text))
			take(c, text, file, number);
	}
	free(line);
	fclose(f);
}

/* A header counts for the lines after it; it is kept as an entry with the key "[". */
static void take_xl2tpd(struct conf *c, char *line, const char *file, unsigned int number)
{
	const struct conf_entry *last = conf_last(c, NULL, "[");
	char *equal = strchr(line, '=');
	char section[128];

	if (*line == '[') {
		line[strcspn(line, "]")] = 0;
		conf_add(c, conf_trimmed(line + 1), "[", "", file, number);
		return;
	}
	if (!equal)
		return;
	*equal = 0;
	snprintf(section, sizeof(section), "%s", last ? last->section : "");
	conf_add(c, section, conf_trimmed(line), conf_trimmed(equal + 1), file, number);
}

void conf_read_xl2tpd(struct conf *c, const char *file)
{
	each_line(c, file, ";#", take_xl2tpd);
}

static void take_modprobe(struct conf *c, char *line, const char *file, unsigned int number)
{
	size_t n = strcspn(line, " \t");
	char *rest = line[n] ? conf_trimmed(line + n + 1) : line + n;

	line[n] = 0;
	conf_add(c, "", line, rest, file, number);
}

static void read_modprobe(void *data, const char *name)
{
	each_line(data, name, "#", take_modprobe);
}

void conf_read_modprobe(struct conf *c, const char *pattern)
{
	conf_glob(c->root, pattern, read_modprobe, c);
}
