// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing messages.  struct build keeps the first error, so that a builder is a list of what the message holds and one check.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include "codec_schema.h"

struct build {
	struct nlmsghdr *nlh;
	size_t size;
	uint32_t was; /* length to go back to on error */
	int err;      /* the first one, 0 = none */
};

static struct build start(void *buf, size_t size, uint32_t seq, enum sabus_msg type)
{
	struct build b = { .nlh = buf, .size = size > SABUS_MSG_MAX ? SABUS_MSG_MAX : size };

	if ((uintptr_t)buf % MNL_ALIGNTO != 0)
		b.err = -EINVAL;
	else if (size < sizeof(struct nlmsghdr))
		b.err = -EMSGSIZE;
	if (b.err != 0)
		return b;
	mnl_nlmsg_put_header(buf);
	b.nlh->nlmsg_type = (uint16_t)type;
	b.nlh->nlmsg_seq = seq;
	b.was = b.nlh->nlmsg_len;
	return b;
}

static struct build resume(void *buf, size_t size)
{
	struct build b = { .nlh = buf, .size = size > SABUS_MSG_MAX ? SABUS_MSG_MAX : size };

	b.was = b.nlh->nlmsg_len;
	return b;
}

static int finish(const struct build *b)
{
	if (b->err == 0)
		return (int)b->nlh->nlmsg_len;
	if (b->was != 0)
		b->nlh->nlmsg_len = b->was;
	return b->err;
}

static void need(struct build *b, bool valid)
{
	if (b->err == 0 && !valid)
		b->err = -EINVAL;
}

static void put(struct build *b, uint16_t attr, size_t len, const void *data)
{
	if (b->err == 0 && !mnl_attr_put_check(b->nlh, b->size, attr, len, data))
		b->err = -EMSGSIZE;
}

static void put_u32(struct build *b, uint16_t attr, uint32_t value)
{
	put(b, attr, sizeof(value), &value);
}

static void put_u64(struct build *b, uint16_t attr, uint64_t value)
{
	put(b, attr, sizeof(value), &value);
}

static void put_u64_unless_0(struct build *b, uint16_t attr, uint64_t value)
{
	if (value != 0)
		put_u64(b, attr, value);
}

static void put_string(struct build *b, uint16_t attr, const char *text, size_t max)
{
	size_t len = strnlen(text, max);

	need(b, len < max);
	put(b, attr, len + 1, text);
}

static void put_struct(struct build *b, uint16_t attr, const struct sabus_schema *schema, const void *in, struct sabus_fault *fault)
{
	struct nlattr *nest;

	if (b->err != 0)
		return;
	nest = mnl_attr_nest_start_check(b->nlh, b->size, attr);
	if (!nest) {
		b->err = -EMSGSIZE;
		return;
	}
	b->err = sabus_schema_put(schema, in, b->nlh, b->size, fault);
	mnl_attr_nest_end(b->nlh, nest);
}

/* An SA that is attributes already; an attribute whose payload is attributes is a nest. */
static void put_blob(struct build *b, const void *blob, size_t len)
{
	need(b, len > 0 && len <= SABUS_SA_BLOB_MAX && len % MNL_ALIGNTO == 0);
	put(b, SABUS_A_SA | NLA_F_NESTED, len, blob);
}

static void clear_fault(struct sabus_fault *fault, enum sabus_msg type)
{
	if (fault)
		*fault = (struct sabus_fault){ .msg = sabus_codec_msg_name((uint16_t)type) };
}

int sabus_codec_hello(void *buf, size_t size, uint32_t seq, const char *name, uint64_t epoch)
{
	struct build b = start(buf, size, seq, SABUS_MSG_HELLO);

	put_u32(&b, SABUS_A_VERSION, SABUS_PROTO_VERSION);
	put_string(&b, SABUS_A_NAME, name, SABUS_CODEC_NAME_MAX);
	put_u64_unless_0(&b, SABUS_A_EPOCH, epoch);
	return finish(&b);
}

