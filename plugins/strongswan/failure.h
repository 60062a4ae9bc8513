/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failure.h - attempts of IKE that make no SA: from charon's alerts and the peer's notifies to ikefail.h's words, told on the bus and logged.
 *
 * Half an attempt's alerts are consequences of another: an IKE_SA whose message cannot be read times out later, too.  So the last cause of some IKE_SAs
 * is remembered: the same one is told once in a minute, and none is replaced by a mere timeout.
 *
 * Called in hooks, with the IKE_SA checked out.  The module's mutex, the publisher's and the log's are taken one after the other, none within another.
 */
#ifndef SABUS_FAILURE_H
#define SABUS_FAILURE_H

#include <pthread.h>
#include "charon.h"
#include "ikefail.h"
#include "publisher.h"

#define FAILURE_REMEMBERED 16 /* IKE_SAs */
#define FAILURE_AGAIN_S	   60 /* the same cause is told again after that: an established IKE_SA may fail for one CHILD_SA for ever */

struct failure_told {
	uint32_t ike_id;
	enum sabus_ike_failure what;
	time_t when; /* of charon's monotonic clock */
};

struct ike_failures {
	struct publisher *publisher;
	pthread_mutex_t mutex; /* guards the following */
	struct failure_told told[FAILURE_REMEMBERED];
	unsigned next;
};

void failure_init(struct ike_failures *f, struct publisher *publisher);
void failure_free(struct ike_failures *f);

/* ike is not NULL, in both. */
void failure_alert(struct ike_failures *f, ike_sa_t *ike, alert_t alert);
/* A notify of a message that came, decrypted, or that goes, not encrypted yet. */
void failure_notify(struct ike_failures *f, ike_sa_t *ike, message_t *message, notify_type_t type);

#endif
