// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsabus: everything that is sent.  Each call is one packet, sent or refused whole: SOCK_SEQPACKET has no half.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "client.h"

static int build_failed(struct sabus *s, int err, const struct sabus_fault *fault)
{
	char text[SABUS_FAULT_STRLEN];

	if (fault && fault->what)
		return sabus_fail(s, err, "%s", sabus_fault_text(fault, text));
	if (err == EMSGSIZE)
		return sabus_fail(s, err, "message is longer than %d bytes", SABUS_PUT_MAX);
	return sabus_fail(s, err, "an argument is out of its range");
}

int sabus_transmit(struct sabus *s, int len, const struct sabus_fault *fault)
{
	ssize_t sent;

	if (len < 0)
		return build_failed(s, -len, fault);
	if (s->tx_dead)
		return -s->tx_dead;
	do
		sent = send(s->fd, s->tx, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return 0;
	if (errno == EAGAIN || errno == ENOBUFS)
		return sabus_fail(s, EAGAIN, "sabusd does not keep up, its queue is full");
	if (errno == EMSGSIZE)
		return sabus_fail(s, EMSGSIZE, "message of %d bytes does not fit the socket's send buffer", len);
	s->tx_dead = errno;
	return sabus_fail(s, s->tx_dead, "send to sabusd: %s", strerror(s->tx_dead));
}

int sabus_sync_begin(struct sabus *s)
{
	return sabus_transmit(s, sabus_codec_empty(s->tx, sizeof(s->tx), sabus_next_seq(s), SABUS_MSG_SYNC_BEGIN), NULL);
}

int sabus_sync_end(struct sabus *s)
{
	return sabus_transmit(s, sabus_codec_empty(s->tx, sizeof(s->tx), sabus_next_seq(s), SABUS_MSG_SYNC_END), NULL);
}

int sabus_sa_put(struct sabus *s, const struct sabus_sa *sa)
{
	struct sabus_fault fault;
	int len = sabus_codec_sa_put(s->tx, sizeof(s->tx), sa, 0, &fault);

	return sabus_transmit(s, len, &fault);
}

int sabus_sa_put_blob(struct sabus *s, const void *blob, size_t len)
{
	struct sabus_sa sa;
	int ret = sabus_sa_decode(blob, len, &sa);

	/* A bad one would end the connection at the other side; better to say it here. */
	if (ret < 0)
		return sabus_fail(s, EINVAL, "SA_PUT: the %zu bytes are no encoded SA", len);
	return sabus_transmit(s, sabus_codec_sa_put_blob(s->tx, sizeof(s->tx), blob, len, 0), NULL);
}

int sabus_sa_del(struct sabus *s, uint32_t sa_id, enum sabus_cause cause)
{
	return sabus_transmit(s, sabus_codec_sa_del(s->tx, sizeof(s->tx), sa_id, cause, 0), NULL);
}

int sabus_ike_failed(struct sabus *s, const struct sabus_flow *flow, enum sabus_ike_failure failure)
{
	return sabus_transmit(s, sabus_codec_ike_failed(s->tx, sizeof(s->tx), flow, failure), NULL);
}

int sabus_lookup_send(struct sabus *s, const struct sabus_flow *flow, uint32_t *seq)
{
	uint32_t mine = sabus_next_seq(s);
	int ret = sabus_transmit(s, sabus_codec_lookup(s->tx, sizeof(s->tx), mine, flow), NULL);

	if (ret == 0 && seq)
		*seq = mine;
	return ret;
}

int sabus_watch(struct sabus *s, const struct sabus_flow *flow, bool sessions)
{
	return sabus_transmit(s, sabus_codec_watch(s->tx, sizeof(s->tx), sabus_next_seq(s), flow, sessions), NULL);
}

int sabus_session_put(struct sabus *s, const struct sabus_session *session)
{
	struct sabus_fault fault;
	int len = sabus_codec_session_put(s->tx, sizeof(s->tx), session, 0, &fault);

	if (len > 0)
		len = sabus_codec_add_ops(s->tx, sizeof(s->tx), 1u << SABUS_OP_CLOSE | 1u << SABUS_OP_CHANGE);
	return sabus_transmit(s, len, &fault);
}

int sabus_session_del(struct sabus *s)
{
	return sabus_transmit(s, sabus_codec_session_del(s->tx, sizeof(s->tx), 0), NULL);
}

int sabus_tunnel_put(struct sabus *s, const struct sabus_tunnel_info *tunnel)
{
	struct sabus_fault fault;
	int len = sabus_codec_tunnel(s->tx, sizeof(s->tx), SABUS_MSG_TUNNEL_PUT, tunnel, &fault);

	return sabus_transmit(s, len, &fault);
}

int sabus_tunnel_del(struct sabus *s, uint16_t tunnel_id)
{
	const struct sabus_tunnel_info key = { .tunnel_id = tunnel_id };
	struct sabus_fault fault;
	int len = sabus_codec_tunnel(s->tx, sizeof(s->tx), SABUS_MSG_TUNNEL_DEL, &key, &fault);

	return sabus_transmit(s, len, &fault);
}

int sabus_call_put(struct sabus *s, const struct sabus_call_info *call)
{
	struct sabus_fault fault;
	int len = sabus_codec_call(s->tx, sizeof(s->tx), SABUS_MSG_CALL_PUT, call, &fault);

	return sabus_transmit(s, len, &fault);
}

int sabus_call_del(struct sabus *s, uint16_t tunnel_id, uint16_t call_id)
{
	const struct sabus_call_info key = { .tunnel_id = tunnel_id, .call_id = call_id };
	struct sabus_fault fault;
	int len = sabus_codec_call(s->tx, sizeof(s->tx), SABUS_MSG_CALL_DEL, &key, &fault);

	return sabus_transmit(s, len, &fault);
}

int sabus_request_delete(struct sabus *s, uint32_t sa_id, const char *why, uint32_t *seq)
{
	uint32_t mine = sabus_next_seq(s);
	int ret = sabus_transmit(s, sabus_codec_request_delete(s->tx, sizeof(s->tx), mine, sa_id, why), NULL);

	if (ret == 0 && seq)
		*seq = mine;
	return ret;
}

int sabus_request_initiate(struct sabus *s, const struct sabus_flow *flow, const char *connection, uint32_t *seq)
{
	uint32_t mine = sabus_next_seq(s);
	int ret = sabus_transmit(s, sabus_codec_request_initiate(s->tx, sizeof(s->tx), mine, flow, connection), NULL);

	if (ret == 0 && seq)
		*seq = mine;
	return ret;
}

int sabus_request_close(struct sabus *s, uint32_t session_id, const char *why, uint32_t *seq)
{
	uint32_t mine = sabus_next_seq(s);
	int ret = sabus_transmit(s, sabus_codec_request_close(s->tx, sizeof(s->tx), mine, session_id, why), NULL);

	if (ret == 0 && seq)
		*seq = mine;
	return ret;
}

int sabus_request_change(struct sabus *s, uint32_t session_id, const struct sabus_reply *reply, const char *why, uint32_t *seq)
{
	struct sabus_fault fault;
	uint32_t mine = sabus_next_seq(s);
	int len = sabus_codec_request_change(s->tx, sizeof(s->tx), mine, session_id, reply, why, &fault);
	int ret = sabus_transmit(s, len, &fault);

	if (ret == 0 && seq)
		*seq = mine;
	return ret;
}

int sabus_result(struct sabus *s, uint32_t seq, int error, const char *text)
{
	return sabus_transmit(s, sabus_codec_result(s->tx, sizeof(s->tx), seq, error, text), NULL);
}

int sabus_stats_send(struct sabus *s, uint32_t *seq)
{
	uint32_t mine = sabus_next_seq(s);
	int ret = sabus_transmit(s, sabus_codec_stats(s->tx, sizeof(s->tx), mine), NULL);

	if (ret == 0 && seq)
		*seq = mine;
	return ret;
}