int sabus_codec_hello_ack(void *buf, size_t size, uint32_t seq, uint64_t epoch, uint64_t revision)
{
	struct build b = start(buf, size, seq, SABUS_MSG_HELLO);

	put_u32(&b, SABUS_A_VERSION, SABUS_PROTO_VERSION);
	put_u64(&b, SABUS_A_EPOCH, epoch);
	put_u64(&b, SABUS_A_REVISION, revision);
	return finish(&b);
}

int sabus_codec_error(void *buf, size_t size, uint32_t seq, int err, const char *text)
{
	struct build b = start(buf, size, seq, SABUS_MSG_ERROR);
	char cut[SABUS_CODEC_TEXT_MAX];

	need(&b, err >= 1 && err <= 4095);
	snprintf(cut, sizeof(cut), "%s", text);
	put_u32(&b, SABUS_A_ERRNO, (uint32_t)err);
	put_string(&b, SABUS_A_ERRTEXT, cut, sizeof(cut));
	return finish(&b);
}

int sabus_codec_empty(void *buf, size_t size, uint32_t seq, enum sabus_msg type)
{
	struct build b = start(buf, size, seq, type);

	return finish(&b);
}

int sabus_codec_sa_put(void *buf, size_t size, const struct sabus_sa *sa, uint64_t revision, struct sabus_fault *fault)
{
	struct build b = start(buf, size, 0, SABUS_MSG_SA_PUT);

	clear_fault(fault, SABUS_MSG_SA_PUT);
	put_u64_unless_0(&b, SABUS_A_REVISION, revision);
	put_struct(&b, SABUS_A_SA, &sabus_schema_sa, sa, fault);
	return finish(&b);
}

int sabus_codec_sa_put_blob(void *buf, size_t size, const void *blob, size_t len, uint64_t revision)
{
	struct build b = start(buf, size, 0, SABUS_MSG_SA_PUT);

	put_u64_unless_0(&b, SABUS_A_REVISION, revision);
	put_blob(&b, blob, len);
	return finish(&b);
}

int sabus_codec_sa_del(void *buf, size_t size, uint32_t sa_id, enum sabus_cause cause, uint64_t revision)
{
	struct build b = start(buf, size, 0, SABUS_MSG_SA_DEL);

	need(&b, sa_id != 0 && cause >= SABUS_CAUSE_DELETED && cause <= SABUS_CAUSE_PUBLISHER_LOST);
	put_u64_unless_0(&b, SABUS_A_REVISION, revision);
	put_u32(&b, SABUS_A_SA_ID, sa_id);
	put_u32(&b, SABUS_A_CAUSE, (uint32_t)cause);
	return finish(&b);
}

int sabus_codec_lookup(void *buf, size_t size, uint32_t seq, const struct sabus_flow *flow)
{
	struct build b = start(buf, size, seq, SABUS_MSG_LOOKUP);

	put_struct(&b, SABUS_A_FLOW, &sabus_schema_flow, flow, NULL);
	return finish(&b);
}

int sabus_codec_watch(void *buf, size_t size, uint32_t seq, const struct sabus_flow *flow, bool sessions)
{
	struct build b = start(buf, size, seq, SABUS_MSG_WATCH);

	if (flow)
		put_struct(&b, SABUS_A_FLOW, &sabus_schema_flow, flow, NULL);
	if (sessions)
		put(&b, SABUS_A_SESSIONS, 0, "");
	return finish(&b);
}

int sabus_codec_done(void *buf, size_t size, uint32_t seq, uint64_t revision)
{
	struct build b = start(buf, size, seq, SABUS_MSG_DONE);

	put_u64(&b, SABUS_A_REVISION, revision);
	return finish(&b);
}

