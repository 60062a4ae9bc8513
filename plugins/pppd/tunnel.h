/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tunnel.h - which L2TP tunnel and session does this pppd serve?
 *
 * The kernel knows: a connected PPPoL2TP socket names the peer, the four ids, and the process and descriptor that hold the tunnel's UDP
 * socket.  That works for the LNS and the client, with stock xl2tpd, without an option.  None of these functions blocks.
 */
#ifndef SABUS_PPPD_TUNNEL_H
#define SABUS_PPPD_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "join.h"
#include "policy.h"
#include "sa.h"

struct tunnel {
	struct sabus_flow flow; /* UDP endpoints as we see them; mark = SO_MARK of the tunnel's socket */
	uint16_t tunnel_id, session_id;
	uint16_t peer_tunnel_id, peer_session_id;
	enum sabus_role role;
	pid_t owner;  /* process that made the tunnel, 0 = not told */
	int owner_fd; /* its UDP socket there */
};

/* Does this process hold a PPPoL2TP socket at all? */
bool tunnel_socket_present(void);

/*
 * Fills *t from the PPPoL2TP socket fd (not taken over) and, where there is one, the join (else NULL): then our own address and the mark
 * are those of the join.  Returns 0, -ENOTSOCK / -ENOTSUP when fd is no L2TPv2 session, -ENOENT when the local address could not be found,
 * -EXDEV when the join is about another tunnel than the socket's: *t has the socket's endpoints, as far as they are known.
 */
int tunnel_identify(int fd, const struct join *join, struct tunnel *t);

/*
 * A duplicate of the tunnel's UDP socket, taken from its owner and checked to be connected to the tunnel's peer.  The caller closes
 * it soon: while it is open the kernel's tunnel cannot end.  Returns the descriptor or -errno (-EPERM: not root, -ESTALE: the owner's
 * descriptor is another socket by now).
 */
int tunnel_udp_socket(const struct tunnel *t);

#endif
