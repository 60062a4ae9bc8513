/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listener.c - see listener.h. */
#include <encoding/payloads/notify_payload.h>
#include "describe.h"
#include "listener.h"
#include "refresh.h"
#include "report.h"

static struct sabus_listener *from_public(listener_t *public)
{
	return (struct sabus_listener *)public;
}

static void put(struct sabus_listener *l, const struct sabus_sa *sa)
{
	int r = publisher_put(l->publisher, sa);

	if (r < 0)
		report_unpublished(sa, r);
}

/* Why a CHILD_SA goes: charon's hooks do not tell, what was published of it and its hard lifetime do. */
static enum sabus_cause cause_of(const struct sabus_sa *sa)
{
	if (sa->state == SABUS_SA_PENDING)
		return SABUS_CAUSE_FAILED;
	if (sa->state == SABUS_SA_REKEYED)
		return SABUS_CAUSE_REKEYED;
	if (sa->expires_at && sa->expires_at <= (uint64_t)time_monotonic(NULL))
		return SABUS_CAUSE_EXPIRED;
	return SABUS_CAUSE_DELETED;
}

static void forget(struct sabus_listener *l, child_sa_t *child)
{
	struct sabus_sa sa;
	uint32_t id = child->get_unique_id(child);

	/* Also one that could not be kept: it is not missing any more. */
	publisher_del(l->publisher, id, publisher_get(l->publisher, id, &sa) ? cause_of(&sa) : SABUS_CAUSE_DELETED);
}

static void announce_pending(struct sabus_listener *l, ike_sa_t *ike, child_sa_t *child, linked_list_t *local, linked_list_t *remote)
{
	struct sabus_sa sa;

	describe_pending(ike, child, local, remote, &sa);
	sa.state = SABUS_SA_PENDING;
	if (sabus_sa_can_carry_l2tp(&sa))
		put(l, &sa);
	else
		forget(l, child); /* narrowed away from L2TP since it was announced */
}

static void announce_installed(struct sabus_listener *l, ike_sa_t *ike, child_sa_t *child)
{
	struct sabus_sa sa, was;

	describe(ike, child, &sa);
	if (!sa.spi_in || !sabus_sa_can_carry_l2tp(&sa)) {
		forget(l, child); /* a trap, or not ours to tell; it may have been announced */
		return;
	}
	sa.state = SABUS_SA_INSTALLED;
	/* charon says INSTALLED again when an attempt to rekey failed; what it once replaced is kept, also when that is gone. */
	if (publisher_get(l->publisher, sa.id, &was) && was.state != SABUS_SA_PENDING)
		sa.replaces = was.replaces;
	else
		sa.replaces = publisher_predecessor(l->publisher, &sa);
	if (sa.replaces)
		request_replaced(l->requests, sa.replaces, sa.id);
	put(l, &sa);
	initiate_installed(&l->requests->initiations, &sa);
}

static bool on_narrow(listener_t *public, ike_sa_t *ike, child_sa_t *child, narrow_hook_t type, linked_list_t *local, linked_list_t *remote)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start = hooktime_now();

	/* The initiator's PRE hooks show what is configured, before the peer has chosen. */
	if (ike && type != NARROW_INITIATOR_PRE_NOAUTH && type != NARROW_INITIATOR_PRE_AUTH)
		announce_pending(l, ike, child, local, remote);
	hooktime_add(&l->time, start);
	return TRUE;
}

static bool on_child_state_change(listener_t *public, ike_sa_t *ike, child_sa_t *child, child_sa_state_t state)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start = hooktime_now();

	if (state == CHILD_INSTALLED && ike) {
		announce_installed(l, ike, child);
	} else if (state == CHILD_DESTROYING) {
		forget(l, child);
		request_child_gone(l->requests, child->get_unique_id(child));
		initiate_child_gone(&l->requests->initiations, ike, child);
	}
	hooktime_add(&l->time, start);
	return TRUE;
}

static bool on_child_updown(listener_t *public, ike_sa_t *ike, child_sa_t *child, bool up)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start = hooktime_now();

	(void)ike;
	if (!up)
		forget(l, child);
	hooktime_add(&l->time, start);
	return TRUE;
}

/* The new one first: nobody may see the old one rekeyed without its successor. */
static void tell_rekey(struct sabus_listener *l, ike_sa_t *ike, child_sa_t *old, child_sa_t *new)
{
	struct sabus_sa sa, was;

	if (!publisher_get(l->publisher, old->get_unique_id(old), &was))
		return;
	if (publisher_get(l->publisher, new->get_unique_id(new), &sa)) {
		describe(ike, new, &sa);
		sa.state = SABUS_SA_INSTALLED;
		sa.replaces = was.id;
		request_replaced(l->requests, was.id, sa.id);
		put(l, &sa);
	}
	was.state = SABUS_SA_REKEYED;
	put(l, &was);
}

