/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_count.c - rows counted by label.
 *
 * The key is all values with a byte between them that none of them has.  Order is that of the keys, so that two scrapes can be compared.
 */
#include "config.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include "ctl.h"
#include "metrics.h"
#include "metrics_count.h"

#define BETWEEN '\001'

struct count {
	char key[256];
	uint64_t n;
	UT_hash_handle hh;
};

static void make_key(char key[256], const char *const *values, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (i && at + 1 < 256)
			key[at++] = BETWEEN;
		for (const char *p = values[i]; *p && at + 1 < 256; p++)
			key[at++] = *p == BETWEEN ? '?' : *p;
	}
	key[at] = 0;
}

void count_add(struct count **all, const char *const *values, size_t n)
{
	struct count *c;
	char key[256];

	make_key(key, values, n);
	HASH_FIND_STR(*all, key, c);
	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c) {
			fputs("sabusctl: out of memory\n", stderr);
			exit(CTL_FAILED);
		}
		memcpy(c->key, key, sizeof(c->key));
		HASH_ADD_STR(*all, key, c);
	}
	c->n++;
}

static int by_key(const struct count *a, const struct count *b)
{
	return strcmp(a->key, b->key);
}

void count_write(FILE *out, struct count **all, const char *name, const char *help, const char *const *names, size_t n)
{
	const char *labels[COUNT_LABELS * 2 + 1] = { NULL };
	const char between[] = { BETWEEN, 0 };
	struct count *c, *next;

	metrics_family(out, name, "gauge", help);
	HASH_SORT(*all, by_key);
	HASH_ITER(hh, *all, c, next) {
		char *rest = c->key;

		for (size_t i = 0; i < n; i++) {
			const char *value = strsep(&rest, between);

			labels[2 * i] = names[i];
			labels[2 * i + 1] = value ? value : "";
		}
		metrics_sample(out, name, labels, c->n);
		HASH_DEL(*all, c);
		free(c);
	}
}
