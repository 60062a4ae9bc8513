/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ikefail.h - why IKE with a peer came to nothing, in the words of an administrator.
 *
 * charon's plugin finds out (its alerts), sabusd keeps the last one of each peer, sabusctl explain says it where there is no SA.  It is no reason code
 * (reason.h): nothing is refused or ended for it, it tells where to look.  The word is the interface; append only, the numbers are on the bus.
 * X(ENUM, "word", "what happened", "what to do")
 */
#ifndef SABUS_IKEFAIL_H
#define SABUS_IKEFAIL_H

/* clang-format off */
#define SABUS_IKE_FAILURES(X) \
	X(PEER_AUTH,	 "peer-auth",		"the peer could not prove who it is, or no connection is for it", "compare the pre-shared key (or certificate) and the identities of both ends") \
	X(LOCAL_AUTH,	 "local-auth",		"the peer did not accept our authentication", "compare the pre-shared key (or certificate) and the identities of both ends") \
	X(UNREADABLE,	 "unreadable",		"the peer's IKEv1 message could not be decrypted; as a rule it has another pre-shared key", "compare the pre-shared key of both ends") \
	X(PROPOSAL_IKE,	 "proposal-ike",	"the two ends have no IKE proposal in common", "add one that the other end has to the connection's proposals") \
	X(PROPOSAL_ESP,	 "proposal-esp",	"the two ends have no ESP proposal in common", "add one that the other end has to esp_proposals") \
	X(SELECTORS,	 "selectors",		"the traffic selectors do not fit", "UDP 1701 of both ends must be in local_ts and remote_ts") \
	X(SILENT,	 "silent",		"the peer does not answer", "check the way to the peer: UDP 500 and 4500 both ways") \
	X(HALF_OPEN,	 "half-open",		"the peer began, and did not go on in time", "check its log (as a rule it has another pre-shared key, IKEv1), and UDP 4500 both ways") \
	X(UNAUTHORIZED,	 "unauthorized",	"the peer is known, and not let in", "check the connection's groups and what charon's authorization asks for") \
	X(KERNEL,	 "kernel",		"the kernel did not take the SA or its policies", "see charon's log; the algorithm's module may be missing")
/* clang-format on */

enum sabus_ike_failure {
	SABUS_IKEFAIL_NONE,
#define SABUS_IKEFAIL_ENUM(e, w, t, r) SABUS_IKEFAIL_##e,
	SABUS_IKE_FAILURES(SABUS_IKEFAIL_ENUM)
#undef SABUS_IKEFAIL_ENUM
	SABUS_IKEFAIL_END
};

/* Constant strings; of NONE and numbers out of range "none", "", "".  Pure, never block, any thread. */
const char *sabus_ike_failure_word(enum sabus_ike_failure f);
const char *sabus_ike_failure_text(enum sabus_ike_failure f);
const char *sabus_ike_failure_remedy(enum sabus_ike_failure f);

#endif