int sabus_codec_session_put(void *buf, size_t size, const struct sabus_session *session, uint32_t session_id, struct sabus_fault *fault)
{
	struct build b = start(buf, size, 0, SABUS_MSG_SESSION_PUT);

	clear_fault(fault, SABUS_MSG_SESSION_PUT);
	put_struct(&b, SABUS_A_SESSION, &sabus_schema_session, session, fault);
	if (session_id != 0)
		put_u32(&b, SABUS_A_SESSION_ID, session_id);
	return finish(&b);
}

int sabus_codec_add_ops(void *buf, size_t size, uint32_t ops)
{
	struct build b = resume(buf, size);

	put_u32(&b, SABUS_A_OPS, ops);
	return finish(&b);
}

int sabus_codec_session_del(void *buf, size_t size, uint32_t session_id)
{
	struct build b = start(buf, size, 0, SABUS_MSG_SESSION_DEL);

	if (session_id != 0)
		put_u32(&b, SABUS_A_SESSION_ID, session_id);
	return finish(&b);
}

int sabus_codec_tunnel(void *buf, size_t size, enum sabus_msg type, const struct sabus_tunnel_info *tunnel, struct sabus_fault *fault)
{
	struct build b = start(buf, size, 0, type);

	clear_fault(fault, type);
	need(&b, type == SABUS_MSG_TUNNEL_PUT || type == SABUS_MSG_TUNNEL_DEL);
	put_struct(&b, SABUS_A_TUNNEL, &sabus_schema_tunnel, tunnel, fault);
	return finish(&b);
}

int sabus_codec_call(void *buf, size_t size, enum sabus_msg type, const struct sabus_call_info *call, struct sabus_fault *fault)
{
	struct build b = start(buf, size, 0, type);

	clear_fault(fault, type);
	need(&b, type == SABUS_MSG_CALL_PUT || type == SABUS_MSG_CALL_DEL);
	put_struct(&b, SABUS_A_CALL, &sabus_schema_call, call, fault);
	return finish(&b);
}

int sabus_codec_request_delete(void *buf, size_t size, uint32_t seq, uint32_t sa_id, const char *why)
{
	struct build b = start(buf, size, seq, SABUS_MSG_REQUEST);

	need(&b, sa_id != 0);
	if (why && *why)
		put_string(&b, SABUS_A_ERRTEXT, why, SABUS_CODEC_WHY_MAX);
	put_u32(&b, SABUS_A_SA_ID, sa_id);
	put_u32(&b, SABUS_A_OP, SABUS_OP_DELETE);
	return finish(&b);
}

int sabus_codec_request_initiate(void *buf, size_t size, uint32_t seq, const struct sabus_flow *flow, const char *name)
{
	struct build b = start(buf, size, seq, SABUS_MSG_REQUEST);

	if (name && *name)
		put_string(&b, SABUS_A_NAME, name, SABUS_CODEC_CONN_MAX);
	put_struct(&b, SABUS_A_FLOW, &sabus_schema_flow, flow, NULL);
	put_u32(&b, SABUS_A_OP, SABUS_OP_INITIATE);
	return finish(&b);
}

int sabus_codec_request_close(void *buf, size_t size, uint32_t seq, uint32_t session_id, const char *why)
{
	struct build b = start(buf, size, seq, SABUS_MSG_REQUEST);

	need(&b, session_id != 0);
	if (why && *why)
		put_string(&b, SABUS_A_ERRTEXT, why, SABUS_CODEC_WHY_MAX);
	put_u32(&b, SABUS_A_SESSION_ID, session_id);
	put_u32(&b, SABUS_A_OP, SABUS_OP_CLOSE);
	return finish(&b);
}

int sabus_codec_request_change(void *buf, size_t size, uint32_t seq, uint32_t session_id, const struct sabus_reply *reply, const char *why,
			       struct sabus_fault *fault)
{
	struct build b = start(buf, size, seq, SABUS_MSG_REQUEST);

