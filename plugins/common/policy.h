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
 * An SA below the floor (AH only, no integrity, no replay window, below the minimum strength) is refused under every policy.
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
	bool keep_compression;			/* deflate etc. over a confidential SA although it is wasted; default false */
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
	SABUS_CCP_NONE,		/* no deflate, BSD-Compress, Predictor, VJ */
	SABUS_CCP_STATELESS,	/* only stateless methods may be offered (RFC 3193 section 5.2.1, compulsory LNS) */
};

enum sabus_ecp {
	SABUS_ECP_PROTREJ,	/* answer a peer's ECP with LCP Protocol-Reject (RFC 1968 section 4.3 forbids open-and-reject) */
};

struct sabus_decision {
	bool accept;
	enum sabus_reason reason;
	enum sabus_mppe mppe;
	enum sabus_ccp ccp;
	enum sabus_ecp ecp;
	bool mtu_valid;			/* mtu below was computed */
	struct sabus_mtu mtu;		/* MTU and MRU for LCP; without the MPPE bytes unless mppe == REQUIRE */
	char text[256];			/* one sentence for a person, with the value that decided */
};

struct sabus_policy sabus_policy_defaults(void);

/*
 * Decides.  sa is read only with knowledge == SABUS_K_SA.  path describes the path for the MTU; family is AF_INET/AF_INET6 of the
 * outer flow.  Never blocks, no allocation, any thread.  *out is always completely written; on refusal mppe=REFUSE, ccp=NONE.
 */
void sabus_decide(enum sabus_role role, enum sabus_tunnel tunnel, enum sabus_knowledge knowledge, const struct sabus_sa *sa,
		  const struct sabus_policy *policy, const struct sabus_mtu_in *path, uint8_t family, struct sabus_decision *out);

/*
 * A live link was decided as `was` on SA `old`; the SA is now `now` (NULL = gone).  Is that still good enough?
 * Returns SABUS_R_OK_PROTECTED-like reasons when nothing changes for PPP, else SABUS_R_SA_GONE / SA_WEAKENED / the refusal's reason.
 * `mppe_up`: MPPE runs in both directions at this moment.  A smaller MTU alone is no loss (new_mtu says so when not NULL).
 */
bool sabus_still_good(enum sabus_role role, enum sabus_tunnel tunnel, const struct sabus_decision *was, enum sabus_knowledge knowledge,
		      const struct sabus_sa *now, const struct sabus_policy *policy, const struct sabus_mtu_in *path, uint8_t family,
		      bool mppe_up, struct sabus_decision *out);

const char *sabus_encryption_name(enum sabus_encryption e);	/* "require" "allow" "prohibit" */
int sabus_encryption_parse(const char *text, enum sabus_encryption *out);	/* 0 or -EINVAL */
const char *sabus_mppe_name(enum sabus_mppe m);	/* "refused" "mirror" "required" */
const char *sabus_ccp_name(enum sabus_ccp c);		/* "keep" "off" "stateless" */

#endif
