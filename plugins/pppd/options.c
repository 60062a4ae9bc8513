// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - parsing of the plugin's options.
 *
 * pppd calls one function per option with the argument vector and exits with status 2 when it returns 0; which option it is, is not
 * told, so each has its own small function.  Numbers are parsed here rather than by pppd's o_int so that the message can name the
 * value and the range.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "options.h"
#include "sabus.h"

static struct plugin_options the_options;

static int bad(const char *name, const char *value, const char *range)
{
	/* pppd's prototype has no const; it does not write to the format */
	ppp_option_error((char *)"%s: '%s' is not valid; it must be %s (see pppd-sabus(8))", name, value, range);
	return 0;
}

/* One of two words, for a bool. */
static int word2(const char *name, char **argv, const char *yes, const char *no, bool *out)
{
	char range[64];

	if (strcmp(argv[0], yes) != 0 && strcmp(argv[0], no) != 0) {
		slprintf(range, sizeof(range), "%s or %s", yes, no);
		return bad(name, argv[0], range);
	}
	*out = strcmp(argv[0], yes) == 0;
	return 1;
}

static int number(const char *name, char **argv, int min, int max, const char *alternative, int *out)
{
	char range[96];
	char *end;
	long n;

	errno = 0;
	n = strtol(argv[0], &end, 10);
	if (end == argv[0] || *end || errno || n < min || n > max) {
		slprintf(range, sizeof(range), "%sa number from %d to %d", alternative, min, max);
		return bad(name, argv[0], range);
	}
	*out = (int)n;
	return 1;
}

static int set_encryption(char **argv)
{
	if (sabus_encryption_parse(argv[0], &the_options.policy.encryption))
		return bad("sabus-encryption", argv[0], "require, allow or prohibit");
	return 1;
}

static int set_ipsec(char **argv)
{
	return word2("sabus-ipsec", argv, "optional", "required", &the_options.policy.ipsec_optional);
}

static int set_strength(char **argv)
{
	if (sabus_strength_parse(argv[0], &the_options.policy.min_strength))
		return bad("sabus-min-strength", argv[0], "broken, legacy, good or strong");
	return 1;
}

static int set_wait(char **argv)
{
	return number("sabus-wait", argv, 100, 60000, "", &the_options.wait_ms);
}

static int set_socket(char **argv)
{
	if (argv[0][0] != '/' || strlen(argv[0]) >= sizeof(the_options.socket))
		return bad("sabus-socket", argv[0], "an absolute path of at most 107 characters");
	slprintf(the_options.socket, sizeof(the_options.socket), "%s", argv[0]);
	return 1;
}

static int set_compression(char **argv)
{
	return word2("sabus-compression", argv, "keep", "off", &the_options.policy.keep_compression);
}

static int set_tunnel_mode(char **argv)
{
	return word2("sabus-tunnel-mode", argv, "accept", "refuse", &the_options.policy.allow_tunnel_mode);
}

static int set_path_mtu(char **argv)
{
	if (strcmp(argv[0], "auto") == 0) {
		the_options.path_mtu = 0;
		return 1;
	}
	return number("sabus-path-mtu", argv, 576, 65535, "auto or ", &the_options.path_mtu);
}

static int set_mtu_cap(char **argv)
{
	return number("sabus-mtu-cap", argv, 128, 65535, "", &the_options.mtu_cap);
}

static int set_mppe_timeout(char **argv)
{
	return number("sabus-mppe-timeout", argv, 1, 600, "", &the_options.mppe_timeout);
}

static int set_pin(char **argv)
{
	return word2("sabus-pin", argv, "on", "off", &the_options.pin);
}

static int set_bind(char **argv)
{
	if (sabus_bind_parse(argv[0], &the_options.bind))
		return bad("sabus-bind-identity", argv[0], "none, equal or map");
	return 1;
}

static int set_identity_map(char **argv)
{
	if (argv[0][0] != '/' || strlen(argv[0]) >= sizeof(the_options.identity_map))
		return bad("sabus-identity-map", argv[0], "an absolute path of at most 255 characters");
	slprintf(the_options.identity_map, sizeof(the_options.identity_map), "%s", argv[0]);
	return 1;
}

