/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * initiate.h - SAs that were asked for and are not there yet: who waits for which, and what is known of each.
 *
 *   begin ---> (job: configuration chosen, IKE_SA checked out) ---> initiated ---> done: an SA that covers the flow is installed
 *                                                                            \--> failed: its IKE_SA or CHILD_SA is gone, or the time is over
 *
 * Several requests for the same flow and connection wait for one initiation.  Hooks report what happens to IKE_SAs; they cost one comparison while
 * nothing is waited for.  What the peer or charon said last (a notify, an alert) becomes the text of a failure.  An SA counts as done whoever
 * negotiated it: the peer may have been faster.
 *
 * Own mutex, held for list work only; the publisher's short one is taken inside it.  No charon method is called with it held, since most raise hooks.
 */
#ifndef SABUS_INITIATE_H
#define SABUS_INITIATE_H

#include <pthread.h>
#include <stdatomic.h>
#include "charon.h"
#include "publisher.h"

#define INITIATE_MS	     50000u /* less than SABUS_REQUEST_MS, so that who asked hears our reason */
#define INITIATE_WAITERS_MAX 4096
#define INITIATE_NAME_MAX    128

/* Who asked, for publisher_result(). */
struct asker {
	uint32_t connection, seq;
};

struct initiation;

struct initiations {
	struct publisher *publisher;
	pthread_mutex_t mutex;
	struct initiation *list;
	atomic_uint n; /* of list: hooks look here first */
	unsigned waiters;
	uint32_t last_number;
};

void initiate_init(struct initiations *all, struct publisher *publisher);
void initiate_free(struct initiations *all); /* nobody is told; sabusd tells them that charon is gone */

/*
 * One more who waits for this flow.  The number of a new initiation, which the caller has to start; 0: it waits for one that is under way, or was answered
 * (EBUSY, ENOMEM).
 */
uint32_t initiate_begin(struct initiations *all, const struct asker *asker, const struct sabus_flow *flow, const char *connection);
/* The initiation uses this IKE_SA, and CHILD_SAs of that configuration. */
void initiate_uses(struct initiations *all, uint32_t number, uint32_t ike_id, const char *child);
/* Answers all who wait for it, and forgets it; nothing when it is over already. */
void initiate_end(struct initiations *all, uint32_t number, int error, const char *text);
/* The time is over: what is known of it is the answer. */
void initiate_expire(struct initiations *all, uint32_t number);

/* ---- from hooks ---- */
bool initiate_any(const struct initiations *all); /* is anything waited for?  One load, no lock */
void initiate_installed(struct initiations *all, const struct sabus_sa *sa); /* after it was published */
void initiate_child_gone(struct initiations *all, ike_sa_t *ike, child_sa_t *child);
void initiate_ike_gone(struct initiations *all, ike_sa_t *ike);
void initiate_alert(struct initiations *all, ike_sa_t *ike, alert_t alert);
void initiate_notify(struct initiations *all, ike_sa_t *ike, notify_type_t type); /* of a message that was received, decrypted */

#endif
