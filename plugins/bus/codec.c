// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading messages: the header, what a type must bring, and the way into SA, SESSION, TUNNEL, CALL, REPLY and STAT.
 *
 * sabus_codec_parse() checks the header and all attributes of the message; the nests that are large and often only passed on (SA,
 * SESSION, TUNNEL, CALL, REPLY, STAT) are left closed until sabus_codec_get_*() is called for them, which then checks them in full.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include "codec_schema.h"

static int refuse(struct sabus_fault *fault, const char *attr, const char *what)
{
	if (fault) {
		fault->nest = NULL;
		fault->attr = attr;
		fault->what = what;
	}
	return -EBADMSG;
}

const char *sabus_codec_msg_name(uint16_t type)
{
	const struct sabus_msg_rule *rule = sabus_msg_rule(type);

	return rule ? rule->name : "unknown";
}

const char *sabus_fault_text(const struct sabus_fault *f, char buf[SABUS_FAULT_STRLEN])
{
	const char *msg = f->msg ? f->msg : "", *nest = f->nest ? f->nest : "", *attr = f->attr ? f->attr : "";

	if (!f->what)
		snprintf(buf, SABUS_FAULT_STRLEN, "no fault");
	else
		snprintf(buf, SABUS_FAULT_STRLEN, "%s%s%s%s%s%s%s", msg, *msg ? ": " : "", nest, *nest && *attr ? "." : "", attr,
			 *nest || *attr ? ": " : "", f->what);
	return buf;
}

static int check_header(const struct nlmsghdr *nlh, size_t len, struct sabus_fault *fault)
{
	if (len < sizeof(struct nlmsghdr))
		return refuse(fault, NULL, "packet is shorter than a header");
	if (nlh->nlmsg_len != len)
		return refuse(fault, "nlmsg_len", "is not the length of the packet");
	if (len > SABUS_MSG_MAX)
		return refuse(fault, NULL, "packet is too long");
	if (nlh->nlmsg_flags != 0)
		return refuse(fault, "nlmsg_flags", "is not 0");
	if (nlh->nlmsg_pid != 0)
		return refuse(fault, "nlmsg_pid", "is not 0");
	return 0;
}

/* Where the schema's limit is that of the one type that may have more. */
static int check_limits(const struct sabus_msg_view *v, struct sabus_fault *fault)
{
	const bool request = v->type == SABUS_MSG_REQUEST;

	if (!request && v->name && strlen(v->name) >= SABUS_CODEC_NAME_MAX)
		return refuse(fault, "NAME", "string is too long");
	if (request && v->text && strlen(v->text) >= SABUS_CODEC_WHY_MAX)
		return refuse(fault, "ERRTEXT", "string is too long");
	if (v->type == SABUS_MSG_ERROR && SABUS_HAS(v, SABUS_A_ERRNO) && v->error == 0)
		return refuse(fault, "ERRNO", "is 0");
	if (v->type == SABUS_MSG_SA_PUT && v->n_sas > 1)
		return refuse(fault, "SA", "comes twice");
	return 0;
}

static int check_request(const struct sabus_msg_view *v, struct sabus_fault *fault)
{
	if (v->op == SABUS_OP_DELETE && !SABUS_HAS(v, SABUS_A_SA_ID))
		return refuse(fault, "SA_ID", "missing");
	if (v->op == SABUS_OP_INITIATE && !SABUS_HAS(v, SABUS_A_FLOW))
		return refuse(fault, "FLOW", "missing");
	if (v->op >= SABUS_OP_CLOSE && !SABUS_HAS(v, SABUS_A_SESSION_ID))
		return refuse(fault, "SESSION_ID", "missing");
	if (v->op == SABUS_OP_CHANGE && !SABUS_HAS(v, SABUS_A_REPLY))
		return refuse(fault, "REPLY", "missing");
	return 0;
}

static int check_rule(const struct sabus_msg_view *v, struct sabus_fault *fault)
{
	const struct sabus_msg_rule *rule = sabus_msg_rule(v->type);

	if (!rule)
		return 0;
	if (check_limits(v, fault) < 0)
		return -EBADMSG;
	for (size_t attr = 0; attr < sabus_schema_msg.n; attr++)
		if ((rule->must >> attr & 1) && !SABUS_HAS(v, attr))
			return refuse(fault, sabus_schema_msg.fields[attr].name, "missing");
	return v->type == SABUS_MSG_REQUEST ? check_request(v, fault) : 0;
}