static int set_join(char **argv)
{
	if (join_parse(&the_options.join, argv[0]))
		return bad("sabus-join", argv[0], "LOCAL:PORT,PEER:PORT,0xMARK,SA as xl2tpd's plugin gives it");
	the_options.joined = true;
	return 1;
}

static int set_names(char **argv)
{
	if (join_parse_names(&the_options.names, argv[0]))
		return bad("sabus-l2tp-names", argv[0], "LOCALHOST,PEERHOST,SERIAL as xl2tpd's plugin gives it");
	return 1;
}

/* The 1 in the flags of an o_bool option is the value that it stores. */
#define FLAGS			 (OPT_PRIV | OPT_INITONLY)
#define SPECIAL(name, set, text) { (char *)(name), o_special, (void *)(set), (char *)(text), FLAGS, NULL, 0, 0, NULL, 0, 0 }
#define SWITCH(name, flag, text) { (char *)(name), o_bool, &(flag), (char *)(text), FLAGS | 1, NULL, 0, 0, NULL, 0, 0 }

static option_t option_table[] = {
	SPECIAL("sabus-encryption", set_encryption, "PPP encryption policy: require, allow or prohibit"),
	SPECIAL("sabus-ipsec", set_ipsec, "whether an IPsec SA is required or optional"),
	SPECIAL("sabus-min-strength", set_strength, "weakest SA accepted: broken, legacy, good or strong"),
	SPECIAL("sabus-wait", set_wait, "milliseconds to wait for a protected answer"),
	SPECIAL("sabus-socket", set_socket, "path of sabusd's session socket"),
	SPECIAL("sabus-compression", set_compression, "PPP compression over an encrypting SA: keep or off"),
	SPECIAL("sabus-tunnel-mode", set_tunnel_mode, "tunnel mode SAs: accept or refuse"),
	SPECIAL("sabus-path-mtu", set_path_mtu, "path MTU to the L2TP peer: auto or bytes"),
	SPECIAL("sabus-mtu-cap", set_mtu_cap, "upper limit of the MTU and MRU"),
	SPECIAL("sabus-mppe-timeout", set_mppe_timeout, "seconds that a peer may be silent on CCP while MPPE is required"),
	SPECIAL("sabus-pin", set_pin, "bind the tunnel's socket to its SA: on or off"),
	SPECIAL("sabus-bind-identity", set_bind, "relation of IKE identity and PPP user: none, equal or map"),
	SPECIAL("sabus-identity-map", set_identity_map, "file that says which users an IKE identity stands for"),
	SPECIAL("sabus-join", set_join, "the L2TP tunnel of this call and its SA, from xl2tpd's plugin"),
	SPECIAL("sabus-l2tp-names", set_names, "host names of the L2TP tunnel's ends and the call's serial number, from xl2tpd's plugin"),
	SWITCH("sabus-no-mppe", the_options.policy.refuse_mppe, "refuse MPPE over an encrypting SA"),
	SWITCH("sabus-radius-avpair", the_options.radius_avpair,
	       "pppd's own radius.so tells the RADIUS server of the SA, as far as it can"),
	SWITCH("sabus-compulsory", the_options.compulsory, "the tunnel is a compulsory one (a LAC is between us and the client)"),
	SWITCH("sabus-trust-lac", the_options.policy.trust_lac, "count the SA to the LAC as the client's protection"),
	SWITCH("sabus-require-ecp", the_options.policy.require_ecp, "require ECP (not possible in this version: always refused)"),
	{ NULL, o_special, NULL, NULL, 0, NULL, 0, 0, NULL, 0, 0 },
};

void options_register(void)
{
	the_options = (struct plugin_options){
		.policy = sabus_policy_defaults(),
		.wait_ms = 5000,
		.mppe_timeout = 30,
		.pin = true,
	};
	ppp_add_options(option_table);
}

const struct plugin_options *options_get(void)
{
	return &the_options;
}

const char *options_socket(const struct plugin_options *o)
{
	return o->socket[0] ? o->socket : SABUS_SOCK_SESSION;
}
