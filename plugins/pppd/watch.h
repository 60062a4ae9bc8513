/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch.h - a live link follows its SA until the end, and shows itself on the bus.
 */
#ifndef SABUS_PPPD_WATCH_H
#define SABUS_PPPD_WATCH_H

#include "link.h"

struct sabus;

/* Begins to watch for l (kept until watch_stop()).  bus is taken over; NULL: connects by itself.  Needs pppd's main loop to run. */
void watch_start(struct link *l, struct sabus *bus);

/* Ends it and closes the connection; the broker forgets the session.  May be called at any time. */
void watch_stop(void);

/* Tells the bus how the link is now; does nothing when nothing changed or no broker is there.  Never blocks. */
void watch_publish(struct link *l);

#endif
