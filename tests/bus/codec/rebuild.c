// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include "rebuild.h"

static int rebuild_hello(const struct sabus_msg_view *v, void *out, size_t size)
{
	int ret;

	if (v->name)
		return sabus_codec_hello(out, size, v->seq, v->name, v->epoch);
	ret = sabus_codec_hello_ack(out, size, v->seq, v->epoch, v->revision);
	return ret > 0 && SABUS_HAS(v, SABUS_A_OPS) ? sabus_codec_add_ops(out, size, v->ops) : ret;
}

static int rebuild_sa_put(const struct sabus_msg_view *v, void *out, size_t size, struct sabus_fault *fault)
{
	struct sabus_sa sa;
	int ret = sabus_codec_get_sa(v->sas[0], &sa, fault);

	return ret < 0 ? ret : sabus_codec_sa_put(out, size, &sa, v->revision, fault);
}

static int rebuild_answer(const struct sabus_msg_view *v, void *out, size_t size, struct sabus_fault *fault)
{
	int ret = sabus_codec_lookup_ack(out, size, v->seq, (enum sabus_answer)v->answer, v->revision);

	for (size_t i = 0; i < v->n_sas && ret >= 0; i++) {
		struct sabus_sa sa;

		ret = sabus_codec_get_sa(v->sas[i], &sa, fault);
		if (ret == 0)
			ret = sabus_codec_add_sa(out, size, &sa, fault);
	}
	if (v->truncated && ret >= 0)
		ret = sabus_codec_add_truncated(out, size);
	if (SABUS_HAS(v, SABUS_A_IKE_FAILURE) && ret >= 0)
		ret = sabus_codec_add_failure(out, size, v->ike_failure, v->failed_ago);
	return ret;
}

static int rebuild_session_put(const struct sabus_msg_view *v, void *out, size_t size, struct sabus_fault *fault)
{
	struct sabus_session session;
	int ret = sabus_codec_get_session(v->session, &session, fault);

	if (ret == 0)
		ret = sabus_codec_session_put(out, size, &session, v->session_id, fault);
	if (ret > 0 && SABUS_HAS(v, SABUS_A_OPS))
		ret = sabus_codec_add_ops(out, size, v->ops);
	return ret;
}

static int rebuild_tunnel(const struct sabus_msg_view *v, void *out, size_t size, struct sabus_fault *fault)
{
	struct sabus_tunnel_info tunnel;
	int ret = sabus_codec_get_tunnel(v->tunnel, &tunnel, fault);

	return ret < 0 ? ret : sabus_codec_tunnel(out, size, (enum sabus_msg)v->type, &tunnel, fault);
}

static int rebuild_call(const struct sabus_msg_view *v, void *out, size_t size, struct sabus_fault *fault)
{
	struct sabus_call_info call;
	int ret = sabus_codec_get_call(v->call, &call, fault);

	return ret < 0 ? ret : sabus_codec_call(out, size, (enum sabus_msg)v->type, &call, fault);
}

static int rebuild_change(const struct sabus_msg_view *v, void *out, size_t size, struct sabus_fault *fault)
{
	struct sabus_reply reply;
	int ret = sabus_codec_get_reply(v->reply, &reply, fault);

	return ret < 0 ? ret : sabus_codec_request_change(out, size, v->seq, v->session_id, &reply, v->text, fault);
}

static int rebuild_request(const struct sabus_msg_view *v, void *out, size_t size, struct sabus_fault *fault)
{
	if (v->op == SABUS_OP_CLOSE)
		return sabus_codec_request_close(out, size, v->seq, v->session_id, v->text);
	if (v->op == SABUS_OP_CHANGE)
		return rebuild_change(v, out, size, fault);
	if (v->op == SABUS_OP_DELETE)
		return sabus_codec_request_delete(out, size, v->seq, v->sa_id, v->text);
	return sabus_codec_request_initiate(out, size, v->seq, &v->flow, v->name);
}

static int rebuild_stats(const struct sabus_msg_view *v, void *out, size_t size, struct sabus_fault *fault)
{
	int ret = sabus_codec_stats(out, size, v->seq);

	for (size_t i = 0; i < v->n_stats && ret >= 0; i++) {
		struct sabus_stat stat;

		ret = sabus_codec_get_stat(v->stats[i], &stat, fault);
		if (ret == 0)
			ret = sabus_codec_add_stat(out, size, stat.name, stat.value);
	}
	return ret;
}

int rebuild(const void *pkt, size_t len, void *out, size_t size, struct sabus_fault *fault)
{
	struct sabus_msg_view v;
	int ret = sabus_codec_parse(pkt, len, &v, fault);

	if (ret < 0)
		return ret;
	switch (v.type) {
	case SABUS_MSG_HELLO: return rebuild_hello(&v, out, size);
	case SABUS_MSG_ERROR: return sabus_codec_error(out, size, v.seq, (int)v.error, v.text ? v.text : "");
	case SABUS_MSG_SA_PUT: return rebuild_sa_put(&v, out, size, fault);
	case SABUS_MSG_SA_DEL: return sabus_codec_sa_del(out, size, v.sa_id, (enum sabus_cause)v.cause, v.revision);
	case SABUS_MSG_LOOKUP: return sabus_codec_lookup(out, size, v.seq, &v.flow);
	case SABUS_MSG_LOOKUP_ACK: return rebuild_answer(&v, out, size, fault);
	case SABUS_MSG_WATCH: return sabus_codec_watch(out, size, v.seq, SABUS_HAS(&v, SABUS_A_FLOW) ? &v.flow : NULL, v.sessions);
	case SABUS_MSG_DONE: return sabus_codec_done(out, size, v.seq, v.revision);
	case SABUS_MSG_SESSION_PUT: return rebuild_session_put(&v, out, size, fault);
	case SABUS_MSG_SESSION_DEL: return sabus_codec_session_del(out, size, v.session_id);
	case SABUS_MSG_PUBLISHER: return sabus_codec_publisher(out, size, (enum sabus_publisher)v.publisher);
	case SABUS_MSG_STATS: return rebuild_stats(&v, out, size, fault);
	case SABUS_MSG_REQUEST: return rebuild_request(&v, out, size, fault);
	case SABUS_MSG_IKE_FAILED: return sabus_codec_ike_failed(out, size, &v.flow, v.ike_failure);
	case SABUS_MSG_RESULT: return sabus_codec_result(out, size, v.seq, (int)v.error, v.text);
	case SABUS_MSG_TUNNEL_PUT:
	case SABUS_MSG_TUNNEL_DEL: return rebuild_tunnel(&v, out, size, fault);
	case SABUS_MSG_CALL_PUT:
	case SABUS_MSG_CALL_DEL: return rebuild_call(&v, out, size, fault);
	default: return sabus_codec_empty(out, size, v.seq, (enum sabus_msg)v.type);
	}
}
