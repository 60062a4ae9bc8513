// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * overhead.c - the exact sum between the path MTU and the PPP MTU.
 *
 * From the outside in: outer IP header, [UDP of NAT-T, RFC 3948], ESP header, IV, ciphertext, ICV.  The ciphertext is a multiple of
 * `align` and ends with two bytes (pad length, next header), so the room for it is rounded *down*; what is lost is `waste`.  Inside it:
 * [inner IP header in tunnel mode], L2TP's UDP header, L2TP, PPP, [MPPE].  One byte more than the result costs a whole block and no longer fits.
 *
 * AH has no ciphertext: its header is rounded up (RFC 4302 section 3.3.3.2.1: 4 bytes on IPv4, 8 on IPv6) and nothing is lost at the end;
 * that padding is counted in `icv`.
 *
 * IPComp is left out: it adds four bytes when it shrinks a packet and none when it does not, so a packet that fits without it fits with it.
 * BEET replaces the inner IP header instead of adding one, so it costs what transport mode costs.
 */
#include "overhead.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "alg.h"

#define UDP_HEADER  8
#define ESP_HEADER  8	/* SPI, sequence number (RFC 4303 section 2); ESN adds nothing on the wire */
#define ESP_TRAILER 2	/* pad length, next header */
#define AH_HEADER   12	/* without the ICV (RFC 4302 section 2) */
#define USEFUL_MTU  128 /* the smallest result that is not nonsense (pppd's own floor is of the same size) */

struct sabus_mtu_in sabus_mtu_defaults(uint16_t path_mtu)
{
	return (struct sabus_mtu_in){ .path_mtu = path_mtu, .l2tp_header = 6, .ppp_header = 4 };
}

static int ip_header(uint8_t family, uint8_t *out)
{
	switch (family) {
	case AF_INET: *out = 20; return 0;
	case AF_INET6: *out = 40; return 0;
	default: return -EAFNOSUPPORT;
	}
}

static uint8_t round_up(unsigned int value, unsigned int to)
{
	return (uint8_t)((value + to - 1) / to * to);
}

static int fill_esp(const struct sabus_sa *sa, struct sabus_mtu *m)
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);
	int icv = sabus_sa_icv(sa);

	if (!e || icv < 0)
		return -ENOTSUP;
	m->udp_encap = sa->flags & SABUS_SAF_ENCAP ? UDP_HEADER : 0;
	m->esp = ESP_HEADER;
	m->iv = e->iv;
	m->align = e->align;
	m->trailer = ESP_TRAILER;
	m->icv = (uint8_t)icv;
	return 0;
}

static int fill_ah(const struct sabus_sa *sa, struct sabus_mtu *m)
{
	int icv = sabus_sa_icv(sa);

	/* RFC 3948 is for ESP: an AH in UDP does not exist, so what the SA says is not to be trusted. */
	if (icv < 0 || (sa->flags & SABUS_SAF_ENCAP))
		return -ENOTSUP;
	m->esp = AH_HEADER;
	m->icv = (uint8_t)(round_up(AH_HEADER + (unsigned int)icv, m->ip == 40 ? 8 : 4) - AH_HEADER);
	return 0;
}

static int fill_sa(const struct sabus_sa *sa, uint8_t family, struct sabus_mtu *m)
{
	int err = 0;

	if (sa->remote.addr.family)
		err = ip_header(sa->remote.addr.family, &m->ip);
	if (!err && sa->mode == SABUS_MODE_TUNNEL)
		err = ip_header(family, &m->tunnel_ip);
	if (err)
		return err;
	switch (sa->proto) {
	case SABUS_PROTO_ESP: return fill_esp(sa, m);
	case SABUS_PROTO_AH: return fill_ah(sa, m);
	default: return -ENOTSUP;
	}
}

/* Fills in waste and mtu from the other terms. */
static int solve(struct sabus_mtu *m)
{
	int room = m->path_mtu - m->ip - m->udp_encap - m->esp - m->iv - m->icv;
	int inner = m->trailer + m->tunnel_ip + m->udp + m->l2tp + m->ppp + m->mppe;
	int waste = room > 0 ? room % m->align : 0;
	int mtu = room - waste - inner;

	if (mtu < USEFUL_MTU)
		return -ERANGE;
	m->waste = (uint16_t)waste;
	m->mtu = (uint16_t)mtu;
	return 0;
}

int sabus_mtu_compute(const struct sabus_sa *sa, uint8_t family, const struct sabus_mtu_in *in, struct sabus_mtu *out)
{
	struct sabus_mtu m = {
		.path_mtu = in->path_mtu,
		.align = 1,
		.udp = UDP_HEADER,
		.l2tp = in->l2tp_header,
		.ppp = in->ppp_header,
		.mppe = in->mppe,
	};
	int err = ip_header(family, &m.ip);

	if (!err && sa)
		err = fill_sa(sa, family, &m);
	if (!err)
		err = solve(&m);
	if (err)
		memset(&m, 0, sizeof(m));
	*out = m;
	return err;
}

struct text {
	char *at;
	size_t left;
};

static void term(struct text *t, unsigned int value, const char *name)
{
	int n;

	if (!value)
		return;
	n = snprintf(t->at, t->left, "-%u%s", value, name);
	if (n > 0 && (size_t)n < t->left) {
		t->at += n;
		t->left -= (size_t)n;
	}
}

const char *sabus_mtu_text(const struct sabus_mtu *m, char buf[SABUS_MTU_STRLEN])
{
	struct text t = { .at = buf, .left = SABUS_MTU_STRLEN };
	int n = snprintf(buf, SABUS_MTU_STRLEN, "%u", m->path_mtu);

	t.at += n;
	t.left -= (size_t)n;
	term(&t, m->ip, "ip");
	term(&t, m->udp_encap, "natt");
	term(&t, m->esp, m->trailer ? "esp" : "ah");
	term(&t, m->iv, "iv");
	term(&t, m->icv, "icv");
	term(&t, m->waste, "waste");
	term(&t, m->trailer, "trailer");
	term(&t, m->tunnel_ip, "tunnel");
	term(&t, m->udp, "udp");
	term(&t, m->l2tp, "l2tp");
	term(&t, m->ppp, "ppp");
	term(&t, m->mppe, "mppe");
	(void)snprintf(t.at, t.left, "=%u", m->mtu);
	return buf;
}
