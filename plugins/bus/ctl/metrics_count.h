/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_count.h - how many rows have the same labels.
 */
#ifndef SABUSCTL_METRICS_COUNT_H
#define SABUSCTL_METRICS_COUNT_H

#include <stdio.h>

#define COUNT_LABELS 4

struct count; /* a set of label values with a number each; NULL = none yet */

/* One more with these label values (n of them, n <= COUNT_LABELS). */
void count_add(struct count **all, const char *const *values, size_t n);
/* The family, a sample for each set, ordered; names: n label names.  Frees all. */
void count_write(FILE *out, struct count **all, const char *name, const char *help, const char *const *names, size_t n);

#endif
