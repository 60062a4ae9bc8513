// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernelsa.c - XFRM_MSG_GETSA for one state at a time: destination, SPI, protocol and, where it has one, the mark.
 *
 * A state with a mark is found only by a lookup that carries it; a lookup with a mark also finds states without one.  So each direction
 * asks with the mark of its policy, which is right whether the state has it (mark_in_sa) or not.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <arpa/inet.h>
#include <linux/xfrm.h>
#include <libmnl/libmnl.h>
#include "kernelsa.h"

static void build_request(struct nlmsghdr *nlh, unsigned int seq, const struct sabus_sa *sa, const struct sabus_addr *dst, uint32_t spi,
			  const struct sabus_mark *mark)
{
	struct xfrm_usersa_id *id;
	struct xfrm_mark m = { .v = mark->value, .m = mark->mask };

	nlh->nlmsg_type = XFRM_MSG_GETSA;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = seq;
	id = mnl_nlmsg_put_extra_header(nlh, sizeof(*id));
	memcpy(&id->daddr, dst->b, dst->family == AF_INET6 ? 16 : 4);
	id->spi = htonl(spi);
	id->family = dst->family;
	id->proto = sa->proto;
	if (mark->mask)
		mnl_attr_put(nlh, XFRMA_MARK, sizeof(m), &m);
}

static int read_answer(const struct mnl_socket *nl, unsigned int seq)
{
	char buf[8192];
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	const struct nlmsgerr *e;
	ssize_t n;

	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof(*nlh) || !mnl_nlmsg_ok(nlh, (int)n) || nlh->nlmsg_seq != seq)
		return -EBADMSG;
	if (nlh->nlmsg_type == XFRM_MSG_NEWSA)
		return 1;
	if (nlh->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len(nlh) < sizeof(*e))
		return -EBADMSG;
	e = mnl_nlmsg_get_payload(nlh);
	return e->error == -ESRCH ? 0 : e->error;
}

static int ask(const struct mnl_socket *nl, unsigned int seq, const struct sabus_sa *sa, const struct sabus_addr *dst, uint32_t spi,
	       const struct sabus_mark *mark)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	build_request(nlh, seq, sa, dst, spi, mark);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	return read_answer(nl, seq);
}

int kernelsa_held(const struct sabus_sa *sa)
{
	struct timeval limit = { .tv_usec = 200000 };
	struct mnl_socket *nl;
	int held;

	nl = mnl_socket_open(NETLINK_XFRM);
	if (!nl)
		return -errno;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit))) {
		held = -errno;
		goto out;
	}
	held = ask(nl, 1, sa, &sa->remote.addr, sa->spi_out, &sa->mark_out);
	if (held == 1)
		held = ask(nl, 2, sa, &sa->local.addr, sa->spi_in, &sa->mark_in);
out:
	mnl_socket_close(nl);
	return held;
}
