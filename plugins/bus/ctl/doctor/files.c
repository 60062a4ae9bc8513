/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * files.c - files of the patient, below its root.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "doctor.h"

#define BINARY_MAX 67108864 /* bytes; charon's and pppd's are far smaller */
#define CHUNK	   65536

static bool path_of(const struct patient *p, const char *name, char path[1024])
{
	return snprintf(path, 1024, "%s%s", p->root, name) < 1024;
}

bool file_exists(const struct patient *p, const char *name)
{
	char path[1024];

	return path_of(p, name, path) && access(path, F_OK) == 0;
}

/* Files of /proc have no size: read until the end comes. */
static char *read_all(FILE *f, size_t max, size_t *len)
{
	char *text = malloc(CHUNK + 1), *bigger;
	size_t cap = CHUNK, got;

	*len = 0;
	while (text && (got = fread(text + *len, 1, cap - *len, f)) > 0 && *len + got < max) {
		*len += got;
		if (*len < cap)
			continue;
		cap *= 2;
		bigger = realloc(text, cap + 1);
		if (!bigger)
			free(text);
		text = bigger;
	}
	if (text)
		text[*len] = 0;
	return text;
}

char *file_text(const struct patient *p, const char *name, size_t max, size_t *len)
{
	char *text = NULL;
	struct stat st;
	FILE *f;

	*len = 0;
	f = conf_open(p->root, name);
	if (!f)
		return NULL;
	if (fstat(fileno(f), &st) == 0 && (size_t)st.st_size > max)
		fseek(f, -(long)max, SEEK_END);
	text = read_all(f, max + CHUNK, len);
	fclose(f);
	return text;
}

bool file_has(const struct patient *p, const char *name, const char *text)
{
	size_t len;
	char *data = file_text(p, name, BINARY_MAX, &len);
	bool has = data && memmem(data, len, text, strlen(text)) != NULL;

	free(data);
	return has;
}

bool file_after(const struct patient *p, const char *name, const char *before, const char *of, char *out, size_t size)
{
	size_t len, n = 0;
	char *data = file_text(p, name, BINARY_MAX, &len), *at = data;

	while (data && !n && (at = memmem(at, len - (size_t)(at - data), before, strlen(before))) != NULL) {
		at += strlen(before);
		n = strspn(at, of); /* the data ends with a NUL */
	}
	if (n >= size)
		n = 0;
	if (n)
		memcpy(out, at, n);
	out[n] = 0;
	free(data);
	return n > 0;
}
