/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - the decision: what must PPP do, given the SA below it?
 *
 * A pure function of role, tunnel mode, what is known of the SA, and the administrator's policy (RFC 3193 section 5.2; the table is
 * in the design and in pppd-sabus(8)).  It does no I/O and knows no daemon; it is tested over its whole input space.
 *
 *   policy    | SA confidential                | SA integrity only        | no SA
 *   require   | satisfied, peer may have MPPE  | MPPE required both ways  | refuse; ipsec optional: MPPE required
 *   allow     | satisfied                      | peer may have MPPE       | refuse; ipsec optional: peer may have MPPE
 *   prohibit  | violated: refuse               | no PPP encryption        | refuse; ipsec optional: no PPP encryption
 *
 * unknown, pending and ambiguous are never "no SA": they are refused under every policy, `ipsec optional` too.
 * An SA below the floor (AH only, unknown algorithm, no integrity, no replay window, below the minimum strength) is refused under every policy.
 *
 * Compulsory tunnel, on the LNS, without trust_lac: the SA ends at the LAC, so an SA that encrypts counts as "integrity only" in the table.
 * A client only ever sees SAs of its own, for it both tunnel modes are the same.
 *
 *   CCP compression          | SA confidential         | SA integrity only           | no SA
 *   voluntary                | none                    | IPComp: none; else stateless | keep
 *   voluntary, keep          | keep                    | keep                        | keep
 *   compulsory (LNS)         | none (keep: stateless)  | stateless                   | stateless
 *
 * RFC 3193 sections 2.2 and 5.2: nothing is compressed or encrypted twice, and over a tunnel that loses packets no method depends on the packet before.
 */
#ifndef SABUS_POLICY_H
#define SABUS_POLICY_H

#include <stdbool.h>
#include "alg.h"
#include "overhead.h"
#include "reason.h"
#include "sa.h"

enum sabus_role { SABUS_ROLE_LNS, SABUS_ROLE_CLIENT };
enum sabus_tunnel { SABUS_TUNNEL_VOLUNTARY, SABUS_TUNNEL_COMPULSORY };
enum sabus_encryption { SABUS_ENC_REQUIRE, SABUS_ENC_ALLOW, SABUS_ENC_PROHIBIT };

/* What the caller knows of the SA. */
enum sabus_knowledge {
	SABUS_K_SA,		/* exactly this SA protects the tunnel */
	SABUS_K_NONE,		/* known: no SA covers it */
	SABUS_K_PENDING,	/* negotiation runs */
	SABUS_K_AMBIGUOUS,
	SABUS_K_UNKNOWN,	/* broker answers, but charon's view is not complete */
	SABUS_K_BUS_DOWN,	/* no broker */
	SABUS_K_TIMEOUT,	/* no answer in time */
	SABUS_K_NO_TUNNEL,	/* the tunnel itself could not be identified */
};

struct sabus_policy {
	enum sabus_encryption encryption;	/* default require */
	bool ipsec_optional;			/* default false */
	bool refuse_mppe;			/* hard "no MPPE" where the SA is confidential; default false */
	bool allow_tunnel_mode;			/* default true (RFC 3193 section 2.1: MAY) */
	bool keep_compression;			/* keep pppd's deflate etc. over any SA, although it is wasted over a confidential one; default false */
	bool trust_lac;				/* compulsory: count the LAC-LNS SA as the client's protection; default false */
	bool require_ecp;			/* not possible in this version: refused with a reason */
	enum sabus_strength min_strength;	/* default legacy */
};

/* What PPP shall do about MPPE. */
enum sabus_mppe {
	SABUS_MPPE_REFUSE,	/* reject it */
	SABUS_MPPE_MIRROR,	/* do not ask; if the peer asks, run it in both directions */
	SABUS_MPPE_REQUIRE,	/* both directions or close */
};

enum sabus_ccp {
	SABUS_CCP_KEEP,		/* leave pppd's configured compression alone */
	SABUS_CCP_NONE,		/* no deflate, BSD-Compress, Predictor, VJ; says nothing of MPPE, which CCP negotiates too */
	SABUS_CCP_STATELESS,	/* only stateless methods may be offered (RFC 3193 section 5.2.1, compulsory LNS) */
};

