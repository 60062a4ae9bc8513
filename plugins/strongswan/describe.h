/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * describe.h - what charon knows of a CHILD_SA, as a struct sabus_sa.
 *
 * Everything is read through charon's own getters while the IKE_SA is checked out by the calling thread (that is so in every hook).  Keys are not
 * read at all.  `state` and `replaces` are the caller's to set.
 */
#ifndef SABUS_DESCRIBE_H
#define SABUS_DESCRIBE_H

#include "charon.h"
#include "sa.h"

/* An installed CHILD_SA, with its selectors.  Fills *sa from zero. */
void describe(ike_sa_t *ike, child_sa_t *child, struct sabus_sa *sa);

/* Selectors alone: every local one (of traffic_selector_t) with every remote one, as the policies will be.  Adds to *sa. */
void describe_selectors(struct sabus_sa *sa, linked_list_t *local, linked_list_t *remote);

/* All zero for a host that is NULL or has no address of the Internet. */
void describe_endpoint(struct sabus_endpoint *e, host_t *host);

/* One that is being negotiated: selectors from the two lists (of traffic_selector_t), the proposal as far as it is known. */
void describe_pending(ike_sa_t *ike, child_sa_t *child, linked_list_t *local, linked_list_t *remote, struct sabus_sa *sa);

#endif
