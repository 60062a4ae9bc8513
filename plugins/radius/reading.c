// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reading.c - see reading.h.
 *
 * A table says what each attribute is: a number of struct reading (with the bit that says that it is there), or a function of its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "reading.h"
#include "rfc.h"
#include "sabus-attributes.h"

#define OURS SABUS_RADIUS_VENDOR

struct rule {
	uint32_t vendor;
	uint16_t number;
	const char *name;
	uint32_t policy_has, has; /* one of them: a number that comes once */
	size_t offset;		  /* of the number in struct reading */
	int (*take)(struct reading *r, const struct rule *rule, const struct worker_attr *a);
};

/* ---- texts ---- */

static bool printable(const struct worker_attr *a)
{
	for (size_t i = 0; i < a->len; i++)
		if (a->value[i] < 0x20 || a->value[i] == 0x7f)
			return false;
	return true;
}

/* Several are joined by a blank, the end is cut: for people only.  Control characters become blanks. */
static void join_text(char *out, size_t size, const struct worker_attr *a)
{
	size_t n = strlen(out);

	if (n && n + 1 < size)
		out[n++] = ' ';
	for (size_t i = 0; i < a->len && n + 1 < size; i++)
		out[n++] = a->value[i] < 0x20 || a->value[i] == 0x7f ? ' ' : (char)a->value[i];
	out[n] = '\0';
}

static int take_message(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	(void)rule;
	join_text(r->message, sizeof(r->message), a);
	return 0;
}

/* Identifier octet, then text (RFC 2548 sections 2.1.5, 2.3.3). */
static int chap_text(char *out, size_t size, const struct worker_attr *a, const char *begin)
{
	struct worker_attr rest = { a->vendor, a->number, (uint16_t)(a->len - 1), a->value + 1 };

	if (a->len < 1 + strlen(begin) || memcmp(rest.value, begin, strlen(begin)) != 0 || !printable(&rest))
		return -EINVAL;
	worker_text(&rest, out, size);
	return 0;
}

static int take_success(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	(void)rule;
	if (a->len < 43) /* identifier, "S=", 40 digits */
		return -EINVAL;
	return chap_text(r->ms_success, sizeof(r->ms_success), a, "S=");
}

static int take_error(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	(void)rule;
	return chap_text(r->ms_error, sizeof(r->ms_error), a, "E=");
}

static int take_user(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	(void)rule;
	if (!a->len || !printable(a))
		return -EINVAL;
	worker_text(a, r->user, sizeof(r->user));
	return 0;
}

static int take_class(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	(void)rule;
	return worker_put(&r->classes, 0, RA_CLASS, a->value, a->len);
}

/* ---- for scripts ---- */

static int put_env(struct reading *r, const char *name, const char *value)
{
	char text[READING_TEXT + 64];

	snprintf(text, sizeof(text), "%s=%s", name, value);
	return worker_put_text(&r->env, WORKER_PRIVATE, 0, text);
}

static int take_filter(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	(void)rule;
	if (!printable(a))
		return -EINVAL;
	worker_text(a, r->policy.filter_id, sizeof(r->policy.filter_id));
	r->policy.has |= SABUS_RP_FILTER_ID;
	return 0;
}

/* RADIUS_FRAMED_ROUTE is the last one, as radius.so has it; _1, _2 ... all of them, in order. */
static int take_route(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	const char *name = a->number == RA_FRAMED_ROUTE ? "RADIUS_FRAMED_ROUTE" : "RADIUS_FRAMED_IPV6_ROUTE";
	char value[READING_TEXT], numbered[64];
	struct worker_attr other;
	size_t at = 0;
	int n = 1;

	(void)rule;
	if (!printable(a))
		return -EINVAL;
	worker_text(a, value, sizeof(value));
	snprintf(numbered, sizeof(numbered), "%s=", name);
	while (worker_next(&r->env, &at, &other))
		n += other.len >= strlen(numbered) && !memcmp(other.value, numbered, strlen(numbered));
	snprintf(numbered, sizeof(numbered), "%s_%d", name, n);
	return put_env(r, numbered, value) ? -EINVAL : put_env(r, name, value);
}

/* Framed-IPv6-Prefix and Delegated-IPv6-Prefix: zero, length in bits, as many octets as it needs, or more (RFC 3162 section 2.3) */
static int take_prefix(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	char text[INET6_ADDRSTRLEN + 8] = "";
	struct in6_addr in6 = { 0 };

	if (a->len < 2 || a->len > 18 || a->value[1] > 128 || (a->value[1] + 7) / 8 > a->len - 2)
		return -EINVAL;
	memcpy(&in6, a->value + 2, (size_t)a->len - 2);
	inet_ntop(AF_INET6, &in6, text, INET6_ADDRSTRLEN);
	snprintf(text + strlen(text), 8, "/%u", a->value[1]);
	return put_env(r, rule->name, text);
}

