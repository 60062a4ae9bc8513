/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the lines "sabus ..." of xl2tpd.conf: what holds for all, what holds for one [lns] or [lac].
 */
#ifndef SABUS_XL2TPD_OPTIONS_H
#define SABUS_XL2TPD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include "alg.h"
#include "guard.h"
#include "xl2tpd-plugin.h"

#define CONNECTION_MAX	128	/* NAME[/CHILD], with NUL: what libsabus takes */
#define MAP_PATH_MAX	112	/* with NUL: pppd's words from xl2tpd are at most 119 characters */
#define OPTION_PATH_MAX 108	/* of a Unix socket, with NUL */

enum bind_identity { BIND_NONE, BIND_EQUAL, BIND_MAP };

/* What holds for a tunnel: its section's word, else [global]'s. */
struct tunnel_options {
	bool optional;			 /* may come without an SA */
	unsigned int wait_ms;		 /* for a definite answer, or a LAC's SA */
	enum bind_identity bind;
	char map[MAP_PATH_MAX];		 /* with BIND_MAP */
	char connection[CONNECTION_MAX]; /* LAC: what charon shall initiate, "" = it chooses */
};

struct global_options {
	char socket[OPTION_PATH_MAX];
	bool socket_set;		 /* by the administrator, so pppd must be told as well */
	bool optional;
	bool guard;
	bool delete_sa;
	bool pppd_plugin;
	bool any_mode;			 /* tunnel mode SAs too */
	enum sabus_strength min_strength;
	unsigned int wait_ms;
};

/* Back to the defaults; frees the sections. */
void options_reset(void);

/* One line, as xl2tpd's option() hook has it: 0, or -1 with a message that names key, value and what is allowed. */
int options_set(enum xl2tpd_section kind, const char *section, const char *key, const char *value, char *err, size_t errlen);

const struct global_options *options_global(void);

/* The options of a tunnel of that section (lac: a [lac], else an [lns]); one that has no line of ours has the defaults. */
void options_for(bool lac, const char *section, struct tunnel_options *out);

/* The networks of `sabus clear peers` (its port is 0): for guard_exempts() and the guard itself. */
const struct guard_config *options_clear(void);

/* Every tunnel needs an SA: neither [global] nor a section says optional, and there are no clear peers. */
bool options_strict(void);

/* Some section or [global] says optional, so a peer without an SA may come from anywhere. */
bool options_any_optional(void);

#endif
