// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub_spd.c - requests are carried out when they are sent; their answers wait in a queue of packets.
 */
#include "stub_spd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>

#define PER_PACKET 7

struct stub_spd spd;

static char queue[128][4096];
static size_t queued, taken;
static unsigned int last_seq; /* of this socket */

static bool same_key(const struct spd_policy *a, const struct spd_policy *b)
{
	return a->dir == b->dir && memcmp(&a->sel, &b->sel, sizeof(a->sel)) == 0 && a->mark.v == b->mark.v && a->mark.m == b->mark.m;
}

static struct stub_policy *find(const struct spd_policy *p)
{
	for (size_t i = 0; i < spd.n; i++)
		if (same_key(&spd.list[i].p, p))
			return &spd.list[i];
	return NULL;
}

void stub_spd_reset(void)
{
	memset(&spd, 0, sizeof(spd));
	spd.mute_after = spd.fail_at = -1;
	queued = taken = 0;
}

void stub_spd_put(const struct spd_policy *p, bool has_template)
{
	struct stub_policy *there = find(p);

	if (!there)
		there = &spd.list[spd.n++];
	there->p = *p;
	there->has_template = has_template;
}

const struct stub_policy *stub_spd_find(const struct spd_policy *p)
{
	return find(p);
}

/* ---- answers ---- */

static struct nlmsghdr *packet(unsigned int seq, uint16_t type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(queue[queued++]);

	nlh->nlmsg_type = type;
	nlh->nlmsg_seq = seq;
	return nlh;
}

static void put_error(unsigned int seq, int error)
{
	struct nlmsghdr *nlh = packet(seq, NLMSG_ERROR);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));

	e->error = error;
}

static void fill_policy(struct nlmsghdr *nlh, const struct stub_policy *sp)
{
	struct xfrm_userpolicy_info info = {
		.sel = sp->p.sel,
		.dir = sp->p.dir,
		.action = sp->p.action,
		.priority = sp->p.priority,
	};
	struct xfrm_user_tmpl tmpl = { .family = AF_INET };

	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(info)), &info, sizeof(info)); /* netlink aligns to four bytes only */
	if (sp->has_template)
		mnl_attr_put(nlh, XFRMA_TMPL, sizeof(tmpl), &tmpl);
	if (sp->p.mark.m)
		mnl_attr_put(nlh, XFRMA_MARK, sizeof(sp->p.mark), &sp->p.mark);
}

static void put_dump(unsigned int seq)
{
	for (size_t i = 0; i < spd.n; i += PER_PACKET) {
		char *at = queue[queued++];

		for (size_t k = i; k < spd.n && k < i + PER_PACKET; k++) {
			struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);

			nlh->nlmsg_type = XFRM_MSG_NEWPOLICY;
			nlh->nlmsg_flags = NLM_F_MULTI;
			nlh->nlmsg_seq = seq;
			fill_policy(nlh, &spd.list[k]);
			at += NLMSG_ALIGN(nlh->nlmsg_len);
		}
		*(uint32_t *)(void *)at = 0; /* ends the packet */
	}
	mnl_nlmsg_put_extra_header(packet(seq, NLMSG_DONE), sizeof(int));
}

/* ---- requests ---- */

static int note_mark(const struct nlattr *a, void *mark)
{
	if (mnl_attr_get_type(a) == XFRMA_MARK)
		memcpy(mark, mnl_attr_get_payload(a), sizeof(struct xfrm_mark));
	return MNL_CB_OK;
}

static int add_policy(const struct nlmsghdr *nlh)
{
	struct xfrm_userpolicy_info info;
	struct spd_policy p;

	memcpy(&info, mnl_nlmsg_get_payload(nlh), sizeof(info));
	memset(&p, 0, sizeof(p));
	p.sel = info.sel;
	p.dir = info.dir;
	p.action = info.action;
	p.priority = info.priority;
	mnl_attr_parse(nlh, sizeof(info), note_mark, &p.mark);
	if (spd.no_ipv6 && p.sel.family == AF_INET6)
		return -EAFNOSUPPORT;
	if (!(nlh->nlmsg_flags & NLM_F_EXCL))
		return -EINVAL;
	if (find(&p))
		return -EEXIST;
	stub_spd_put(&p, false);
	return 0;
}

static struct stub_policy *named(const struct nlmsghdr *nlh)
{
	const struct xfrm_userpolicy_id *id = mnl_nlmsg_get_payload(nlh);
	struct spd_policy p;

	memset(&p, 0, sizeof(p));
	p.sel = id->sel;
	p.dir = id->dir;
	mnl_attr_parse(nlh, sizeof(*id), note_mark, &p.mark);
	return find(&p);
}

static int delete_policy(const struct nlmsghdr *nlh)
{
	struct stub_policy *there = named(nlh);

	if (!there)
		return -ENOENT;
	*there = spd.list[--spd.n];
	return 0;
}

static void get_policy(const struct nlmsghdr *nlh)
{
	const struct stub_policy *there = named(nlh);

	if (there)
		fill_policy(packet(nlh->nlmsg_seq, XFRM_MSG_NEWPOLICY), there);
	else
		put_error(nlh->nlmsg_seq, -ENOENT);
}

static void carry_out(const struct nlmsghdr *nlh)
{
	int number = spd.requests++;

	if (nlh->nlmsg_seq <= last_seq)
		abort(); /* an answer could be taken for another's */
	last_seq = nlh->nlmsg_seq;

	if (spd.stale)
		put_error(nlh->nlmsg_seq - 1, -EBUSY);
	if (spd.mute_after >= 0 && number >= spd.mute_after)
		return;
	if (number == spd.fail_at)
		put_error(nlh->nlmsg_seq, spd.fail_error);
	else if (nlh->nlmsg_type == XFRM_MSG_NEWPOLICY)
		put_error(nlh->nlmsg_seq, add_policy(nlh));
	else if (nlh->nlmsg_type == XFRM_MSG_DELPOLICY)
		put_error(nlh->nlmsg_seq, delete_policy(nlh));
	else if (nlh->nlmsg_flags & NLM_F_DUMP)
		put_dump(nlh->nlmsg_seq);
	else
		get_policy(nlh);
}

/* ---- libmnl ---- */

struct mnl_socket *mnl_socket_open(int bus)
{
	if (spd.open_errno || bus != NETLINK_XFRM) {
		errno = spd.open_errno;
		return NULL;
	}
	spd.sockets++;
	last_seq = 0;
	return (struct mnl_socket *)&spd;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

int mnl_socket_get_fd(const struct mnl_socket *nl)
{
	(void)nl;
	return 99;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	(void)value;
	(void)len;
	return fd == 99 && level == SOL_SOCKET && option == SO_RCVTIMEO ? 0 : -1;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t size)
{
	(void)nl;
	queued = taken = 0;
	carry_out(req);
	return (ssize_t)size;
}

static size_t packet_length(const char *at)
{
	const char *p = at;

	while (((const struct nlmsghdr *)(const void *)p)->nlmsg_len)
		p += NLMSG_ALIGN(((const struct nlmsghdr *)(const void *)p)->nlmsg_len);
	return (size_t)(p - at);
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	size_t n;

	(void)nl;
	if (taken == queued) {
		errno = EAGAIN;
		return -1;
	}
	n = packet_length(queue[taken]);
	if (n > size) {
		errno = ENOSPC;
		return -1;
	}
	memcpy(buf, queue[taken], n);
	memset(queue[taken++], 0, sizeof(queue[0]));
	return (ssize_t)n;
}

int mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	spd.sockets--;
	return 0;
}
