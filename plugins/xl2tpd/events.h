/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.h - what sabusd says, to whom it concerns.
 */
#ifndef SABUS_XL2TPD_EVENTS_H
#define SABUS_XL2TPD_EVENTS_H

#include "sabus.h"

void events_handle(const struct sabus_event *ev);
void events_connected(void); /* everything is being watched; a snapshot follows */
void events_lost(void);

#endif
