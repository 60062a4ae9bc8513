/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - small words for writing JSON, and the objects of the schema.
 *
 * The schema is in sabusctl-json(5): keys are only added, never change their meaning; a value that is not known is null, "" or 0 as said there.
 * SPIs and marks are strings of hexadecimal digits with 0x, as the kernel's tools show them.  Strings of peers that are not UTF-8 have '?'
 * for each wrong byte, because JSON must be UTF-8.
 */
#ifndef SABUSCTL_JSON_H
#define SABUSCTL_JSON_H

#include <json-c/json.h>
#include "traffic.h"
#include "view.h"

#define JSON_SCHEMA 1

/* A new object with `schema`; given to json_finish(). */
struct json_object *json_begin(void);
/* Prints root on lines, and frees it. */
void json_finish(struct json_object *root);
/* The same, on one line, at once. */
void json_line(struct json_object *root);

/* text NULL: null */
void json_text(struct json_object *o, const char *key, const char *text);
void json_number(struct json_object *o, const char *key, uint64_t value);
void json_flag(struct json_object *o, const char *key, bool value);
void json_hex(struct json_object *o, const char *key, uint32_t value);
void json_endpoint(struct json_object *o, const char *key, const struct sabus_endpoint *e);
/* null where no mark is set */
void json_mark(struct json_object *o, const char *key, const struct sabus_mark *m);
/* Seconds from now (negative: ago) to `when` of CLOCK_MONOTONIC; null for 0, not known. */
void json_relative(struct json_object *o, const char *key, uint64_t when);

/* json_sa.c, json_session.c.  Each returns a new object. */
struct json_object *json_sa(const struct sabus_sa *sa);
/* traffic NULL: byte counters are null */
struct json_object *json_session(const struct view *v, uint32_t id, const struct sabus_session *s, struct traffic *traffic);
struct json_object *json_tunnel(const struct view *v, const struct sabus_tunnel_info *t);
struct json_object *json_call(const struct view *v, const struct sabus_call_info *c);
/* Adds publisher, revision and the four arrays with all that is in v. */
void json_view(struct json_object *root, const struct view *v);

#endif
