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
	g->cells[g->n++] = (struct grid_cell){ .text = cell, .style = g->style };
	g->style = STYLE_PLAIN;
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

void grid_style(struct grid *g, enum style style)
{
	g->style = style;
}

void grid_init_bare(struct grid *g, size_t columns, bool colour)
{
	memset(g, 0, sizeof(*g));
	g->columns = columns;
	g->colour = colour;
}

void grid_init(struct grid *g, const char *titles, bool colour)
{
	char copy[256], *rest = copy, *title;
	size_t columns = 1;

	snprintf(copy, sizeof(copy), "%s", titles);
	for (const char *p = copy; *p; p++)
		columns += *p == '|';
	grid_init_bare(g, columns, colour);
	while ((title = strsep(&rest, "|")) != NULL) {
		grid_style(g, STYLE_TITLE);
		grid_cell(g, "%s", title);
	}
}

/* ECMA-48 SGR; the terminal's own palette decides how it looks. */
static const char *sequence(enum style style)
{
	switch (style) {
	case STYLE_TITLE: return "\033[1m";
	case STYLE_GOOD: return "\033[32m";
	case STYLE_WAIT: return "\033[33m";
	case STYLE_BAD: return "\033[31m";
	default: return NULL;
	}
}

void styled(bool colour, enum style style, const char *text)
{
	const char *begin = colour ? sequence(style) : NULL;

	printf("%s%s%s", begin ? begin : "", text, begin ? "\033[0m" : "");
}

void grid_print(const struct grid *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct grid_cell *cell = &g->cells[i];
		size_t column = i % g->columns;
		int gap = (int)(g->width[column] - strlen(cell->text)) + 2;

		styled(g->colour, cell->style, cell->text);
		if (column == g->columns - 1)
			putchar('\n');
		else
			printf("%*s", gap, "");
	}
}

void grid_free(struct grid *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->cells[i].text);
	free(g->cells);
}
