/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts_reply.c - attributes of a RADIUS reply as people write them: NAME=VALUE, with the value's name or number.
 *
 * The names are those of sabus-radius(7) and RFC 2548.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "facts.h"

struct value {
	const char *word;
	uint32_t number;
};

static const struct value encryption[] = { { "Require", 1 }, { "Allow", 2 }, { "Prohibit", 3 }, { NULL, 0 } };
static const struct value mandate[] = { { "None", 0 }, { "LNS", 1 }, { "Always", 2 }, { NULL, 0 } };
static const struct value strength[] = { { "Broken", 0 }, { "Legacy", 1 }, { "Good", 2 }, { "Strong", 3 }, { NULL, 0 } };
static const struct value ms_policy[] = { { "Encryption-Allowed", 1 }, { "Encryption-Required", 2 }, { NULL, 0 } };
static const struct value numbers[] = { { NULL, 0 } };

/* clang-format off */
static const struct {
	const char *name;
	uint32_t has;
	size_t member;
	const struct value *values;
} attributes[] = {
	{ "Sabus-Encryption-Policy", SABUS_RP_ENCRYPTION, offsetof(struct sabus_reply, encryption), encryption },
	{ "Sabus-IPsec-Mandate", SABUS_RP_MANDATE, offsetof(struct sabus_reply, mandate), mandate },
	{ "Sabus-Min-Strength", SABUS_RP_MIN_STRENGTH, offsetof(struct sabus_reply, min_strength), strength },
	{ "Sabus-MTU-Cap", SABUS_RP_MTU_CAP, offsetof(struct sabus_reply, mtu_cap), numbers },
	{ "MS-MPPE-Encryption-Policy", SABUS_RP_MS_POLICY, offsetof(struct sabus_reply, ms_policy), ms_policy },
	{ "MS-MPPE-Encryption-Types", SABUS_RP_MS_TYPES, offsetof(struct sabus_reply, ms_types), numbers },
	{ "Framed-MTU", SABUS_RP_FRAMED_MTU, offsetof(struct sabus_reply, framed_mtu), numbers },
};
/* clang-format on */

#define IDENTITY "Sabus-Allowed-IKE-Identity"
#define NAMES	 "NAME=VALUE with a reply attribute of sabus-radius(7), MS-MPPE-Encryption-Policy, MS-MPPE-Encryption-Types or Framed-MTU"

static bool read_value(const char *text, const struct value *values, uint32_t *out)
{
	unsigned long n;
	char *end;

	for (; values->word; values++) {
		if (!strcasecmp(values->word, text)) {
			*out = values->number;
			return true;
		}
	}
	errno = 0;
	n = strtoul(text, &end, 0);
	*out = (uint32_t)n;
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && n <= UINT32_MAX;
}

/* More than fit are counted, as a server's are: reply.h says what that means. */
static bool add_identity(struct sabus_reply *r, const char *pattern)
{
	if (!*pattern || strlen(pattern) >= SABUS_ID_MAX)
		return false;
	if (r->n_identities < SABUS_REPLY_IDS)
		memcpy(r->identities[r->n_identities], pattern, strlen(pattern) + 1);
	if (r->n_identities < UINT8_MAX)
		r->n_identities++;
	return true;
}

static bool add(struct sabus_reply *r, const char *text)
{
	const char *equal = strchr(text, '=');
	size_t len = equal ? (size_t)(equal - text) : 0;

	if (!len)
		return false;
	if (len == strlen(IDENTITY) && !strncasecmp(text, IDENTITY, len))
		return add_identity(r, equal + 1);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		uint32_t value;

		if (len != strlen(attributes[i].name) || strncasecmp(text, attributes[i].name, len) != 0)
			continue;
		if (!read_value(equal + 1, attributes[i].values, &value))
			return false;
		memcpy((char *)r + attributes[i].member, &value, sizeof(value));
		r->has |= attributes[i].has;
		return true;
	}
	return false;
}

int facts_reply(const struct ctl *c, struct facts *f)
{
	for (size_t i = 0; i < c->n_given; i++) {
		if (strcmp(c->given[i].name, "reply") != 0)
			continue;
		if (!add(&f->reply, c->given[i].value))
			return given_bad(c, "reply", c->given[i].value, NAMES);
		f->has_reply = true;
	}
	return CTL_OK;
}
