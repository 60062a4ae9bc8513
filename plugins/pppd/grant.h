/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grant.h - what a RADIUS server grants this user, joined with the section and made to hold.
 *
 * The rules of joining are in plugins/common/reply.h.  Nothing here blocks; all of it runs in pppd's main loop.
 */
#ifndef SABUS_PPPD_GRANT_H
#define SABUS_PPPD_GRANT_H

#include <stddef.h>
#include "link.h"

/* A new link begins: the section's policy alone holds. */
void grant_reset(struct link *l);

/*
 * The server's reply to an authentication; copied.  0: the decision was made anew and holds; -EPERM: this user may not be here, *why says why, and
 * grant_authenticated() ends the link.  On a link that is up already (CHAP is repeated) a reply that it does not meet ends it.
 */
int grant_authorize(struct link *l, const struct sabus_reply *reply, enum sabus_reason *why);

/* LCP begins anew: the next authentication's reply will replace this one. */
void grant_renegotiate(struct link *l);

/* NF_AUTH_UP: ends a link that was denied, and forgets a reply that was another user's. */
void grant_authenticated(struct link *l);

/*
 * late holds from now on.  0: the link meets it; EINPROGRESS: it will when MPPE is up, which is being negotiated, or else ends;
 * EPERM: it does not and is being ended; EBUSY, ENOTSUP or what the server of changes said: refused, nothing was changed.  *text says why.
 */
int grant_change(struct link *l, const struct sabus_reply *late, char *text, size_t size);

/* Does the reply's list of identities, if there is one, admit this SA's?  false: the link is being ended. */
bool grant_still(struct link *l, const struct sabus_sa *sa);

#endif
