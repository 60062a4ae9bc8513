// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * judge.c - every way that is not an explicit acceptance ends in a refusal, at the latest when the time is over.
 *
 * "No SA" is definite on the LNS: charon publishes an SA before the kernel can carry a packet on it, so a peer whose SCCRQ is here and whose
 * SA is not in the table came without one.  A LAC has it brought up instead.
 */
#include <stdio.h>
#include <string.h>
#include "answer.h"
#include "judge.h"

static void set(struct judge_verdict *v, enum judge_step step, enum sabus_reason reason, const char *text)
{
	memset(v, 0, sizeof(*v));
	v->step = step;
	v->reason = reason;
	if (text)
		snprintf(v->text, sizeof(v->text), "%s", text);
}

/* The peer's user reads it, cut at 119 bytes, and its administrator: what happened and what helps. */
static const char ambiguous[] = "clients behind one NAT share this port; unique marks on the gateway's SAs tell them apart";

/* What the policy says of the SA, or of none. */
static void by_policy(const struct judge_request *r, enum sabus_knowledge known, struct judge_verdict *v)
{
	struct sabus_policy p = sabus_policy_defaults();
	struct sabus_decision d;

	p.encryption = SABUS_ENC_ALLOW; /* whether PPP shall encrypt is pppd's matter */
	p.ipsec_optional = r->optional || r->clear_peer;
	p.allow_tunnel_mode = r->any_mode;
	p.min_strength = r->min_strength;
	sabus_decide(r->role, SABUS_TUNNEL_VOLUNTARY, known, r->sa, &p, NULL, AF_INET, &d);
	/* without an SA its sentence is about PPP's policy, which is not ours: the reason's own is better */
	set(v, d.accept ? JUDGE_ACCEPT : JUDGE_REFUSE, d.reason, d.accept || known != SABUS_K_SA ? NULL : d.text);
	v->on_sa = d.on_sa;
	if (d.accept && !d.on_sa && r->clear_peer && !r->optional)
		v->reason = SABUS_R_OK_CLEAR_PEER;
}

static void with_sa(const struct judge_request *r, struct judge_verdict *v)
{
	if (r->taken) {
		set(v, JUDGE_REFUSE, SABUS_R_SA_AMBIGUOUS, ambiguous);
		return;
	}
	by_policy(r, SABUS_K_SA, v);
	if (v->step == JUDGE_ACCEPT && !r->can_pin)
		set(v, JUDGE_REFUSE, SABUS_R_PIN_FAILED,
		    "a tunnel cannot be held to an SA with an interface id, or with IPComp in tunnel mode");
}

static void impossible(const struct judge_request *r, struct judge_verdict *v, const char *text)
{
	by_policy(r, SABUS_K_NONE, v);
	if (v->step == JUDGE_REFUSE)
		set(v, JUDGE_REFUSE, SABUS_R_SA_IMPOSSIBLE, text);
}

static void dialling(const struct judge_request *r, struct judge_verdict *v)
{
	switch (r->dial) {
	case DIAL_NONE: set(v, JUDGE_INITIATE, SABUS_R_SA_PENDING, NULL); break;
	case DIAL_DONE:
		impossible(r, v, "charon says that it is up, but no SA covers the tunnel; see the selectors of the connection");
		break;
	case DIAL_FAILED: impossible(r, v, r->dial_text); break;
	default: set(v, JUDGE_WAIT, SABUS_R_SA_PENDING, NULL); break;
	}
	if (r->expired && (v->step == JUDGE_WAIT || v->step == JUDGE_INITIATE))
		impossible(r, v, "charon was still negotiating when the time (sabus wait) was over");
}

static void without_sa(const struct judge_request *r, struct judge_verdict *v)
{
	bool may_lack = r->optional || r->clear_peer;

	if (r->role == SABUS_ROLE_CLIENT && (!may_lack || r->named))
		dialling(r, v);
	else
		by_policy(r, SABUS_K_NONE, v);
}

