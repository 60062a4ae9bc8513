/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what `explain` decides from: an SA (or what is known in its place), the administrator's policy, a RADIUS reply, a user.
 *
 * The policy's options have the words of pppd-sabus(8) without "sabus-", so that a file of pppd's options can be read with the same table.
 * What the command line says goes before what the file says.
 */
#ifndef SABUSCTL_FACTS_H
#define SABUSCTL_FACTS_H

#include "ctl.h"
#include "identity.h"
#include "ikefail.h"
#include "path.h"
#include "policy.h"
#include "reply.h"

struct facts {
	enum sabus_role role;
	enum sabus_tunnel tunnel;
	enum sabus_knowledge knowledge;
	struct sabus_sa sa; /* with SABUS_K_SA */
	char note[256];	    /* where the knowledge is from, "" = from the command line */
	enum sabus_ike_failure ike_failure; /* why there is no SA, as far as charon has said; with --peer */
	uint32_t failed_ago;		    /* seconds */
	struct sabus_policy policy;
	unsigned long mtu_cap, path_mtu; /* bytes, 0 = none, not given */
	struct path path;
	enum sabus_bind bind;
	const char *identity_map, *user;
	bool has_reply;
	struct sabus_reply reply;
	char words[512]; /* of the options file that are pointed to */
};

/* X(name, argument or NULL, help, function, what it must be) */
/* clang-format off */
#define FACTS_SETTINGS(X) \
	X("encryption", "POLICY", "require (default), allow or prohibit", set_encryption, "require, allow or prohibit") \
	X("ipsec", "WORD", "required (default) or optional", set_ipsec, "required or optional") \
	X("min-strength", "LEVEL", "broken, legacy (default), good or strong", set_strength, "broken, legacy, good or strong") \
	X("compression", "WORD", "off (default) or keep", set_compression, "off or keep") \
	X("tunnel-mode", "WORD", "accept (default) or refuse", set_tunnel_mode, "accept or refuse") \
	X("mtu-cap", "BYTES", "upper limit of the MTU", set_mtu_cap, "a number from 128 to 65535") \
	X("no-mppe", NULL, "refuse MPPE over an SA that encrypts", set_no_mppe, "") \
	X("compulsory", NULL, "a LAC is between the LNS and the client", set_compulsory, "") \
	X("trust-lac", NULL, "count the SA to the LAC as the client's", set_trust_lac, "") \
	X("require-ecp", NULL, "require ECP", set_require_ecp, "") \
	X("bind-identity", "HOW", "IKE identity and --user: none (default), equal or map", set_bind, "none, equal or map") \
	X("identity-map", "FILE", "for --bind-identity map", set_identity_map, "a path")
/* clang-format on */

/* facts_policy.c: --role, the settings, --options FILE.  CTL_OK, or CTL_USAGE or CTL_FAILED and a message. */
int facts_policy(const struct ctl *c, struct facts *f);
/* facts_sa.c: --suite, --sa, --peer, --known; may ask sabusd. */
int facts_sa(struct ctl *c, struct facts *f);
/* facts_reply.c: --reply, as often as wanted. */
int facts_reply(const struct ctl *c, struct facts *f);

/* A pppd options file, FILE of --options (facts_file.c).  set() gets each sabus- option without that prefix; false = its value is wrong. */
enum setting { SETTING_UNKNOWN, SETTING_SWITCH, SETTING_VALUE };
struct facts_reader {
	enum setting (*kind)(const char *name);
	const char *(*set)(struct facts *f, const char *name, const char *value); /* NULL, or what it must be */
};
int facts_file(const struct ctl *c, const char *path, const struct facts_reader *r, struct facts *f);

#endif