int sabus_codec_parse(const void *pkt, size_t len, struct sabus_msg_view *v, struct sabus_fault *fault)
{
	const struct nlmsghdr *nlh = pkt;
	int ret;

	memset(v, 0, sizeof(*v));
	if (fault)
		memset(fault, 0, sizeof(*fault));
	if ((uintptr_t)pkt % MNL_ALIGNTO != 0) {
		refuse(fault, NULL, "packet is not aligned");
		return -EINVAL;
	}
	ret = check_header(nlh, len, fault);
	if (ret < 0)
		return ret;
	v->type = nlh->nlmsg_type;
	v->seq = nlh->nlmsg_seq;
	if (fault)
		fault->msg = sabus_codec_msg_name(v->type);
	ret = sabus_schema_get(&sabus_schema_msg, mnl_nlmsg_get_payload(nlh), len - sizeof(struct nlmsghdr), v, &v->has, fault);
	if (ret < 0)
		return ret;
	return check_rule(v, fault);
}

static int get_nest(const struct sabus_schema *schema, const struct nlattr *nest, void *out, struct sabus_fault *fault)
{
	uint64_t seen;

	return sabus_schema_get(schema, mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), out, &seen, fault);
}

int sabus_codec_get_sa(const struct nlattr *nest, struct sabus_sa *sa, struct sabus_fault *fault)
{
	memset(sa, 0, sizeof(*sa));
	if (mnl_attr_get_payload_len(nest) > SABUS_SA_BLOB_MAX)
		return refuse(fault, "SA", "is too long");
	return get_nest(&sabus_schema_sa, nest, sa, fault);
}

int sabus_codec_get_session(const struct nlattr *nest, struct sabus_session *session, struct sabus_fault *fault)
{
	memset(session, 0, sizeof(*session));
	return get_nest(&sabus_schema_session, nest, session, fault);
}

int sabus_codec_get_tunnel(const struct nlattr *nest, struct sabus_tunnel_info *tunnel, struct sabus_fault *fault)
{
	memset(tunnel, 0, sizeof(*tunnel));
	return get_nest(&sabus_schema_tunnel, nest, tunnel, fault);
}

int sabus_codec_get_call(const struct nlattr *nest, struct sabus_call_info *call, struct sabus_fault *fault)
{
	memset(call, 0, sizeof(*call));
	return get_nest(&sabus_schema_call, nest, call, fault);
}

int sabus_codec_get_reply(const struct nlattr *nest, struct sabus_reply *reply, struct sabus_fault *fault)
{
	memset(reply, 0, sizeof(*reply));
	return get_nest(&sabus_schema_reply, nest, reply, fault);
}

int sabus_codec_get_stat(const struct nlattr *nest, struct sabus_stat *stat, struct sabus_fault *fault)
{
	memset(stat, 0, sizeof(*stat));
	return get_nest(&sabus_schema_stat, nest, stat, fault);
}

/* ---- the blob: an SA's attributes alone (public, sabus.h) ---- */

int sabus_sa_encode(const struct sabus_sa *sa, void *buf, size_t size)
{
	_Alignas(struct nlmsghdr) uint8_t tmp[sizeof(struct nlmsghdr) + SABUS_SA_BLOB_MAX];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(tmp);
	size_t len;
	int ret = sabus_schema_put(&sabus_schema_sa, sa, nlh, sizeof(tmp), NULL);

	if (ret < 0)
		return ret;
	len = mnl_nlmsg_get_payload_len(nlh);
	if (len > size)
		return -EMSGSIZE;
	memcpy(buf, mnl_nlmsg_get_payload(nlh), len);
	return (int)len;
}

int sabus_sa_decode(const void *buf, size_t len, struct sabus_sa *sa)
{
	_Alignas(struct nlattr) uint8_t tmp[SABUS_SA_BLOB_MAX]; /* the caller's bytes may lie anywhere */
	uint64_t seen;

	memset(sa, 0, sizeof(*sa));
	if (len > sizeof(tmp))
		return -EMSGSIZE;
	if (len > 0)
		memcpy(tmp, buf, len);
	return sabus_schema_get(&sabus_schema_sa, tmp, len, sa, &seen, NULL);
}
