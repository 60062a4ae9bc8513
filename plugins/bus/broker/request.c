/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request.c - see request.h. */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "log.h"
#include "server.h"

#define REQUEST_BYTES 4096 /* the largest: a reply with all its identities */

static void answer(struct server *s, struct client *c, uint32_t seq, int err, const char *text)
{
	_Alignas(8) uint8_t buf[512];
	int len = sabus_codec_result(buf, sizeof(buf), seq, err, text);

	s->stats.failed_requests += err != 0;
	client_answer(s, c, buf, len);
}

static void unlink_request(struct server *s, struct request *r)
{
	struct requests *q = &s->requests;

	HASH_DEL(q->by_seq, r);
	if (r->asker)
		DL_DELETE2(r->asker->requests, r, aprev, anext);
	if (r->owner) {
		DL_DELETE(q->at_sessions, r);
		DL_DELETE2(r->owner->duties, r, oprev, onext);
		q->n_at_sessions--;
		return;
	}
	DL_DELETE(q->waiting, r);
	if (!r->sent)
		DL_DELETE2(q->unsent, r, uprev, unext);
	q->n--;
}

/* Its one RESULT; r is gone before the asker may be closed for not reading it. */
static void finish(struct server *s, struct request *r, int err, const char *text)
{
	struct client *asker = r->asker;
	uint32_t seq = r->asked_seq;

	unlink_request(s, r);
	free(r);
	if (asker)
		answer(s, asker, seq, err, text);
}

static uint32_t next_seq(struct requests *q)
{
	struct request *used;

	do {
		if (++q->last_seq == 0)
			q->last_seq = 1;
		HASH_FIND(hh, q->by_seq, &q->last_seq, sizeof(q->last_seq), used);
	} while (used);
	return q->last_seq;
}

static int encode(const struct sabus_msg_view *v, uint32_t seq, void *buf, size_t size)
{
	if (v->op == SABUS_OP_DELETE)
		return sabus_codec_request_delete(buf, size, seq, v->sa_id, v->text);
	return sabus_codec_request_initiate(buf, size, seq, &v->flow, v->name);
}

static void enter(struct server *s, struct client *c, const struct request *as, const void *msg, size_t len)
{
	struct requests *q = &s->requests;
	struct request *r = must_calloc(1, sizeof(*r) + len);

	r->seq = as->seq;
	r->asked_seq = as->asked_seq;
	r->lasting = as->lasting;
	r->asker = c;
	r->deadline = s->now + SABUS_REQUEST_MS;
	r->len = (uint32_t)len;
	memcpy(r->msg, msg, len);
	HASH_ADD(hh, q->by_seq, seq, sizeof(r->seq), r);
	DL_APPEND(q->waiting, r);
	DL_APPEND2(q->unsent, r, uprev, unext);
	DL_APPEND2(c->requests, r, aprev, anext);
	q->n++;
}

/* ---- to a session ---- */

static void enter_duty(struct server *s, struct client *c, struct client *owner, const struct request *as)
{
	struct requests *q = &s->requests;
	struct request *r = must_calloc(1, sizeof(*r));

	r->seq = as->seq;
	r->asked_seq = as->asked_seq;
	r->asker = c;
	r->owner = owner;
	r->sent = true;
	r->deadline = s->now + SABUS_SESSION_REQUEST_MS;
	HASH_ADD(hh, q->by_seq, seq, sizeof(r->seq), r);
	DL_APPEND(q->at_sessions, r);
	DL_APPEND2(owner->duties, r, oprev, onext);
	DL_APPEND2(c->requests, r, aprev, anext);
	q->n_at_sessions++;
}

static bool has_many_duties(const struct client *owner)
{
	const struct request *r;
	int n;

	DL_COUNT2(owner->duties, r, n, onext);
	return n >= SESSION_DUTIES_MAX;
}

/* Why the session's owner cannot be asked, or 0. */
static int no_way(const struct server *s, const struct client *owner, uint32_t op, const char **text)
{
	if (!owner) {
		*text = "no such session";
		return ENOENT;
	}
	if (!(owner->ops >> op & 1)) {
		*text = "the session's pppd does not take requests; is its sabus.so from an older version?";
		return ENOTSUP;
	}
	*text = "too many requests wait for the session, or it does not read them";
	return s->requests.n_at_sessions >= SESSION_REQUESTS_MAX || has_many_duties(owner) || client_crowded(owner) ? EBUSY : 0;
}

static int encode_for_session(const struct sabus_msg_view *v, uint32_t seq, void *buf, size_t size, struct sabus_fault *fault)
{
	struct sabus_reply reply;

	if (v->op == SABUS_OP_CLOSE)
		return sabus_codec_request_close(buf, size, seq, v->session_id, v->text);
	if (sabus_codec_get_reply(v->reply, &reply, fault) < 0)
		return -EBADMSG;
	return sabus_codec_request_change(buf, size, seq, v->session_id, &reply, v->text, fault);
}

