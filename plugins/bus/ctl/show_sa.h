/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show_sa.h - an SA, a value on each line.
 */
#ifndef SABUSCTL_SHOW_SA_H
#define SABUSCTL_SHOW_SA_H

#include "grid.h"
#include "sa.h"

/* g has two columns. */
void show_sa_fields(struct grid *g, const struct sabus_sa *sa);

#endif
