/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits.h - Session-Timeout and Idle-Timeout of a session, which a CoA can change while it runs.
 *
 * Of pppd's own options (maxconnect, idle) and these, the one that is over first ends the link.
 */
#ifndef SABUS_RADIUS_LIMITS_H
#define SABUS_RADIUS_LIMITS_H

#include "radsession.h"

/* The session started, or s->reading.policy changed: counts from s->started_at.  Idle needs the interface. */
void limits_set(struct session *s);

/* The link ends. */
void limits_clear(void);

#endif
