// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * request.c - see request.h.
 *
 * The table `known` has a line per attribute: where it may come, what its value must be, and the member that it becomes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "policy.h"
#include "request.h"
#include "sabus-attributes.h"

enum kind { STRING, NUMBER, IPV4, IPV6, IDENTITY, PASS };
enum { IN_DISCONNECT = 1, IN_COA = 2, IN_BOTH = 3 };

struct known {
	uint32_t vendor;
	uint8_t type, kind, where;
	uint32_t has;		/* bit of dyn_request.has, or of reply.has */
	size_t offset, size;
	uint32_t min, max;	/* of a number; max 0: any */
};

#define AT(member)	     .offset = offsetof(struct dyn_request, member), .size = sizeof(((struct dyn_request *)0)->member)
#define WHICH(t, k, h, m)    { .type = (t), .kind = (k), .where = IN_BOTH, .has = (h), AT(m) }
#define CHANGE(v, t, h, ...) { .vendor = (v), .type = (t), .kind = NUMBER, .where = IN_COA, .has = (h), __VA_ARGS__ }

static const struct known known[] = {
	WHICH(RA_USER_NAME, STRING, DYN_HAS_USER, user),
	WHICH(RA_ACCT_SESSION_ID, STRING, DYN_HAS_ACCT_ID, acct_id),
	WHICH(RA_CALLING_STATION_ID, STRING, DYN_HAS_CALLING, calling),
	WHICH(RA_CALLED_STATION_ID, STRING, DYN_HAS_CALLED, called),
	WHICH(DYN_NAS_PORT_ID, STRING, DYN_HAS_PORT_ID, port_id),
	WHICH(DYN_NAS_IDENTIFIER, STRING, DYN_HAS_NAS_ID, nas_id),
	WHICH(RA_FRAMED_IP_ADDRESS, IPV4, DYN_HAS_FRAMED_IP, framed_ip),
	WHICH(RA_NAS_IP_ADDRESS, IPV4, DYN_HAS_NAS_IP, nas_ip),
	WHICH(RA_FRAMED_IPV6_ADDRESS, IPV6, DYN_HAS_FRAMED_IPV6, framed_ipv6),
	WHICH(RA_NAS_IPV6_ADDRESS, IPV6, DYN_HAS_NAS_IPV6, nas_ipv6),
	WHICH(RA_NAS_PORT, NUMBER, DYN_HAS_PORT, port),
	{ .type = RA_MESSAGE_AUTHENTICATOR, .kind = PASS, .where = IN_BOTH },
	{ .type = RA_EVENT_TIMESTAMP, .kind = PASS, .where = IN_BOTH },
	{ .type = DYN_PROXY_STATE, .kind = PASS, .where = IN_BOTH },
	{ .type = RA_STATE, .kind = PASS, .where = IN_COA, .has = DYN_HAS_STATE },
	{ .type = RA_REPLY_MESSAGE, .kind = PASS, .where = IN_DISCONNECT },	    /* for a person at the peer's end, whom PPP cannot reach any more */
	{ .type = RA_ACCT_TERMINATE_CAUSE, .kind = PASS, .where = IN_DISCONNECT }, /* the Stop says Admin-Reset */
	CHANGE(0, RA_SESSION_TIMEOUT, SABUS_RP_SESSION_TIMEOUT, AT(reply.session_timeout)),
	CHANGE(0, RA_IDLE_TIMEOUT, SABUS_RP_IDLE_TIMEOUT, AT(reply.idle_timeout)),
	CHANGE(0, RA_ACCT_INTERIM_INTERVAL, SABUS_RP_INTERIM, AT(reply.interim)),
	CHANGE(0, RA_FRAMED_MTU, SABUS_RP_FRAMED_MTU, AT(reply.framed_mtu), .min = 64, .max = 65535),
	{ .type = RA_FILTER_ID, .kind = STRING, .where = IN_COA, .has = SABUS_RP_FILTER_ID, AT(reply.filter_id) },
	CHANGE(RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_POLICY, SABUS_RP_MS_POLICY, AT(reply.ms_policy), .min = 1, .max = 2),
	CHANGE(RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_TYPES, SABUS_RP_MS_TYPES, AT(reply.ms_types)),
	CHANGE(SABUS_RADIUS_VENDOR, SABUS_AT_ENCRYPTION_POLICY, SABUS_RP_ENCRYPTION, AT(reply.encryption), .min = 1, .max = 3),
	CHANGE(SABUS_RADIUS_VENDOR, SABUS_AT_IPSEC_MANDATE, SABUS_RP_MANDATE, AT(reply.mandate), .max = 2),
	CHANGE(SABUS_RADIUS_VENDOR, SABUS_AT_MIN_STRENGTH, SABUS_RP_MIN_STRENGTH, AT(reply.min_strength), .max = SABUS_STRENGTH_STRONG),
	CHANGE(SABUS_RADIUS_VENDOR, SABUS_AT_MTU_CAP, SABUS_RP_MTU_CAP, AT(reply.mtu_cap), .min = 64, .max = 65535),
	{ .vendor = SABUS_RADIUS_VENDOR, .type = SABUS_AT_ALLOWED_IKE_IDENTITY, .kind = IDENTITY, .where = IN_COA },
};

