// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * facts.c - see facts.h.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "facts.h"
#include "rfc.h"
#include "sabus-attributes.h"

#define OURS SABUS_RADIUS_VENDOR

static void put_ours(struct worker_list *l, uint16_t number, uint32_t v)
{
	worker_put_u32(l, OURS, number, v);
}

/* In pieces, in order; an empty text is no attribute. */
static void put_text(struct worker_list *l, uint16_t number, const char *text)
{
	for (size_t left = strlen(text); left;) {
		size_t n = left < SABUS_AT_PIECE ? left : SABUS_AT_PIECE;

		worker_put(l, OURS, number, text, n);
		text += n;
		left -= n;
	}
}

/* A text with the tag 0 before it (RFC 2868 section 3.3); RADIUS has room for 252 more octets. */
static void put_tagged(struct worker_list *l, uint16_t number, const char *text)
{
	char b[253] = { 0 };
	size_t n = strlen(text);

	if (!n)
		return;
	n = n < sizeof(b) - 1 ? n : sizeof(b) - 1;
	memcpy(b + 1, text, n);
	worker_put(l, 0, number, b, n + 1);
}

/* ---- the tunnel ---- */

/* The client's address as we see it; behind a NAT, where several share it, with the port of its IKE and ESP packets. */
static void put_calling(struct worker_list *l, const struct sabus_link_facts *link)
{
	char addr[SABUS_ADDR_STRLEN], text[SABUS_ADDR_STRLEN + 10];
	bool nat = link->have_sa && (link->sa.flags & SABUS_SAF_ENCAP) && link->sa.remote.port;
	const struct sabus_endpoint *from = nat ? &link->sa.remote : &link->flow.remote;

	sabus_addr_text(&from->addr, addr);
	if (!nat)
		snprintf(text, sizeof(text), "%s", addr);
	else
		snprintf(text, sizeof(text), from->addr.family == AF_INET6 ? "[%s]:%u" : "%s:%u", addr, from->port);
	worker_put_text(l, 0, RA_CALLING_STATION_ID, text);
}

static void put_tunnel(struct worker_list *l, const struct sabus_link_facts *link)
{
	const struct sabus_endpoint *server = &link->flow.local, *client = &link->flow.remote;
	char addr[SABUS_ADDR_STRLEN], text[16];

	put_calling(l, link);
	worker_put_text(l, 0, RA_CALLED_STATION_ID, sabus_addr_text(&server->addr, addr));
	worker_put_u32(l, 0, RA_TUNNEL_TYPE, RV_TUNNEL_L2TP);
	worker_put_u32(l, 0, RA_TUNNEL_MEDIUM_TYPE, server->addr.family == AF_INET6 ? RV_MEDIUM_IPV6 : RV_MEDIUM_IPV4);
	put_tagged(l, RA_TUNNEL_CLIENT_ENDPOINT, sabus_addr_text(&client->addr, addr));
	put_tagged(l, RA_TUNNEL_SERVER_ENDPOINT, sabus_addr_text(&server->addr, addr));
	put_tagged(l, RA_TUNNEL_CLIENT_AUTH_ID, link->peer_host);
	put_tagged(l, RA_TUNNEL_SERVER_AUTH_ID, link->local_host);
	snprintf(text, sizeof(text), "%u", link->tunnel_id);
	put_tagged(l, RA_TUNNEL_ASSIGNMENT_ID, text);
	if (link->serial) {
		snprintf(text, sizeof(text), "%u", link->serial);
		worker_put_text(l, 0, RA_ACCT_TUNNEL_CONNECTION, text);
	}
}

/* ---- the SA ---- */

/* Bits of the key where the algorithm leaves no choice, and the SA therefore says none (IANA numbers of transform type 1) */
static uint32_t key_bits(const struct sabus_sa *sa)
{
	if (!sa->encr || sa->encr_bits)
		return sa->encr ? sa->encr_bits : 0;
	switch (sa->encr) {
	case 2: return 56;   /* DES */
	case 3: return 168;  /* 3DES */
	case 28: return 256; /* ChaCha20-Poly1305 */
	default: return 0;
	}
}

