/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reason.h - the stable codes that say why something was accepted, refused or ended.
 *
 * The word is the interface: it appears in logs, LCP Terminate-Request, status output and RADIUS, never changes its meaning and is
 * never reused.  Append only.  X(ENUM, "word", EXIT, "what happened", "what to do")
 * EXIT is pppd's exit status where the code ends a link (0 = does not end one); 100 and up, clear of pppd's own.
 */
#ifndef SABUS_REASON_H
#define SABUS_REASON_H

#define SABUS_REASONS(X) \
	X(OK_PROTECTED,		"ok-protected",		0,   "the SA is confidential; PPP encryption is not mandated", "") \
	X(OK_MPPE,		"ok-mppe-required",	0,   "the SA does not encrypt; MPPE is required in both directions", "") \
	X(OK_CLEAR,		"ok-not-confidential",	0,   "no encryption is mandated by policy", "") \
	X(OK_UNPROTECTED,	"ok-no-ipsec",		0,   "no SA, and ipsec is optional by configuration", "") \
	X(NO_SA,		"no-sa",		100, "no IPsec SA covers the L2TP tunnel", "check that the IKE connection is up and its traffic selectors cover UDP 1701") \
	X(SA_PENDING,		"sa-pending",		101, "the IPsec SA was still being negotiated when the time was over", "retry; if it stays, see the IKE log") \
	X(SA_AMBIGUOUS,		"sa-ambiguous",		102, "more than one SA covers the tunnel", "use unique marks (see README, several clients behind one NAT)") \
	X(SA_UNKNOWN,		"sa-unknown",		103, "the state of the SAs is not known (charon is not publishing)", "check that charon runs and has the sabus plugin loaded") \
	X(BUS_DOWN,		"bus-down",		104, "sabusd does not answer", "start sabusd, check the socket path") \
	X(BUS_TIMEOUT,		"bus-timeout",		105, "no protected answer within the deadline", "check sabusd and charon, or raise sabus-wait") \
	X(TUNNEL_UNKNOWN,	"tunnel-unknown",	106, "the L2TP tunnel below this link could not be identified", "kernel L2TP (PPPoL2TP) is needed: do not use 'force userspace'") \
	X(NO_INTEGRITY,		"sa-no-integrity",	107, "the SA has no integrity protection", "use an AEAD or add an integrity algorithm to esp_proposals") \
	X(NO_REPLAY,		"sa-no-replay",		108, "the SA has no replay protection", "set replay_window > 0") \
	X(AH_ONLY,		"sa-ah-only",		109, "the SA is AH; RFC 3193 demands ESP", "use esp_proposals, not ah_proposals") \
	X(SA_WEAK,		"sa-weak",		110, "the SA's algorithms are weaker than the minimum strength", "use stronger esp_proposals or lower sabus-min-strength") \
	X(POLICY_PROHIBIT,	"policy-prohibit",	111, "policy prohibits encryption, but the SA encrypts", "use sabus-encryption allow or require, or an integrity-only SA") \
	X(MODE_REFUSED,		"sa-mode",		112, "the SA's mode is not accepted", "use transport mode, or allow tunnel mode") \
	X(PIN_FAILED,		"pin-failed",		113, "the kernel refused to bind the tunnel's socket to its SA", "pppd must run as root (started by xl2tpd), in a container with CAP_SYS_PTRACE") \
	X(MPPE_REFUSED,		"mppe-refused",		114, "MPPE is required, the peer refused it", "enable MPPE (128 bit) at the peer or use an encrypting SA") \
	X(MPPE_ONE_WAY,		"mppe-one-way",		115, "MPPE is required in both directions, the peer gave one", "enable MPPE at the peer") \
	X(MPPE_TIMEOUT,		"mppe-timeout",		116, "MPPE is required, the peer is silent on CCP", "enable CCP and MPPE at the peer") \
	X(MPPE_NO_KEYS,		"mppe-no-keys",		117, "MPPE is required, but authentication gave no keys", "use MS-CHAPv2 or EAP-TLS in one direction") \
	X(ECP_UNSUPPORTED,	"ecp-unsupported",	118, "ECP was required; this version cannot encrypt with ECP", "use MPPE or an encrypting SA") \
	X(SA_GONE,		"sa-gone",		119, "the IPsec SA below the link is gone", "see the IKE log for the reason; reconnect") \
	X(SA_WEAKENED,		"sa-weakened",		120, "the IPsec SA below the link lost the protection that policy asks for", "see esp_proposals of both ends") \
	X(SA_MOVED,		"sa-moved",		121, "the SA no longer covers the tunnel's addresses", "reconnect; L2TP cannot move") \
	X(BAD_OPTION,		"bad-option",		122, "an option has a value out of its range", "see pppd-sabus(8)") \
	X(MULTILINK,		"multilink-refused",	123, "multilink over IPsec is not supported", "remove 'multilink'") \
	X(INTERNAL,		"internal",		124, "internal error", "report it with the log") \
	X(SA_ALGORITHM,		"sa-unknown-algorithm",	125, "the SA uses an algorithm that sabus does not know, so nothing is known of its protection", "use esp_proposals with algorithms listed in pppd-sabus(8)") \
	X(IDENTITY,		"identity-mismatch",	126, "the PPP user is not one of those that the IKE identity stands for", "see 'bind identity' in xl2tpd-sabus(8)") \
	X(SA_IMPOSSIBLE,	"sa-impossible",	0,   "charon could not bring up an IPsec SA for the tunnel", "see the IKE log; swanctl --initiate shows the error") \
	X(OK_CLEAR_PEER,	"ok-clear-peer",	0,   "no SA, and the peer's network is an exception by configuration", "") \
	X(TUNNEL_ENDING,	"tunnel-ending",	0,   "the tunnel is being closed, no new calls", "") \
	X(RADIUS_DOWN,		"radius-down",		130, "no RADIUS server answered", "check the servers of radius-config-file and their log") \
	X(RADIUS_REPLY,		"radius-reply",		131, "the RADIUS server's answer cannot be used", "see the log of pppd and of the RADIUS server") \
	X(RADIUS_NO_SABUS,	"radius-no-sabus",	132, "the RADIUS reply sets an IPsec policy, and sabus.so is not there to enforce it", "load 'plugin sabus.so' too") \
	X(POLICY_CHANGED,	"policy-changed",	133, "the user's policy was changed, and the link does not meet it", "reconnect with a stronger SA") \
	X(ADMIN_RESET,		"admin-reset",		134, "the administrator ended the link", "")

enum sabus_reason {
#define SABUS_REASON_ENUM(e, w, x, t, r) SABUS_R_##e,
	SABUS_REASONS(SABUS_REASON_ENUM)
#undef SABUS_REASON_ENUM
	SABUS_R_COUNT
};

/* Constant strings (exit: an exit status); those of "internal" for a number out of range.  Pure, never block, any thread. */
const char *sabus_reason_word(enum sabus_reason r);
const char *sabus_reason_text(enum sabus_reason r);
const char *sabus_reason_remedy(enum sabus_reason r);
int sabus_reason_exit(enum sabus_reason r);

#endif
