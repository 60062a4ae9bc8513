/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts_policy.c - the administrator's policy, from the command line and from a file of pppd's options.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "facts.h"

static bool one_of(const char *value, const char *yes, const char *no, bool *out)
{
	*out = strcmp(value, yes) == 0;
	return *out || strcmp(value, no) == 0;
}

static bool number(const char *value, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;

	*out = strtoul(value, &end, 10);
	return end != value && !*end && *out >= min && *out <= max;
}

static bool set_encryption(struct facts *f, const char *value)
{
	return sabus_encryption_parse(value, &f->policy.encryption) == 0;
}

static bool set_ipsec(struct facts *f, const char *value)
{
	return one_of(value, "optional", "required", &f->policy.ipsec_optional);
}

static bool set_strength(struct facts *f, const char *value)
{
	return sabus_strength_parse(value, &f->policy.min_strength) == 0;
}

static bool set_compression(struct facts *f, const char *value)
{
	return one_of(value, "keep", "off", &f->policy.keep_compression);
}

static bool set_tunnel_mode(struct facts *f, const char *value)
{
	return one_of(value, "accept", "refuse", &f->policy.allow_tunnel_mode);
}

static bool set_mtu_cap(struct facts *f, const char *value)
{
	return number(value, 128, 65535, &f->mtu_cap);
}

static bool set_no_mppe(struct facts *f, const char *value)
{
	(void)value;
	return f->policy.refuse_mppe = true;
}

static bool set_compulsory(struct facts *f, const char *value)
{
	(void)value;
	f->tunnel = SABUS_TUNNEL_COMPULSORY;
	return true;
}

static bool set_trust_lac(struct facts *f, const char *value)
{
	(void)value;
	return f->policy.trust_lac = true;
}

static bool set_require_ecp(struct facts *f, const char *value)
{
	(void)value;
	return f->policy.require_ecp = true;
}

static bool set_bind(struct facts *f, const char *value)
{
	return sabus_bind_parse(value, &f->bind) == 0;
}

/* The word of a file does not stay: it is kept. */
static bool set_identity_map(struct facts *f, const char *value)
{
	if (strlen(value) >= sizeof(f->words))
		return false;
	memcpy(f->words, value, strlen(value) + 1);
	f->identity_map = f->words;
	return true;
}

/* Options of the plugin that decide nothing, or not this; with an argument or without. */
static bool set_path_mtu(struct facts *f, const char *value)
{
	return !strcmp(value, "auto") || number(value, 576, 65535, &f->path_mtu);
}

static bool ignore(struct facts *f, const char *value)
{
	(void)f;
	(void)value;
	return true;
}

/* clang-format off */
static const struct {
	const char *name, *arg;
	bool (*set)(struct facts *f, const char *value);
	const char *must_be;
	bool file_only;
} settings[] = {
#define ROW(n, a, h, s, m) { n, a, s, m, false },
	FACTS_SETTINGS(ROW)
#undef ROW
	{ "path-mtu", "BYTES", set_path_mtu, "auto or a number from 576 to 65535", true },
	{ "wait", "MS", ignore, "", true },
	{ "socket", "PATH", ignore, "", true },
	{ "mppe-timeout", "SECONDS", ignore, "", true },
	{ "pin", "WORD", ignore, "", true },
	{ "join", "TEXT", ignore, "", true },
	{ "l2tp-names", "TEXT", ignore, "", true },
	{ "radius-client", "PATH", ignore, "", true },
	{ "radius-timeout", "SECONDS", ignore, "", true },
	{ "radius-stop-retry", "SECONDS", ignore, "", true },
	{ "radius-filter", "PATH", ignore, "", true },
	{ "radius-avpair", NULL, ignore, "", true },
};
/* clang-format on */

#define N_SETTINGS (sizeof(settings) / sizeof(settings[0]))

static enum setting kind_of(const char *name)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		if (!strcmp(settings[i].name, name))
			return settings[i].arg ? SETTING_VALUE : SETTING_SWITCH;
	}
	return SETTING_UNKNOWN;
}

static const char *set_by_name(struct facts *f, const char *name, const char *value)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		if (!strcmp(settings[i].name, name))
			return settings[i].set(f, value) ? NULL : settings[i].must_be;
	}
	return "an option of pppd-sabus(8)";
}

static int from_command_line(const struct ctl *c, struct facts *f)
{
	for (size_t i = 0; i < c->n_given; i++) {
		const struct given *g = &c->given[i];
		const char *must_be;

		if (kind_of(g->name) == SETTING_UNKNOWN || !strcmp(g->name, "path-mtu"))
			continue; /* of facts_sa.c or path.c */
		must_be = set_by_name(f, g->name, g->value);
		if (must_be)
			return given_bad(c, g->name, g->value, must_be);
	}
	return CTL_OK;
}

int facts_policy(const struct ctl *c, struct facts *f)
{
	static const struct facts_reader reader = { .kind = kind_of, .set = set_by_name };
	const char *role = given_text(c, "role"), *file = given_text(c, "options");
	int status = CTL_OK;

	f->policy = sabus_policy_defaults();
	f->user = given_text(c, "user");
	if (role && strcmp(role, "lns") != 0 && strcmp(role, "client") != 0)
		return given_bad(c, "role", role, "lns or client");
	f->role = role && !strcmp(role, "client") ? SABUS_ROLE_CLIENT : SABUS_ROLE_LNS;
	if (file)
		status = facts_file(c, file, &reader, f);
	return status == CTL_OK ? from_command_line(c, f) : status;
}