static void wait_for(const struct judge_request *r, struct judge_verdict *v)
{
	if (!r->expired) {
		set(v, JUDGE_WAIT, SABUS_R_SA_PENDING, NULL);
		return;
	}
	if (r->dial == DIAL_WANTED || r->dial == DIAL_RUNNING) {
		set(v, JUDGE_REFUSE, SABUS_R_SA_IMPOSSIBLE, "charon was still negotiating when the time (sabus wait) was over");
		return;
	}
	by_policy(r, r->known, v);
	if (r->known == SABUS_K_BUS_DOWN && r->bus_why && r->bus_why[0])
		snprintf(v->text, sizeof(v->text), "sabusd does not answer: %s", r->bus_why);
}

void judge_request(const struct judge_request *r, struct judge_verdict *v)
{
	switch (r->known) {
	case SABUS_K_SA: with_sa(r, v); break;
	case SABUS_K_NONE: without_sa(r, v); break;
	case SABUS_K_PENDING:
	case SABUS_K_UNKNOWN:
	case SABUS_K_BUS_DOWN:
	case SABUS_K_TIMEOUT: wait_for(r, v); break;
	case SABUS_K_AMBIGUOUS: set(v, JUDGE_REFUSE, SABUS_R_SA_AMBIGUOUS, ambiguous); break;
	default: by_policy(r, r->known, v); break; /* a refusal */
	}
}

/* Did somebody decide that the SA shall go?  Else it may have gone from the table only. */
static enum judge_life gone(enum sabus_cause cause, bool moved, enum sabus_reason *reason, char *text, size_t size)
{
	if (moved) {
		*reason = SABUS_R_SA_MOVED;
		return LIFE_GONE;
	}
	if (!answer_deliberate(cause))
		return LIFE_ASK_KERNEL;
	*reason = SABUS_R_SA_GONE;
	snprintf(text, size, "the IPsec SA below the tunnel is gone: %s", sabus_cause_name(cause));
	return LIFE_GONE;
}

enum judge_life judge_life(enum sabus_knowledge known, enum sabus_cause cause, bool moved, const struct judge_request *now,
			   enum sabus_reason *reason, char *text, size_t size)
{
	struct judge_verdict v;

	text[0] = 0;
	switch (known) {
	case SABUS_K_SA: break;
	case SABUS_K_NONE:
	case SABUS_K_PENDING: return gone(cause, moved, reason, text, size);
	case SABUS_K_AMBIGUOUS:
		*reason = SABUS_R_SA_AMBIGUOUS;
		snprintf(text, size, "%s", ambiguous);
		return LIFE_UNFIT;
	default: return LIFE_ASK_KERNEL;
	}
	with_sa(now, &v);
	if (v.step == JUDGE_ACCEPT)
		return LIFE_ON;
	*reason = v.reason == SABUS_R_PIN_FAILED ? v.reason : SABUS_R_SA_WEAKENED;
	snprintf(text, size, "%s", v.text);
	return LIFE_UNFIT;
}

static bool linked(const struct sabus_sa *a, const struct sabus_sa *b)
{
	return a->replaces == b->id || b->replaces == a->id;
}

bool judge_may_share(const struct sabus_sa *sa, const struct sabus_sa *other)
{
	if (answer_same_sa(sa, other) || linked(sa, other) || sabus_sa_same_peer(sa, other))
		return true;
	return sa->mark_out.mask && other->mark_out.mask && sa->set_mark_in.mask && other->set_mark_in.mask &&
	       sa->mark_out.value != other->mark_out.value;
}

bool judge_one_protection(const struct sabus_sa *a, const struct sabus_sa *b)
{
	if (a->id == b->id || linked(a, b))
		return true;
	return a->reqid && a->reqid == b->reqid && sabus_sa_same_peer(a, b);
}