_Static_assert(DYN_STRING_MAX == SABUS_FILTER_MAX, "the longest value of an attribute and its NUL");

static int refuse(struct dyn_refusal *why, enum dyn_cause cause, const char *reason, const struct dyn_attr *a)
{
	*why = (struct dyn_refusal){ cause, reason, a ? a->vendor : 0, a ? a->type : 0 };
	if (a && a->vendor && !a->type)
		why->type = RA_VENDOR_SPECIFIC; /* another vendor's */
	return -EINVAL;
}

static const struct known *find(const struct dyn_attr *a, bool disconnect)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].vendor == a->vendor && known[i].type == a->type)
			return known[i].where & (disconnect ? IN_DISCONNECT : IN_COA) ? &known[i] : NULL;
	return NULL;
}

static bool get_text(const struct dyn_attr *a, char *out, size_t size)
{
	if (a->len == 0 || a->len >= size || memchr(a->value, 0, a->len))
		return false;
	memcpy(out, a->value, a->len);
	out[a->len] = '\0';
	return true;
}

static bool get_number(const struct known *k, const struct dyn_attr *a, uint8_t *member)
{
	uint32_t v;

	if (!dyn_u32(a, &v) || (k->max && (v < k->min || v > k->max)))
		return false;
	memcpy(member, &v, sizeof(v));
	return true;
}

static bool get_addr(const struct dyn_attr *a, uint8_t family, size_t len, uint8_t *member)
{
	struct sabus_addr addr = { .family = family };

	if (a->len != len)
		return false;
	memcpy(addr.b, a->value, len);
	memcpy(member, &addr, sizeof(addr));
	return true;
}

static bool get_identity(const struct dyn_attr *a, struct sabus_reply *reply)
{
	if (reply->n_identities == SABUS_REPLY_IDS || !get_text(a, reply->identities[reply->n_identities], SABUS_ID_MAX))
		return false;
	reply->n_identities++;
	return true;
}

static bool get_value(const struct known *k, const struct dyn_attr *a, struct dyn_request *rq)
{
	uint8_t *member = (uint8_t *)rq + k->offset;

	switch ((enum kind)k->kind) {
	case STRING: return get_text(a, (char *)member, k->size);
	case NUMBER: return get_number(k, a, member);
	case IPV4: return get_addr(a, AF_INET, 4, member);
	case IPV6: return get_addr(a, AF_INET6, 16, member);
	case IDENTITY: return get_identity(a, &rq->reply);
	case PASS: return true;
	}
	return false;
}

static bool is_change(const struct known *k)
{
	return k->where == IN_COA && k->kind != PASS;
}

static int take(const struct dyn_attr *a, struct dyn_request *rq, struct dyn_refusal *why)
{
	const struct known *k = find(a, rq->disconnect);
	uint32_t *has;

	if (a->vendor == 0 && a->type == RA_SERVICE_TYPE)
		return refuse(why, DYN_CAUSE_UNSUPPORTED_SERVICE, "unsupported-service", a); /* "Authorize Only" and all others */
	if (!k)
		return refuse(why, DYN_CAUSE_UNSUPPORTED_ATTRIBUTE, "unsupported-attribute", a);
	has = is_change(k) ? &rq->reply.has : &rq->has;
	if (*has & k->has)
		return refuse(why, DYN_CAUSE_INVALID_REQUEST, "repeated-attribute", a);
	if (!get_value(k, a, rq))
		return refuse(why, DYN_CAUSE_INVALID_VALUE, "invalid-value", a);
	*has |= k->has;
	return 0;
}

