// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * policy.c - the decision (RFC 3193 section 5.2) as a pure function.
 *
 * Four questions in this order, each a function below; the first that says no ends it:
 *
 *  1. Is the question sound (enums in range), and possible with this version (no ECP)?       refuse_request()
 *  2. Is an SA known, or known to be absent and allowed to be?  Nothing in between will do.    refuse_knowledge()
 *  3. Is the SA above the floor: ESP, known algorithms, integrity, replay window, strength?     refuse_floor()
 *  4. Which column of the table in policy.h is it, and what does the policy's row say?          enum cover, fill_stance()
 *
 * Fail closed is built in by the order of writing: *out starts as a refusal, and only the end of the way turns it into an acceptance.
 *
 * The floor comes before the policy, also before "prohibit": no policy asks for an SA without integrity.  Strength "broken" as minimum lets
 * an administrator accept DES; an algorithm that is not in the tables is refused all the same, since nobody can tell what it does.
 *
 * A live link (sabus_still_good) differs in one point only: not knowing is no reason to end what was decided on good grounds.
 */
#include "policy.h"

#include <string.h>
#include "policy_text.h"

/* What counts as protection of the PPP packets: the column of the table. */
enum cover { COVER_CONFIDENTIAL, COVER_INTEGRITY, COVER_NONE };

struct question {
	enum sabus_role role;
	enum sabus_tunnel tunnel;
	enum sabus_knowledge knowledge;
	const struct sabus_sa *sa; /* NULL unless knowledge is SABUS_K_SA */
	const struct sabus_policy *policy;
};

struct sabus_policy sabus_policy_defaults(void)
{
	return (struct sabus_policy){
		.encryption = SABUS_ENC_REQUIRE,
		.allow_tunnel_mode = true,
		.min_strength = SABUS_STRENGTH_LEGACY,
	};
}

static void refuse(struct sabus_decision *out, enum sabus_reason reason)
{
	memset(out, 0, sizeof(*out));
	out->reason = reason;
	out->mppe = SABUS_MPPE_REFUSE;
	out->ccp = SABUS_CCP_NONE;
	out->ecp = SABUS_ECP_PROTREJ;
}

/* The refuse_*() functions return true and set *why when the link must not be. */
static bool refuse_request(const struct question *q, enum sabus_reason *why)
{
	bool in_range = (unsigned int)q->role <= SABUS_ROLE_CLIENT && (unsigned int)q->tunnel <= SABUS_TUNNEL_COMPULSORY &&
			(unsigned int)q->policy->encryption <= SABUS_ENC_PROHIBIT &&
			(unsigned int)q->policy->min_strength <= SABUS_STRENGTH_STRONG;

	*why = in_range ? SABUS_R_ECP_UNSUPPORTED : SABUS_R_INTERNAL;
	return !in_range || q->policy->require_ecp;
}

static enum sabus_reason reason_of(enum sabus_knowledge knowledge)
{
	switch (knowledge) {
	case SABUS_K_NONE: return SABUS_R_NO_SA;
	case SABUS_K_PENDING: return SABUS_R_SA_PENDING;
	case SABUS_K_AMBIGUOUS: return SABUS_R_SA_AMBIGUOUS;
	case SABUS_K_UNKNOWN: return SABUS_R_SA_UNKNOWN;
	case SABUS_K_BUS_DOWN: return SABUS_R_BUS_DOWN;
	case SABUS_K_TIMEOUT: return SABUS_R_BUS_TIMEOUT;
	case SABUS_K_NO_TUNNEL: return SABUS_R_TUNNEL_UNKNOWN;
	case SABUS_K_SA: break;
	}
	return SABUS_R_INTERNAL;
}

static bool is_installed(const struct sabus_sa *sa)
{
	return sa->state == SABUS_SA_INSTALLED || sa->state == SABUS_SA_REKEYED;
}

