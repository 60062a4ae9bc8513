/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * close.c - asks the pppd of a session to end it.
 *
 * The session is found and asked for on the one connection, to session.sock: between both the number of a session cannot come to mean another.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "find.h"
#include "json.h"
#include "proto.h"
#include "words.h"

#define WHY_MAX 63 /* bytes, see sabus_request_close() */

const struct option_row close_options[] = {
	{ "why", "TEXT", "for the log of its pppd" },
	{ NULL, NULL, NULL },
};

static void tell(const struct ctl *c, const struct view *v, const struct session_row *s)
{
	char name[NAME_STRLEN], user[SABUS_USER_MAX * 4 + 1];
	struct json_object *root;

	session_name(v, s, name);
	if (!c->json) {
		printf("%s (%s) is being closed\n", name, or_dash(s->session.user, user, sizeof(user)));
		return;
	}
	root = json_begin();
	json_text(root, "closed", name);
	json_number(root, "session", s->id);
	json_finish(root);
}

static int ask(struct ctl *c, const struct session_row *s, const char *why)
{
	char text[300];
	uint32_t seq;

	if (sabus_request_close(c->bus, s->id, why, &seq) < 0)
		return ctl_failed(c, sabus_strerror(c->bus));
	do {
		if (ctl_next(c, SABUS_SESSION_REQUEST_MS + CTL_TIMEOUT_MS) != CTL_OK)
			return CTL_FAILED;
	} while (c->ev.type != SABUS_EV_RESULT || c->ev.seq != seq);
	if (!c->ev.error)
		return CTL_OK;
	fprintf(stderr, "sabusctl close: session %u: %s%s%s\n", s->id, strerror(c->ev.error), c->ev.text[0] ? ": " : "",
		printable(c->ev.text, text, sizeof(text)));
	return CTL_FAILED;
}

int cmd_close(struct ctl *c)
{
	const char *why = given_text(c, "why");
	struct found f;
	struct view v;
	int status;

	if (why && strlen(why) > WHY_MAX)
		return given_bad(c, "--why", why, "at most 63 bytes");
	status = view_load(c, &v);
	if (status == CTL_OK)
		status = find(c, &v, c->words[0], &f);
	if (status != CTL_OK)
		goto out;
	if (f.kind != FOUND_SESSION) {
		status = given_bad(c, "ID", c->words[0], "a session: ppp0 or session/N");
		goto out;
	}
	status = ask(c, f.session, why ? why : "sabusctl close");
	if (status == CTL_OK)
		tell(c, &v, f.session);
out:
	view_free(&v);
	return status;
}
