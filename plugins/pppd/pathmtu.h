/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pathmtu.h - how large may the outer IP packet be on its way to the peer?
 */
#ifndef SABUS_PPPD_PATHMTU_H
#define SABUS_PPPD_PATHMTU_H

#include "sa.h"
#include "tunnel.h"

/*
 * The path MTU in bytes (576..65535) that the kernel's routing knows towards the outer address of the tunnel (the SA's peer in tunnel
 * mode, else the L2TP peer), without what IPsec takes from it.  -errno when there is no route.  Needs root; does not block.
 */
int pathmtu_ask(const struct tunnel *t, const struct sabus_sa *sa);

#endif
