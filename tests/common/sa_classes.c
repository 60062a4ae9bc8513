// SPDX-License-Identifier: GPL-2.0-or-later
#include "sa_classes.h"

#include <string.h>

#define OK     SABUS_R_COUNT
#define BROKEN SABUS_STRENGTH_BROKEN
#define LEGACY SABUS_STRENGTH_LEGACY
#define GOOD   SABUS_STRENGTH_GOOD
#define STRONG SABUS_STRENGTH_STRONG
#define ON     SABUS_SA_INSTALLED
#define ESP    SABUS_PROTO_ESP
#define TRANSP SABUS_MODE_TRANSPORT

/* clang-format off */
static const struct {
	const char *name;
	enum sabus_reason refused;
	enum what what;
	enum sabus_strength strength;
	bool needs_tunnel_mode, ipcomp;
	uint8_t proto, mode;
	uint16_t encr, bits, integ, replay;
	uint32_t flags;
	enum sabus_sa_state state;
} listed[] = {
	{ "gcm", OK, ENCRYPTS, STRONG, 0, 0, ESP, TRANSP, GCM_16, 256, 0, 32, 0, ON },
	{ "gcm natt", OK, ENCRYPTS, STRONG, 0, 0, ESP, TRANSP, GCM_16, 256, 0, 32, SABUS_SAF_ENCAP, ON },
	{ "gcm ipcomp", OK, ENCRYPTS, STRONG, 0, 1, ESP, TRANSP, GCM_16, 256, 0, 32, SABUS_SAF_IPCOMP, ON },
	{ "gcm rekeyed", OK, ENCRYPTS, STRONG, 0, 0, ESP, TRANSP, GCM_16, 256, 0, 32, 0, SABUS_SA_REKEYED },
	{ "gcm tunnel", OK, ENCRYPTS, STRONG, 1, 0, ESP, SABUS_MODE_TUNNEL, GCM_16, 256, 0, 32, 0, ON },
	{ "gcm beet", OK, ENCRYPTS, STRONG, 1, 0, ESP, SABUS_MODE_BEET, GCM_16, 256, 0, 32, 0, ON },
	{ "cbc128 sha256", OK, ENCRYPTS, GOOD, 0, 0, ESP, TRANSP, AES_CBC, 128, SHA256_128, 32, 0, ON },
	{ "cbc256 sha1", OK, ENCRYPTS, LEGACY, 0, 0, ESP, TRANSP, AES_CBC, 256, SHA1_96, 32, 0, ON },
	{ "3des md5", OK, ENCRYPTS, BROKEN, 0, 0, ESP, TRANSP, DES3, 0, MD5_96, 32, 0, ON },
	{ "null sha256", OK, INTEGRITY_ONLY, GOOD, 0, 0, ESP, TRANSP, NULL_ENC, 0, SHA256_128, 32, 0, ON },
	{ "null sha1 ipcomp", OK, INTEGRITY_ONLY, LEGACY, 0, 1, ESP, TRANSP, NULL_ENC, 0, SHA1_96, 32, SABUS_SAF_IPCOMP, ON },
	{ "null md5", OK, INTEGRITY_ONLY, BROKEN, 0, 0, ESP, TRANSP, NULL_ENC, 0, MD5_96, 32, 0, ON },
	{ "gmac", OK, INTEGRITY_ONLY, GOOD, 0, 0, ESP, TRANSP, GMAC, 256, 0, 32, 0, ON },
	{ "gmac tunnel", OK, INTEGRITY_ONLY, GOOD, 1, 0, ESP, SABUS_MODE_TUNNEL, GMAC, 256, 0, 32, 0, ON },
	{ "cbc without integrity", SABUS_R_NO_INTEGRITY, NOTHING, BROKEN, 0, 0, ESP, TRANSP, AES_CBC, 256, 0, 32, 0, ON },
	{ "null without integrity", SABUS_R_NO_INTEGRITY, NOTHING, BROKEN, 0, 0, ESP, TRANSP, NULL_ENC, 0, 0, 32, 0, ON },
	{ "gcm without replay", SABUS_R_NO_REPLAY, NOTHING, STRONG, 0, 0, ESP, TRANSP, GCM_16, 256, 0, 0, 0, ON },
	{ "null without replay", SABUS_R_NO_REPLAY, NOTHING, GOOD, 0, 0, ESP, TRANSP, NULL_ENC, 0, SHA256_128, 0, 0, ON },
	{ "ah", SABUS_R_AH_ONLY, NOTHING, GOOD, 0, 0, SABUS_PROTO_AH, TRANSP, 0, 0, SHA256_128, 32, 0, ON },
	{ "ah that claims gcm", SABUS_R_AH_ONLY, NOTHING, GOOD, 0, 0, SABUS_PROTO_AH, TRANSP, GCM_16, 256, SHA256_128, 32, 0, ON },
	{ "unknown cipher", SABUS_R_SA_ALGORITHM, NOTHING, BROKEN, 0, 0, ESP, TRANSP, 999, 256, SHA256_128, 32, 0, ON },
	{ "no cipher", SABUS_R_SA_ALGORITHM, NOTHING, BROKEN, 0, 0, ESP, TRANSP, 0, 0, SHA256_128, 32, 0, ON },
	{ "unknown integrity", SABUS_R_SA_ALGORITHM, NOTHING, BROKEN, 0, 0, ESP, TRANSP, AES_CBC, 256, 999, 32, 0, ON },
	{ "no protocol", SABUS_R_INTERNAL, NOTHING, BROKEN, 0, 0, 0, TRANSP, GCM_16, 256, 0, 32, 0, ON },
	{ "no mode", SABUS_R_MODE_REFUSED, NOTHING, STRONG, 0, 0, ESP, 0, GCM_16, 256, 0, 32, 0, ON },
	{ "gcm pending", SABUS_R_SA_PENDING, NOTHING, STRONG, 0, 0, ESP, TRANSP, GCM_16, 256, 0, 32, 0, SABUS_SA_PENDING },
	{ "gcm without state", SABUS_R_SA_PENDING, NOTHING, STRONG, 0, 0, ESP, TRANSP, GCM_16, 256, 0, 32, 0, SABUS_SA_NONE },
};
/* clang-format on */

static struct sa_class classes[COUNT(listed)];

const struct sa_class *sa_classes(size_t *n)
{
	for (size_t i = 0; i < COUNT(listed); i++) {
		struct sabus_sa sa = fix_suite(listed[i].encr, listed[i].bits, listed[i].integ);

		sa.proto = listed[i].proto;
		sa.mode = listed[i].mode;
		sa.replay_window = listed[i].replay;
		sa.flags = listed[i].flags;
		sa.state = listed[i].state;
		classes[i] = (struct sa_class){
			.name = listed[i].name,
			.refused = listed[i].refused,
			.what = listed[i].what,
			.strength = listed[i].strength,
			.needs_tunnel_mode = listed[i].needs_tunnel_mode,
			.ipcomp = listed[i].ipcomp,
			.sa = sa,
		};
	}
	*n = COUNT(listed);
	return classes;
}

const struct sa_class *sa_class(const char *name)
{
	const struct sa_class *all;
	size_t n;

	all = sa_classes(&n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	fail_msg("no class %s", name);
	return NULL;
}
