// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * grant.c - one link, several words about it over time; each is weighed in the same way, and only then anything is changed.
 *
 *   gate               the section's policy alone: nobody is authenticated yet
 *   authentication     grant_authorize(): the decision is made anew with the reply.  MPPE and compression are not negotiated yet, so
 *                      whatever it says can still be done, or is refused before the network phase
 *   NF_AUTH_UP         the reply belongs to this user.  A renegotiation that authenticates the same user without asking the server again keeps
 *                      it (stock radius.so asks once); another user starts with the section
 *   afterwards         grant_change(): what can be mended on a running link is (MTU, MPPE where keys are left), else it ends
 *
 * A reply is never half in force: l->merged, l->reply and l->decision change together in hold().
 */
#include "grant.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "ccp.h"
#include "close.h"
#include "host.h"
#include "lcp.h"
#include "linkapi.h"
#include "options.h"
#include "report.h"
#include "say.h"
#include "watch.h"

#define OF_POLICY                                                                                                                          \
	(SABUS_RP_ENCRYPTION | SABUS_RP_MS_POLICY | SABUS_RP_MS_TYPES | SABUS_RP_MANDATE | SABUS_RP_MIN_STRENGTH | SABUS_RP_MTU_CAP |      \
	 SABUS_RP_FRAMED_MTU)

struct weighed {
	struct sabus_reply reply;
	struct sabus_merged merged;
	struct sabus_decision d;
};

static void refuse_identity(struct sabus_decision *d, const struct sabus_sa *sa)
{
	*d = (struct sabus_decision){ .reason = SABUS_R_IDENTITY, .mppe = SABUS_MPPE_REFUSE, .ccp = SABUS_CCP_NONE };
	snprintf(d->text, sizeof(d->text), "Sabus-Allowed-IKE-Identity admits other identities than '%.150s'",
		 sa ? sa->id_eap[0] ? sa->id_eap : sa->id_remote : "(no SA)");
}

/* What would hold with this reply?  Changes nothing. */
static void weigh(const struct link *l, const struct sabus_reply *reply, struct weighed *w)
{
	const struct sabus_sa *sa = l->have_sa ? &l->sa : NULL;

	w->reply = *reply;
	sabus_reply_merge(&l->opt->policy, (uint32_t)l->opt->mtu_cap, reply, &w->merged);
	sabus_decide(l->tun.role, options_tunnel(l->opt), l->knowledge, sa, &w->merged.policy, &l->path, link_family(l), &w->d);
	if (w->d.accept && !sabus_reply_identity_fits(reply, sa))
		refuse_identity(&w->d, sa);
}

/* One line for each contradiction, however often the server repeats it. */
static void tell_contradiction(const struct link *l, const struct sabus_merged *m)
{
	if (m->contradiction && strcmp(m->text, l->merged.text) != 0)
		say_limited("sabus", LOG_WARNING, "contradiction text=\"the RADIUS reply contradicts itself: %s\"", m->text);
}

static void hold(struct link *l, const struct weighed *w)
{
	enum sabus_ccp ccp = l->decision.ccp;

	tell_contradiction(l, &w->merged);
	l->merged = w->merged;
	l->reply = w->reply;
	l->have_reply = true;
	l->decision = w->d;
	if (l->network)
		l->decision.ccp = ccp; /* negotiated already */
	if ((w->reply.has & OF_POLICY) || w->reply.n_identities)
		report_change(l, "policy");
}

/* ---- on a running link ---- */

/* Why the link cannot be brought to meet w, NULL if it can. */
static const char *obstacle(const struct link *l, const struct weighed *w)
{
	if (!w->d.accept)
		return w->d.text;
	if (w->merged.policy.encryption == SABUS_ENC_PROHIBIT && l->mppe_up)
		return "encryption is prohibited, and MPPE runs";
	if (w->d.mppe == SABUS_MPPE_REQUIRE && !l->mppe_up && l->decision.mppe != SABUS_MPPE_REQUIRE && !ccp_keys_left())
		return "MPPE is required, and there are no keys for it";
	return NULL;
}