static int take_in6(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	char text[INET6_ADDRSTRLEN];

	if (a->len != 16)
		return -EINVAL;
	inet_ntop(AF_INET6, a->value, text, sizeof(text));
	return put_env(r, rule->name, text);
}

static int take_interface_id(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	static const uint8_t zero[8];

	(void)rule;
	if (a->len != sizeof(r->interface_id) || !memcmp(a->value, zero, sizeof(zero)))
		return -EINVAL;
	memcpy(r->interface_id, a->value, sizeof(r->interface_id));
	r->has |= READING_INTERFACE_ID;
	return 0;
}

/* ---- keys ---- */

static int take_key(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	uint8_t *key = a->number == RA_MS_MPPE_SEND_KEY ? r->send_key : r->recv_key;

	if (a->len != sizeof(r->send_key))
		return -EINVAL;
	memcpy(key, a->value, sizeof(r->send_key));
	r->has |= rule->has;
	return 0;
}

/* LM key (8), hash of the hash of the NT password (16), padding (8) */
static int take_chap_keys(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	if (a->len != 32)
		return -EINVAL;
	memcpy(r->nt_hash_hash, a->value + 8, sizeof(r->nt_hash_hash));
	r->has |= rule->has;
	return 0;
}

/* ---- policy ---- */

static int take_identity(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	(void)rule;
	r->ours = true;
	if (!printable(a))
		return -EINVAL;
	if (r->policy.n_identities < SABUS_REPLY_IDS)
		worker_text(a, r->policy.identities[r->policy.n_identities], SABUS_ID_MAX);
	if (r->policy.n_identities <= SABUS_REPLY_IDS) /* one more means: too many */
		r->policy.n_identities++;
	return 0;
}

static int take_number(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	uint32_t *field = (uint32_t *)(void *)((char *)r + rule->offset);
	bool had = (rule->policy_has & r->policy.has) || (rule->has & r->has);
	uint32_t v;

	if (worker_u32(a, &v))
		return -EINVAL;
	if (had && *field != v)
		return -EEXIST;
	*field = v;
	r->policy.has |= rule->policy_has;
	r->has |= rule->has;
	r->ours = r->ours || rule->vendor == OURS;
	return 0;
}

static int take_address(struct reading *r, const struct rule *rule, const struct worker_attr *a)
{
	int err = take_number(r, rule, a);

	if (err)
		return err;
	r->address_kind = r->address == RV_ADDRESS_PEER	 ? READING_ADDRESS_PEER
			  : r->address == RV_ADDRESS_NAS ? READING_ADDRESS_NAS
							 : READING_ADDRESS_FIXED;
	return 0;
}

#define POLICY(v, n, name, bit, field) { v, n, name, bit, 0, offsetof(struct reading, policy.field), take_number }
#define NUMBER(v, n, name, bit, field) { v, n, name, 0, bit, offsetof(struct reading, field), take_number }
#define OTHER(v, n, name, bit, f) { v, n, name, 0, bit, 0, f }

