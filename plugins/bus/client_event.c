// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsabus: from the next packet to an event.
 *
 * sabusd is trusted to speak the truth, not to speak well: its packets go through the same strict codec, and anything it may not
 * send ends the connection.  Message types from a newer sabusd are skipped.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "client.h"

/* So many packets of unknown types are skipped in one call, which must come back; poll() shows that there is more. */
#define SKIP_MAX 64

static int rx_fail(struct sabus *s, int err, const char *what)
{
	s->rx_dead = err;
	s->tx_dead = err;
	return sabus_fail(s, err, "%s", what);
}

static int bad_message(struct sabus *s, const struct sabus_fault *fault)
{
	char text[SABUS_FAULT_STRLEN], line[SABUS_FAULT_STRLEN + 32];

	snprintf(line, sizeof(line), "nonsense from sabusd: %s", sabus_fault_text(fault, text));
	return rx_fail(s, EBADMSG, line);
}

/* Bytes of the packet now in s->rx, 0 = none there, -errno = dead. */
static int receive(struct sabus *s)
{
	struct iovec iov = { .iov_base = s->rx, .iov_len = sizeof(s->rx) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	do {
		n = recvmsg(s->fd, &msg, MSG_DONTWAIT);
		/* The kernel reports a reset ahead of what was queued before it, e.g. the ERROR that explains it. */
		if (n < 0 && errno == ECONNRESET && !s->reset) {
			s->reset = true;
			errno = EINTR;
		}
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0)
		return rx_fail(s, errno, strerror(errno));
	if (n == 0)
		return rx_fail(s, ECONNRESET, "sabusd closed the connection");
	if (msg.msg_flags & MSG_TRUNC)
		return rx_fail(s, EBADMSG, "nonsense from sabusd: packet is longer than a message may be");
	return (int)n;
}

/* Event type of a message that sabusd may send, -1 for those it may not, -2 for unknown ones. */
static int event_type(uint16_t type)
{
	switch (type) {
	case SABUS_MSG_HELLO: return SABUS_EV_HELLO;
	case SABUS_MSG_ERROR: return SABUS_EV_ERROR;
	case SABUS_MSG_SA_PUT: return SABUS_EV_SA_PUT;
	case SABUS_MSG_SA_DEL: return SABUS_EV_SA_DEL;
	case SABUS_MSG_LOOKUP_ACK: return SABUS_EV_ANSWER;
	case SABUS_MSG_DONE: return SABUS_EV_DONE;
	case SABUS_MSG_SESSION_PUT: return SABUS_EV_SESSION_PUT;
	case SABUS_MSG_SESSION_DEL: return SABUS_EV_SESSION_DEL;
	case SABUS_MSG_PUBLISHER: return SABUS_EV_PUBLISHER;
	case SABUS_MSG_RESYNC: return SABUS_EV_RESYNC;
	case SABUS_MSG_STATS: return SABUS_EV_STATS;
	case SABUS_MSG_REQUEST: return SABUS_EV_REQUEST;
	case SABUS_MSG_RESULT: return SABUS_EV_RESULT;
	case SABUS_MSG_TUNNEL_PUT: return SABUS_EV_TUNNEL_PUT;
	case SABUS_MSG_TUNNEL_DEL: return SABUS_EV_TUNNEL_DEL;
	case SABUS_MSG_CALL_PUT: return SABUS_EV_CALL_PUT;
	case SABUS_MSG_CALL_DEL: return SABUS_EV_CALL_DEL;
	case SABUS_MSG_SYNC_BEGIN:
	case SABUS_MSG_SYNC_END:
	case SABUS_MSG_IKE_FAILED:
	case SABUS_MSG_LOOKUP:
	case SABUS_MSG_WATCH: return -1;
	default: return -2;
	}
}

/* What goes for a message in this direction only; the codec has checked what goes for both. */
static int check_direction(struct sabus *s, const struct sabus_msg_view *v, struct sabus_fault *fault)
{
	if (event_type(v->type) == -1)
		fault->what = "this is for clients to send";
	else if ((v->type == SABUS_MSG_SESSION_PUT || v->type == SABUS_MSG_SESSION_DEL) && !SABUS_HAS(v, SABUS_A_SESSION_ID))
		fault->what = "SESSION_ID is missing";
	if (fault->what)
		return bad_message(s, fault);
	if (v->type == SABUS_MSG_HELLO && v->version != SABUS_PROTO_VERSION) {
		char text[96];

		snprintf(text, sizeof(text), "sabusd speaks version %u of the protocol, this library version %d", v->version,
			 SABUS_PROTO_VERSION);
		return rx_fail(s, EPROTO, text);
	}
	return 0;
}

static int fill_nests(struct sabus_event *ev, const struct sabus_msg_view *v, struct sabus_fault *fault)
{
	int ret = 0;

	for (ev->n_sas = 0; ev->n_sas < v->n_sas && ret == 0; ev->n_sas++)
		ret = sabus_codec_get_sa(v->sas[ev->n_sas], &ev->sas[ev->n_sas], fault);
	for (ev->n_stats = 0; ev->n_stats < v->n_stats && ret == 0; ev->n_stats++)
		ret = sabus_codec_get_stat(v->stats[ev->n_stats], &ev->stats[ev->n_stats], fault);
	if (v->session && ret == 0)
		ret = sabus_codec_get_session(v->session, &ev->session, fault);
	if (v->tunnel && ret == 0)
		ret = sabus_codec_get_tunnel(v->tunnel, &ev->tunnel, fault);
	if (v->call && ret == 0)
		ret = sabus_codec_get_call(v->call, &ev->call, fault);
	if (v->reply && ret == 0)
		ret = sabus_codec_get_reply(v->reply, &ev->reply, fault);
	return ret;
}

/* Clears what is small; entries of sas[] and stats[] beyond their counts are left as they were. */
static int fill(struct sabus_event *ev, const struct sabus_msg_view *v, struct sabus_fault *fault)
{
	memset(ev, 0, offsetof(struct sabus_event, sas));
	memset(&ev->session, 0, sizeof(ev->session));
	memset(&ev->tunnel, 0, sizeof(ev->tunnel));
	memset(&ev->call, 0, sizeof(ev->call));
	memset(&ev->reply, 0, sizeof(ev->reply));
	ev->type = (enum sabus_event_type)event_type(v->type);
	ev->seq = v->seq;
	ev->revision = v->revision;
	ev->epoch = v->epoch;
	ev->answer = (enum sabus_answer)v->answer;
	ev->publisher = (enum sabus_publisher)v->publisher;
	ev->cause = (enum sabus_cause)v->cause;
	ev->sa_id = v->sa_id;
	ev->session_id = v->session_id;
	ev->error = (int)v->error;
	ev->truncated = v->truncated;
	ev->takes_failures = v->ops & SABUS_TAKES_IKE_FAILED;
	ev->ike_failure = v->ike_failure < SABUS_IKEFAIL_END ? (enum sabus_ike_failure)v->ike_failure : SABUS_IKEFAIL_NONE;
	ev->failed_ago = v->failed_ago;
	ev->op = (enum sabus_op)v->op;
	ev->flow = v->flow;
	/* A REQUEST has one text or the other: why to delete, what to initiate. */
	snprintf(ev->text, sizeof(ev->text), "%s", v->text ? v->text : v->type == SABUS_MSG_REQUEST && v->name ? v->name : "");
	return fill_nests(ev, v, fault);
}

/* 1 = *ev filled, 0 = skipped, -errno = dead. */
static int take(struct sabus *s, size_t len, struct sabus_event *ev)
{
	struct sabus_msg_view view;
	struct sabus_fault fault;
	int ret;

	if (sabus_codec_parse(s->rx, len, &view, &fault) < 0)
		return bad_message(s, &fault);
	if (event_type(view.type) == -2)
		return 0;
	ret = check_direction(s, &view, &fault);
	if (ret < 0)
		return ret;
	return fill(ev, &view, &fault) < 0 ? bad_message(s, &fault) : 1;
}

int sabus_recv(struct sabus *s, struct sabus_event *ev)
{
	int ret = 0;

	if (s->rx_dead)
		return -s->rx_dead;
	for (int i = 0; i < SKIP_MAX && ret == 0; i++) {
		int len = receive(s);

		if (len <= 0)
			return len;
		ret = take(s, (size_t)len, ev);
	}
	return ret;
}