static bool refuse_knowledge(const struct question *q, enum sabus_reason *why)
{
	*why = reason_of(q->knowledge);
	if (q->knowledge == SABUS_K_NONE)
		return !q->policy->ipsec_optional;
	if (q->knowledge != SABUS_K_SA || !q->sa)
		return true;
	*why = SABUS_R_SA_PENDING;
	return !is_installed(q->sa);
}

static bool mode_accepted(const struct sabus_sa *sa, const struct sabus_policy *policy)
{
	switch (sa->mode) {
	case SABUS_MODE_TRANSPORT: return true;
	case SABUS_MODE_TUNNEL:
	case SABUS_MODE_BEET: return policy->allow_tunnel_mode;
	default: return false;
	}
}

static bool algorithms_known(const struct sabus_sa *sa)
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);

	return e && (e->aead || sa->integ == 0 || sabus_integ_info(sa->integ));
}

static bool refuse_floor(const struct sabus_sa *sa, const struct sabus_policy *policy, enum sabus_reason *why)
{
	if (sa->proto == SABUS_PROTO_AH)
		*why = SABUS_R_AH_ONLY;
	else if (sa->proto != SABUS_PROTO_ESP)
		*why = SABUS_R_INTERNAL;
	else if (!mode_accepted(sa, policy))
		*why = SABUS_R_MODE_REFUSED;
	else if (!algorithms_known(sa))
		*why = SABUS_R_SA_ALGORITHM;
	else if (!sabus_sa_integrity(sa))
		*why = SABUS_R_NO_INTEGRITY;
	else if (!sabus_sa_replay_protected(sa))
		*why = SABUS_R_NO_REPLAY;
	else if (sabus_sa_strength(sa) < policy->min_strength)
		*why = SABUS_R_SA_WEAK;
	else
		return false;
	return true;
}

static bool is_compulsory_lns(const struct question *q)
{
	return q->role == SABUS_ROLE_LNS && q->tunnel == SABUS_TUNNEL_COMPULSORY;
}

/* The SA encrypts, but only between LAC and LNS: the client, whose policy it shall satisfy, is beyond the LAC. */
static bool is_uncounted(const struct question *q)
{
	return q->sa && sabus_sa_confidential(q->sa) && is_compulsory_lns(q) && !q->policy->trust_lac;
}

static enum cover cover_of(const struct question *q)
{
	if (!q->sa)
		return COVER_NONE;
	return sabus_sa_confidential(q->sa) && !is_uncounted(q) ? COVER_CONFIDENTIAL : COVER_INTEGRITY;
}

/* The CCP table of policy.h. */
static enum sabus_ccp ccp_of(const struct question *q, enum cover cover)
{
	bool keep = q->policy->keep_compression;

	if (is_compulsory_lns(q))
		return cover == COVER_CONFIDENTIAL && !keep ? SABUS_CCP_NONE : SABUS_CCP_STATELESS;
	if (keep || cover == COVER_NONE)
		return SABUS_CCP_KEEP;
	if (cover == COVER_CONFIDENTIAL || (q->sa->flags & SABUS_SAF_IPCOMP))
		return SABUS_CCP_NONE;
	return SABUS_CCP_STATELESS;
}

/* What PPP does where the SA does not encrypt for it. */
static void fill_unencrypted(const struct question *q, enum cover cover, struct sabus_decision *out)
{
	enum sabus_reason clear = cover == COVER_NONE ? SABUS_R_OK_UNPROTECTED : SABUS_R_OK_CLEAR;

	switch (q->policy->encryption) {
	case SABUS_ENC_REQUIRE:
		out->reason = SABUS_R_OK_MPPE;
		out->mppe = SABUS_MPPE_REQUIRE;
		break;
	case SABUS_ENC_ALLOW:
		out->reason = clear;
		out->mppe = SABUS_MPPE_MIRROR;
		break;
	case SABUS_ENC_PROHIBIT:
		out->reason = clear;
		out->mppe = SABUS_MPPE_REFUSE;
		break;
	}
}

