/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain.c - why would a peer be accepted or refused?
 *
 * The very functions that pppd's plugin decides with (plugins/common: sabus_reply_merge, sabus_decide, identity checks) in its order: the SA before
 * anybody has a name, then the user, then what RADIUS says of him.  The first refusal is the answer.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "explain.h"
#include "json.h"

#define MAP_MAX 1048576L /* bytes of an identity map */

/* clang-format off */
const struct option_row explain_options[] = {
	{ "suite", "SUITE", "an SA with these algorithms (see mtu)" },
	{ "sa", "N", "the SA of this number, from sabusd" },
	{ "peer", "ADDRESS", "[:PORT] what sabusd knows of this peer's tunnel" },
	{ "known", "WORD", "no SA: none, pending, ambiguous, unknown, bus-down, timeout, no-tunnel" },
	{ "local", "ADDRESS", "[:PORT] our end, with --peer" },
	{ "mark", "NUMBER", "of the tunnel's datagrams, with --peer" },
	{ "id", "IDENTITY", "the peer's IKE identity, with --suite" },
	{ "eap", "IDENTITY", "the peer's EAP or XAuth identity, with --suite" },
	{ "auth", "METHOD", "how the peer authenticated, with --suite: psk, pubkey, pubkey+eap-mschapv2" },
	{ "replay-window", "PACKETS", "of the SA, with --suite (32)" },
	PATH_OPTIONS,
	{ "role", "ROLE", "lns (default) or client" },
	{ "options", "FILE", "take sabus- options from pppd's options file" },
#define ROW(n, a, h, s, m) { n, a, h },
	FACTS_SETTINGS(ROW)
#undef ROW
	{ "user", "NAME", "the PPP user, for --bind-identity" },
	{ "reply", "ATTRIBUTE=VALUE", "of a RADIUS reply; may be repeated" },
	{ NULL, NULL, NULL },
};
/* clang-format on */

static const struct sabus_sa *sa_of(const struct facts *f)
{
	return f->knowledge == SABUS_K_SA ? &f->sa : NULL;
}

static void refuse(struct sabus_decision *d, enum sabus_reason reason, const char *text)
{
	memset(d, 0, sizeof(*d));
	d->reason = reason;
	d->mppe = SABUS_MPPE_REFUSE;
	d->ccp = SABUS_CCP_NONE;
	snprintf(d->text, sizeof(d->text), "%s", text);
}

static void decide(const struct facts *f, const struct sabus_policy *policy, struct sabus_decision *out)
{
	sabus_decide(f->role, f->tunnel, f->knowledge, sa_of(f), policy, &f->path.in, f->path.family, out);
}

/* The whole file; NULL and a message.  To be freed. */
static char *read_map(const struct ctl *c, const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *text = NULL;

	if (f && fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAP_MAX)
		text = malloc((size_t)st.st_size + 1);
	if (text)
		*len = fread(text, 1, (size_t)st.st_size, f);
	else
		fprintf(stderr, "sabusctl %s: identity-map: %s: %s\n", c->command->name, path,
			f ? "not a file, or larger than 1 MiB" : strerror(errno));
	if (f)
		fclose(f);
	return text;
}

static int check_user(const struct ctl *c, const struct facts *f, struct explanation *e)
{
	struct sabus_map_error err;
	char *map = NULL;
	size_t len = 0;
	int status = CTL_OK;

	if (f->bind == SABUS_BIND_NONE)
		return CTL_OK;
	if (!f->user)
		return given_bad(c, "user", "", "given with --bind-identity");
	if (f->bind == SABUS_BIND_MAP) {
		if (!f->identity_map)
			return given_bad(c, "identity-map", "", "given with --bind-identity map");
		map = read_map(c, f->identity_map, &len);
		if (!map)
			return CTL_FAILED;
		if (sabus_map_check(map, len, &err) != 0) {
			fprintf(stderr, "sabusctl %s: %s:%u: %s\n", c->command->name, f->identity_map, err.line, err.what);
			status = CTL_FAILED;
		}
	}
	if (status == CTL_OK && (!sa_of(f) || sabus_identity_check(f->bind, map, len, &f->sa, f->user) != SABUS_IDENTITY_FITS))
		refuse(&e->decision, SABUS_R_IDENTITY, sabus_reason_text(SABUS_R_IDENTITY));
	free(map);
	return status;
}

static void check_reply(const struct facts *f, struct explanation *e)
{
	sabus_reply_merge(&f->policy, (uint32_t)f->mtu_cap, f->has_reply ? &f->reply : NULL, &e->merged);
	if (!e->decision.accept || !f->has_reply)
		return;
	decide(f, &e->merged.policy, &e->decision);
	if (e->decision.accept && !sabus_reply_identity_fits(&f->reply, sa_of(f)))
		refuse(&e->decision, SABUS_R_IDENTITY, "the peer's identity matches no Sabus-Allowed-IKE-Identity of the reply");
}

static void find_mtu(struct explanation *e)
{
	e->mtu = e->decision.mtu_valid ? e->decision.mtu.mtu : 0;
	e->capped = e->merged.mtu_cap && e->mtu > e->merged.mtu_cap;
	if (e->capped)
		e->mtu = e->merged.mtu_cap;
}

int cmd_explain(struct ctl *c)
{
	struct explanation e = { 0 };
	struct facts *f = &e.facts;
	int status = facts_policy(c, f);

	if (status == CTL_OK)
		status = facts_reply(c, f);
	if (status == CTL_OK)
		status = facts_sa(c, f);
	if (status != CTL_OK)
		return status;
	decide(f, &f->policy, &e.decision);
	if (e.decision.accept)
		status = check_user(c, f, &e);
	if (status != CTL_OK)
		return status;
	check_reply(f, &e);
	find_mtu(&e);
	if (c->json)
		explain_json(&e);
	else
		explain_text(&e, c->colour);
	return e.decision.accept ? CTL_OK : CTL_REFUSED;
}
