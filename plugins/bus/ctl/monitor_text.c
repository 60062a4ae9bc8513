/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor_text.c - an event as a line of key=value.
 */
#include "config.h"
#include <stdio.h>
#include "alg.h"
#include "monitor.h"
#include "words.h"

static void print_sa(const struct sabus_event *ev)
{
	const struct sabus_sa *sa = &ev->sas[0];
	char name[SABUS_NAME_MAX * 4 + 1], peer[ENDPOINT_STRLEN], suite[SABUS_SUITE_STRLEN];

	printf("sa-put revision=%llu id=%u name=%s state=%s%s peer=%s spi=%08x/%08x suite='%s'\n", (unsigned long long)ev->revision, sa->id,
	       printable_value(sa->name, name, sizeof(name)), state_word(sa->state), sa->flags & SABUS_SAF_ORPHAN ? ",orphan" : "",
	       endpoint_text(&sa->remote, peer), sa->spi_in, sa->spi_out, sa->state == SABUS_SA_PENDING ? "-" : sabus_sa_suite(sa, suite));
}

static void print_session(const struct sabus_event *ev)
{
	const struct sabus_session *s = &ev->session;
	char ifname[SABUS_IFNAME_MAX * 4 + 1], user[SABUS_USER_MAX * 4 + 1], reason[SABUS_WORD_MAX * 4 + 1], peer[ENDPOINT_STRLEN];

	printf("session-put id=%u if=%s user='%s' peer=%s tunnel=%u/%u sa=%u up=%u mtu=%u reason=%s\n", ev->session_id,
	       s->ifname[0] ? printable_value(s->ifname, ifname, sizeof(ifname)) : "-", printable_value(s->user, user, sizeof(user)),
	       endpoint_text(&s->flow.remote, peer), s->tunnel_id, s->session_id, s->sa_id, s->up, s->mtu,
	       printable_value(s->reason, reason, sizeof(reason)));
}

static void print_tunnel(const struct sabus_tunnel_info *t)
{
	char peer[ENDPOINT_STRLEN], host[SABUS_HOST_MAX * 4 + 1], section[SABUS_HOST_MAX * 4 + 1], reason[SABUS_TREASON_MAX * 4 + 1];

	printf("tunnel-put pid=%u id=%u peer_id=%u role=%s state=%s peer=%s mark=0x%x sa=%u host='%s' section='%s' calls=%u reason=%s\n",
	       t->pid, t->tunnel_id, t->peer_tunnel_id, role_word(t->role), tunnel_state_word(t->state),
	       endpoint_text(&t->flow.remote, peer), t->flow.mark, t->sa_id, printable_value(t->peer_host, host, sizeof(host)),
	       printable_value(t->section, section, sizeof(section)), t->calls, printable_value(t->reason, reason, sizeof(reason)));
}

static void print_call(const struct sabus_call_info *c)
{
	char from[SABUS_NUMBER_MAX * 4 + 1], to[SABUS_NUMBER_MAX * 4 + 1];

	printf("call-put pid=%u tunnel=%u id=%u peer_id=%u up=%u pppd=%u serial=%u calling='%s' called='%s'\n", c->pid, c->tunnel_id,
	       c->call_id, c->peer_call_id, c->up, c->pppd_pid, c->serial, printable_value(c->calling, from, sizeof(from)),
	       printable_value(c->called, to, sizeof(to)));
}

void monitor_text(const struct sabus_event *ev)
{
	switch (ev->type) {
	case SABUS_EV_SA_PUT: print_sa(ev); break;
	case SABUS_EV_SA_DEL:
		printf("sa-del revision=%llu id=%u cause=%s\n", (unsigned long long)ev->revision, ev->sa_id, sabus_cause_name(ev->cause));
		break;
	case SABUS_EV_SESSION_PUT: print_session(ev); break;
	case SABUS_EV_SESSION_DEL: printf("session-del id=%u\n", ev->session_id); break;
	case SABUS_EV_TUNNEL_PUT: print_tunnel(&ev->tunnel); break;
	case SABUS_EV_TUNNEL_DEL: printf("tunnel-del pid=%u id=%u\n", ev->tunnel.pid, ev->tunnel.tunnel_id); break;
	case SABUS_EV_CALL_PUT: print_call(&ev->call); break;
	case SABUS_EV_CALL_DEL: printf("call-del pid=%u tunnel=%u id=%u\n", ev->call.pid, ev->call.tunnel_id, ev->call.call_id); break;
	case SABUS_EV_PUBLISHER: printf("publisher state=%s\n", publisher_word(ev->publisher)); break;
	case SABUS_EV_RESYNC: puts("resync"); break;
	case SABUS_EV_DONE: printf("done revision=%llu\n", (unsigned long long)ev->revision); break;
	default: break;
	}
}

void monitor_lost(bool json, const char *why)
{
	char text[512];

	if (json)
		monitor_lost_json(why);
	else
		printf("lost text='%s'\n", printable_value(why, text, sizeof(text)));
	fflush(stdout);
}
