// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * spd.c - XFRM_MSG_NEWPOLICY, DELPOLICY, GETPOLICY and its dump.
 *
 * One request is under way at a time.  Answers carry its sequence number; anything older (of a request that was given up) is dropped.
 * The kernel tells a policy from another by direction, selector, mark and interface id; priority and action are only what it does.
 */
#include "spd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <libmnl/libmnl.h>

#define ANSWER_US 200000
#define ROOM	  32768 /* the kernel's dump messages are smaller */

struct spd {
	struct mnl_socket *nl;
	unsigned int seq;
	char buf[ROOM];
};

/* What the messages of an answer mean to whom asked. */
struct reader {
	int (*each)(void *data, const struct spd_policy *p, bool has_template); /* NULL: none is expected */
	void *data;
	bool dump; /* ends with NLMSG_DONE */
	int stop;  /* what each() returned; the rest of a dump is still read */
};

int spd_open(struct spd **out)
{
	struct timeval limit = { .tv_usec = ANSWER_US };
	struct spd *s = calloc(1, sizeof(*s));
	int err = 0;

	if (!s)
		return -ENOMEM;
	s->nl = mnl_socket_open(NETLINK_XFRM);
	if (!s->nl || mnl_socket_bind(s->nl, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(s->nl), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit))) {
		err = -errno;
		spd_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void spd_close(struct spd *s)
{
	if (s && s->nl)
		mnl_socket_close(s->nl);
	free(s);
}

/* ---- answers ---- */

struct found {
	struct spd_policy *p;
	bool *has_template;
};

static int note_attribute(const struct nlattr *a, void *data)
{
	const struct found *f = data;

	if (mnl_attr_get_type(a) == XFRMA_TMPL)
		*f->has_template = true;
	if (mnl_attr_get_type(a) == XFRMA_MARK && mnl_attr_get_payload_len(a) >= sizeof(f->p->mark))
		memcpy(&f->p->mark, mnl_attr_get_payload(a), sizeof(f->p->mark));
	return MNL_CB_OK;
}

static void read_policy(const struct nlmsghdr *nlh, struct reader *r)
{
	struct xfrm_userpolicy_info info; /* netlink aligns to four bytes, its members want eight */
	struct spd_policy p;
	bool has_template = false;
	struct found f = { &p, &has_template };

	if (r->stop || !r->each || mnl_nlmsg_get_payload_len(nlh) < sizeof(info))
		return;
	memcpy(&info, mnl_nlmsg_get_payload(nlh), sizeof(info));
	memset(&p, 0, sizeof(p));
	p.sel = info.sel;
	p.priority = info.priority;
	p.dir = info.dir;
	p.action = info.action;
	mnl_attr_parse(nlh, sizeof(info), note_attribute, &f);
	r->stop = r->each(r->data, &p, has_template);
}

/* One message: 1 = the answer goes on, 0 = it is complete, -errno. */
static int read_message(const struct nlmsghdr *nlh, struct reader *r)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
		return mnl_nlmsg_get_payload_len(nlh) < sizeof(e->error) ? -EBADMSG : e->error;
	if (nlh->nlmsg_type == XFRM_MSG_NEWPOLICY)
		read_policy(nlh, r);
	return r->dump;
}

static int read_packet(struct spd *s, struct reader *r)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)s->buf;
	ssize_t n = mnl_socket_recvfrom(s->nl, s->buf, sizeof(s->buf));
	int more = 1, len = (int)n;

	if (n < 0)
		return -errno;
	for (; more == 1 && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_seq == s->seq)
			more = read_message(nlh, r);
	return more;
}

static int exchange(struct spd *s, struct nlmsghdr *nlh, struct reader *r)
{
	int more;

	nlh->nlmsg_seq = ++s->seq;
	if (mnl_socket_sendto(s->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		more = read_packet(s, r);
	} while (more == 1);
	return more ? more : r->stop;
}

/* ---- requests ---- */

static struct nlmsghdr *begin(char *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

static void put_mark(struct nlmsghdr *nlh, const struct spd_policy *p)
{
	if (p->mark.m)
		mnl_attr_put(nlh, XFRMA_MARK, sizeof(p->mark), &p->mark);
}

int spd_add(struct spd *s, const struct spd_policy *p)
{
	char buf[512];
	struct nlmsghdr *nlh = begin(buf, XFRM_MSG_NEWPOLICY, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	struct xfrm_userpolicy_info info = {
		.sel = p->sel,
		.dir = p->dir,
		.action = p->action,
		.priority = p->priority,
		.share = XFRM_SHARE_ANY,
		.lft = { XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0 },
	};
	struct reader r = { .each = NULL };

	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(info)), &info, sizeof(info));
	put_mark(nlh, p);
	return exchange(s, nlh, &r);
}

static struct nlmsghdr *name_policy(char *buf, uint16_t type, uint16_t flags, const struct spd_policy *p)
{
	struct nlmsghdr *nlh = begin(buf, type, flags);
	struct xfrm_userpolicy_id *id = mnl_nlmsg_put_extra_header(nlh, sizeof(*id));

	id->sel = p->sel;
	id->dir = p->dir;
	put_mark(nlh, p);
	return nlh;
}

int spd_delete(struct spd *s, const struct spd_policy *p)
{
	char buf[512];
	struct reader r = { .each = NULL };

	return exchange(s, name_policy(buf, XFRM_MSG_DELPOLICY, NLM_F_ACK, p), &r);
}

static int note_found(void *data, const struct spd_policy *p, bool has_template)
{
	const struct found *f = data;

	*f->p = *p;
	*f->has_template = has_template;
	return 0;
}

int spd_get(struct spd *s, const struct spd_policy *p, struct spd_policy *found, bool *has_template)
{
	char buf[512];
	struct found f = { found, has_template };
	struct reader r = { .each = note_found, .data = &f };

	memset(found, 0, sizeof(*found));
	*has_template = false;
	return exchange(s, name_policy(buf, XFRM_MSG_GETPOLICY, 0, p), &r);
}

int spd_each(struct spd *s, int (*each)(void *data, const struct spd_policy *p, bool has_template), void *data)
{
	char buf[512];
	struct reader r = { .each = each, .data = data, .dump = true };

	return exchange(s, begin(buf, XFRM_MSG_GETPOLICY, NLM_F_DUMP), &r);
}
