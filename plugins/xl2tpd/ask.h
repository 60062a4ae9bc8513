/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask.h - which SA protects this tunnel?  One question per tunnel at a time, not too many at once, each answered to whom it concerns.
 */
#ifndef SABUS_XL2TPD_ASK_H
#define SABUS_XL2TPD_ASK_H

#include <stdbool.h>
#include "tunnels.h"

/* Asks for t, as soon as there is a connection and room; if a question is under way, once more after its answer. */
void ask_for(struct tun *t);

/* t goes. */
void ask_forget(struct tun *t);

/* SABUS_EV_ANSWER: goes to request.c or life.c.  A late one, for a tunnel that is gone, to nobody. */
void ask_answered(const struct sabus_event *ev);

/* The connection is gone: questions under way are put again on the next one. */
void ask_lost(void);

void ask_pump(void);
unsigned int ask_open(void); /* questions under way */

#endif
