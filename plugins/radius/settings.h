/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings.h - the options of sabus-radius.so, described in sabus-radius(7).
 */
#ifndef SABUS_RADIUS_SETTINGS_H
#define SABUS_RADIUS_SETTINGS_H

#include <stdbool.h>

#define SETTINGS_PATH  512
#define SETTINGS_PAIRS 32
#define SETTINGS_PAIR  320

struct settings {
	char config_file[SETTINGS_PATH];
	char client[SETTINGS_PATH]; /* the helper's program */
	char filter[SETTINGS_PATH]; /* program for Filter-Id, "" = none */
	int timeout;		    /* seconds, of an authentication in all */
	int stop_retry;		    /* seconds that an undelivered Stop is tried for */
	bool port_of_tty;	    /* map-to-ttyname */
	int n_pairs;
	char pairs[SETTINGS_PAIRS][SETTINGS_PAIR];
};

/* Tells pppd the options and sets the defaults.  From plugin_init(). */
void settings_register(void);

const struct settings *settings_get(void);

#endif