	clear_fault(fault, SABUS_MSG_REQUEST);
	need(&b, session_id != 0);
	if (why && *why)
		put_string(&b, SABUS_A_ERRTEXT, why, SABUS_CODEC_WHY_MAX);
	put_u32(&b, SABUS_A_SESSION_ID, session_id);
	put_u32(&b, SABUS_A_OP, SABUS_OP_CHANGE);
	put_struct(&b, SABUS_A_REPLY, &sabus_schema_reply, reply, fault);
	return finish(&b);
}

int sabus_codec_result(void *buf, size_t size, uint32_t seq, int err, const char *text)
{
	struct build b = start(buf, size, seq, SABUS_MSG_RESULT);
	char cut[SABUS_CODEC_TEXT_MAX];

	need(&b, err >= 0 && err <= 4095);
	snprintf(cut, sizeof(cut), "%s", text ? text : "");
	put_u32(&b, SABUS_A_ERRNO, (uint32_t)err);
	put_string(&b, SABUS_A_ERRTEXT, cut, sizeof(cut));
	return finish(&b);
}

int sabus_codec_ike_failed(void *buf, size_t size, const struct sabus_flow *flow, uint32_t failure)
{
	struct build b = start(buf, size, 0, SABUS_MSG_IKE_FAILED);

	put_struct(&b, SABUS_A_FLOW, &sabus_schema_flow, flow, NULL);
	put_u32(&b, SABUS_A_IKE_FAILURE, failure);
	return finish(&b);
}

int sabus_codec_publisher(void *buf, size_t size, enum sabus_publisher state)
{
	struct build b = start(buf, size, 0, SABUS_MSG_PUBLISHER);

	need(&b, state <= SABUS_PUB_SYNCED);
	put_u32(&b, SABUS_A_PUBLISHER_STATE, (uint32_t)state);
	return finish(&b);
}

int sabus_codec_lookup_ack(void *buf, size_t size, uint32_t seq, enum sabus_answer answer, uint64_t revision)
{
	struct build b = start(buf, size, seq, SABUS_MSG_LOOKUP_ACK);

	need(&b, answer <= SABUS_PRESENT);
	put_u64(&b, SABUS_A_REVISION, revision);
	put_u32(&b, SABUS_A_ANSWER, (uint32_t)answer);
	return finish(&b);
}

int sabus_codec_add_sa(void *buf, size_t size, const struct sabus_sa *sa, struct sabus_fault *fault)
{
	struct build b = resume(buf, size);

	clear_fault(fault, SABUS_MSG_LOOKUP_ACK);
	put_struct(&b, SABUS_A_SA, &sabus_schema_sa, sa, fault);
	return finish(&b);
}

int sabus_codec_add_sa_blob(void *buf, size_t size, const void *blob, size_t len)
{
	struct build b = resume(buf, size);

	put_blob(&b, blob, len);
	return finish(&b);
}

int sabus_codec_add_truncated(void *buf, size_t size)
{
	struct build b = resume(buf, size);

	put(&b, SABUS_A_TRUNCATED, 0, "");
	return finish(&b);
}

int sabus_codec_add_failure(void *buf, size_t size, uint32_t failure, uint32_t seconds_ago)
{
	struct build b = resume(buf, size);

	put_u32(&b, SABUS_A_IKE_FAILURE, failure);
	put_u32(&b, SABUS_A_FAILED_AGO, seconds_ago);
	return finish(&b);
}

int sabus_codec_stats(void *buf, size_t size, uint32_t seq)
{
	return sabus_codec_empty(buf, size, seq, SABUS_MSG_STATS);
}

int sabus_codec_add_stat(void *buf, size_t size, const char *name, uint64_t value)
{
	struct build b = resume(buf, size);
	struct sabus_stat stat = { .value = value };

	need(&b, strnlen(name, sizeof(stat.name)) < sizeof(stat.name));
	snprintf(stat.name, sizeof(stat.name), "%s", name);
	put_struct(&b, SABUS_A_STAT, &sabus_schema_stat, &stat, NULL);
	return finish(&b);
}
