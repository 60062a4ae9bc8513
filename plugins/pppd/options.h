/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the administrator's words: pppd options that begin with "sabus-".  pppd-sabus(8) documents each.
 *
 * All are privileged (OPT_PRIV) and can be set only before the first link (OPT_INITONLY): neither an ordinary user of a setuid pppd
 * nor a line in a secrets file can loosen what was decided.  A bad value is refused with name, value and range; pppd then exits 2.
 */
#ifndef SABUS_PPPD_OPTIONS_H
#define SABUS_PPPD_OPTIONS_H

#include <stdbool.h>
#include "identity.h"
#include "join.h"
#include "policy.h"

struct plugin_options {
	struct sabus_policy policy;
	bool compulsory;
	int wait_ms;		/* how long an answer may take before the link is refused */
	int mppe_timeout;	/* seconds that a peer may be silent on CCP while MPPE is required */
	int path_mtu;		/* bytes; 0 = ask the kernel's routes */
	int mtu_cap;		/* bytes; 0 = none */
	bool pin;		/* bind the tunnel's socket to its SA */
	char socket[108];	/* path; "" = libsabus' default */
	enum sabus_bind bind;	/* of IKE identity and PPP user */
	char identity_map[256]; /* path, "" = none */
	bool joined;		/* join is valid */
	struct join join;	/* xl2tpd's plugin: which tunnel this is */
	struct join_names names; /* and how its ends call themselves; all empty: not told */
	bool radius_avpair;	/* stock radius.so is told of the SA */
};

/* Registers the options with pppd and sets the defaults.  Call once, from plugin_init. */
void options_register(void);

/* The values in force.  Never NULL; constant after pppd's option phase. */
const struct plugin_options *options_get(void);

/* Path of sabusd's session socket. */
const char *options_socket(const struct plugin_options *o);

static inline enum sabus_tunnel options_tunnel(const struct plugin_options *o)
{
	return o->compulsory ? SABUS_TUNNEL_COMPULSORY : SABUS_TUNNEL_VOLUNTARY;
}

#endif
