// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * settings.c - parsing of the options.  Those that radius.so has, too, have its names.
 *
 * All need privilege (OPT_PRIV): they say which program runs as root, and what the RADIUS server is told.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "radhost.h"
#include "settings.h"

static struct settings the_settings;

static int bad(const char *name, const char *value, const char *range)
{
	ppp_option_error((char *)"%s: '%s' is not valid; it must be %s (see sabus-radius(7))", name, value, range);
	return 0;
}

static int path(const char *name, char **argv, char out[SETTINGS_PATH])
{
	if (argv[0][0] != '/' || strlen(argv[0]) >= SETTINGS_PATH)
		return bad(name, argv[0], "an absolute path of at most 511 characters");
	strlcpy(out, argv[0], SETTINGS_PATH);
	return 1;
}

static int number(const char *name, char **argv, int min, int max, int *out)
{
	char range[64];
	char *end;
	long n;

	errno = 0;
	n = strtol(argv[0], &end, 10);
	if (end == argv[0] || *end || errno || n < min || n > max) {
		slprintf(range, sizeof(range), "a number from %d to %d", min, max);
		return bad(name, argv[0], range);
	}
	*out = (int)n;
	return 1;
}

static int set_config_file(char **argv)
{
	return path("radius-config-file", argv, the_settings.config_file);
}

static int set_client(char **argv)
{
	return path("sabus-radius-client", argv, the_settings.client);
}

static int set_filter(char **argv)
{
	return path("sabus-radius-filter", argv, the_settings.filter);
}

static int set_timeout(char **argv)
{
	return number("sabus-radius-timeout", argv, 1, 120, &the_settings.timeout);
}

static int set_stop_retry(char **argv)
{
	return number("sabus-radius-stop-retry", argv, 0, 86400, &the_settings.stop_retry);
}

/* Whether the name is in the dictionary, the helper knows. */
static int add_pair(char **argv)
{
	if (strlen(argv[0]) >= SETTINGS_PAIR || !strchr(argv[0], '='))
		return bad("avpair", argv[0], "NAME=VALUE of at most 319 characters");
	if (the_settings.n_pairs == SETTINGS_PAIRS)
		return bad("avpair", argv[0], "one of at most 32");
	strlcpy(the_settings.pairs[the_settings.n_pairs++], argv[0], SETTINGS_PAIR);
	return 1;
}

#define SPECIAL(n, f, d) { .name = (n), .type = o_special, .addr = (void *)(f), .description = (d), .flags = OPT_PRIV }
#define FLAG(n, v, d) { .name = (n), .type = o_bool, .addr = &the_settings.port_of_tty, .description = (d), .flags = OPT_PRIV | (v) }

static struct option the_options[] = {
	SPECIAL("radius-config-file", set_config_file, "Configuration of the RADIUS client"),
	SPECIAL("avpair", add_pair, "Additional attribute for the RADIUS server"),
	FLAG("map-to-ttyname", 1, "NAS-Port is the number in the device's name"),
	FLAG("map-to-ifname", 0, "NAS-Port is the number of the interface (default)"),
	SPECIAL("sabus-radius-client", set_client, "Program that speaks RADIUS"),
	SPECIAL("sabus-radius-timeout", set_timeout, "Seconds until an authentication is given up"),
	SPECIAL("sabus-radius-stop-retry", set_stop_retry, "Seconds that an undelivered Stop is tried for"),
	SPECIAL("sabus-radius-filter", set_filter, "Program that puts Filter-Id into effect"),
	{ .name = NULL },
};

void settings_register(void)
{
	strlcpy(the_settings.config_file, "/etc/radcli/radiusclient.conf", SETTINGS_PATH);
	strlcpy(the_settings.client, SABUS_RADIUS_CLIENT, SETTINGS_PATH);
	the_settings.timeout = 15;
	the_settings.stop_retry = 600;
	ppp_add_options(the_options);
}

const struct settings *settings_get(void)
{
	return &the_settings;
}
