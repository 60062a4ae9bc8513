// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pin.c - socket policies (IP_XFRM_POLICY) and the socket's mark.
 *
 * Inbound: a policy that demands one ESP transformation in the SA's mode.  It names no reqid: any SA that charon has installed between
 * the two addresses will do, so a rekey or reauthentication is never a moment in which good packets are dropped; what came in the
 * clear is dropped before L2TP sees it (XfrmInTmplMismatch counts it).
 *
 * Outbound there are two ways, see pin_kind():
 *
 * fence    charon's own policy chooses the SA, to the SPI: in a rekey only charon knows the moment from which the peer can receive on the
 *          new one.  (A socket policy with the SA's reqid would take the newest state, some milliseconds too early in an IKEv2 rekey that the peer
 *          starts.)  The socket carries the fence's mark, and what charon's policy does not take, since it is gone, the fence blocks.
 * mark     the SA has a mark, which selects its own policy among those of clients behind one NAT: the socket gets it.  If its mask leaves
 *          no room for the fence's bit, the guard policy stops what is left (sabus/guard.batch).
 *
 * In both, when the SA is gone nothing leaves, whatever pppd does.  With the fence charon's policy is that of whoever came last from this
 * address and port: a second peer there ends the link, see answer.c.
 *
 * In tunnel mode the template needs the outer addresses.  IPComp is not named: a packet that was not worth compressing has none; in tunnel
 * mode that is a transformation more or less that no socket policy can describe, so there it is not pinned.  A socket policy has interface id 0 and is
 * ignored for packets of an xfrm interface: an SA with an interface id cannot be pinned either.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "fence.h"
#include "pin.h"
#include "sockpolicy.h"

static int set_mark(int fd, uint32_t value, uint32_t mask)
{
	uint32_t mark = 0;
	socklen_t len = sizeof(mark);

	if (getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len))
		return -errno;
	mark = (mark & ~mask) | (value & mask); /* xl2tpd's plugin may have set it: the same again */
	return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ? -errno : 0;
}

static int raise_fence(int fd, const struct sabus_mark *m, uint8_t family)
{
	int err = fence_raise(family);

	return err ? err : set_mark(fd, fence_mark(m), m->mask | FENCE_MARK);
}

static bool can_pin(const struct sabus_sa *sa)
{
	if (sa->if_id_in || sa->if_id_out)
		return false;
	if (sa->mode == SABUS_MODE_TRANSPORT)
		return true;
	return !(sa->flags & SABUS_SAF_IPCOMP) && sa->local.addr.family && sa->remote.addr.family;
}

static int pin_socket(int fd, const struct sabus_sa *sa, uint8_t family)
{
	int err = raise_fence(fd, &sa->mark_out, family);

	return err ? err : sockpolicy_demand_esp(fd, sa, family);
}

/*
 * A socket that an earlier link or xl2tpd has bound to an SA stays so: other links of the tunnel may still run on it.  Nobody marks that
 * socket but with the fence's mark or an SA's.
 */
static int must_be_free(int fd)
{
	uint32_t mark = 0;
	socklen_t len = sizeof(mark);

	if (getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len))
		return -errno;
	return mark ? -EBUSY : 0;
}

int pin_tunnel(const struct tunnel *t, const struct sabus_sa *sa)
{
	uint8_t family = t->flow.remote.addr.family;
	int fd, err;

	if (sa && !can_pin(sa))
		return -EOPNOTSUPP;
	fd = tunnel_udp_socket(t);
	if (fd < 0)
		return fd;
	err = sa ? pin_socket(fd, sa, family) : must_be_free(fd);
	close(fd);
	return err;
}

static bool endpoints_differ(const struct sabus_sa *a, const struct sabus_sa *b)
{
	return !sabus_addr_equal(&a->local.addr, &b->local.addr) || !sabus_addr_equal(&a->remote.addr, &b->remote.addr);
}

bool pin_differs(const struct sabus_sa *a, const struct sabus_sa *b)
{
	if (a->mode != b->mode || a->proto != b->proto)
		return true;
	if (a->mark_out.value != b->mark_out.value || a->mark_out.mask != b->mark_out.mask)
		return true;
	if ((a->flags ^ b->flags) & SABUS_SAF_IPCOMP || a->if_id_in != b->if_id_in || a->if_id_out != b->if_id_out)
		return true;
	return a->mode != SABUS_MODE_TRANSPORT && endpoints_differ(a, b);
}

const char *pin_kind(const struct sabus_sa *sa)
{
	return sa->mark_out.mask ? "mark" : "fence";
}