static void fill_stance(const struct question *q, struct sabus_decision *out)
{
	enum cover cover = cover_of(q);

	if (cover == COVER_CONFIDENTIAL && q->policy->encryption == SABUS_ENC_PROHIBIT) {
		refuse(out, SABUS_R_POLICY_PROHIBIT);
		return;
	}
	out->accept = true;
	out->on_sa = q->sa != NULL;
	out->ccp = ccp_of(q, cover);
	if (cover == COVER_CONFIDENTIAL) {
		out->reason = SABUS_R_OK_PROTECTED;
		out->mppe = q->policy->refuse_mppe ? SABUS_MPPE_REFUSE : SABUS_MPPE_MIRROR;
	} else {
		fill_unencrypted(q, cover, out);
	}
}

static void fill_mtu(const struct sabus_sa *sa, const struct sabus_mtu_in *path, uint8_t family, struct sabus_decision *out)
{
	struct sabus_mtu_in in;

	if (!path)
		return;
	in = *path;
	/* A mirrored MPPE is not known before CCP; the caller takes the bytes off when it comes up. */
	in.mppe = out->mppe == SABUS_MPPE_REQUIRE ? SABUS_MPPE_BYTES : 0;
	out->mtu_valid = sabus_mtu_compute(sa, family, &in, &out->mtu) == 0;
}

void sabus_decide(enum sabus_role role, enum sabus_tunnel tunnel, enum sabus_knowledge knowledge, const struct sabus_sa *sa,
		  const struct sabus_policy *policy, const struct sabus_mtu_in *path, uint8_t family, struct sabus_decision *out)
{
	struct question q = { role, tunnel, knowledge, knowledge == SABUS_K_SA ? sa : NULL, policy };
	enum sabus_reason why;

	refuse(out, SABUS_R_INTERNAL);
	if (refuse_request(&q, &why) || refuse_knowledge(&q, &why) || (q.sa && refuse_floor(q.sa, policy, &why)))
		out->reason = why;
	else
		fill_stance(&q, out);
	if (out->accept)
		fill_mtu(q.sa, path, family, out);
	sabus_decision_describe(out, q.sa, policy, is_uncounted(&q));
}

static bool end_link(struct sabus_decision *out, enum sabus_reason reason, const struct sabus_sa *sa, const struct sabus_policy *policy)
{
	refuse(out, reason);
	sabus_decision_describe(out, sa, policy, false);
	return false;
}

/* Is this answer news at all? */
static bool keeps_decision(const struct sabus_decision *was, enum sabus_knowledge knowledge)
{
	switch (knowledge) {
	case SABUS_K_UNKNOWN:
	case SABUS_K_BUS_DOWN:
	case SABUS_K_TIMEOUT: return true;
	case SABUS_K_PENDING: return !was->on_sa;
	default: return false;
	}
}

bool sabus_still_good(enum sabus_role role, enum sabus_tunnel tunnel, const struct sabus_decision *was, enum sabus_knowledge knowledge,
		      const struct sabus_sa *now, const struct sabus_policy *policy, const struct sabus_mtu_in *path, uint8_t family,
		      bool mppe_up, struct sabus_decision *out)
{
	struct sabus_decision old = *was;

	if (!old.accept || keeps_decision(&old, knowledge)) {
		memmove(out, was, sizeof(*out));
		return old.accept;
	}
	/* With `ipsec optional` too: a link that was protected does not go on in the clear without anybody's asking. */
	if (old.on_sa && (knowledge == SABUS_K_NONE || knowledge == SABUS_K_PENDING))
		return end_link(out, SABUS_R_SA_GONE, NULL, policy);
	sabus_decide(role, tunnel, knowledge, now, policy, path, family, out);
	if (out->accept && out->mppe == SABUS_MPPE_REQUIRE && old.mppe != SABUS_MPPE_REQUIRE && !mppe_up)
		return end_link(out, SABUS_R_SA_WEAKENED, knowledge == SABUS_K_SA ? now : NULL, policy);
	return out->accept;
}
