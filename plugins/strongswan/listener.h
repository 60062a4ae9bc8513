/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listener.h - charon's events, turned into what the publisher tells.
 *
 * The hooks run on charon's worker threads under its one bus mutex, with the IKE_SA of the event checked out.  They read, write the
 * shadow, and at most do one non-blocking send; what needs a later look at an IKE_SA is done by a job (refresh.h).
 *
 *   narrow                PENDING.  The last moment before any packet can come: IKEv1 installs its SAs only after the peer may already send
 *                         (quick mode's third message), and in both versions this comes before the kernel knows the SA.
 *   state INSTALLED       INSTALLED, complete, with `replaces`.  IKEv2 sends its response after this, so nobody can be faster.
 *   child_rekey           the old one is REKEYED; comes late (the new one is long in use)
 *   child_updown(down), state DESTROYING      gone, with the cause
 *   alert, message, ike_state_change              what becomes of the SAs that were asked for (initiate.h), and why an attempt made none (failure.h)
 *   ike_update, ike_rekey, children_migrate   fire before, or without, events of the children: read them again in a job
 */
#ifndef SABUS_LISTENER_H
#define SABUS_LISTENER_H

#include "charon.h"
#include "failure.h"
#include "hooktime.h"
#include "publisher.h"
#include "request.h"

struct sabus_listener {
	listener_t public; /* first: charon's hooks get its address */
	struct publisher *publisher;
	struct sabus_requests *requests;
	struct ike_failures *failures;
	struct hooktime time;
};

/* Fills *l (zeroed by the caller); the other three stay the caller's.  Register l->public with charon's bus, unregister before freeing. */
void listener_init(struct sabus_listener *l, struct publisher *publisher, struct sabus_requests *requests, struct ike_failures *failures);

#endif
