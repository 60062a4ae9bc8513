/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.c - the list of entries.
 */
#include "config.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
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

char *conf_trimmed(char *text)
{
	char *end;

	text += strspn(text, " \t\r\n");
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = 0;
	return text;
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

/* Kernels before 5.6 have no openat2: there a link may lead out of the root. */
static int open_below(const char *root, const char *name)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, .resolve = RESOLVE_IN_ROOT };
	int top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1, err;

	if (top < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, top, name, &how, sizeof(how));
	if (fd < 0 && errno == ENOSYS)
		fd = openat(top, name + strspn(name, "/"), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	err = errno;
	close(top);
	errno = err;
	return fd;
}

FILE *conf_open(const char *root, const char *name)
{
	int fd = *root ? open_below(root, name) : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? NULL : fdopen(fd, "re");
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
