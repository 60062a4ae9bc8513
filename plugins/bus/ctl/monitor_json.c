/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor_json.c - an event as an object on a line of its own.
 */
#include "config.h"
#include <time.h>
#include "json.h"
#include "monitor.h"
#include "words.h"

/* Every line has these. */
static struct json_object *event(const char *name)
{
	struct json_object *o = json_begin();
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_text(o, "event", name);
	json_object_object_add(o, "time", json_object_new_int64((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000));
	return o;
}

static struct json_object *sa_put(const struct sabus_event *ev)
{
	struct json_object *o = event("sa-put");

	json_number(o, "revision", ev->revision);
	json_object_object_add(o, "sa", json_sa(&ev->sas[0]));
	return o;
}

static struct json_object *sa_del(const struct sabus_event *ev)
{
	struct json_object *o = event("sa-del");

	json_number(o, "revision", ev->revision);
	json_number(o, "id", ev->sa_id);
	json_text(o, "cause", sabus_cause_name(ev->cause));
	return o;
}

static struct json_object *session_put(const struct view *v, const struct sabus_event *ev)
{
	struct traffic *traffic = traffic_new();
	struct json_object *o = event("session-put");

	json_object_object_add(o, "session", json_session(v, ev->session_id, &ev->session, traffic));
	traffic_free(traffic);
	return o;
}

static struct json_object *session_del(const struct sabus_event *ev)
{
	struct json_object *o = event("session-del");

	json_number(o, "id", ev->session_id);
	return o;
}

static struct json_object *tunnel_del(const struct sabus_tunnel_info *t)
{
	struct json_object *o = event("tunnel-del");

	json_number(o, "pid", t->pid);
	json_number(o, "tunnel_id", t->tunnel_id);
	return o;
}

static struct json_object *call_del(const struct sabus_call_info *c)
{
	struct json_object *o = event("call-del");

	json_number(o, "pid", c->pid);
	json_number(o, "tunnel_id", c->tunnel_id);
	json_number(o, "call_id", c->call_id);
	return o;
}

static struct json_object *with(const char *name, const char *key, struct json_object *value)
{
	struct json_object *o = event(name);

	json_object_object_add(o, key, value);
	return o;
}

static struct json_object *object(const struct view *v, const struct sabus_event *ev)
{
	switch (ev->type) {
	case SABUS_EV_SA_PUT: return sa_put(ev);
	case SABUS_EV_SA_DEL: return sa_del(ev);
	case SABUS_EV_SESSION_PUT: return session_put(v, ev);
	case SABUS_EV_SESSION_DEL: return session_del(ev);
	case SABUS_EV_TUNNEL_PUT: return with("tunnel-put", "tunnel", json_tunnel(v, &ev->tunnel));
	case SABUS_EV_TUNNEL_DEL: return tunnel_del(&ev->tunnel);
	case SABUS_EV_CALL_PUT: return with("call-put", "call", json_call(v, &ev->call));
	case SABUS_EV_CALL_DEL: return call_del(&ev->call);
	case SABUS_EV_PUBLISHER: return with("publisher", "state", json_object_new_string(publisher_word(ev->publisher)));
	case SABUS_EV_RESYNC: return event("resync");
	case SABUS_EV_DONE: return with("done", "revision", json_object_new_uint64(ev->revision));
	default: return NULL;
	}
}

void monitor_json(const struct view *v, const struct sabus_event *ev)
{
	struct json_object *o = object(v, ev);

	if (o)
		json_line(o);
}

void monitor_lost_json(const char *why)
{
	struct json_object *o = event("lost");

	json_text(o, "text", why);
	json_line(o);
}