int dyn_request_decode(const uint8_t *p, size_t whole, struct dyn_request *rq, struct dyn_refusal *why)
{
	struct dyn_cursor c;
	struct dyn_attr a;
	int got, ret = 0;

	memset(rq, 0, sizeof(*rq));
	*why = (struct dyn_refusal){ .reason = "ok" };
	rq->disconnect = p[0] == DYN_DISCONNECT_REQUEST;
	dyn_cursor_init(&c, p, whole);
	while (ret == 0 && (got = dyn_next(&c, &a)) != 0)
		ret = got < 0 ? refuse(why, DYN_CAUSE_INVALID_REQUEST, "malformed-attribute", NULL) : take(&a, rq, why);
	if (ret < 0)
		return ret;
	if (!(rq->has & DYN_IDENTIFIES))
		return refuse(why, DYN_CAUSE_MISSING_ATTRIBUTE, "names-no-session", NULL);
	if (!rq->disconnect && !rq->reply.has && !rq->reply.n_identities)
		return refuse(why, DYN_CAUSE_MISSING_ATTRIBUTE, "changes-nothing", NULL);
	return 0;
}

/* ---- which session ---- */

/* ADDRESS, ADDRESS:PORT (IPv4) or [ADDRESS]:PORT; port 0: none. */
static bool parse_station(const char *text, struct sabus_endpoint *e)
{
	char addr[SABUS_ADDR_STRLEN], rest = '\0';
	unsigned int port;

	memset(e, 0, sizeof(*e));
	if (sabus_addr_parse(&e->addr, text) == 0)
		return true;
	_Static_assert(SABUS_ADDR_STRLEN > 45, "the longest address is read whole");
	if (sscanf(text, "[%45[0-9a-fA-F:.]]:%5u%c", addr, &port, &rest) != 2 && sscanf(text, "%45[0-9.]:%5u%c", addr, &port, &rest) != 2)
		return false;
	if (port < 1 || port > 65535)
		return false;
	e->port = (uint16_t)port;
	return sabus_addr_parse(&e->addr, addr) == 0;
}

static bool calling_fits(const char *text, const struct sabus_session *s, const struct sabus_endpoint *outer)
{
	struct sabus_endpoint e;

	if (!parse_station(text, &e))
		return false;
	if (outer && sabus_addr_equal(&e.addr, &outer->addr) && (e.port == 0 || e.port == outer->port))
		return true;
	return e.port == 0 && sabus_addr_equal(&e.addr, &s->flow.remote.addr);
}

static bool called_fits(const char *text, const struct sabus_session *s)
{
	struct sabus_addr a;

	return sabus_addr_parse(&a, text) == 0 && sabus_addr_equal(&a, &s->flow.local.addr);
}

/* NAS-Port is the number of the ppp unit. */
static bool port_fits(uint32_t port, const char *ifname)
{
	size_t digits = strcspn(ifname, "0123456789");
	char *end;

	if (!ifname[digits])
		return false;
	return strtoul(ifname + digits, &end, 10) == port && !*end;
}

static bool text_fits(uint32_t has, uint32_t bit, const char *want, const char *is)
{
	return !(has & bit) || strcmp(want, is) == 0;
}

static bool addr_fits(uint32_t has, uint32_t bit, const struct sabus_addr *want, const struct sabus_addr *is)
{
	return !(has & bit) || sabus_addr_equal(want, is);
}

bool dyn_request_means(const struct dyn_request *rq, const struct sabus_session *s, const struct sabus_endpoint *outer)
{
	return s->role == SABUS_ROLE_LNS && (rq->has & DYN_IDENTIFIES) && text_fits(rq->has, DYN_HAS_USER, rq->user, s->user) &&
	       text_fits(rq->has, DYN_HAS_ACCT_ID, rq->acct_id, s->acct_id) && text_fits(rq->has, DYN_HAS_PORT_ID, rq->port_id, s->ifname) &&
	       addr_fits(rq->has, DYN_HAS_FRAMED_IP, &rq->framed_ip, &s->address) &&
	       addr_fits(rq->has, DYN_HAS_FRAMED_IPV6, &rq->framed_ipv6, &s->address) &&
	       (!(rq->has & DYN_HAS_PORT) || port_fits(rq->port, s->ifname)) &&
	       (!(rq->has & DYN_HAS_CALLING) || calling_fits(rq->calling, s, outer)) &&
	       (!(rq->has & DYN_HAS_CALLED) || called_fits(rq->called, s));
}
