/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tunnels.c - the L2TP tunnels and calls that xl2tpd's plugin publishes, for watchers that asked for sessions.
 *
 * A tunnel or call is an entry of the table whose blob is the message for watchers, ready to be sent; it is found by pid, tunnel id and call id.
 * Each change costs the same however many there are; a tunnel that is deleted takes its calls along, and a connection that ends takes what it owns.
 *
 * Owner is the newest connection of the process that has put it.  An older one, whose last messages are read after the newer one's first ones, has no say
 * any more.  For people and tools: what does not fit (--max-tunnels), or is a call of a tunnel that is not there, is left out with a log line, and
 * the connection lives.
 */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>
#include "log.h"
#include "server.h"

static uint64_t key_of(uint32_t pid, uint16_t tunnel_id, uint16_t call_id)
{
	return (uint64_t)pid << 32 | (uint32_t)tunnel_id << 16 | call_id;
}

static uint16_t call_of(uint64_t key)
{
	return (uint16_t)key;
}

static struct l2tp *find(const struct server *s, uint64_t key)
{
	struct l2tp *l;

	HASH_FIND(hh, s->l2tp, &key, sizeof(key), l);
	return l;
}

static struct l2tp *tunnel_of(const struct server *s, uint64_t key)
{
	return find(s, key & ~UINT64_C(0xffff));
}

static int encode_del(uint64_t key, void *buf, size_t size)
{
	const struct sabus_call_info call = { .pid = (uint32_t)(key >> 32), .tunnel_id = (uint16_t)(key >> 16), .call_id = call_of(key) };
	const struct sabus_tunnel_info tunnel = { .pid = call.pid, .tunnel_id = call.tunnel_id };

	if (call.call_id)
		return sabus_codec_call(buf, size, SABUS_MSG_CALL_DEL, &call, NULL);
	return sabus_codec_tunnel(buf, size, SABUS_MSG_TUNNEL_DEL, &tunnel, NULL);
}

static void remove_one(struct server *s, struct l2tp *l)
{
	struct l2tp *tunnel = call_of(l->key) ? tunnel_of(s, l->key) : NULL;
	_Alignas(8) uint8_t msg[128];
	int len = encode_del(l->key, msg, sizeof(msg));

	table_message_del(&s->table, l->entry, msg, (size_t)len);
	if (tunnel)
		DL_DELETE2(tunnel->calls, l, cprev, cnext);
	DL_DELETE2(l->owner->l2tp, l, oprev, onext);
	HASH_DEL(s->l2tp, l);
	free(l);
}

/* With its calls, which are told first. */
static void remove_all(struct server *s, struct l2tp *l)
{
	while (l->calls)
		remove_one(s, l->calls);
	remove_one(s, l);
}

void tunnels_gone(struct server *s, struct client *c)
{
	while (c->l2tp)
		remove_all(s, c->l2tp);
}

static void own(struct l2tp *l, struct client *c)
{
	if (l->owner == c)
		return;
	if (l->owner)
		DL_DELETE2(l->owner->l2tp, l, oprev, onext);
	l->owner = c;
	DL_PREPEND2(c->l2tp, l, oprev, onext);
}

static struct l2tp *add(struct server *s, uint64_t key, struct l2tp *tunnel)
{
	struct l2tp *l = must_calloc(1, sizeof(*l));

	l->key = key;
	l->entry = table_message_new(&s->table, call_of(key) ? ENTRY_CALL : ENTRY_TUNNEL);
	HASH_ADD(hh, s->l2tp, key, sizeof(l->key), l);
	if (tunnel)
		DL_PREPEND2(tunnel->calls, l, cprev, cnext);
	return l;
}

/* The entry to be written, or NULL: it is left out, for a reason that the log has. */
static struct l2tp *place(struct server *s, struct client *c, uint64_t key)
{
	struct l2tp *l = find(s, key), *tunnel = call_of(key) ? tunnel_of(s, key) : NULL;
	const unsigned int tunnel_id = (uint16_t)(key >> 16), call_id = call_of(key);

	if (l && l->owner->serial > c->serial)
		return NULL;
	if (!l && call_id && !tunnel) {
		s->stats.dropped++;
		log_limited(LOG_WARNING, "left-out name=\"%s\" pid=%u tunnel=%u call=%u text=\"a call of a tunnel that it has not put\"",
			    c->name, c->pid, tunnel_id, call_id);
		return NULL;
	}
	if (!l && HASH_COUNT(s->l2tp) >= s->opt->max_tunnels) {
		s->stats.dropped++;
		log_limited(LOG_ERR,
			    "left-out name=\"%s\" pid=%u tunnel=%u call=%u limit=%u text=\"no more tunnels and calls fit: it will not be "
			    "shown\" "
			    "remedy=\"raise --max-tunnels\"",
			    c->name, c->pid, tunnel_id, call_id, s->opt->max_tunnels);
		return NULL;
	}
	if (!l)
		l = add(s, key, tunnel);
	own(l, c);
	return l;
}

static void put(struct server *s, struct client *c, uint64_t key, int len)
{
	struct l2tp *l = place(s, c, key);

	if (l)
		table_message_put(&s->table, l->entry, s->out, (size_t)len);
}

static void del(struct server *s, const struct client *c, uint64_t key)
{
	struct l2tp *l = find(s, key);

	if (l && l->owner->serial <= c->serial)
		remove_all(s, l);
}

static void refuse(struct server *s, struct client *c, uint32_t seq, const struct sabus_fault *fault)
{
	char text[SABUS_FAULT_STRLEN];

	s->stats.bad_messages++;
	client_fail(s, c, seq, EBADMSG, "%s", sabus_fault_text(fault, text));
}

static void tunnel_message(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	struct sabus_fault fault = { .msg = sabus_codec_msg_name(v->type) };
	struct sabus_tunnel_info tunnel;
	uint64_t key;

	if (sabus_codec_get_tunnel(v->tunnel, &tunnel, &fault) < 0) {
		refuse(s, c, v->seq, &fault);
		return;
	}
	tunnel.pid = c->pid;
	key = key_of(c->pid, tunnel.tunnel_id, 0);
	if (v->type == SABUS_MSG_TUNNEL_PUT)
		put(s, c, key, sabus_codec_tunnel(s->out, sizeof(s->out), SABUS_MSG_TUNNEL_PUT, &tunnel, NULL));
	else
		del(s, c, key);
}

static void call_message(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	struct sabus_fault fault = { .msg = sabus_codec_msg_name(v->type) };
	struct sabus_call_info call;
	uint64_t key;

	if (sabus_codec_get_call(v->call, &call, &fault) < 0) {
		refuse(s, c, v->seq, &fault);
		return;
	}
	call.pid = c->pid;
	key = key_of(c->pid, call.tunnel_id, call.call_id);
	if (v->type == SABUS_MSG_CALL_PUT)
		put(s, c, key, sabus_codec_call(s->out, sizeof(s->out), SABUS_MSG_CALL_PUT, &call, NULL));
	else
		del(s, c, key);
}

void tunnels_message(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	if (v->type == SABUS_MSG_TUNNEL_PUT || v->type == SABUS_MSG_TUNNEL_DEL)
		tunnel_message(s, c, v);
	else
		call_message(s, c, v);
}
