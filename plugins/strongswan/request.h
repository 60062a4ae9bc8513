/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - what sabusd asks charon to do: delete a CHILD_SA, bring one up.
 *
 * The publisher's thread hands a request over and goes on; a job on one of charon's workers does it.  There the IKE_SA can be checked out, which may have to
 * wait for another thread's exchange; no hook and no publisher ever waits for that.
 *
 * DELETE takes the CHILD_SA, or what it was rekeyed to, and its IKE_SA when nothing else lives there (RFC 3193 section 3.1): no other CHILD_SA that is not itself
 * being deleted or replaced, and none being negotiated.  While a rekey is under way it waits for its end.  The result comes when the deletion has begun; that
 * the SA is gone is told as always, by SA_DEL.
 * INITIATE is answered at once when an installed SA covers the flow, else when it is there or has failed (choose.h, initiate.h).
 */
#ifndef SABUS_REQUEST_H
#define SABUS_REQUEST_H

#include "initiate.h"

#define REQUEST_JOBS_MAX  8192 /* handed over and not done yet */
#define REQUEST_SUCCESSORS 8192 /* rekeyed CHILD_SAs that are remembered */

struct successor {
	uint32_t old, new;
};

struct doomed;

struct sabus_requests {
	struct publisher *publisher;
	struct initiations initiations;
	atomic_uint jobs;
	pthread_mutex_t mutex; /* guards the following */
	struct successor *successors; /* hash of REQUEST_SUCCESSORS places; a newer one takes the place of an older */
	struct doomed *doomed;	      /* CHILD_SAs that we are deleting */
};

int request_init(struct sabus_requests *r, struct publisher *publisher); /* 0 or -ENOMEM */
void request_free(struct sabus_requests *r);

/* publisher_config.request: `requests` is a struct sabus_requests. */
void request_handle(void *requests, uint32_t connection, const struct sabus_event *ev);

/* ---- from hooks ---- */
void request_replaced(struct sabus_requests *r, uint32_t old, uint32_t new);
void request_child_gone(struct sabus_requests *r, uint32_t id);

#endif
