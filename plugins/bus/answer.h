/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer.h - from the broker's answer to what is known of the tunnel's SA.  Pure.
 */
#ifndef SABUS_ANSWER_H
#define SABUS_ANSWER_H

#include "policy.h"
#include "sabus.h"

/*
 * mine: the SA that the link runs on, or NULL before the first verdict.  With it only SAs of the same peer will do (ours, its rekeyed
 * successor, one after a reauthentication), and the answer is SA, NONE, UNKNOWN, or AMBIGUOUS when another peer's SA takes our packets.  *sa is written with SABUS_K_SA only.
 */
enum sabus_knowledge answer_read(const struct sabus_event *ev, const struct sabus_flow *flow, const struct sabus_sa *mine,
				 struct sabus_sa *sa);

/* Is b the very SA that a is?  charon counts its ids from 1 again when it is restarted: an SA with the same id is the same only with the same SPIs. */
bool answer_same_sa(const struct sabus_sa *a, const struct sabus_sa *b);

/*
 * Did somebody decide that the SA goes, or its time run out?  Not so when its publisher is gone, or came back without it: then the kernel may hold it still.
 */
bool answer_deliberate(enum sabus_cause cause);

#endif