enum sabus_ecp {
	SABUS_ECP_PROTREJ,	/* answer a peer's ECP with LCP Protocol-Reject (RFC 1968 section 4.3 forbids open-and-reject) */
};

struct sabus_decision {
	bool accept;
	bool on_sa;			/* accepted because of an SA (false: refused, or no SA and ipsec optional) */
	enum sabus_reason reason;
	enum sabus_mppe mppe;
	enum sabus_ccp ccp;
	enum sabus_ecp ecp;
	bool mtu_valid;			/* mtu below was computed */
	struct sabus_mtu mtu;		/* MTU and MRU for LCP; less SABUS_MPPE_BYTES exactly when mppe == REQUIRE, whatever path->mppe says */
	char text[256];			/* one sentence for a person, with the value that decided */
};

struct sabus_policy sabus_policy_defaults(void);

/*
 * Decides.  sa is read only with knowledge == SABUS_K_SA.  path describes the path for the MTU (NULL: not known, mtu_valid is false);
 * family is AF_INET/AF_INET6 of the L2TP packets.  Never blocks, no allocation, any thread.  *out is always completely written; on
 * refusal mppe=REFUSE, ccp=NONE, mtu_valid=false.  A value out of an enum's range is refused with SABUS_R_INTERNAL, an SA that is not (or no
 * longer) in the kernel with SABUS_R_SA_PENDING.  An MTU that cannot be computed is no reason to refuse.
 */
void sabus_decide(enum sabus_role role, enum sabus_tunnel tunnel, enum sabus_knowledge knowledge, const struct sabus_sa *sa,
		  const struct sabus_policy *policy, const struct sabus_mtu_in *path, uint8_t family, struct sabus_decision *out);

/*
 * A live link was decided as `was`; `knowledge` and `now` (read only with SABUS_K_SA) are what is known today.  May the link go on?
 *
 *  - SABUS_K_SA: decided anew.  A refusal ends the link with its reason.  MPPE newly required while it does not run ends it with
 *    SABUS_R_SA_WEAKENED; was it required before, the SA lost nothing, and MPPE itself is watched by the caller.  A rekey with equal or
 *    better protection goes on; a changed MTU alone is no loss, *out has the new one.
 *  - SABUS_K_NONE, SABUS_K_PENDING: the SA is gone: SABUS_R_SA_GONE, with `ipsec optional` too.  A link that never had an SA (was->on_sa
 *    false) is decided anew with NONE and goes on with PENDING.
 *  - SABUS_K_UNKNOWN, SABUS_K_BUS_DOWN, SABUS_K_TIMEOUT: no news is no reason to end a link (the kernel's policies hold it meanwhile): goes on.
 *  - SABUS_K_AMBIGUOUS, SABUS_K_NO_TUNNEL: ends, with that reason.
 *
 * mppe_up: MPPE runs in both directions at this moment.  Returns true to go on, *out is then the decision that holds now (a copy of *was where
 * nothing is known); false to end the link, *out is then a refusal with the reason.  was and out may be the same.  Pure like sabus_decide().
 */
bool sabus_still_good(enum sabus_role role, enum sabus_tunnel tunnel, const struct sabus_decision *was, enum sabus_knowledge knowledge,
		      const struct sabus_sa *now, const struct sabus_policy *policy, const struct sabus_mtu_in *path, uint8_t family,
		      bool mppe_up, struct sabus_decision *out);

/* Words of the configuration and of status output; constant, "?" out of range.  Any thread. */
const char *sabus_encryption_name(enum sabus_encryption e);	/* "require" "allow" "prohibit" */
int sabus_encryption_parse(const char *text, enum sabus_encryption *out);	/* 0 or -EINVAL */
const char *sabus_mppe_name(enum sabus_mppe m);	/* "refused" "mirror" "required" */
const char *sabus_ccp_name(enum sabus_ccp c);		/* "keep" "off" "stateless" */

#endif
