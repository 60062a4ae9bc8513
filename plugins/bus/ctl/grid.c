/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grid.c - aligned columns on standard output.
 */
#include "config.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ctl.h"
#include "grid.h"

static void add(struct grid *g, char *cell)
{
	size_t column = g->n % g->columns, len = cell ? strlen(cell) : 0;

	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 256;
		g->cells = realloc(g->cells, g->cap * sizeof(*g->cells));
	}
	if (!cell || !g->cells) {
		fputs("sabusctl: out of memory\n", stderr);
		exit(CTL_FAILED);
	}
	g->cells[g->n++] = cell;
	if (len > g->width[column])
		g->width[column] = len;
}

void grid_cell(struct grid *g, const char *fmt, ...)
{
	char *cell = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&cell, fmt, ap) < 0)
		cell = NULL;
	va_end(ap);
	add(g, cell);
}

void grid_init(struct grid *g, const char *titles)
{
	char copy[256], *rest = copy, *title;

	memset(g, 0, sizeof(*g));
	snprintf(copy, sizeof(copy), "%s", titles);
	for (const char *p = copy; *p; p++)
		g->columns += *p == '|';
	g->columns++;
	while ((title = strsep(&rest, "|")) != NULL)
		grid_cell(g, "%s", title);
}

void grid_print(const struct grid *g)
{
	for (size_t i = 0; i < g->n; i++) {
		size_t column = i % g->columns;

		if (column == g->columns - 1)
			printf("%s\n", g->cells[i]);
		else
			printf("%-*s  ", (int)g->width[column], g->cells[i]);
	}
}

void grid_free(struct grid *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->cells[i]);
	free(g->cells);
}
