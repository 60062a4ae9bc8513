/* SPDX-License-Identifier: GPL-2.0-or-later */
/* initiate.c - see initiate.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "cover.h"
#include "initiate.h"

#define STATUS_NOTIFIES 16384 /* from here on notifies are no errors (RFC 7296 section 3.10.1; IKEv1's are below) */

struct waiter {
	struct asker asker;
	struct waiter *next;
};

struct initiation {
	uint32_t number;
	struct sabus_flow flow;
	char connection[INITIATE_NAME_MAX];
	uint32_t ike_id; /* 0 = not known yet */
	char child[SABUS_NAME_MAX];
	bool retrying; /* charon makes the CHILD_SA once more, with another group */
	int error;     /* if it fails */
	char said[120];
	struct waiter *waiters;
	struct initiation *prev, *next;
};

void initiate_init(struct initiations *all, struct publisher *publisher)
{
	all->publisher = publisher;
	pthread_mutex_init(&all->mutex, NULL);
}

static struct initiation *find(const struct initiations *all, uint32_t number)
{
	struct initiation *i;

	DL_FOREACH(all->list, i) {
		if (i->number == number)
			return i;
	}
	return NULL;
}

static struct initiation *find_flow(const struct initiations *all, const struct sabus_flow *flow, const char *connection)
{
	struct initiation *i;

	DL_FOREACH(all->list, i) {
		if (sabus_addr_equal(&i->flow.remote.addr, &flow->remote.addr) && i->flow.remote.port == flow->remote.port &&
		    sabus_addr_equal(&i->flow.local.addr, &flow->local.addr) && i->flow.local.port == flow->local.port &&
		    !strcmp(i->connection, connection))
			return i;
	}
	return NULL;
}

static void drop(struct initiations *all, struct initiation *i)
{
	struct waiter *w;

	while ((w = i->waiters) != NULL) {
		LL_DELETE(i->waiters, w);
		all->waiters--;
		free(w);
	}
	DL_DELETE(all->list, i);
	all->n--;
	free(i);
}

void initiate_free(struct initiations *all)
{
	while (all->list)
		drop(all, all->list);
	pthread_mutex_destroy(&all->mutex);
}

/* Mutex held. */
static void end(struct initiations *all, struct initiation *i, int error, const char *text)
{
	const struct waiter *w;

	LL_FOREACH(i->waiters, w)
		publisher_result(all->publisher, w->asker.connection, w->asker.seq, error, text);
	drop(all, i);
}

static void fail(struct initiations *all, struct initiation *i, const char *what)
{
	char text[200];

	snprintf(text, sizeof(text), "%s%s%s", what, i->said[0] ? ": " : "", i->said);
	end(all, i, i->error, text);
}

static struct initiation *add(struct initiations *all, const struct sabus_flow *flow, const char *connection)
{
	struct initiation *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	if (++all->last_number == 0)
		all->last_number = 1;
	i->number = all->last_number;
	i->flow = *flow;
	i->error = ECONNREFUSED;
	snprintf(i->connection, sizeof(i->connection), "%s", connection);
	DL_APPEND(all->list, i);
	all->n++;
	return i;
}

uint32_t initiate_begin(struct initiations *all, const struct asker *asker, const struct sabus_flow *flow, const char *connection)
{
	struct initiation *i;
	struct waiter *w = NULL;
	uint32_t number = 0;
	int error = EBUSY;

	pthread_mutex_lock(&all->mutex);
	if (all->waiters >= INITIATE_WAITERS_MAX)
		goto out;
	error = ENOMEM;
	w = calloc(1, sizeof(*w));
	if (!w)
		goto out;
	w->asker = *asker;
	i = find_flow(all, flow, connection);
	if (!i) {
		i = add(all, flow, connection);
		if (!i)
			goto out;
		number = i->number;
	}
	LL_PREPEND(i->waiters, w);
	all->waiters++;
	w = NULL;
	error = 0;
out:
	pthread_mutex_unlock(&all->mutex);
	free(w);
	if (error)
		publisher_result(all->publisher, asker->connection, asker->seq, error, "charon has too many requests waiting");
	return number;
}

void initiate_uses(struct initiations *all, uint32_t number, uint32_t ike_id, const char *child)
{
	struct initiation *i;

	pthread_mutex_lock(&all->mutex);
	i = find(all, number);
	if (i) {
		i->ike_id = ike_id;
		snprintf(i->child, sizeof(i->child), "%s", child);
	}
	pthread_mutex_unlock(&all->mutex);
}

void initiate_end(struct initiations *all, uint32_t number, int error, const char *text)
{
	struct initiation *i;

	pthread_mutex_lock(&all->mutex);
	i = find(all, number);
	if (i)
		end(all, i, error, text);
	pthread_mutex_unlock(&all->mutex);
}

