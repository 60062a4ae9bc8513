/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_weak.c - proposals that should not be made any more (RFC 8221 for ESP, RFC 8247 for IKE), and keys that are everybody's.
 *
 * SHA-1 with 96 bits is MUST- there and what old clients have: no trap.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "alg.h"
#include "suite.h"
#include "swanctl.h"

struct proposals {
	struct report *r;
	const struct conf_entry *entry;
};

static const char *why_weak_esp(const struct sabus_sa *sa)
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);

	if (!sabus_sa_integrity(sa))
		return "it has no integrity protection";
	if (sabus_sa_strength(sa) == SABUS_STRENGTH_BROKEN)
		return "RFC 8221 says MUST NOT";
	if (e && e->strength == SABUS_STRENGTH_LEGACY)
		return "RFC 8221 says SHOULD NOT";
	return NULL;
}

static void look_at_esp(void *data, const char *part)
{
	struct sabus_sa sa = { 0 };
	struct proposals *p = data;
	const char *why;
	char bad[64];

	if (!strcmp(part, "default") || suite_parse(part, &sa, bad) != 0)
		return;
	why = why_weak_esp(&sa);
	if (why)
		found_at(p->r, p->entry, "esp_proposals offers %s: %s", part, why);
}

void check_weak_esp(const struct patient *p, struct report *r)
{
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(&p->ipsec, NULL, "esp_proposals", &at)) != NULL) {
		struct proposals data = { .r = r, .entry = e };

		if (is_child(e->section) && child_for_l2tp(&p->ipsec, e->section))
			each_part(e->value, look_at_esp, &data);
	}
}

static const char *weak_ike_word(char *proposal)
{
	/* RFC 8247: MUST NOT or SHOULD NOT; modp768 is weaker still */
	static const char *const words[] = { "des", "3des", "md5", "prfmd5", "modp768", "modp1024", "modp1024s160" };
	char *word;

	while ((word = strsep(&proposal, "-")) != NULL) {
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (!strcmp(word, words[i]))
				return words[i];
		}
	}
	return NULL;
}

static void look_at_ike(void *data, const char *part)
{
	struct proposals *p = data;
	const char *weak;
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", part);
	weak = weak_ike_word(copy);
	if (weak)
		found_at(p->r, p->entry, "proposals offers %s: of %s RFC 8247 says MUST NOT or SHOULD NOT", part, weak);
}

void check_weak_ike(const struct patient *p, struct report *r)
{
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(&p->ipsec, NULL, "proposals", &at)) != NULL) {
		struct proposals data = { .r = r, .entry = e };

		each_part(e->value, look_at_ike, &data);
	}
}

/* ---- a key that everybody has ---- */

/* "connections.NAME.remote..." with auth = psk, for peers of any address.  Its entry. */
static const struct conf_entry *psk_for_all(const struct conf *c)
{
	const struct conf_entry *e;
	size_t at = 0;

	while ((e = conf_next(c, NULL, "auth", &at)) != NULL) {
		const char *remote = strstr(e->section, ".remote");
		char connection[256];
		const char *peers;

		if (!remote || strcmp(e->value, "psk") != 0)
			continue;
		snprintf(connection, sizeof(connection), "%.*s", (int)(remote - e->section), e->section);
		peers = child_value(c, connection, "remote_addrs", "%any");
		if (strstr(peers, "%any") || strstr(peers, "0.0.0.0/0"))
			return e;
	}
	return NULL;
}

/* A secret that names nobody is for everybody. */
static bool names_somebody(const struct conf *c, const char *section)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct conf_entry *e = &c->entries[i];

		if (!strcmp(e->section, section) && !strncmp(e->key, "id", 2) && strcmp(e->value, "%any") != 0)
			return true;
	}
	return false;
}

void check_group_psk(const struct patient *p, struct report *r)
{
	const struct conf_entry *e, *all = psk_for_all(&p->ipsec);
	size_t at = 0;

	while (all && (e = conf_next(&p->ipsec, NULL, "secret", &at)) != NULL) {
		if (!strncmp(e->section, "secrets.ike", 11) && !names_somebody(&p->ipsec, e->section))
			found_at(r, e, "one pre-shared key for all clients: each of them can pass for the gateway");
	}
}
