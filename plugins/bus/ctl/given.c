/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * given.c - the options of a subcommand as they were given.
 */
#include "config.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ctl.h"

static const struct given *find(const struct ctl *c, const char *name)
{
	for (size_t i = c->n_given; i-- > 0;) {
		if (!strcmp(c->given[i].name, name))
			return &c->given[i];
	}
	return NULL;
}

const char *given_text(const struct ctl *c, const char *name)
{
	const struct given *g = find(c, name);

	return g ? g->value : NULL;
}

bool given_flag(const struct ctl *c, const char *name)
{
	return find(c, name) != NULL;
}

int given_bad(const struct ctl *c, const char *name, const char *value, const char *must_be)
{
	fprintf(stderr, "sabusctl %s: %s: '%s' is not valid; it must be %s\n", c->command->name, name, value, must_be);
	return CTL_USAGE;
}

int given_number(const struct ctl *c, const char *name, unsigned long min, unsigned long max, unsigned long *out)
{
	const char *text = given_text(c, name);
	char range[64], *end = NULL;
	unsigned long n;

	if (!text)
		return CTL_OK;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno || n < min || n > max) {
		snprintf(range, sizeof(range), "a number from %lu to %lu", min, max);
		return given_bad(c, name, text, range);
	}
	*out = n;
	return CTL_OK;
}
