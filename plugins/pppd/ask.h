/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask.h - the question before the first packet: which SA protects this tunnel?
 */
#ifndef SABUS_PPPD_ASK_H
#define SABUS_PPPD_ASK_H

#include "policy.h"
#include "sa.h"

struct sabus;

/*
 * Asks sabusd at path about flow until the answer is definite (SA, NONE, AMBIGUOUS) or wait_ms are over; a broker that is
 * not there, UNKNOWN and PENDING are asked again meanwhile.  BLOCKS, at most wait_ms; a SIGTERM or SIGHUP to pppd ends it early.
 * *sa is written with SABUS_K_SA only.  why (size bytes) gets what libsabus said last, "" if nothing.
 * *bus is the connection for further use, NULL if there is none; the caller closes it.
 */
enum sabus_knowledge ask_bus(const char *path, const struct sabus_flow *flow, int wait_ms, struct sabus **bus, struct sabus_sa *sa,
			     char *why, size_t size);

#endif