void initiate_expire(struct initiations *all, uint32_t number)
{
	struct initiation *i;

	pthread_mutex_lock(&all->mutex);
	i = find(all, number);
	if (i) {
		i->error = ETIMEDOUT;
		fail(all, i, "no SA in time");
	}
	pthread_mutex_unlock(&all->mutex);
}

bool initiate_any(const struct initiations *all)
{
	return all->n != 0;
}

void initiate_installed(struct initiations *all, const struct sabus_sa *sa)
{
	struct initiation *i, *next;

	if (!initiate_any(all))
		return;
	pthread_mutex_lock(&all->mutex);
	DL_FOREACH_SAFE(all->list, i, next) {
		if (cover(sa, &i->flow))
			end(all, i, 0, "installed");
	}
	pthread_mutex_unlock(&all->mutex);
}

/* In this hook charon still says the state from which it goes. */
static bool was_being_made(struct initiation *i, child_sa_t *child)
{
	switch (child->get_state(child)) {
	case CHILD_RETRYING: i->retrying = true; return false;
	case CHILD_CREATED:
	case CHILD_INSTALLING: break;
	default: return false;
	}
	if (!i->retrying)
		return true;
	i->retrying = false;
	return false;
}

void initiate_child_gone(struct initiations *all, ike_sa_t *ike, child_sa_t *child)
{
	struct initiation *i, *next;
	uint32_t ike_id;

	if (!initiate_any(all) || !ike)
		return;
	ike_id = ike->get_unique_id(ike);
	pthread_mutex_lock(&all->mutex);
	DL_FOREACH_SAFE(all->list, i, next) {
		if (i->ike_id == ike_id && !strcmp(i->child, child->get_name(child)) && was_being_made(i, child))
			fail(all, i, "negotiation failed");
	}
	pthread_mutex_unlock(&all->mutex);
}

void initiate_ike_gone(struct initiations *all, ike_sa_t *ike)
{
	struct initiation *i, *next;
	uint32_t ike_id;

	if (!initiate_any(all) || !ike)
		return;
	ike_id = ike->get_unique_id(ike);
	pthread_mutex_lock(&all->mutex);
	DL_FOREACH_SAFE(all->list, i, next) {
		if (i->ike_id == ike_id)
			fail(all, i, "negotiation failed");
	}
	pthread_mutex_unlock(&all->mutex);
}

/* Remembers what was said; error 0: whatever it is.  A later word replaces an earlier one unless `weak`. */
static void say(struct initiations *all, ike_sa_t *ike, int error, bool weak, const char *text)
{
	uint32_t ike_id = ike->get_unique_id(ike);
	struct initiation *i;

	pthread_mutex_lock(&all->mutex);
	DL_FOREACH(all->list, i) {
		if (i->ike_id != ike_id || (weak && i->said[0]))
			continue;
		snprintf(i->said, sizeof(i->said), "%s", text);
		if (error)
			i->error = error;
	}
	pthread_mutex_unlock(&all->mutex);
}

static const char *alert_text(alert_t alert, int *error)
{
	*error = ECONNREFUSED;
	switch (alert) {
	case ALERT_RETRANSMIT_SEND_TIMEOUT:
	case ALERT_PEER_INIT_UNREACHABLE: *error = ETIMEDOUT; return "the peer does not respond";
	case ALERT_RETRANSMIT_SEND: *error = ETIMEDOUT; return "the peer has not responded yet";
	case ALERT_PEER_ADDR_FAILED: return "the peer's address cannot be resolved";
	case ALERT_LOCAL_AUTH_FAILED: return "the peer does not accept our authentication";
	case ALERT_PEER_AUTH_FAILED: return "the peer's authentication failed";
	case ALERT_PROPOSAL_MISMATCH_IKE:
	case ALERT_PROPOSAL_MISMATCH_CHILD: return "the proposals do not match";
	case ALERT_TS_MISMATCH: return "the traffic selectors do not match";
	case ALERT_INSTALL_CHILD_SA_FAILED: return "the kernel did not take the SA";
	case ALERT_INSTALL_CHILD_POLICY_FAILED: return "the kernel did not take the policies";
	case ALERT_AUTHORIZATION_FAILED: return "the peer is not authorized";
	default: return NULL;
	}
}

void initiate_alert(struct initiations *all, ike_sa_t *ike, alert_t alert)
{
	const char *text;
	int error;

	if (!initiate_any(all) || !ike)
		return;
	text = alert_text(alert, &error);
	if (text)
		say(all, ike, error, error == ECONNREFUSED, text);
}

void initiate_notify(struct initiations *all, ike_sa_t *ike, notify_type_t type)
{
	const char *name;

	if (!initiate_any(all) || type >= STATUS_NOTIFIES || type == INVALID_KE_PAYLOAD)
		return;
	name = enum_to_name(notify_type_names, (int)type);
	say(all, ike, ECONNREFUSED, false, name ? name : "a notify that charon does not know");
}
