// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report.c - formatting only: no decision is made here.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "host.h"
#include "lcp.h"
#include "logfacts.h"
#include "options.h"
#include "pin.h"
#include "report.h"
#include "say.h"

static void add_tunnel(struct logline *ln, const struct link *l)
{
	if (ppp_ifunit() >= 0 && ppp_ifname()[0])
		logline_add(ln, " if=%s", ppp_ifname());
	if (!l->have_tun)
		return;
	logline_add(ln, " role=%s", l->tun.role == SABUS_ROLE_LNS ? "lns" : "client");
	logfacts_endpoint(ln, "local", &l->tun.flow.local);
	logfacts_endpoint(ln, "peer", &l->tun.flow.remote);
	logline_add(ln, " tunnel=%u/%u session=%u/%u", l->tun.tunnel_id, l->tun.peer_tunnel_id, l->tun.session_id, l->tun.peer_session_id);
}

static void add_stance(struct logline *ln, const struct link *l)
{
	const struct sabus_decision *d = &l->decision;
	char sum[SABUS_MTU_STRLEN];

	if (!d->accept)
		return;
	logline_add(ln, " pin=%s mppe=%s ccp=%s ecp=protrej", l->have_sa && l->opt->pin ? pin_kind(&l->sa) : "none",
		    sabus_mppe_name(d->mppe), sabus_ccp_name(d->ccp));
	if (d->mtu_valid)
		logline_add(ln, " mtu=%d mru=%d sum=%s", lcp_mtu(l), lcp_mru(l), sabus_mtu_text(&d->mtu, sum));
}

static void make_decision(struct logline *ln, const struct link *l, const char *verb)
{
	const struct sabus_decision *d = &l->decision;

	logline_begin(ln, "sabus");
	logline_add(ln, "%s reason=%s", verb, sabus_reason_word(d->reason));
	add_tunnel(ln, l);
	logfacts_sa(ln, l->have_sa ? &l->sa : NULL);
	add_stance(ln, l);
	if (!d->accept) {
		logline_add(ln, " exit=%d", sabus_reason_exit(d->reason));
		logline_add(ln, " text=\"%s\"", d->text[0] ? d->text : sabus_reason_text(d->reason));
		logline_add(ln, " remedy=\"%s\"", sabus_reason_remedy(d->reason));
	}
}

void report_decision(const struct link *l, const char *verb)
{
	struct logline ln;

	make_decision(&ln, l, verb);
	say_line(LOG_NOTICE, &ln);
}

void report_change(const struct link *l, const char *verb)
{
	struct logline ln;

	make_decision(&ln, l, verb);
	say_line_limited("sabus", LOG_NOTICE, &ln);
}

void report_denied(const struct link *l)
{
	struct link denied = *l;

	denied.decision = l->denial;
	report_decision(&denied, "deny");
}

void report_request(const struct sabus_event *ev)
{
	const char *op = ev->op == SABUS_OP_CLOSE ? "close" : ev->op == SABUS_OP_CHANGE ? "change" : "unknown";

	say_limited("sabus", LOG_NOTICE, "request op=%s text=\"%s\"", op, ev->text);
}

/* Numbers of CCP's options: RFC 1962 and those of each method. */
static const char *method_name(int method)
{
	switch (method) {
	case 26:
	case 24: return "deflate"; /* RFC 1979; 24 is the number of its draft */
	case 21: return "bsd";	   /* RFC 1977 */
	case 1:
	case 2: return "predictor1"; /* RFC 1978 */
	default: return "none";
	}
}

const char *report_compression(void)
{
	const char *ours = "none", *his = "none";

	if (ccp_fsm[0].state == OPENED) {
		ours = method_name(ccp_gotoptions[0].method);
		his = method_name(ccp_hisoptions[0].method);
	}
	return strcmp(ours, "none") != 0 ? ours : his;
}

void report_close(const struct link *l, enum sabus_reason reason, const char *detail)
{
	struct logline ln;

	logline_begin(&ln, "sabus");
	logline_add(&ln, "close reason=%s", sabus_reason_word(reason));
	add_tunnel(&ln, l);
	logfacts_sa(&ln, l->have_sa ? &l->sa : NULL);
	logline_add(&ln, " exit=%d", sabus_reason_exit(reason));
	logline_add(&ln, " text=\"%s\"", detail && *detail ? detail : sabus_reason_text(reason));
	logline_add(&ln, " remedy=\"%s\"", sabus_reason_remedy(reason));
	say_line(LOG_NOTICE, &ln);
}

void report_bound(const char *user, const char *identity, const char *by)
{
	say_limited("sabus", LOG_NOTICE, "bound user=\"%s\" identity=\"%s\" by=%s", user, identity, by);
}

static void session_interface(const struct link *l, struct sabus_session *s)
{
	if (ppp_ifunit() < 0)
		return;
	snprintf(s->ifname, sizeof(s->ifname), "%s", ppp_ifname());
	s->mtu = (uint16_t)(l->network ? ppp_get_mtu(0) : lcp_mtu(l));
	s->mru = (uint16_t)lcp_mru(l);
}

/* Accounting knows it better (it may be IPv6); else IPCP does. */
static void session_address(const struct link *l, struct sabus_session *s)
{
	s->address = l->acct_addr;
	if (s->address.family || !l->network || ipcp_fsm[0].state != OPENED)
		return;
	s->address.family = AF_INET;
	memcpy(s->address.b, &ipcp_hisoptions[0].hisaddr, 4); /* network byte order */
}

void report_session(const struct link *l, struct sabus_session *s)
{
	char user[MAXNAMELEN];

	memset(s, 0, sizeof(*s));
	s->role = (uint8_t)l->tun.role;
	s->up = l->network;
	s->flow = l->tun.flow;
	s->tunnel_id = l->tun.tunnel_id;
	s->session_id = l->tun.session_id;
	s->peer_tunnel_id = l->tun.peer_tunnel_id;
	s->peer_session_id = l->tun.peer_session_id;
	if (l->have_sa) {
		s->sa_id = l->sa.id;
		s->spi_in = l->sa.spi_in;
		s->spi_out = l->sa.spi_out;
	}
	if (l->acct_user[0])
		memcpy(s->user, l->acct_user, sizeof(s->user));
	else if (l->network && ppp_peer_authname(user, sizeof(user)))
		snprintf(s->user, sizeof(s->user), "%s", user);
	memcpy(s->acct_id, l->acct_id, sizeof(s->acct_id));
	session_address(l, s);
	snprintf(s->reason, sizeof(s->reason), "%s", sabus_reason_word(l->decision.reason));
	snprintf(s->mppe, sizeof(s->mppe), "%s%s", sabus_mppe_name(l->decision.mppe), l->mppe_up ? ":up" : "");
	snprintf(s->ccp, sizeof(s->ccp), "%s", sabus_ccp_name(l->decision.ccp));
	snprintf(s->ecp, sizeof(s->ecp), "protrej");
	if (l->decision.mtu_valid)
		sabus_mtu_text(&l->decision.mtu, s->mtu_sum);
	session_interface(l, s);
}
