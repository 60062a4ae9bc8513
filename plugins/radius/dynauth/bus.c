// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bus.c - see bus.h.
 */
#include <errno.h>
#include <string.h>
#include "bus.h"
#include "log.h"

void bus_init(struct bus *b, const char *path, struct dynauth *d)
{
	memset(b, 0, sizeof(*b));
	b->path = path;
	b->dynauth = d;
	b->pause = BUS_PAUSE_MIN;
}

static void lost(struct bus *b, int err, const char *text, int64_t now, int64_t clock)
{
	if (!b->told)
		dyn_log(DYN_LOG_OWN, LOG_WARNING, "bus-down path=\"%s\" errno=%s text=\"%s\"", b->path,
			strerrorname_np(err) ? strerrorname_np(err) : "?", text);
	b->told = true;
	sabus_close(b->s);
	b->s = NULL;
	b->again = now + b->pause;
	b->pause = b->pause * 2 > BUS_PAUSE_MAX ? BUS_PAUSE_MAX : b->pause * 2;
	dynauth_bus_lost(b->dynauth, clock);
}

void bus_turn(struct bus *b, int64_t now, int64_t clock)
{
	int ret;

	if (b->s || now < b->again)
		return;
	ret = sabus_open(&b->s, b->path, "dynauth", 0);
	if (ret == 0)
		ret = sabus_watch(b->s, NULL, true);
	if (ret < 0)
		lost(b, -ret, ret == -EACCES ? "is session.sock this user's? see sabusd(8)" : b->s ? sabus_strerror(b->s) : strerror(-ret), now, clock);
}

int bus_fd(const struct bus *b)
{
	return b->s ? sabus_fd(b->s) : -1;
}

int bus_patience(const struct bus *b, int64_t now)
{
	if (b->s)
		return -1;
	return b->again > now ? (int)(b->again - now) : 0;
}

static void ready(struct bus *b)
{
	if (!b->dynauth->ready)
		dyn_log(DYN_LOG_OWN, LOG_INFO, "bus-up path=\"%s\" sessions=%u", b->path, HASH_COUNT(b->dynauth->known.sessions));
	b->dynauth->ready = true;
	b->told = false;
	b->pause = BUS_PAUSE_MIN;
}

/* 0, or -errno: the connection is of no use any more. */
static int event(struct bus *b, int64_t clock)
{
	struct dynauth *d = b->dynauth;
	const struct sabus_event *ev = &b->ev;

	switch (ev->type) {
	case SABUS_EV_SESSION_PUT: return known_session_put(&d->known, ev->session_id, &ev->session);
	case SABUS_EV_SESSION_DEL: known_session_del(&d->known, ev->session_id); break;
	case SABUS_EV_SA_PUT: return known_sa_put(&d->known, &ev->sas[0]);
	case SABUS_EV_SA_DEL: known_sa_del(&d->known, ev->sa_id); break;
	case SABUS_EV_RESYNC:
		known_clear(&d->known);
		d->ready = false;
		break;
	case SABUS_EV_DONE: ready(b); break;
	case SABUS_EV_RESULT: dynauth_result(d, ev->seq, ev->error, ev->text, clock); break;
	case SABUS_EV_ERROR: return -EPROTO;
	default: break;
	}
	return 0;
}

void bus_readable(struct bus *b, int64_t now, int64_t clock)
{
	for (int i = 0; i < BUS_BURST && b->s; i++) {
		int got = sabus_recv(b->s, &b->ev), ret;

		if (got == 0)
			return;
		if (got < 0) {
			lost(b, -got, sabus_strerror(b->s), now, clock);
			return;
		}
		ret = event(b, clock);
		if (ret < 0)
			lost(b, -ret, ret == -EPROTO ? b->ev.text : strerror(-ret), now, clock);
	}
}

int bus_ask(struct bus *b, uint32_t session_id, const struct dyn_request *rq, const char *why, uint32_t *seq)
{
	int ret = -ENOTCONN;

	if (b->s && rq->disconnect)
		ret = sabus_request_close(b->s, session_id, why, seq);
	else if (b->s)
		ret = sabus_request_change(b->s, session_id, &rq->reply, why, seq);
	return ret < 0 && ret != -EAGAIN ? -ENOTCONN : ret; /* the end of the connection is about to be read */
}

void bus_close(struct bus *b)
{
	sabus_close(b->s);
	b->s = NULL;
}
