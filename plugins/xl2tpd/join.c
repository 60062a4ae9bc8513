// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * join.c - all words are for the sabus plugin of pppd, which sets them for root only; loading it twice does no harm.
 *
 * The join names the tunnel's flow with the mark that our SA puts on what it decrypts, and the SA's id: where several clients have the
 * same addresses, pppd needs no luck.  A tunnel that the configuration admits without an SA says so to pppd as well: what PPP itself must
 * then do (MPPE) remains pppd's policy.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "host.h"
#include "join.h"

#define NAME_TEXT 51 /* a name as a word has it, with NUL: two of them and the serial number make a word of less than 120 characters */

struct words {
	void *opts;
	int err;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *w, const char *fmt, ...)
{
	char word[120];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(word, sizeof(word), fmt, ap);
	va_end(ap);
	if (!w->err)
		w->err = n < 0 || (size_t)n >= sizeof(word) ? -E2BIG : xl2tpd->add_option(w->opts, word);
}

static void add_join(struct words *w, const struct tun *t)
{
	char local[SABUS_ADDR_STRLEN], peer[SABUS_ADDR_STRLEN];
	const struct sabus_mark *m = &t->sa->set_mark_in;
	uint32_t mark = t->flow.mark ? t->flow.mark : m->value & m->mask;

	add(w, "sabus-join");
	add(w, "%s:%u,%s:%u,0x%x,%u", sabus_addr_text(&t->flow.local.addr, local), t->flow.local.port,
	    sabus_addr_text(&t->flow.remote.addr, peer), t->flow.remote.port, mark, t->sa->id);
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* All but letters, digits, '.', '_' and '-' as %XX; cut, at the end of a character, where there is no more room. */
static const char *encode(const char *name, char text[NAME_TEXT])
{
	size_t n = 0;

	for (; *name; name++) {
		if (n + (is_plain(*name) ? 1 : 3) >= NAME_TEXT)
			break;
		if (is_plain(*name))
			text[n++] = *name;
		else
			n += (size_t)snprintf(text + n, 4, "%%%02X", (unsigned char)*name);
	}
	text[n] = 0;
	return text;
}

/* For RADIUS.  xl2tpd calls itself by the host's name where its `hostname` does not say otherwise, which no plugin is told. */
static void add_names(struct words *w, const struct tun *t, const struct xl2tpd_call_info *ci)
{
	char own[256] = "", local[NAME_TEXT], peer[NAME_TEXT];

	if (gethostname(own, sizeof(own) - 1))
		own[0] = 0;
	add(w, "sabus-l2tp-names");
	add(w, "%s,%s,%u", encode(own, local), encode(t->host, peer), ci->serial);
}

static void add_identity(struct words *w, const struct tun *t)
{
	static const char *const names[] = { [BIND_NONE] = "none", [BIND_EQUAL] = "equal", [BIND_MAP] = "map" };

	if (t->opt.bind == BIND_NONE)
		return;
	add(w, "sabus-bind-identity");
	add(w, "%s", names[t->opt.bind]);
	if (t->opt.bind != BIND_MAP)
		return;
	add(w, "sabus-identity-map");
	add(w, "%s", t->opt.map);
}

/* pppd 2.5 has no Calling-Station-Id for RADIUS but this. */
static void add_number(struct words *w, const struct tun *t)
{
	char peer[SABUS_ADDR_STRLEN];

	if (t->role != SABUS_ROLE_LNS)
		return;
	add(w, "remotenumber");
	add(w, "%s", sabus_addr_text(&t->flow.remote.addr, peer));
}

int join_add_options(const struct tun *t, const struct xl2tpd_call_info *ci, void *opts)
{
	struct words w = { .opts = opts };

	add_number(&w, t);
	if (!options_global()->pppd_plugin)
		return w.err;
	add(&w, "plugin");
	add(&w, "sabus.so");
	if (options_global()->socket_set) {
		add(&w, "sabus-socket");
		add(&w, "%s", options_global()->socket);
	}
	if (t->sa) {
		add_join(&w, t);
	} else {
		add(&w, "sabus-ipsec");
		add(&w, "optional");
	}
	add_names(&w, t, ci);
	add_identity(&w, t);
	return w.err;
}
