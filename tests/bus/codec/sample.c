// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "sample.h"

static const struct sabus_addr v4_local = { AF_INET, { 192, 0, 2, 1 } };
static const struct sabus_addr v4_remote = { AF_INET, { 198, 51, 100, 7 } };
static const struct sabus_addr v6_local = { AF_INET6, { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } };
static const struct sabus_addr v6_remote = { AF_INET6, { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } };

/* Member by member: assigning a whole struct may write its padding, and the tests compare with memcmp(). */
static void set_ts(struct sabus_ts *ts, struct sabus_addr addr, uint16_t from, uint16_t to)
{
	ts->from = addr;
	ts->to = addr;
	ts->port_from = from;
	ts->port_to = to;
	ts->proto = 17;
}

static void set_endpoint(struct sabus_endpoint *e, struct sabus_addr addr, uint16_t port)
{
	e->addr = addr;
	e->port = port;
}

/* In one function per topic, so that none is long. */
static void fill_crypto(struct sabus_sa *sa)
{
	sa->proto = SABUS_PROTO_ESP;
	sa->mode = SABUS_MODE_TRANSPORT;
	sa->encr = 12;
	sa->encr_bits = 256;
	sa->integ = 2;
	sa->replay_window = 32;
	sa->spi_in = 0xc0000001;
	sa->spi_out = 0xc0000002;
	sa->cpi_in = 0x1001;
	sa->cpi_out = 0x1002;
}

static void fill_kernel(struct sabus_sa *sa)
{
	sa->reqid = 5;
	sa->if_id_in = 6;
	sa->if_id_out = 7;
	sa->mark_in = (struct sabus_mark){ 0x10, 0xff };
	sa->mark_out = (struct sabus_mark){ 0x20, 0xfff };
	sa->set_mark_in = (struct sabus_mark){ 0x30, 0xffff };
	set_endpoint(&sa->local, v4_local, 4500);
	set_endpoint(&sa->remote, v4_remote, 31337);
	sa->n_ts = 2;
	sa->ts_dropped = 1;
	set_ts(&sa->ts[0].local, v4_local, 1701, 1701);
	set_ts(&sa->ts[0].remote, v4_remote, 1701, 1702);
	set_ts(&sa->ts[1].local, v6_local, 0, 65535);
	set_ts(&sa->ts[1].remote, v6_remote, 1024, 65535);
}

static void fill_peer(struct sabus_sa *sa)
{
	strcpy(sa->name, "l2tp");
	strcpy(sa->ike_name, "road");
	strcpy(sa->id_local, "lns.example.org");
	strcpy(sa->id_remote, "C=CH, O=Example, CN=peer");
	strcpy(sa->id_eap, "alice");
	strcpy(sa->auth, "pubkey+eap-mschapv2");
	sa->installed = 1000;
	sa->rekey_at = 4000;
	sa->expires_at = UINT64_C(0x100000000) + 5000;
}

void sample_sa_full(struct sabus_sa *sa)
{
	memset(sa, 0, sizeof(*sa));
	sa->id = 42;
	sa->ike_id = 7;
	sa->replaces = 41;
	sa->state = SABUS_SA_INSTALLED;
	sa->flags = SABUS_SAF_ENCAP | SABUS_SAF_NAT_REMOTE;
	sa->ike_version = 2;
	fill_crypto(sa);
	fill_kernel(sa);
	fill_peer(sa);
}

void sample_sa_pending(struct sabus_sa *sa)
{
	memset(sa, 0, sizeof(*sa));
	sa->id = 43;
	sa->ike_id = 8;
	sa->state = SABUS_SA_PENDING;
	sa->ike_version = 1;
	set_endpoint(&sa->local, v6_local, 500);
	set_endpoint(&sa->remote, v6_remote, 500);
}

void sample_flow(struct sabus_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	set_endpoint(&flow->local, v4_local, SABUS_L2TP_PORT);
	set_endpoint(&flow->remote, v4_remote, 50000);
	flow->mark = 0x30;
}

void sample_session(struct sabus_session *session)
{
	memset(session, 0, sizeof(*session));
	session->pid = 4711;
	session->role = 1;
	session->up = 1;
	strcpy(session->ifname, "ppp0");
	strcpy(session->user, "alice@example.org");
	sample_flow(&session->flow);
	session->tunnel_id = 100;
	session->session_id = 200;
	session->peer_tunnel_id = 300;
	session->peer_session_id = 400;
	session->sa_id = 42;
	session->spi_in = 0xc0000001;
	session->spi_out = 0xc0000002;
	strcpy(session->reason, "ok-protected");
	strcpy(session->mppe, "refused");
	strcpy(session->ccp, "off");
	strcpy(session->ecp, "refused");
	session->mtu = 1404;
	session->mru = 1403;
	strcpy(session->mtu_sum, "1500-20ip-8natt=1472");
	session->since = UINT64_C(1700000000);
}

void sample_session_radius(struct sabus_session *session)
{
	sample_session(session);
	strcpy(session->acct_id, "6562a3f00001a2b3-3");
	session->address.family = AF_INET;
	memcpy(session->address.b, "\x0a\x09\x00\x05", 4);
}

void sample_reply(struct sabus_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	reply->has = SABUS_RP_ENCRYPTION | SABUS_RP_MS_POLICY | SABUS_RP_MS_TYPES | SABUS_RP_MANDATE | SABUS_RP_MIN_STRENGTH | SABUS_RP_MTU_CAP |
		     SABUS_RP_FRAMED_MTU | SABUS_RP_SESSION_TIMEOUT | SABUS_RP_IDLE_TIMEOUT | SABUS_RP_INTERIM | SABUS_RP_FILTER_ID;
	reply->encryption = 1;
	reply->ms_policy = 2;
	reply->ms_types = 4;
	reply->min_strength = SABUS_STRENGTH_GOOD;
	reply->mtu_cap = 1300;
	reply->framed_mtu = 1400;
	reply->session_timeout = 3600;
	reply->idle_timeout = 600;
	reply->interim = 300;
	strcpy(reply->filter_id, "quarantine");
	reply->n_identities = 3;
	strcpy(reply->identities[0], "*@example.org");
	strcpy(reply->identities[2], "C=CH, O=Example, CN=*");
}

void sample_tunnel(struct sabus_tunnel_info *tunnel)
{
	memset(tunnel, 0, sizeof(*tunnel));
	tunnel->pid = 815;
	tunnel->role = 1;
	tunnel->state = SABUS_TSTATE_UP;
	sample_flow(&tunnel->flow);
	tunnel->tunnel_id = 100;
	tunnel->peer_tunnel_id = 300;
	tunnel->sa_id = 42;
	strcpy(tunnel->peer_host, "client.example.org");
	strcpy(tunnel->section, "default");
	strcpy(tunnel->reason, "ok-protected");
	tunnel->calls = 2;
	tunnel->since = UINT64_C(1700000000);
}

void sample_call(struct sabus_call_info *call)
{
	memset(call, 0, sizeof(*call));
	call->pid = 815;
	call->pppd_pid = 4711;
	call->tunnel_id = 100;
	call->call_id = 200;
	call->peer_call_id = 400;
	call->up = 1;
	call->serial = 17;
	strcpy(call->calling, "+41 44 123");
	strcpy(call->called, "+41 44 456");
	call->since = UINT64_C(1700000001);
}
