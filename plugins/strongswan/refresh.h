/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refresh.h - reads the children of an IKE_SA again, in a job.
 *
 * Needed after MOBIKE and NAT changes, IKE rekeying and IKEv1 reauthentication: their hooks run before the children change, and no event of the
 * children follows.  The hook's thread has the IKE_SA checked out, so the job gets it only when that change is complete.
 */
#ifndef SABUS_REFRESH_H
#define SABUS_REFRESH_H

#include "charon.h"
#include "publisher.h"

/* Queues the job; never blocks.  The publisher must outlive charon's job processor (plugins do: they are unloaded after it has stopped). */
void refresh_later(struct publisher *publisher, uint32_t ike_id);

#endif