static bool on_child_rekey(listener_t *public, ike_sa_t *ike, child_sa_t *old, child_sa_t *new)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start = hooktime_now();

	if (ike)
		tell_rekey(l, ike, old, new);
	hooktime_add(&l->time, start);
	return TRUE;
}

/* Is there anything of this IKE_SA that we have told? */
static bool has_known_child(struct sabus_listener *l, ike_sa_t *ike)
{
	enumerator_t *children = ike->create_child_sa_enumerator(ike);
	child_sa_t *child;
	bool known = false;

	while (!known && children->enumerate(children, &child))
		known = publisher_has(l->publisher, child->get_unique_id(child));
	children->destroy(children);
	return known;
}

static bool on_ike_update(listener_t *public, ike_sa_t *ike, host_t *local, host_t *remote)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start = hooktime_now();

	(void)local;
	(void)remote;
	if (ike && has_known_child(l, ike)) /* it fires for each half-open IKE_SA that moves to port 4500, too */
		refresh_later(l->publisher, ike->get_unique_id(ike));
	hooktime_add(&l->time, start);
	return TRUE;
}

static bool on_ike_rekey(listener_t *public, ike_sa_t *old, ike_sa_t *new)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start = hooktime_now();

	(void)old;
	if (new)
		refresh_later(l->publisher, new->get_unique_id(new));
	hooktime_add(&l->time, start);
	return TRUE;
}

/* Called twice: with the new IKE_SA's id before the children move, with NULL after; only then ike is their new one. */
static bool on_children_migrate(listener_t *public, ike_sa_t *ike, ike_sa_id_t *new, uint32_t unique)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start = hooktime_now();

	(void)unique;
	if (ike && !new)
		refresh_later(l->publisher, ike->get_unique_id(ike));
	hooktime_add(&l->time, start);
	return TRUE;
}

static bool on_ike_state_change(listener_t *public, ike_sa_t *ike, ike_sa_state_t state)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start;

	if (state != IKE_DESTROYING || !initiate_any(&l->requests->initiations))
		return TRUE;
	start = hooktime_now();
	initiate_ike_gone(&l->requests->initiations, ike);
	hooktime_add(&l->time, start);
	return TRUE;
}

static bool on_alert(listener_t *public, ike_sa_t *ike, alert_t alert, va_list args)
{
	struct sabus_listener *l = from_public(public);
	uint64_t start;

	(void)args;
	if (!ike)
		return TRUE;
	start = hooktime_now();
	failure_alert(l->failures, ike, alert);
	initiate_alert(&l->requests->initiations, ike, alert);
	hooktime_add(&l->time, start);
	return TRUE;
}

static void on_notify(struct sabus_listener *l, ike_sa_t *ike, message_t *message, bool incoming, notify_type_t type)
{
	failure_notify(l->failures, ike, message, type);
	if (incoming)
		initiate_notify(&l->requests->initiations, ike, type);
}

static bool on_message(listener_t *public, ike_sa_t *ike, message_t *message, bool incoming, bool plain)
{
	struct sabus_listener *l = from_public(public);
	enumerator_t *payloads;
	payload_t *payload;
	uint64_t start;

	if (!plain || !ike)
		return TRUE;
	start = hooktime_now();
	payloads = message->create_payload_enumerator(message);
	while (payloads->enumerate(payloads, &payload)) {
		notify_payload_t *notify = (notify_payload_t *)payload;
		payload_type_t type = payload->get_type(payload);

		if (type == PLV2_NOTIFY || type == PLV1_NOTIFY)
			on_notify(l, ike, message, incoming, notify->get_notify_type(notify));
	}
	payloads->destroy(payloads);
	hooktime_add(&l->time, start);
	return TRUE;
}

void listener_init(struct sabus_listener *l, struct publisher *publisher, struct sabus_requests *requests, struct ike_failures *failures)
{
	l->publisher = publisher;
	l->failures = failures;
	l->requests = requests;
	l->public.narrow = on_narrow;
	l->public.child_state_change = on_child_state_change;
	l->public.child_updown = on_child_updown;
	l->public.child_rekey = on_child_rekey;
	l->public.ike_state_change = on_ike_state_change;
	l->public.alert = on_alert;
	l->public.message = on_message;
	l->public.ike_update = on_ike_update;
	l->public.ike_rekey = on_ike_rekey;
	l->public.children_migrate = on_children_migrate;
}
