// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fence.c - one XFRM_MSG_NEWPOLICY.  That the policy is there already is success: the kernel compares selector, mark and priority.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/xfrm.h>
#include <libmnl/libmnl.h>
#include "fence.h"

#define PRIORITY 3999999u /* charon's are below 400000, the guard policies (guard.batch) begin at 4000000 */

static void build_request(struct nlmsghdr *nlh, uint8_t family)
{
	struct xfrm_mark mark = { .v = FENCE_MARK, .m = FENCE_MARK };
	struct xfrm_userpolicy_info *p;

	nlh->nlmsg_type = XFRM_MSG_NEWPOLICY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	nlh->nlmsg_seq = 1;
	p = mnl_nlmsg_put_extra_header(nlh, sizeof(*p));
	p->sel.family = family;
	p->dir = XFRM_POLICY_OUT;
	p->action = XFRM_POLICY_BLOCK;
	p->share = XFRM_SHARE_ANY;
	p->priority = PRIORITY;
	p->lft.soft_byte_limit = p->lft.hard_byte_limit = XFRM_INF;
	p->lft.soft_packet_limit = p->lft.hard_packet_limit = XFRM_INF;
	mnl_attr_put(nlh, XFRMA_MARK, sizeof(mark), &mark);
}

static int read_ack(const struct mnl_socket *nl)
{
	char buf[1024];
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	const struct nlmsgerr *e;
	ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof(buf));

	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof(*nlh) || !mnl_nlmsg_ok(nlh, (int)n) || nlh->nlmsg_type != NLMSG_ERROR ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*e))
		return -EBADMSG;
	e = mnl_nlmsg_get_payload(nlh);
	return e->error == -EEXIST ? 0 : e->error;
}

int fence_raise(uint8_t family)
{
	struct timeval limit = { .tv_usec = 200000 };
	char buf[512];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct mnl_socket *nl = mnl_socket_open(NETLINK_XFRM);
	int err = 0;

	if (!nl)
		return -errno;
	build_request(nlh, family);
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		err = -errno;
	if (!err)
		err = read_ack(nl);
	mnl_socket_close(nl);
	return err;
}
