/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.c - a watcher's copy of the table: events in, rows out.  The snapshot is there when DONE comes.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include "view.h"

static void *row(size_t size)
{
	void *p = calloc(1, size);

	if (!p) {
		fputs("sabusctl: out of memory\n", stderr);
		exit(CTL_FAILED);
	}
	return p;
}

static void drop_sa(struct view *v, uint32_t id)
{
	struct sa_row *r;

	HASH_FIND(hh, v->sas, &id, sizeof(id), r);
	if (!r)
		return;
	HASH_DEL(v->sas, r);
	free(r);
}

static void put_sa(struct view *v, const struct sabus_sa *sa)
{
	struct sa_row *r = row(sizeof(*r));

	drop_sa(v, sa->id);
	r->sa = *sa;
	HASH_ADD(hh, v->sas, sa.id, sizeof(r->sa.id), r);
}

static void drop_session(struct view *v, uint32_t id)
{
	struct session_row *r;

	HASH_FIND(hh, v->sessions, &id, sizeof(id), r);
	if (!r)
		return;
	HASH_DELETE(hh_pid, v->by_pid, r);
	HASH_DEL(v->sessions, r);
	free(r);
}

static void put_session(struct view *v, uint32_t id, const struct sabus_session *session)
{
	struct session_row *r = row(sizeof(*r));

	drop_session(v, id);
	r->id = id;
	r->session = *session;
	HASH_ADD(hh, v->sessions, id, sizeof(r->id), r);
	HASH_ADD(hh_pid, v->by_pid, session.pid, sizeof(r->session.pid), r);
}

static void drop_tunnel(struct view *v, uint64_t key)
{
	struct tunnel_row *r;

	HASH_FIND(hh, v->tunnels, &key, sizeof(key), r);
	if (!r)
		return;
	HASH_DEL(v->tunnels, r);
	free(r);
}

static uint64_t tunnel_key(const struct sabus_tunnel_info *t)
{
	return (uint64_t)t->pid << 32 | t->tunnel_id;
}

static void put_tunnel(struct view *v, const struct sabus_tunnel_info *tunnel)
{
	struct tunnel_row *r = row(sizeof(*r));

	r->key = tunnel_key(tunnel);
	drop_tunnel(v, r->key);
	r->tunnel = *tunnel;
	HASH_ADD(hh, v->tunnels, key, sizeof(r->key), r);
}

static void drop_call(struct view *v, uint64_t key)
{
	struct call_row *r;

	HASH_FIND(hh, v->calls, &key, sizeof(key), r);
	if (!r)
		return;
	HASH_DEL(v->calls, r);
	free(r);
}

static uint64_t call_key(const struct sabus_call_info *c)
{
	return (uint64_t)c->pid << 32 | (uint32_t)c->tunnel_id << 16 | c->call_id;
}

static void put_call(struct view *v, const struct sabus_call_info *call)
{
	struct call_row *r = row(sizeof(*r));

	r->key = call_key(call);
	drop_call(v, r->key);
	r->call = *call;
	HASH_ADD(hh, v->calls, key, sizeof(r->key), r);
}

void view_apply(struct view *v, const struct sabus_event *ev)
{
	switch (ev->type) {
	case SABUS_EV_SA_PUT: put_sa(v, &ev->sas[0]); break;
	case SABUS_EV_SA_DEL: drop_sa(v, ev->sa_id); break;
	case SABUS_EV_SESSION_PUT: put_session(v, ev->session_id, &ev->session); break;
	case SABUS_EV_SESSION_DEL: drop_session(v, ev->session_id); break;
	case SABUS_EV_TUNNEL_PUT: put_tunnel(v, &ev->tunnel); break;
	case SABUS_EV_TUNNEL_DEL: drop_tunnel(v, tunnel_key(&ev->tunnel)); break;
	case SABUS_EV_CALL_PUT: put_call(v, &ev->call); break;
	case SABUS_EV_CALL_DEL: drop_call(v, call_key(&ev->call)); break;
	case SABUS_EV_PUBLISHER: v->publisher = ev->publisher; break;
	case SABUS_EV_RESYNC: view_free(v); break;
	case SABUS_EV_DONE: v->revision = ev->revision; break;
	default: break;
	}
}

