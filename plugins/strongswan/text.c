/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.c - see text.h.  The only file that uses strongSwan's own printf specifiers, which no compiler knows. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wformat-invalid-specifier"
#endif

void text_identity(identification_t *id, char *buf, size_t size)
{
	buf[0] = '\0';
	if (id && id->get_type(id) != ID_ANY)
		snprintf(buf, size, "%Y", id);
}

static void append(char *buf, size_t size, const char *text)
{
	size_t used = strlen(buf);

	snprintf(buf + used, size - used, "%s%s", used ? "+" : "", text);
}

static void append_eap(char *buf, size_t size, auth_cfg_t *auth)
{
	char text[40] = "eap-";
	int type = (int)(uintptr_t)auth->get(auth, AUTH_RULE_EAP_TYPE);

	/* cppcheck-suppress wrongPrintfScanfArgNum ; strongSwan's %N takes two */
	snprintf(text + 4, sizeof(text) - 4, "%N", eap_type_short_names, type);
	for (char *c = text + 4; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	append(buf, size, type ? text : "eap");
}

/* True when this round has an identity of its own. */
static bool append_round(char *buf, size_t size, auth_cfg_t *auth)
{
	switch ((auth_class_t)(uintptr_t)auth->get(auth, AUTH_RULE_AUTH_CLASS)) {
	case AUTH_CLASS_PUBKEY: append(buf, size, "pubkey"); return false;
	case AUTH_CLASS_PSK: append(buf, size, "psk"); return false;
	case AUTH_CLASS_EAP: append_eap(buf, size, auth); return true;
	case AUTH_CLASS_XAUTH: append(buf, size, "xauth"); return true;
	default: append(buf, size, "any"); return false;
	}
}

bool text_auth(ike_sa_t *ike, char *buf, size_t size)
{
	enumerator_t *rounds = ike->create_auth_cfg_enumerator(ike, FALSE);
	bool own_identity = false;
	auth_cfg_t *auth;

	buf[0] = '\0';
	while (rounds->enumerate(rounds, &auth))
		own_identity |= append_round(buf, size, auth);
	rounds->destroy(rounds);
	return own_identity;
}
