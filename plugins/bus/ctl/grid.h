/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grid.h - aligned columns: cells are collected, then printed with each column as wide as its widest cell.
 */
#ifndef SABUSCTL_GRID_H
#define SABUSCTL_GRID_H

#include <stddef.h>

#define GRID_COLUMNS 16

struct grid {
	char **cells; /* row after row, `columns` each */
	size_t columns, n, cap;
	size_t width[GRID_COLUMNS];
};

/* titles: "ID|NAME|STATE", at most GRID_COLUMNS. */
void grid_init(struct grid *g, const char *titles);
void grid_cell(struct grid *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void grid_print(const struct grid *g); /* to stdout, no blanks at line ends */
void grid_free(struct grid *g);

#endif
