/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.c - the list of entries.
 */
#include "config.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"
#include "ctl.h"

static void *must(void *p)
{
	if (!p) {
		fputs("sabusctl: out of memory\n", stderr);
		exit(CTL_FAILED);
	}
	return p;
}

void conf_add(struct conf *c, const char *section, const char *key, const char *value, const char *file, unsigned int line)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 64;
		c->entries = must(realloc(c->entries, c->cap * sizeof(*c->entries)));
	}
	c->entries[c->n++] = (struct conf_entry){
		.section = must(strdup(section)),
		.key = must(strdup(key)),
		.value = must(strdup(value)),
		.file = file,
		.line = line,
	};
}

void conf_free(struct conf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->entries[i].section);
		free(c->entries[i].key);
		free(c->entries[i].value);
	}
	free(c->entries);
	while (c->files) {
		struct conf_file *f = c->files;

		c->files = f->next;
		free(f->name);
		free(f);
	}
}

const char *conf_enter(struct conf *c, const char *file)
{
	struct conf_file *f;

	for (f = c->files; f; f = f->next) {
		if (!strcmp(f->name, file))
			return NULL;
	}
	f = must(calloc(1, sizeof(*f)));
	f->name = must(strdup(file));
	f->next = c->files;
	c->files = f;
	return f->name;
}

const struct conf_entry *conf_next(const struct conf *c, const char *section, const char *key, size_t *at)
{
	while (*at < c->n) {
		const struct conf_entry *e = &c->entries[(*at)++];

		if (!strcmp(e->key, key) && (!section || !strcmp(e->section, section)))
			return e;
	}
	return NULL;
}

const struct conf_entry *conf_last(const struct conf *c, const char *section, const char *key)
{
	const struct conf_entry *e, *last = NULL;
	size_t at = 0;

	while ((e = conf_next(c, section, key, &at)) != NULL)
		last = e;
	return last;
}

size_t conf_glob(const char *root, const char *pattern, void (*each)(void *data, const char *name), void *data)
{
	char path[1024];
	glob_t g;
	size_t n = 0;

	if (snprintf(path, sizeof(path), "%s%s", root, pattern) >= (int)sizeof(path) || glob(path, 0, NULL, &g) != 0)
		return 0;
	for (; n < g.gl_pathc; n++)
		each(data, g.gl_pathv[n] + strlen(root));
	globfree(&g);
	return n;
}
