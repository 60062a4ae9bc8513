// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * policy_text.c - the words of the policy, and the sentence that tells a person why a decision fell as it did.
 *
 * "what follows: what it follows from, under which policy", e.g.
 *   PPP encryption is not mandated: ESP AES_GCM_16-256 (strong), transport mode, replay window 32; policy require, minimum legacy
 * Every value that can decide is in it, so a wrong setting can be found from the one line in the log.
 */
#include "policy_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const encryption_names[] = {
	[SABUS_ENC_REQUIRE] = "require",
	[SABUS_ENC_ALLOW] = "allow",
	[SABUS_ENC_PROHIBIT] = "prohibit",
};

static const char *const mppe_names[] = {
	[SABUS_MPPE_REFUSE] = "refused",
	[SABUS_MPPE_MIRROR] = "mirror",
	[SABUS_MPPE_REQUIRE] = "required",
};

static const char *const ccp_names[] = {
	[SABUS_CCP_KEEP] = "keep",
	[SABUS_CCP_NONE] = "off",
	[SABUS_CCP_STATELESS] = "stateless",
};

static const char *const mode_names[] = {
	[SABUS_MODE_TRANSPORT] = "transport",
	[SABUS_MODE_TUNNEL] = "tunnel",
	[SABUS_MODE_BEET] = "beet",
};

static const char *name_of(const char *const *names, size_t n, size_t i)
{
	return i < n && names[i] ? names[i] : "?";
}

const char *sabus_encryption_name(enum sabus_encryption e)
{
	return name_of(encryption_names, COUNT(encryption_names), (size_t)e);
}

const char *sabus_mppe_name(enum sabus_mppe m)
{
	return name_of(mppe_names, COUNT(mppe_names), (size_t)m);
}

const char *sabus_ccp_name(enum sabus_ccp c)
{
	return name_of(ccp_names, COUNT(ccp_names), (size_t)c);
}

int sabus_encryption_parse(const char *text, enum sabus_encryption *out)
{
	for (size_t i = 0; i < COUNT(encryption_names); i++) {
		if (strcmp(text, encryption_names[i]) == 0) {
			*out = (enum sabus_encryption)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Not the reason's own text where that one speaks of an SA and there may be none, or one that is not the client's. */
static const char *outcome(const struct sabus_decision *d)
{
	if (!d->accept)
		return sabus_reason_text(d->reason);
	if (d->reason == SABUS_R_OK_PROTECTED)
		return "PPP encryption is not mandated";
	switch (d->mppe) {
	case SABUS_MPPE_REQUIRE: return "MPPE is required in both directions";
	case SABUS_MPPE_MIRROR: return "PPP encryption is left to the peer";
	default: return "PPP encryption is off";
	}
}

void sabus_decision_describe(struct sabus_decision *out, const struct sabus_sa *sa, const struct sabus_policy *policy, bool uncounted)
{
	const char *encryption = sabus_encryption_name(policy->encryption);
	char suite[SABUS_SUITE_STRLEN];

	if (!sa) {
		(void)snprintf(out->text, sizeof(out->text), "%s: policy %s, ipsec %s", outcome(out), encryption,
			       policy->ipsec_optional ? "optional" : "required");
		return;
	}
	(void)snprintf(out->text, sizeof(out->text), "%s: %s (%s)%s, %s mode, replay window %u; policy %s, minimum %s", outcome(out),
		       sabus_sa_suite(sa, suite), sabus_strength_name(sabus_sa_strength(sa)),
		       uncounted ? " up to the LAC only (compulsory tunnel)" : "", name_of(mode_names, COUNT(mode_names), sa->mode),
		       sa->replay_window, encryption, sabus_strength_name(policy->min_strength));
}