static int by_sa(const struct sa_row *a, const struct sa_row *b)
{
	return a->sa.id < b->sa.id ? -1 : a->sa.id > b->sa.id;
}

static int by_session(const struct session_row *a, const struct session_row *b)
{
	return a->id < b->id ? -1 : a->id > b->id;
}

static int by_tunnel(const struct tunnel_row *a, const struct tunnel_row *b)
{
	return a->key < b->key ? -1 : a->key > b->key;
}

static int by_call(const struct call_row *a, const struct call_row *b)
{
	return a->key < b->key ? -1 : a->key > b->key;
}

int view_try_load(struct ctl *c, struct view *v, const char **why)
{
	int r;

	*v = (struct view){ 0 };
	*why = NULL;
	r = sabus_watch(c->bus, NULL, true);
	if (r < 0)
		*why = sabus_strerror(c->bus);
	while (r == 0) {
		r = ctl_receive(c, CTL_TIMEOUT_MS, why);
		if (r == 0)
			view_apply(v, &c->ev);
		if (r == 0 && c->ev.type == SABUS_EV_DONE)
			break;
	}
	HASH_SORT(v->sas, by_sa);
	HASH_SORT(v->sessions, by_session);
	HASH_SORT(v->tunnels, by_tunnel);
	HASH_SORT(v->calls, by_call);
	return r;
}

int view_load(struct ctl *c, struct view *v)
{
	const char *why;
	int r = view_try_load(c, v, &why);

	return r == 0 ? CTL_OK : ctl_failed(c, why);
}

void view_free(struct view *v)
{
	struct sa_row *sa, *sa_next;
	struct session_row *s, *s_next;
	struct tunnel_row *t, *t_next;
	struct call_row *c, *c_next;

	HASH_ITER(hh, v->sas, sa, sa_next) {
		HASH_DEL(v->sas, sa);
		free(sa);
	}
	HASH_ITER(hh, v->sessions, s, s_next) {
		HASH_DELETE(hh_pid, v->by_pid, s);
		HASH_DEL(v->sessions, s);
		free(s);
	}
	HASH_ITER(hh, v->tunnels, t, t_next) {
		HASH_DEL(v->tunnels, t);
		free(t);
	}
	HASH_ITER(hh, v->calls, c, c_next) {
		HASH_DEL(v->calls, c);
		free(c);
	}
}

void view_keep_shown(struct view *v)
{
	struct sa_row *sa, *sa_next;
	struct session_row *s, *s_next;
	struct tunnel_row *t, *t_next;
	struct call_row *c, *c_next;

	HASH_ITER(hh, v->sas, sa, sa_next) {
		if (!sa->shown)
			drop_sa(v, sa->sa.id);
	}
	HASH_ITER(hh, v->sessions, s, s_next) {
		if (!s->shown)
			drop_session(v, s->id);
	}
	HASH_ITER(hh, v->tunnels, t, t_next) {
		if (!t->shown)
			drop_tunnel(v, t->key);
	}
	HASH_ITER(hh, v->calls, c, c_next) {
		if (!c->shown)
			drop_call(v, c->key);
	}
}

struct sa_row *view_sa_row(const struct view *v, uint32_t id)
{
	struct sa_row *r;

	HASH_FIND(hh, v->sas, &id, sizeof(id), r);
	return r;
}

const struct sabus_sa *view_sa(const struct view *v, uint32_t id)
{
	const struct sa_row *r = view_sa_row(v, id);

	return r ? &r->sa : NULL;
}

struct session_row *view_session(const struct view *v, uint32_t id)
{
	struct session_row *r;

	HASH_FIND(hh, v->sessions, &id, sizeof(id), r);
	return r;
}

struct tunnel_row *view_tunnel(const struct view *v, uint32_t pid, uint16_t tunnel_id)
{
	const struct sabus_tunnel_info wanted = { .pid = pid, .tunnel_id = tunnel_id };
	uint64_t key = tunnel_key(&wanted);
	struct tunnel_row *r;

	HASH_FIND(hh, v->tunnels, &key, sizeof(key), r);
	return r;
}

struct session_row *view_session_of(const struct view *v, const struct sabus_call_info *call)
{
	struct session_row *r = NULL;

	if (call->pppd_pid)
		HASH_FIND(hh_pid, v->by_pid, &call->pppd_pid, sizeof(call->pppd_pid), r);
	return r;
}
