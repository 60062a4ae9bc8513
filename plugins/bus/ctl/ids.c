/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ids.c - the names of all there is: for people who look for one, and for the shells' completion.
 */
#include "config.h"
#include <stdio.h>
#include "find.h"
#include "json.h"

/* list NULL: to standard output */
static void tell(struct json_object *list, const char *name)
{
	if (list)
		json_object_array_add(list, json_object_new_string(name));
	else
		puts(name);
}

static void tell_all(const struct view *v, struct json_object *list)
{
	struct session_row *s, *s_next;
	struct tunnel_row *t, *t_next;
	struct call_row *c, *c_next;
	struct sa_row *sa, *sa_next;
	char name[NAME_STRLEN];

	HASH_ITER(hh, v->sessions, s, s_next)
		tell(list, session_name(v, s, name));
	HASH_ITER(hh, v->tunnels, t, t_next)
		tell(list, tunnel_name(v, t, name));
	HASH_ITER(hh, v->calls, c, c_next)
		tell(list, call_name(v, c, name));
	HASH_ITER(hh, v->sas, sa, sa_next)
		tell(list, sa_name(sa, name));
}

int cmd_ids(struct ctl *c)
{
	struct json_object *root, *list = NULL;
	struct view v;
	int status = view_load(c, &v);

	if (status != CTL_OK)
		goto out;
	if (c->json)
		list = json_object_new_array();
	tell_all(&v, list);
	if (c->json) {
		root = json_begin();
		json_object_object_add(root, "ids", list);
		json_finish(root);
	}
out:
	view_free(&v);
	return status;
}
