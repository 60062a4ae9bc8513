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
#include "host.h"
#include "join.h"

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

int join_add_options(const struct tun *t, void *opts)
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
	add_identity(&w, t);
	return w.err;
}
