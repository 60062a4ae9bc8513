/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sa.h - the model of an IPsec CHILD_SA as the parts of sabus share it.
 *
 * One struct sabus_sa describes one installed (or announced) pair of IPsec SAs, as charon negotiated it: what protects the
 * packets (protocol, algorithms, replay window), which packets it covers (traffic selectors, marks), who is at the other end
 * (identities, authentication) and how long it lives.  It never holds a key.
 *
 * The struct is plain data of fixed size: it can be copied with '=', needs no destructor and points nowhere.  Unused fields
 * are zero.  All integers are in host byte order, SPIs and CPIs too; addresses are in network byte order as in struct in_addr.
 * Strings are NUL-terminated UTF-8 or plain ASCII, cut (never overflowed) at their size.
 *
 * An SA's identity on the bus is (publisher, id): `id` is charon's CHILD_SA unique id, which stays the same for the life of
 * this CHILD_SA; a rekey makes a new CHILD_SA with a new id, linked by `replaces`.
 */
#ifndef SABUS_SA_H
#define SABUS_SA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SABUS_NAME_MAX	64	/* connection and CHILD_SA configuration names, with NUL */
#define SABUS_ID_MAX	256	/* IKE, EAP and XAuth identities, with NUL */
#define SABUS_AUTH_MAX	64	/* authentication method text, with NUL */
#define SABUS_TS_MAX	8	/* selector pairs kept per SA; more are counted in ts_dropped */

/* An IPv4 or IPv6 address.  family is AF_INET, AF_INET6 or 0 (none). */
struct sabus_addr {
	uint8_t family;
	uint8_t b[16];		/* network byte order; IPv4 uses the first four */
};

struct sabus_endpoint {
	struct sabus_addr addr;
	uint16_t port;		/* 0 = any / not known */
};

/* One side of a traffic selector: an address range, an IP protocol (0 = any) and a port range (0..65535 = any). */
struct sabus_ts {
	struct sabus_addr from, to;	/* inclusive */
	uint16_t port_from, port_to;	/* inclusive */
	uint8_t proto;
};

struct sabus_ts_pair {
	struct sabus_ts local, remote;
};

/* Values are part of the wire format: append only. */
enum sabus_sa_state {
	SABUS_SA_NONE = 0,
	SABUS_SA_PENDING = 1,	/* announced: negotiation with this peer runs, nothing protects yet */
	SABUS_SA_INSTALLED = 2,	/* in the kernel, both directions */
	SABUS_SA_REKEYED = 3,	/* replaced by another, still valid for inbound until deleted */
};

enum sabus_proto { SABUS_PROTO_ESP = 50, SABUS_PROTO_AH = 51 };	/* IANA protocol numbers */

enum sabus_mode { SABUS_MODE_TRANSPORT = 1, SABUS_MODE_TUNNEL = 2, SABUS_MODE_BEET = 3 };

#define SABUS_SAF_ENCAP		0x0001u	/* UDP encapsulation (NAT-T, RFC 3948) */
#define SABUS_SAF_ESN		0x0002u	/* extended sequence numbers (RFC 4304) */
#define SABUS_SAF_IPCOMP	0x0004u	/* IPComp negotiated (RFC 3173) */
#define SABUS_SAF_NAT_LOCAL	0x0008u	/* we are behind a NAT */
#define SABUS_SAF_NAT_REMOTE	0x0010u	/* the peer is behind a NAT */
#define SABUS_SAF_XAUTH		0x0020u	/* IKEv1 XAuth took place */
#define SABUS_SAF_INITIATOR	0x0040u	/* we initiated the IKE_SA */
#define SABUS_SAF_ORPHAN	0x0080u	/* set by the broker only: its publisher is gone, the entry lives on grace */
#define SABUS_SAF_SHA256_96	0x0100u	/* HMAC-SHA-256 truncated to 96 bits (pre-RFC 4868) */

struct sabus_mark {
	uint32_t value, mask;	/* mask 0 = no mark */
};

struct sabus_sa {
	uint32_t id;			/* CHILD_SA unique id, never 0 */
	uint32_t ike_id;		/* IKE_SA unique id */
	uint32_t replaces;		/* id of the CHILD_SA that this one rekeyed, 0 = none */
	enum sabus_sa_state state;
	uint32_t flags;			/* SABUS_SAF_* */

	char name[SABUS_NAME_MAX];	/* CHILD_SA configuration name */
	char ike_name[SABUS_NAME_MAX];	/* connection name */
	uint8_t ike_version;		/* 1 or 2 */

	uint8_t proto;			/* enum sabus_proto */
	uint8_t mode;			/* enum sabus_mode */
	uint16_t encr;			/* IKEv2 transform type 1 id (IANA; IKEv1 is translated by charon); 0 = none (AH) */
	uint16_t encr_bits;		/* key length in bits, 0 = fixed by the algorithm */
	uint16_t integ;			/* IKEv2 transform type 3 id, 0 = none (AEAD) */
	uint16_t replay_window;		/* packets; 0 = no replay protection */
	uint32_t spi_in, spi_out;
	uint16_t cpi_in, cpi_out;	/* with SABUS_SAF_IPCOMP */
	uint32_t reqid;
	uint32_t if_id_in, if_id_out;
	struct sabus_mark mark_in, mark_out;	/* of the policies (and mark_out of the outbound SA) */
	struct sabus_mark set_mark_in;	/* put on packets after decryption: what SO_RCVMARK will show */

