/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request.c - see request.h. */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "log.h"
#include "server.h"

#define REQUEST_BYTES 512 /* the largest: a connection's name and a flow */

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
	DL_DELETE(q->waiting, r);
	if (!r->sent)
		DL_DELETE2(q->unsent, r, uprev, unext);
	if (r->asker)
		DL_DELETE2(r->asker->requests, r, aprev, anext);
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

void request_ask(struct server *s, struct client *c, const struct sabus_msg_view *v)
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

void request_result(struct server *s, const struct sabus_msg_view *v)
{
	struct request *r;

	HASH_FIND(hh, s->requests.by_seq, &v->seq, sizeof(v->seq), r);
	if (r && r->sent)
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
}
