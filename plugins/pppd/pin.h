/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin.h - the kernel keeps the tunnel on its SA, packet by packet.
 *
 * A verdict is about one moment; a pin holds between two verdicts and when every daemon is dead.  It is set on the UDP socket of the
 * tunnel, which belongs to xl2tpd and ends with the tunnel, so nothing has to be undone; see pin.c for what it consists of.
 */
#ifndef SABUS_PPPD_PIN_H
#define SABUS_PPPD_PIN_H

#include <stdbool.h>
#include "sa.h"
#include "tunnel.h"

/*
 * Binds the tunnel's UDP socket to sa.  It stays bound: all sessions of a tunnel share the socket, so a link without an SA (sa == NULL)
 * changes nothing and gets -EBUSY when the socket is bound already.
 * Returns 0 or -errno: -EPERM (not root), -ESTALE/-ESRCH/... (socket not reached), -EOPNOTSUPP (an SA that cannot be pinned: with an
 * interface id, or IPComp in tunnel mode).  Safe to repeat, and with another SA.
 */
int pin_tunnel(const struct tunnel *t, const struct sabus_sa *sa);

/* Would a pin to b differ from the one to a? */
bool pin_differs(const struct sabus_sa *a, const struct sabus_sa *b);

/* "fence" or "mark": how the outbound side is held, see pin.c. */
const char *pin_kind(const struct sabus_sa *sa);

#endif