	struct sabus_endpoint local, remote;	/* IKE endpoints; ports are the outer NAT-T ports with SABUS_SAF_ENCAP */
	uint8_t n_ts;			/* valid entries in ts[] */
	uint8_t ts_dropped;		/* entries that did not fit (255 = at least 255) */
	struct sabus_ts_pair ts[SABUS_TS_MAX];

	char id_local[SABUS_ID_MAX];	/* our IKE identity */
	char id_remote[SABUS_ID_MAX];	/* the peer's IKE identity */
	char id_eap[SABUS_ID_MAX];	/* EAP or XAuth identity, "" = none */
	char auth[SABUS_AUTH_MAX];	/* the peer's authentication, e.g. "psk", "pubkey", "pubkey+eap-mschapv2" */

	uint64_t installed;		/* CLOCK_MONOTONIC seconds of this host; 0 = not known */
	uint64_t rekey_at, expires_at;	/* same clock; 0 = never / not known */
};

/* ---- addresses (addr.c); none of these blocks or allocates, all may be called from any thread ---- */

/* Parses "10.0.0.1" or "2001:db8::1" into *a.  Returns 0, or -EINVAL. */
int sabus_addr_parse(struct sabus_addr *a, const char *text);

#define SABUS_ADDR_STRLEN 46
/* Writes the text form, "?" for family 0.  Returns buf. */
const char *sabus_addr_text(const struct sabus_addr *a, char buf[SABUS_ADDR_STRLEN]);

bool sabus_addr_equal(const struct sabus_addr *a, const struct sabus_addr *b);
bool sabus_addr_is_any(const struct sabus_addr *a);	/* family 0 or all bits zero */
/* Is x within from..to (same family, inclusive)? */
bool sabus_addr_within(const struct sabus_addr *x, const struct sabus_addr *from, const struct sabus_addr *to);

/*
 * struct sockaddr_in / sockaddr_in6 (sa, len bytes) to endpoint and back; -EAFNOSUPPORT for other families, -EINVAL when len is too small.
 * On error *e / *len are left alone.  An IPv4-mapped IPv6 address (dual-stack socket) becomes an IPv4 one: that is what its packets are.
 */
struct sockaddr;
struct sockaddr_storage;
int sabus_endpoint_from_sockaddr(struct sabus_endpoint *e, const struct sockaddr *sa, size_t len);
int sabus_endpoint_to_sockaddr(const struct sabus_endpoint *e, struct sockaddr_storage *ss, size_t *len);

/* ---- selectors (match.c) ---- */

#define SABUS_L2TP_PORT 1701	/* RFC 2661 section 8.1 */

/* Can this SA's selectors carry L2TP at all: any pair that admits UDP with port 1701 on at least one side?  Addresses and state are not looked at. */
bool sabus_sa_can_carry_l2tp(const struct sabus_sa *sa);

/* The L2TP tunnel to be judged: its UDP endpoints as the local host sees them (RFC 3193 section 3.3). */
struct sabus_flow {
	struct sabus_endpoint local, remote;	/* ports in host byte order */
	uint32_t mark;		/* of its datagrams (SO_RCVMARK), or of its socket (SO_MARK); 0 = not known or none */
};

/*
 * Does sa cover every packet of this flow, both directions (address, UDP, ports; when flow->mark != 0, set_mark_in, or mark_out of an SA that sets none)? State is not looked at.
 * One selector pair must admit both ends; port 0 (not known) fits only a selector for all ports.  In transport mode the flow's addresses must also be
 * those of sa->local and sa->remote, whatever the selectors admit.  A flow with a mark is not covered by an SA that has none.
 */
bool sabus_sa_covers(const struct sabus_sa *sa, const struct sabus_flow *flow);

/* Have both SAs the same peer: IKE and EAP identities (known ones), address and outer port? */
bool sabus_sa_same_peer(const struct sabus_sa *a, const struct sabus_sa *b);

enum sabus_find { SABUS_FIND_NONE, SABUS_FIND_ONE, SABUS_FIND_AMBIGUOUS, SABUS_FIND_PENDING };
/*
 * Which of the n SAs protects the flow?  Candidates are INSTALLED and cover it.  Several candidates are one protection when any
 * two of them have the same reqid and are of the same peer or linked by `replaces` (a rekey's overlap: the newest, i.e. the one that no other
 * candidate `replaces`, is returned); else, and with reqid 0, they are AMBIGUOUS, which is not protected.  Where no link tells, the newest is the last installed, then the
 * one with the greatest id.  No candidate but a PENDING SA from the flow's peer: PENDING.
 * *best is an index into sas, valid only with SABUS_FIND_ONE.
 */
enum sabus_find sabus_sa_find(const struct sabus_sa *sas, size_t n, const struct sabus_flow *flow, size_t *best);

#ifdef __cplusplus
}
#endif
#endif
