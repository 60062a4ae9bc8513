// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pairs.c - see pairs.h.
 */
#include <stdio.h>
#include <string.h>
#include "../rfc.h"
#include "pairs.h"

#define PASSWORD_MAX 112 /* radcli hides no more, and would cut it */
#define NAS_ROOM     320 /* what radcli adds itself: NAS-Identifier, NAS address, NAS-Port, Acct-Delay-Time; and the Message-Authenticator */

static bool add_pair(rc_handle *rh, VALUE_PAIR **pairs, const struct worker_attr *a)
{
	DICT_ATTR *d = rc_dict_getattr(rh, (int)((uint32_t)a->number | a->vendor << 16));
	uint32_t v;

	if (!d || a->len > AUTH_STRING_LEN)
		return false;
	if (d->type == PW_TYPE_INTEGER || d->type == PW_TYPE_IPADDR || d->type == PW_TYPE_DATE)
		return !worker_u32(a, &v) && rc_avpair_add(rh, pairs, a->number, &v, 0, (int)a->vendor);
	return rc_avpair_add(rh, pairs, a->number, a->value, a->len, (int)a->vendor);
}

/* User-Name gets the default realm where it has none, as radius.so does it. */
static bool add_user(struct exchange *x, VALUE_PAIR **pairs, const struct worker_attr *a)
{
	const char *realm = rc_conf_str(x->rh, "default_realm");
	char name[AUTH_STRING_LEN + 1];
	struct worker_attr full = *a;
	int n;

	if (!realm || !*realm || memchr(a->value, '@', a->len))
		return add_pair(x->rh, pairs, a);
	n = snprintf(name, sizeof(name), "%.*s@%s", (int)a->len, (const char *)a->value, realm);
	if (n < 0 || (size_t)n >= sizeof(name))
		return false;
	full.value = (const uint8_t *)name;
	full.len = (uint16_t)n;
	return add_pair(x->rh, pairs, &full);
}

static bool add_password(struct exchange *x, VALUE_PAIR **pairs, const struct worker_attr *a)
{
	struct worker_attr empty = { 0, RA_USER_PASSWORD, 1, (const uint8_t *)"" };

	/* an empty one is a block of zeros, not an attribute without a value (RFC 2865 section 5.2: 18 octets at least) */
	return a->len <= PASSWORD_MAX && add_pair(x->rh, pairs, a->len ? a : &empty);
}

static bool add_one(struct exchange *x, VALUE_PAIR **pairs, const struct worker_attr *a)
{
	if (a->vendor == 0 && a->number == RA_USER_NAME)
		return add_user(x, pairs, a);
	if (a->vendor == 0 && a->number == RA_USER_PASSWORD)
		return add_password(x, pairs, a);
	return add_pair(x->rh, pairs, a);
}

static size_t pairs_octets(VALUE_PAIR *vp)
{
	size_t n = 0;

	for (; vp; vp = vp->next)
		n += 2 + (VENDOR(vp->attribute) ? 6u : 0) +
		     (vp->type == PW_TYPE_STRING || vp->type == PW_TYPE_IPV6PREFIX ? vp->lvalue : 16u);
	return n;
}

VALUE_PAIR *pairs_make(struct exchange *x, const struct worker_list *request, char *text, size_t size)
{
	VALUE_PAIR *pairs = NULL;
	struct worker_attr a;
	size_t at = 0;

	while (worker_next(request, &at, &a)) {
		if (add_one(x, &pairs, &a))
			continue;
		snprintf(text, size, "attribute %u of vendor %u with %u octets cannot be sent", a.number, a.vendor, a.len);
		goto bad;
	}
	if (x->extra)
		rc_avpair_insert(&pairs, NULL, rc_avpair_copy(x->extra));
	if (pairs_octets(pairs) > RADIUS_MAX - RADIUS_HEAD - NAS_ROOM) {
		snprintf(text, size, "the request is longer than a RADIUS packet can be");
		goto bad;
	}
	if (pairs)
		return pairs;
	snprintf(text, size, "the request is empty");
bad:
	if (pairs)
		rc_avpair_free(pairs);
	return NULL;
}
