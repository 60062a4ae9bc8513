// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reply.c - the reply's word joined with the section's; the table is in reply.h.
 *
 * Each rule is a function of its own that reads the reply, changes the merged policy and names what it found wrong.  The rules do not see each
 * other's results but for the last, which looks at the whole.  Numbers come from the network as they are: nothing is cast to an enum before it is
 * known to be one, and one that is not counts as the strictest of its attribute.
 *
 * Whose identity?  With EAP or XAuth the user's own name was proven there.  The IKE identity counts beside it only where a key pair proved that one
 * too: a client that has only done EAP, or has a group's secret, may call itself in IKE whatever it likes.
 */
#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "identity.h"

#define MTU_MIN 128 /* pppd's MINMRU, and the least that sabus-mtu-cap takes */
#define MTU_MAX 65535

/* Sabus-Encryption-Policy and MS-MPPE-Encryption-Policy on the wire */
enum { WIRE_REQUIRE = 1, WIRE_ALLOW = 2, WIRE_PROHIBIT = 3 };
enum { MS_ALLOWED = 1, MS_REQUIRED = 2 };
enum { MS_TYPE_128 = 4 };
enum { MANDATE_NONE = 0, MANDATE_ALWAYS = 2 };

__attribute__((format(printf, 2, 3))) static void object(struct sabus_merged *out, const char *fmt, ...)
{
	size_t n = strlen(out->text);
	va_list ap;

	if (n)
		n += (size_t)snprintf(out->text + n, sizeof(out->text) - n, "; ");
	if (n < sizeof(out->text)) {
		va_start(ap, fmt);
		vsnprintf(out->text + n, sizeof(out->text) - n, fmt, ap);
		va_end(ap);
	}
	out->contradiction = true;
}

/* ---- encryption ---- */

static enum sabus_encryption from_sabus(uint32_t value, struct sabus_merged *out)
{
	switch (value) {
	case WIRE_REQUIRE: return SABUS_ENC_REQUIRE;
	case WIRE_ALLOW: return SABUS_ENC_ALLOW;
	case WIRE_PROHIBIT: return SABUS_ENC_PROHIBIT;
	default: break;
	}
	object(out, "Sabus-Encryption-Policy %u is not 1..3: taken as require", value);
	return SABUS_ENC_REQUIRE;
}

/* Does the attribute demand encryption?  Allowed (1) demands nothing and forbids nothing. */
static bool microsoft_requires(uint32_t value, struct sabus_merged *out)
{
	if (value != MS_ALLOWED && value != MS_REQUIRED)
		object(out, "MS-MPPE-Encryption-Policy %u is not 1..2: taken as require", value);
	return value != MS_ALLOWED;
}

static void merge_encryption(const struct sabus_reply *r, struct sabus_merged *out)
{
	if (r->has & SABUS_RP_ENCRYPTION)
		out->policy.encryption = from_sabus(r->encryption, out);
	if (!(r->has & SABUS_RP_MS_POLICY) || !microsoft_requires(r->ms_policy, out))
		return;
	if ((r->has & SABUS_RP_ENCRYPTION) && out->policy.encryption != SABUS_ENC_REQUIRE)
		object(out, "Sabus-Encryption-Policy says %s, MS-MPPE-Encryption-Policy require: require holds",
		       sabus_encryption_name(out->policy.encryption));
	out->policy.encryption = SABUS_ENC_REQUIRE;
}

static void check_types(const struct sabus_reply *r, struct sabus_merged *out)
{
	if (!(r->has & SABUS_RP_MS_TYPES) || (r->ms_types & MS_TYPE_128) || out->policy.encryption == SABUS_ENC_PROHIBIT)
		return;
	object(out, "MS-MPPE-Encryption-Types 0x%x has no 128 bit: MPPE stays 128 bit", r->ms_types);
}

/* ---- the SA ---- */

static void merge_mandate(const struct sabus_reply *r, struct sabus_merged *out)
{
	uint32_t mandate = r->mandate;

	if (!(r->has & SABUS_RP_MANDATE))
		return;
	if (mandate > MANDATE_ALWAYS) {
		object(out, "Sabus-IPsec-Mandate %u is not 0..2: taken as 2", mandate);
		mandate = MANDATE_ALWAYS;
	}
	if (mandate == MANDATE_NONE)
		return;
	out->mandate = true;
	out->policy.ipsec_optional = false;
	if (mandate == MANDATE_ALWAYS)
		out->policy.trust_lac = false;
}

static void merge_strength(const struct sabus_reply *r, struct sabus_merged *out)
{
	uint32_t strength = r->min_strength;

	if (!(r->has & SABUS_RP_MIN_STRENGTH))
		return;
	if (strength > SABUS_STRENGTH_STRONG) {
		object(out, "Sabus-Min-Strength %u is not 0..3: taken as strong", strength);
		strength = SABUS_STRENGTH_STRONG;
	}
	if (strength > (uint32_t)out->policy.min_strength)
		out->policy.min_strength = (enum sabus_strength)strength;
	if (strength == SABUS_STRENGTH_BROKEN)
		return;
	out->mandate = true; /* no SA is weaker than a weak one */
	out->policy.ipsec_optional = false;
}

