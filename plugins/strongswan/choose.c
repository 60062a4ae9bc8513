/* SPDX-License-Identifier: GPL-2.0-or-later */
/* choose.c - see choose.h. */
#include <errno.h>
#include <string.h>
#include "choose.h"
#include "cover.h"
#include "describe.h"

#define ONE_HOST 128 /* ike_cfg_t's measure: a single address is more than this, a network is its prefix length + 1 */

struct search {
	const struct sabus_flow *flow;
	char name[SABUS_NAME_MAX * 2];
	const char *child; /* into name; NULL = any */
	host_t *local, *remote; /* local NULL = any */
	struct choice found;
	unsigned n;
	char names[160];
};

static host_t *host_of(const struct sabus_endpoint *e)
{
	struct sockaddr_storage ss;
	size_t len;

	if (sabus_addr_is_any(&e->addr) || sabus_endpoint_to_sockaddr(e, &ss, &len) < 0)
		return NULL;
	return host_create_from_sockaddr((sockaddr_t *)&ss);
}

/* child_cfg_t.get_traffic_selectors lost two of its arguments in 6.1; its type tells which one this is. */
static linked_list_t *selectors_with_five(child_cfg_t *child, bool local, linked_list_t *hosts)
{
	linked_list_t *(*method)(child_cfg_t *, bool, linked_list_t *, linked_list_t *, bool);

	memcpy(&method, &child->get_traffic_selectors, sizeof(method));
	return method(child, local, NULL, hosts, FALSE);
}

static linked_list_t *selectors_with_three(child_cfg_t *child, bool local, linked_list_t *hosts)
{
	linked_list_t *(*method)(child_cfg_t *, bool, linked_list_t *);

	memcpy(&method, &child->get_traffic_selectors, sizeof(method));
	return method(child, local, hosts);
}

static linked_list_t *selectors(child_cfg_t *child, bool local, host_t *host)
{
	linked_list_t *hosts = linked_list_create(), *ts;

	if (host)
		hosts->insert_last(hosts, host);
	ts = _Generic(child->get_traffic_selectors,
		linked_list_t * (*)(child_cfg_t *, bool, linked_list_t *): selectors_with_three,
		default: selectors_with_five)(child, local, hosts);
	hosts->destroy(hosts);
	return ts;
}

/* An SA as this configuration would make it, as far as cover() looks. */
static bool child_fits(const struct search *q, child_cfg_t *child)
{
	struct sabus_sa sa = { .local = q->flow->local, .remote = q->flow->remote, .mode = (uint8_t)child->get_mode(child) };
	linked_list_t *local, *remote;
	struct sabus_flow flow = *q->flow;

	if (sa.mode < SABUS_MODE_TRANSPORT || sa.mode > SABUS_MODE_BEET)
		return false; /* a shunt */
	local = selectors(child, TRUE, q->local);
	remote = selectors(child, FALSE, q->remote);
	describe_selectors(&sa, local, remote);
	local->destroy_offset(local, offsetof(traffic_selector_t, destroy));
	remote->destroy_offset(remote, offsetof(traffic_selector_t, destroy));
	if (!q->local) /* whatever our address will be */
		sa.local.addr = sa.ts[0].local.from;
	flow.mark = 0; /* it is made with the SA */
	return cover(&sa, &flow);
}

static bool peer_fits(const struct search *q, peer_cfg_t *peer)
{
	ike_cfg_t *ike = peer->get_ike_cfg(peer);

	if (q->name[0])
		return !strcmp(peer->get_name(peer), q->name);
	return ike->match_other(ike, q->remote) > ONE_HOST && (!q->local || ike->match_me(ike, q->local));
}

static void take(struct search *q, peer_cfg_t *peer, child_cfg_t *child)
{
	size_t used = strlen(q->names);

	snprintf(q->names + used, sizeof(q->names) - used, "%s%s/%s", used ? ", " : "", peer->get_name(peer), child->get_name(child));
	if (q->n++ == 0)
		q->found = (struct choice){ peer->get_ref(peer), child->get_ref(child) };
}

static void search_children(struct search *q, peer_cfg_t *peer)
{
	enumerator_t *children = peer->create_child_cfg_enumerator(peer);
	child_cfg_t *child;

	while (children->enumerate(children, &child)) {
		if ((!q->child || !strcmp(child->get_name(child), q->child)) && child_fits(q, child))
			take(q, peer, child);
	}
	children->destroy(children);
}

static void search_all(struct search *q)
{
	enumerator_t *peers = charon->backends->create_peer_cfg_enumerator(charon->backends, NULL, NULL, NULL, NULL, IKE_ANY);
	peer_cfg_t *peer;

	while (peers->enumerate(peers, &peer)) {
		if (peer_fits(q, peer))
			search_children(q, peer);
	}
	peers->destroy(peers);
}

static void set_name(struct search *q, const char *connection)
{
	char *slash;

	snprintf(q->name, sizeof(q->name), "%s", connection);
	slash = strchr(q->name, '/');
	if (!slash)
		return;
	*slash = '\0';
	q->child = slash + 1;
}

static void say_none(const struct search *q, const char *connection, char *why, size_t size)
{
	char addr[SABUS_ADDR_STRLEN];

	sabus_addr_text(&q->flow->remote.addr, addr);
	if (q->name[0])
		snprintf(why, size, "connection '%.100s' is not loaded, or has no CHILD_SA for UDP %u to %s:%u", connection, q->flow->local.port, addr,
			 q->flow->remote.port);
	else
		snprintf(why, size, "no connection has the one remote address %s and a CHILD_SA for UDP %u to %u", addr, q->flow->local.port,
			 q->flow->remote.port);
}

int choose(const struct sabus_flow *flow, const char *connection, struct choice *out, char *why, size_t size)
{
	struct search q = { .flow = flow };

	set_name(&q, connection);
	q.local = host_of(&flow->local);
	q.remote = host_of(&flow->remote);
	if (q.remote)
		search_all(&q);
	DESTROY_IF(q.local);
	DESTROY_IF(q.remote);
	if (q.n == 1) {
		*out = q.found;
		return 0;
	}
	if (q.n == 0) {
		say_none(&q, connection, why, size);
		return ENOENT;
	}
	snprintf(why, size, "several fit: %s; name one", q.names);
	choice_release(&q.found);
	return EINVAL;
}

void choice_release(struct choice *c)
{
	DESTROY_IF(c->peer);
	DESTROY_IF(c->child);
	*c = (struct choice){ NULL, NULL };
}
