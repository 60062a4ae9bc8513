/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - what others ask of this session over the bus (RFC 5176, sabusctl): end it, or go by other attributes.
 */
#ifndef SABUS_PPPD_REQUEST_H
#define SABUS_PPPD_REQUEST_H

#include "link.h"
#include "sabus.h"

/* SABUS_EV_REQUEST came on bus; it is answered, now or by request_settle().  Never blocks. */
void request_take(struct link *l, struct sabus *bus, const struct sabus_event *ev);

/* Is an answer owed? */
bool request_pending(void);

/* Gives the answer that is owed, where it is known by now.  over: the connection ends, so it must be. */
void request_settle(const struct link *l, struct sabus *bus, bool over);

/* The connection is gone, and with it who asked. */
void request_forget(void);

#endif
