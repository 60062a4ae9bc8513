/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - charon.plugins.sabus.* of strongswan.conf, checked.  Syntax and defaults: sabus.opt. */
#ifndef SABUS_OPTIONS_H
#define SABUS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_RECONNECT_MIN_MS     100u
#define OPTIONS_RECONNECT_MAX_MS     60000u
#define OPTIONS_RECONNECT_DEFAULT_MS 1000u

struct options {
	const char *socket; /* owned by whoever gave it */
	unsigned reconnect_ms;
};

/* Each takes the option's text, NULL = not set.  False: *why names the value, the option and what is allowed. */
bool options_set_socket(struct options *o, const char *text, char *why, size_t size);
bool options_set_reconnect(struct options *o, const char *text, char *why, size_t size);

#endif
