/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cover.h - does an SA cover the flow that a request names?  As sabus_sa_covers(), but the request may leave our own address open.  Pure. */
#ifndef SABUS_COVER_H
#define SABUS_COVER_H

#include "sa.h"

/* A local address of the flow that is any (a client that has not sent yet) is whatever the SA has. */
bool cover(const struct sabus_sa *sa, const struct sabus_flow *flow);

#endif