static void ask_session(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	const struct request as = { .seq = next_seq(&s->requests), .asked_seq = v->seq };
	struct sabus_fault fault = { .msg = sabus_codec_msg_name(v->type), .what = "cannot be passed on" };
	_Alignas(8) uint8_t msg[REQUEST_BYTES];
	char line[SABUS_FAULT_STRLEN];
	struct client *owner;
	const char *text;
	int len = encode_for_session(v, as.seq, msg, sizeof(msg), &fault), err;

	if (len < 0) {
		s->stats.bad_messages++;
		client_fail(s, c, v->seq, -len, "%s", sabus_fault_text(&fault, line));
		return;
	}
	s->stats.requests++;
	HASH_FIND(shh, s->sessions, &v->session_id, sizeof(v->session_id), owner);
	err = no_way(s, owner, v->op, &text);
	if (err == 0)
		err = -client_send(owner, msg, (size_t)len);
	if (err == EAGAIN) {
		err = EBUSY;
	} else if (err == EPIPE || err == ECONNRESET) { /* its end is about to be read */
		err = EPIPE;
		text = "the session has ended";
	}
	if (err)
		answer(s, c, as.asked_seq, err, text);
	else
		enter_duty(s, c, owner, &as);
}

void requests_session_gone(struct server *s, struct client *c)
{
	while (c->duties)
		finish(s, c->duties, EPIPE, "the session ended before it answered");
}

/* ---- to the publisher ---- */

static void ask_publisher(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	_Alignas(8) uint8_t msg[REQUEST_BYTES];
	const struct request as = { .seq = next_seq(&s->requests), .asked_seq = v->seq, .lasting = v->op == SABUS_OP_DELETE };
	int len;

	if (v->op == SABUS_OP_INITIATE && !v->flow.remote.addr.family) {
		client_fail(s, c, v->seq, EINVAL, "REQUEST: FLOW without a remote address");
		return;
	}
	len = encode(v, as.seq, msg, sizeof(msg));
	if (len < 0) {
		client_fail(s, c, v->seq, -len, "REQUEST: cannot be passed on");
		return;
	}
	s->stats.requests++;
	publisher_drain(s); /* is there one?  It reads into the buffer that *v points to. */
	if (c->closing)
		return;
	if (s->table.publisher_state != SABUS_PUB_SYNCED) {
		answer(s, c, as.asked_seq, ENOTCONN, "charon is not connected to sabusd (or is still telling its SAs)");
	} else if (s->requests.n >= REQUESTS_MAX) {
		answer(s, c, as.asked_seq, EBUSY, "too many requests wait for charon");
	} else {
		enter(s, c, &as, msg, (size_t)len);
		requests_flush(s);
	}
}

void request_ask(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	if (v->op == SABUS_OP_CLOSE || v->op == SABUS_OP_CHANGE)
		ask_session(s, c, v);
	else
		ask_publisher(s, c, v);
}

void requests_flush(struct server *s)
{
	struct client *p = s->publisher;
	struct request *r, *next;
	bool full = false;

	if (!p || p->closing)
		return;
	DL_FOREACH_SAFE2(s->requests.unsent, r, next, unext) {
		int err = client_send(p, r->msg, r->len);

		full = err == -EAGAIN;
		if (err < 0) /* any other error: its end is about to be read, and all are abandoned then */
			break;
		r->sent = true;
		DL_DELETE2(s->requests.unsent, r, uprev, unext);
	}
	if (full != s->requests.full)
		client_poll_out(s, p, full);
	s->requests.full = full;
}

void request_result(struct server *s, const struct client *c, const struct sabus_msg_view *v)
{
	struct request *r;

	HASH_FIND(hh, s->requests.by_seq, &v->seq, sizeof(v->seq), r);
	if (r && r->sent && (r->owner ? r->owner == c : c == s->publisher))
		finish(s, r, (int)v->error, v->text);
}

void requests_forget(struct server *s, struct client *c)
{
	while (c->requests) {
		struct request *r = c->requests;

		if (r->lasting && !r->sent) {
			DL_DELETE2(c->requests, r, aprev, anext);
			r->asker = NULL;
			continue;
		}
		unlink_request(s, r);
		free(r);
	}
}

void requests_abandon(struct server *s)
{
	s->requests.full = false;
	while (s->requests.waiting)
		finish(s, s->requests.waiting, EPIPE, "charon closed its connection before it answered");
}

void requests_expire(struct server *s)
{
	while (s->requests.waiting && s->requests.waiting->deadline <= s->now)
		finish(s, s->requests.waiting, ETIMEDOUT, "charon did not answer; does its sabus plugin know requests?");
	while (s->requests.at_sessions && s->requests.at_sessions->deadline <= s->now)
		finish(s, s->requests.at_sessions, ETIMEDOUT, "the session's pppd did not answer");
}
