/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grid.h - aligned columns: cells are collected, then printed with each column as wide as its widest cell.
 */
#ifndef SABUSCTL_GRID_H
#define SABUSCTL_GRID_H

#include <stdbool.h>
#include <stddef.h>

#define GRID_COLUMNS 20

enum style { STYLE_PLAIN, STYLE_TITLE, STYLE_GOOD, STYLE_WAIT, STYLE_BAD };

struct grid_cell {
	char *text;
	enum style style;
};

struct grid {
	struct grid_cell *cells; /* row after row, `columns` each */
	size_t columns, n, cap;
	size_t width[GRID_COLUMNS];
	bool colour;
	enum style style; /* of the next cell */
};

/* titles: "ID|NAME|STATE", at most GRID_COLUMNS. */
void grid_init(struct grid *g, const char *titles, bool colour);
/* The same without a line of titles. */
void grid_init_bare(struct grid *g, size_t columns, bool colour);
void grid_cell(struct grid *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* How the next cell looks where colours are wanted. */
void grid_style(struct grid *g, enum style style);
void grid_print(const struct grid *g); /* to stdout, no blanks at line ends */
void grid_free(struct grid *g);

/* Text on standard output in a style, without a grid. */
void styled(bool colour, enum style style, const char *text);

#endif
