/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overhead.h - how large may a PPP packet be so that the IP packet with ESP around it still fits the path?
 *
 * RFC 3193 section 3.2: the PPP MTU is the interface MTU less the overhead of L2TP and IPsec.  The formulas were checked against
 * packets of the Linux kernel (tests/mtu): IP total = IP header + [8 NAT-T] + 8 (SPI, sequence) + IV + roundup(payload + 2, align) + ICV.
 */
#ifndef SABUS_OVERHEAD_H
#define SABUS_OVERHEAD_H

#include <stdint.h>
#include "sa.h"

#define SABUS_MPPE_BYTES 4	/* what MPPE adds to a packet: protocol field and coherency count (RFC 3078 section 3.1); the kernel's MPPE_PAD */

/* What lies between the path and the PPP payload.  All values in bytes. */
struct sabus_mtu_in {
	uint16_t path_mtu;	/* of the route to the peer, e.g. 1500; outer IP packet size */
	uint8_t l2tp_header;	/* 6 as Linux sends it; +4 with sequence numbers, +2 with the length bit (RFC 2661 section 3.1) */
	uint8_t ppp_header;	/* 4 = FF 03 + 16-bit protocol */
	uint8_t mppe;		/* SABUS_MPPE_BYTES when MPPE runs inside, else 0 */
};

/* The sum, term by term, so that it can be shown. */
struct sabus_mtu {
	uint16_t path_mtu;
	uint8_t ip;		/* outer IP header 20 or 40 */
	uint8_t udp_encap;	/* 8 with NAT-T */
	uint8_t esp;		/* SPI + sequence number (8), or the AH header without ICV (12) */
	uint8_t iv;
	uint8_t align;		/* alignment the ciphertext is rounded to; 1 = none */
	uint8_t trailer;	/* pad length + next header: 2 (0 for AH) */
	uint8_t icv;		/* AH: with the padding of its header */
	uint16_t waste;		/* bytes at the end of the path MTU lost to alignment */
	uint8_t tunnel_ip;	/* inner IP header in tunnel mode */
	uint8_t udp;		/* 8: L2TP's own UDP header */
	uint8_t l2tp, ppp, mppe;
	uint16_t mtu;		/* the result: largest PPP information field */
};

/* Defaults of the kernel's data path: l2tp 6, ppp 4, mppe 0. */
struct sabus_mtu_in sabus_mtu_defaults(uint16_t path_mtu);

/*
 * Computes *out for packets that sa protects (sa == NULL: clear L2TP over IPv4/IPv6 as `family` says).  `family` (AF_INET, AF_INET6) is that
 * of the L2TP packets; the outer header of a tunnel mode SA is of the family of sa->remote.  The result is exact: an IP packet with mtu bytes of PPP
 * information is at most path_mtu, one with mtu + 1 is larger.
 * Returns 0, -ENOTSUP when an algorithm is unknown (or AH in UDP), -EAFNOSUPPORT for another family, -ERANGE when nothing useful (MTU < 128)
 * fits in path_mtu; *out is all zero then.  Pure, never blocks, any thread.
 */
int sabus_mtu_compute(const struct sabus_sa *sa, uint8_t family, const struct sabus_mtu_in *in, struct sabus_mtu *out);

#define SABUS_MTU_STRLEN 160
/*
 * The sum as text (documented in pppd-sabus(8)): "1500-20ip-8natt-8esp-16iv-12icv-12waste-2trailer-8udp-6l2tp-4ppp=1404".  Terms of 0 are left out;
 * "ah" stands for "esp" where the SA is AH, "tunnel" is the inner IP header.  Always terminated.  Returns buf.
 */
const char *sabus_mtu_text(const struct sabus_mtu *m, char buf[SABUS_MTU_STRLEN]);

#endif
