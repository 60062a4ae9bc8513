/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.h - tables of a view for people.
 */
#ifndef SABUSCTL_STATUS_H
#define SABUSCTL_STATUS_H

#include "grid.h"
#include "view.h"

void status_text(const struct view *v, bool colour);
/* status_sessions.c, status_l2tp.c; each begins with an empty line, and prints nothing when there is none. */
void status_sessions(const struct view *v, bool colour);
void status_l2tp(const struct view *v, bool colour);

/* "3" or, when it is not in the table any more, "3 (gone)". */
void sa_id_cell(struct grid *g, const struct view *v, uint32_t sa_id);
/* The word of a decision in its colour. */
void reason_cell(struct grid *g, const char *reason);
void up_cell(struct grid *g, bool up);

#endif