/* 0, EINPROGRESS or EPERM as grant_change(). */
static int apply(struct link *l, const struct weighed *w, char *text, size_t size)
{
	const char *why = obstacle(l, w);
	bool waits = w->d.mppe == SABUS_MPPE_REQUIRE && !l->mppe_up;
	/* was it required before, it is being negotiated, and pppd opens the networks after it */
	bool begins = waits && l->decision.mppe != SABUS_MPPE_REQUIRE;

	if (why) {
		tell_contradiction(l, &w->merged);
		snprintf(text, size, "%s: %s", sabus_reason_word(w->d.accept ? SABUS_R_MPPE_NO_KEYS : w->d.reason), why);
		close_soon(l, SABUS_R_POLICY_CHANGED, text);
		return EPERM;
	}
	hold(l, w);
	lcp_set_interface_mtu(l, false);
	if (begins)
		ccp_demand_mppe();
	watch_publish(l);
	return waits ? EINPROGRESS : 0;
}

int grant_change(struct link *l, const struct sabus_reply *late, char *text, size_t size)
{
	const char *said = "";
	struct weighed w;
	int err;

	text[0] = 0;
	if (!link_live(l) || !l->network) {
		snprintf(text, size, "%s", l->closing ? "the session is being ended" : "the session is not authenticated yet");
		return EBUSY;
	}
	err = linkapi_change(late, false, &said);
	if (err) {
		snprintf(text, size, "%s", said);
		return err;
	}
	w.reply = l->reply;
	sabus_reply_update(&w.reply, late);
	weigh(l, &w.reply, &w);
	err = apply(l, &w, text, size);
	if (err != EPERM)
		linkapi_change(late, true, &said);
	return err;
}

/* ---- within authentication ---- */

static int deny(struct link *l, const struct weighed *w, enum sabus_reason *why)
{
	l->denied = true;
	l->denial = w->d;
	l->exit_status = sabus_reason_exit(w->d.reason);
	tell_contradiction(l, &w->merged);
	report_denied(l);
	*why = w->d.reason;
	return -EPERM;
}

static int authorize_again(struct link *l, const struct weighed *w, enum sabus_reason *why)
{
	char text[300];

	*why = SABUS_R_POLICY_CHANGED;
	return apply(l, w, text, sizeof(text)) == EPERM ? -EPERM : 0;
}

int grant_authorize(struct link *l, const struct sabus_reply *reply, enum sabus_reason *why)
{
	struct weighed w;

	*why = l->closing ? l->close_reason : SABUS_R_INTERNAL;
	if (!link_live(l))
		return -EPERM;
	weigh(l, reply, &w);
	l->fresh = true;
	if (l->network)
		return authorize_again(l, &w, why);
	if (!w.d.accept)
		return deny(l, &w, why);
	l->denied = false;
	l->exit_status = 0;
	hold(l, &w);
	*why = l->decision.reason;
	return 0;
}

/* ---- the link's life ---- */

void grant_reset(struct link *l)
{
	sabus_reply_merge(&l->opt->policy, (uint32_t)l->opt->mtu_cap, NULL, &l->merged);
	l->have_reply = l->fresh = l->denied = false;
	memset(&l->reply, 0, sizeof(l->reply));
}

void grant_renegotiate(struct link *l)
{
	l->fresh = false;
}

/* The reply was another user's, and nobody has asked for this one: he gets what the section says. */
static void forget_reply(struct link *l)
{
	struct weighed w;

	weigh(l, &(struct sabus_reply){ .has = 0 }, &w);
	grant_reset(l);
	if (w.d.accept)
		l->decision = w.d;
	else
		close_soon(l, w.d.reason, w.d.text);
}

void grant_authenticated(struct link *l)
{
	char user[MAXNAMELEN];

	if (!link_live(l))
		return;
	if (l->denied) {
		close_soon(l, l->denial.reason, l->denial.text);
		return;
	}
	if (!l->have_reply)
		return;
	ppp_peer_authname(user, sizeof(user));
	if (!l->fresh && strcmp(user, l->reply_user) != 0)
		forget_reply(l);
	snprintf(l->reply_user, sizeof(l->reply_user), "%s", user);
}

bool grant_still(struct link *l, const struct sabus_sa *sa)
{
	struct sabus_decision d;

	if (!l->have_reply || sabus_reply_identity_fits(&l->reply, sa))
		return true;
	refuse_identity(&d, sa);
	close_soon(l, SABUS_R_IDENTITY, d.text);
	return false;
}
