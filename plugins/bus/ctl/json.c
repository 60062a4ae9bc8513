/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.c - values of all kinds as JSON.
 */
#include "config.h"
#include <stdio.h>
#include <time.h>
#include "json.h"
#include "words.h"

struct json_object *json_begin(void)
{
	struct json_object *root = json_object_new_object();

	json_number(root, "schema", JSON_SCHEMA);
	return root;
}

void json_finish(struct json_object *root)
{
	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}

void json_line(struct json_object *root)
{
	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(root);
}

void json_text(struct json_object *o, const char *key, const char *text)
{
	char clean[1024];

	json_object_object_add(o, key, text ? json_object_new_string(utf8_text(text, clean, sizeof(clean))) : NULL);
}

void json_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

void json_flag(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void json_hex(struct json_object *o, const char *key, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", value);
	json_text(o, key, text);
}

void json_endpoint(struct json_object *o, const char *key, const struct sabus_endpoint *e)
{
	struct json_object *ep = json_object_new_object();
	char addr[SABUS_ADDR_STRLEN];

	json_text(ep, "address", e->addr.family ? sabus_addr_text(&e->addr, addr) : "");
	json_number(ep, "port", e->port);
	json_object_object_add(o, key, ep);
}

void json_mark(struct json_object *o, const char *key, const struct sabus_mark *m)
{
	struct json_object *mark = m->mask ? json_object_new_object() : NULL;

	if (mark) {
		json_hex(mark, "value", m->value);
		json_hex(mark, "mask", m->mask);
	}
	json_object_object_add(o, key, mark);
}

void json_relative(struct json_object *o, const char *key, uint64_t when)
{
	int64_t now = (int64_t)seconds_now(CLOCK_MONOTONIC);

	json_object_object_add(o, key, when ? json_object_new_int64((int64_t)when - now) : NULL);
}