static const char *integrity(const struct sabus_sa *sa)
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);
	const struct sabus_integ_info *i = sabus_integ_info(sa->integ);

	if (sa->proto == SABUS_PROTO_ESP && e && e->aead)
		return "AEAD";
	return i ? i->name : "";
}

static void put_sa(struct worker_list *l, const struct sabus_sa *sa)
{
	char suite[SABUS_SUITE_STRLEN];

	put_text(l, SABUS_AT_SUITE, sabus_sa_suite(sa, suite));
	put_ours(l, SABUS_AT_ENCRYPTION_KEY_BITS, sabus_sa_confidential(sa) ? key_bits(sa) : 0);
	put_text(l, SABUS_AT_INTEGRITY, integrity(sa));
	put_ours(l, SABUS_AT_MODE, sa->mode);
	put_ours(l, SABUS_AT_NAT_T, (sa->flags & SABUS_SAF_ENCAP) != 0);
	put_ours(l, SABUS_AT_IPCOMP, (sa->flags & SABUS_SAF_IPCOMP) != 0);
	put_ours(l, SABUS_AT_IKE_VERSION, sa->ike_version);
	put_text(l, SABUS_AT_IKE_IDENTITY, sa->id_remote);
	put_text(l, SABUS_AT_IKE_AUTH, sa->auth);
	put_text(l, SABUS_AT_EAP_IDENTITY, sa->id_eap);
	put_ours(l, SABUS_AT_SPI_IN, sa->spi_in);
	put_ours(l, SABUS_AT_SPI_OUT, sa->spi_out);
	put_ours(l, SABUS_AT_STRENGTH, sabus_sa_strength(sa));
}

static void put_link(struct worker_list *l, const struct sabus_link_facts *link)
{
	if (link->have_tunnel)
		put_tunnel(l, link);
	put_ours(l, SABUS_AT_PROTECTED, sabus_sa_protection(link->have_sa ? &link->sa : NULL));
	if (link->have_sa)
		put_sa(l, &link->sa);
	put_ours(l, SABUS_AT_MPPE, link->mppe_up ? SABUS_AV_MPPE_ON_128 : SABUS_AV_MPPE_OFF);
	put_text(l, SABUS_AT_CCP, link->ccp);
	if (link->mtu > 0)
		put_ours(l, SABUS_AT_MTU, (uint32_t)link->mtu);
	put_text(l, SABUS_AT_REASON, sabus_reason_word(link->reason));
}

void facts_put(struct worker_list *l, const struct facts_who *who)
{
	worker_put_text(l, 0, RA_USER_NAME, who->user);
	worker_put_u32(l, 0, RA_SERVICE_TYPE, who->service);
	worker_put_u32(l, 0, RA_FRAMED_PROTOCOL, RV_FRAMED_PPP);
	worker_put_u32(l, 0, RA_NAS_PORT, who->port);
	worker_put_u32(l, 0, RA_NAS_PORT_TYPE, RV_PORT_VIRTUAL);
	if (*who->ifname)
		worker_put_text(l, 0, RA_NAS_PORT_ID, who->ifname);
	if (who->link && who->link->judged)
		put_link(l, who->link);
	if (*who->calling && !(who->link && who->link->judged && who->link->have_tunnel))
		worker_put_text(l, 0, RA_CALLING_STATION_ID, who->calling);
}

void facts_news(const struct sabus_link_facts *link, struct facts_news *out)
{
	memset(out, 0, sizeof(*out));
	if (!link || !link->judged)
		return;
	out->mppe = link->mppe_up;
	if (!link->have_sa)
		return;
	out->sa = link->sa.id;
	out->spi_in = link->sa.spi_in;
	out->spi_out = link->sa.spi_out;
	out->flags = link->sa.flags & (SABUS_SAF_ENCAP | SABUS_SAF_IPCOMP);
	out->remote = link->sa.remote;
}

bool facts_news_same(const struct facts_news *a, const struct facts_news *b)
{
	return a->sa == b->sa && a->spi_in == b->spi_in && a->spi_out == b->spi_out && a->flags == b->flags && a->mppe == b->mppe &&
	       a->remote.port == b->remote.port && sabus_addr_equal(&a->remote.addr, &b->remote.addr);
}
