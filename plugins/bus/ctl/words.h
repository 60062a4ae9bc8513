/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.h - values as text: enumerations, endpoints, spans of time, names of peers.
 */
#ifndef SABUSCTL_WORDS_H
#define SABUSCTL_WORDS_H

#include "sabus.h"

/* The words of enumerations, as text and JSON show them; constant. */
const char *publisher_word(enum sabus_publisher p);	/* "none" "syncing" "synced" */
const char *state_word(enum sabus_sa_state s);		/* "pending" "installed" "rekeyed" */
const char *role_word(uint8_t role);			/* "lns" "client" */
const char *tunnel_state_word(uint8_t state);		/* "asked" "up" "ending" */
const char *mode_word(uint8_t mode);			/* "transport" "tunnel" "beet" */
const char *protection_word(const struct sabus_sa *sa); /* "none" "integrity" "confidential"; sa may be NULL */

#define ENDPOINT_STRLEN 64
const char *endpoint_text(const struct sabus_endpoint *e, char buf[ENDPOINT_STRLEN]); /* "10.0.0.1:4500" "[2001:db8::1]:500" */

/* src with everything but printable ASCII as \xNN, cut at size.  Returns buf. */
const char *printable(const char *src, char *buf, size_t size);
/* The same for a value in a key=value line: blanks, quotes and backslashes, too. */
const char *printable_value(const char *src, char *buf, size_t size);
/* printable(), or "-" for an empty one. */
const char *or_dash(const char *src, char *buf, size_t size);
/* src with '?' for each byte that is not UTF-8, and cut (between characters) at size.  Returns buf. */
const char *utf8_text(const char *src, char *buf, size_t size);

#define AGE_STRLEN 32
/* "3d04h" "2h10m" "5m07s" "42s" from one to the other; "-" when it is not known. */
const char *span_text(uint64_t from, uint64_t to, bool known, char buf[AGE_STRLEN]);
uint64_t seconds_now(int clock); /* a clockid_t */

#define BYTES_STRLEN 24
/* "812", "14.2k", "3.1M", "2.0G" (powers of 1000); "-" when it is not known. */
const char *bytes_text(uint64_t bytes, bool known, char buf[BYTES_STRLEN]);

#endif
