/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_ppp.c - pppd's options that fight with the SA, or with the path.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include "alg.h"
#include "overhead.h"
#include "suite.h"
#include "swanctl.h"

#define PATH_MTU 1500

/* ---- MPPE ---- */

struct word {
	const char *word;
	const char *beside_sabus, *alone; /* what it does; NULL = no harm */
	bool advice;			  /* beside sabus */
};

#define DECIDED "has no effect: sabus asks for MPPE where the SA does not encrypt, and only there"
#define TWICE	"asks for MPPE inside the SA: encrypted twice, and no link with who refuses that, as Windows does"
#define NO_CCP	"ends links whose SA does not encrypt, because MPPE is negotiated by CCP"

/* sabus.so sets what pppd wants of MPPE when it has looked at the SA (plugins/pppd/ccp.c), but does not switch CCP itself on. */
static const struct word words[] = {
	{ "require-mppe", DECIDED, TWICE, true },
	{ "require-mppe-128", DECIDED, TWICE, true },
	{ "require-mppe-40", DECIDED, TWICE, true },
	{ "+mppe", DECIDED, TWICE, true },
	{ "+mppe-128", DECIDED, TWICE, true },
	{ "+mppe-40", DECIDED, TWICE, true },
	{ "nomppe", DECIDED, NULL, true },
	{ "-mppe", DECIDED, NULL, true },
	{ "noccp", NO_CCP, NULL, false },
	{ "-ccp", NO_CCP, NULL, false },
};

void check_ppp_mppe(const struct patient *p, struct report *r)
{
	bool sabus = uses_sabus(p);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *effect = sabus ? words[i].beside_sabus : words[i].alone;
		const struct conf_entry *e;
		size_t at = 0;

		while (effect && (e = conf_next(&p->ppp, NULL, words[i].word, &at)) != NULL) {
			found_at(r, e, "'%s' %s", e->key, effect);
			if (sabus && words[i].advice)
				only_advice(r);
		}
	}
}

/* ---- MTU ---- */

struct smallest {
	struct sabus_mtu mtu;
	char suite[SABUS_SUITE_STRLEN];
};

/* Behind a NAT, over IPv4: what most clients are. */
static void look_at(void *data, const char *part)
{
	struct sabus_mtu_in in = sabus_mtu_defaults(PATH_MTU);
	struct smallest *s = data;
	struct sabus_sa sa = { .mode = SABUS_MODE_TRANSPORT, .flags = SABUS_SAF_ENCAP };
	struct sabus_mtu m;
	char bad[64];

	if (suite_parse(part, &sa, bad) != 0 || sabus_mtu_compute(&sa, AF_INET, &in, &m) != 0)
		return;
	if (s->mtu.mtu && s->mtu.mtu <= m.mtu)
		return;
	s->mtu = m;
	sabus_sa_suite(&sa, s->suite);
}

static void find_smallest(const struct patient *p, struct smallest *s)
{
	const struct conf_entry *e;
	size_t at = 0;

	memset(s, 0, sizeof(*s));
	while ((e = conf_next(&p->ipsec, NULL, "esp_proposals", &at)) != NULL) {
		if (is_child(e->section) && child_for_l2tp(&p->ipsec, e->section))
			each_part(e->value, look_at, s);
	}
	if (!s->mtu.mtu)
		look_at(s, "aes256-sha256"); /* charon's default offers it */
}

void check_ppp_mtu(const struct patient *p, struct report *r)
{
	static const char *const limits[] = { "mtu", "mru" };
	char sum[SABUS_MTU_STRLEN];
	struct smallest s;

	find_smallest(p, &s);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const struct conf_entry *e;
		size_t at = 0;

		while ((e = conf_next(&p->ppp, NULL, limits[i], &at)) != NULL) {
			if (strtoul(e->value, NULL, 10) <= s.mtu.mtu)
				continue;
			found_at(r, e, "'%s %s', but %s behind a NAT leaves %s%s", e->key, e->value, s.suite, sabus_mtu_text(&s.mtu, sum),
				 uses_sabus(p) ? "; it has no effect: sabus takes the lower one" : "");
			if (uses_sabus(p))
				only_advice(r);
		}
	}
}
