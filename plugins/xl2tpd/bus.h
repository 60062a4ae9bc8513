/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.h - the one connection to sabusd, in xl2tpd's loop: it comes back by itself and never waits.
 *
 *   OFF --open--> GREETING --sabusd's HELLO--> LIVE
 *    ^              |                            |      any error, end of stream, or silence: close, pause, again
 *    +--------------+----------------------------+
 *
 * What comes from sabusd goes to events.c; what others have to say is said in their pump functions, which are called when there may be
 * room.  A sender that gets -EAGAIN calls bus_full() and goes on in its next pump.
 */
#ifndef SABUS_XL2TPD_BUS_H
#define SABUS_XL2TPD_BUS_H

#include <stdbool.h>
#include "sabus.h"

int bus_start(void);	/* begins to connect; 0 or -ENOMEM */
void bus_stop(void);

/* The connection, NULL while there is none (GREETING counts as none: whoever is there may be stopped). */
struct sabus *bus_live(void);

/* Why there is none: for a refusal's text. */
const char *bus_why(void);

/* A call of libsabus returned err (< 0): true = -EAGAIN, try again when pumped; false = the connection is over. */
bool bus_full(int err);

/* Somebody has something to say: the pumps run soon, not inside this call. */
void bus_pump_soon(void);

/* sabusd owes the first answer of a row: if it says nothing for BUS_SILENCE_MS from now on, it counts as lost. */
void bus_expect(void);

#define BUS_SILENCE_MS 2000

#endif
