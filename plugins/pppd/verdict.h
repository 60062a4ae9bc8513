/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict.h - before the first packet: identify the tunnel, ask for its SA, decide, pin.
 */
#ifndef SABUS_PPPD_VERDICT_H
#define SABUS_PPPD_VERDICT_H

#include "link.h"

struct sabus;

/*
 * Judges the link on the PPPoL2TP socket fd and writes all of *l.  BLOCKS for at most the option sabus-wait.  true: go on, and *bus is the
 * open connection to the broker (NULL if the link was accepted without one); false: refused, l->decision says why and nothing is open.
 */
bool verdict_link(struct link *l, int fd, struct sabus **bus);

/* Refuses for a reason that needs no question. */
void verdict_refuse(struct link *l, enum sabus_reason reason, const char *text);

/* Pins the tunnel to l->sa (or to none) where the options say so; on failure l->decision becomes a refusal with SABUS_R_PIN_FAILED. */
bool verdict_pin(struct link *l);

#endif