static const struct rule rules[] = {
	NUMBER(0, RA_SERVICE_TYPE, "Service-Type", READING_SERVICE, service),
	NUMBER(0, RA_FRAMED_PROTOCOL, "Framed-Protocol", READING_PROTOCOL, protocol),
	{ 0, RA_FRAMED_IP_ADDRESS, "Framed-IP-Address", 0, READING_ADDRESS, offsetof(struct reading, address), take_address },
	NUMBER(0, RA_NAS_IP_ADDRESS, "NAS-IP-Address", READING_OUR_ADDRESS, our_address),
	POLICY(0, RA_FRAMED_MTU, "Framed-MTU", SABUS_RP_FRAMED_MTU, framed_mtu),
	POLICY(0, RA_SESSION_TIMEOUT, "Session-Timeout", SABUS_RP_SESSION_TIMEOUT, session_timeout),
	POLICY(0, RA_IDLE_TIMEOUT, "Idle-Timeout", SABUS_RP_IDLE_TIMEOUT, idle_timeout),
	POLICY(0, RA_ACCT_INTERIM_INTERVAL, "Acct-Interim-Interval", SABUS_RP_INTERIM, interim),
	NUMBER(0, RA_SESSION_OCTETS_LIMIT, "Session-Octets-Limit", READING_OCTETS, octets),
	NUMBER(0, RA_OCTETS_DIRECTION, "Octets-Direction", READING_OCTETS_DIR, octets_dir),
	OTHER(0, RA_USER_NAME, "User-Name", 0, take_user),
	OTHER(0, RA_REPLY_MESSAGE, "Reply-Message", 0, take_message),
	OTHER(0, RA_CLASS, "Class", 0, take_class),
	OTHER(0, RA_FILTER_ID, "Filter-Id", 0, take_filter),
	OTHER(0, RA_FRAMED_ROUTE, "Framed-Route", 0, take_route),
	OTHER(0, RA_FRAMED_IPV6_ROUTE, "Framed-IPv6-Route", 0, take_route),
	OTHER(0, RA_FRAMED_INTERFACE_ID, "Framed-Interface-Id", 0, take_interface_id),
	OTHER(0, RA_FRAMED_IPV6_PREFIX, "RADIUS_FRAMED_IPV6_PREFIX", 0, take_prefix),
	OTHER(0, RA_DELEGATED_IPV6_PREFIX, "RADIUS_DELEGATED_IPV6_PREFIX", 0, take_prefix),
	OTHER(0, RA_FRAMED_IPV6_ADDRESS, "RADIUS_FRAMED_IPV6_ADDRESS", 0, take_in6),
	OTHER(0, RA_DNS_SERVER_IPV6_ADDRESS, "RADIUS_DNS_SERVER_IPV6_ADDRESS", 0, take_in6),
	POLICY(RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_POLICY, "MS-MPPE-Encryption-Policy", SABUS_RP_MS_POLICY, ms_policy),
	POLICY(RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_TYPES, "MS-MPPE-Encryption-Types", SABUS_RP_MS_TYPES, ms_types),
	OTHER(RA_MICROSOFT, RA_MS_MPPE_SEND_KEY, "MS-MPPE-Send-Key", READING_SEND_KEY, take_key),
	OTHER(RA_MICROSOFT, RA_MS_MPPE_RECV_KEY, "MS-MPPE-Recv-Key", READING_RECV_KEY, take_key),
	OTHER(RA_MICROSOFT, RA_MS_CHAP_MPPE_KEYS, "MS-CHAP-MPPE-Keys", READING_CHAP_KEYS, take_chap_keys),
	OTHER(RA_MICROSOFT, RA_MS_CHAP2_SUCCESS, "MS-CHAP2-Success", 0, take_success),
	OTHER(RA_MICROSOFT, RA_MS_CHAP_ERROR, "MS-CHAP-Error", 0, take_error),
	NUMBER(RA_MICROSOFT, RA_MS_PRIMARY_DNS, "MS-Primary-DNS-Server", READING_DNS1, dns[0]),
	NUMBER(RA_MICROSOFT, RA_MS_SECONDARY_DNS, "MS-Secondary-DNS-Server", READING_DNS2, dns[1]),
	NUMBER(RA_MICROSOFT, RA_MS_PRIMARY_NBNS, "MS-Primary-NBNS-Server", READING_NBNS1, nbns[0]),
	NUMBER(RA_MICROSOFT, RA_MS_SECONDARY_NBNS, "MS-Secondary-NBNS-Server", READING_NBNS2, nbns[1]),
	POLICY(OURS, SABUS_AT_ENCRYPTION_POLICY, "Sabus-Encryption-Policy", SABUS_RP_ENCRYPTION, encryption),
	POLICY(OURS, SABUS_AT_IPSEC_MANDATE, "Sabus-IPsec-Mandate", SABUS_RP_MANDATE, mandate),
	POLICY(OURS, SABUS_AT_MIN_STRENGTH, "Sabus-Min-Strength", SABUS_RP_MIN_STRENGTH, min_strength),
	POLICY(OURS, SABUS_AT_MTU_CAP, "Sabus-MTU-Cap", SABUS_RP_MTU_CAP, mtu_cap),
	OTHER(OURS, SABUS_AT_ALLOWED_IKE_IDENTITY, "Sabus-Allowed-IKE-Identity", 0, take_identity),
};

static const struct rule *find_rule(const struct worker_attr *a)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].vendor == a->vendor && rules[i].number == a->number)
			return &rules[i];
	return NULL;
}

/* Numbers from here on set policy (attributes.tsv): one that is not known must not be passed over. */
#define OUR_POLICIES SABUS_AT_ENCRYPTION_POLICY

static int parse_one(struct reading *out, const struct worker_attr *a, char *why, size_t size)
{
	const struct rule *rule = find_rule(a);
	int err;

	if (!rule && a->vendor == OURS && a->number >= OUR_POLICIES) {
		snprintf(why, size, "attribute %u of sabus sets a policy that this version does not know", a->number);
		return -EINVAL;
	}
	if (!rule)
		return 0;
	err = rule->take(out, rule, a);
	if (err)
		snprintf(why, size, err == -EEXIST ? "%s comes twice with different values" : "%s has a value that it cannot have",
			 rule->name);
	return err ? -EINVAL : 0;
}

int reading_parse(const struct worker_list *reply, struct reading *out, char *why, size_t size)
{
	struct worker_attr a;
	size_t at = 0;
	int err = 0;

	memset(out, 0, sizeof(*out));
	if (reply->overflow) {
		snprintf(why, size, "more attributes than a RADIUS packet can hold");
		return -EINVAL;
	}
	while (!err && worker_next(reply, &at, &a))
		err = parse_one(out, &a, why, size);
	if (!err && (out->policy.has & SABUS_RP_FILTER_ID))
		err = put_env(out, "RADIUS_FILTER_ID", out->policy.filter_id);
	return err ? -EINVAL : 0;
}