/* What does not encrypt is never better than good (alg.h), and what encrypts is prohibited. */
static void check_possible(struct sabus_merged *out)
{
	if (out->mandate && out->policy.encryption == SABUS_ENC_PROHIBIT && out->policy.min_strength > SABUS_STRENGTH_GOOD)
		object(out, "encryption is prohibited, but no SA is strong without it: nobody can meet this");
}

/* ---- the rest ---- */

static void cap(const char *name, uint32_t bytes, struct sabus_merged *out)
{
	if (bytes < MTU_MIN || bytes > MTU_MAX) {
		object(out, "%s %u is not %d..%d: taken as %d", name, bytes, MTU_MIN, MTU_MAX, MTU_MIN);
		bytes = MTU_MIN;
	}
	if (!out->mtu_cap || bytes < out->mtu_cap)
		out->mtu_cap = bytes;
}

static void merge_mtu(const struct sabus_reply *r, struct sabus_merged *out)
{
	if (r->has & SABUS_RP_MTU_CAP)
		cap("Sabus-MTU-Cap", r->mtu_cap, out);
	if (r->has & SABUS_RP_FRAMED_MTU)
		cap("Framed-MTU", r->framed_mtu, out);
}

void sabus_reply_merge(const struct sabus_policy *section, uint32_t section_mtu_cap, const struct sabus_reply *reply,
		       struct sabus_merged *out)
{
	memset(out, 0, sizeof(*out));
	out->policy = *section;
	out->mtu_cap = section_mtu_cap;
	if (!reply)
		return;
	merge_encryption(reply, out);
	check_types(reply, out);
	merge_mandate(reply, out);
	merge_strength(reply, out);
	check_possible(out);
	merge_mtu(reply, out);
	if (reply->n_identities > SABUS_REPLY_IDS)
		object(out, "more than %d Sabus-Allowed-IKE-Identity: nobody fits", SABUS_REPLY_IDS);
}

/* ---- identities ---- */

/* Linear but for the last star seen, which is enough: an earlier one has nothing to gain. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			again = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* Somebody in particular, and certainly whole? */
static bool is_somebody(const char *id)
{
	return id[0] && strcmp(id, "%any") != 0 && strnlen(id, SABUS_ID_MAX) <= SABUS_IDENTITY_MAX;
}

/* Did IKE prove the IKE identity itself?  sa->auth has a word for each round: "psk", "pubkey+eap-tls", "psk+xauth", "eap-mschapv2". */
static bool ike_identity_proven(const struct sabus_sa *sa)
{
	return !sa->id_eap[0] || strstr(sa->auth, "pubkey");
}

static bool any_matches(const struct sabus_reply *reply, const char *id)
{
	if (!is_somebody(id))
		return false;
	for (size_t i = 0; i < reply->n_identities; i++)
		if (matches(reply->identities[i], id))
			return true;
	return false;
}

bool sabus_reply_identity_fits(const struct sabus_reply *reply, const struct sabus_sa *sa)
{
	if (!reply->n_identities)
		return true;
	if (!sa || reply->n_identities > SABUS_REPLY_IDS)
		return false;
	return any_matches(reply, sa->id_eap) || (ike_identity_proven(sa) && any_matches(reply, sa->id_remote));
}

/* ---- a later word ---- */

void sabus_reply_update(struct sabus_reply *now, const struct sabus_reply *late)
{
	const struct {
		uint32_t bit;
		uint32_t *to;
		const uint32_t *from;
	} members[] = {
		{ SABUS_RP_ENCRYPTION, &now->encryption, &late->encryption },
		{ SABUS_RP_MS_POLICY, &now->ms_policy, &late->ms_policy },
		{ SABUS_RP_MS_TYPES, &now->ms_types, &late->ms_types },
		{ SABUS_RP_MANDATE, &now->mandate, &late->mandate },
		{ SABUS_RP_MIN_STRENGTH, &now->min_strength, &late->min_strength },
		{ SABUS_RP_MTU_CAP, &now->mtu_cap, &late->mtu_cap },
		{ SABUS_RP_FRAMED_MTU, &now->framed_mtu, &late->framed_mtu },
		{ SABUS_RP_SESSION_TIMEOUT, &now->session_timeout, &late->session_timeout },
		{ SABUS_RP_IDLE_TIMEOUT, &now->idle_timeout, &late->idle_timeout },
		{ SABUS_RP_INTERIM, &now->interim, &late->interim },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (late->has & members[i].bit)
			*members[i].to = *members[i].from;
	if (late->has & SABUS_RP_FILTER_ID)
		memcpy(now->filter_id, late->filter_id, sizeof(now->filter_id));
	now->has |= late->has;
	if (!late->n_identities)
		return;
	now->n_identities = late->n_identities;
	memcpy(now->identities, late->identities, sizeof(now->identities));
}

enum sabus_protection sabus_sa_protection(const struct sabus_sa *sa)
{
	if (!sa || !sabus_sa_integrity(sa))
		return SABUS_PROT_NONE;
	return sabus_sa_confidential(sa) ? SABUS_PROT_CONFIDENTIAL : SABUS_PROT_INTEGRITY;
}
