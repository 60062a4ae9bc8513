/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find.h - the names by which people call what is on the bus.
 *
 *   ppp0, 3, session/3      a session, by its interface or its number
 *   tunnel/10, call/10/20   xl2tpd's, by our L2TP ids; where more than one xl2tpd has them, with its process id: tunnel/10@4711
 *   sa/7                    a CHILD_SA by charon's unique id
 */
#ifndef SABUSCTL_FIND_H
#define SABUSCTL_FIND_H

#include "view.h"

enum found_kind { FOUND_NOTHING, FOUND_SESSION, FOUND_TUNNEL, FOUND_CALL, FOUND_SA };

struct found {
	enum found_kind kind;
	struct session_row *session; /* that of its kind is set */
	struct tunnel_row *tunnel;
	struct call_row *call;
	struct sa_row *sa;
};

/* CTL_OK; CTL_FAILED and a message when there is none, or more than one; CTL_USAGE and a message for what is no name. */
int find(const struct ctl *c, const struct view *v, const char *name, struct found *out);
/* Sets `shown` in what was found and in all that belongs to it: the SA below, tunnel, call, sessions. */
void find_related(const struct view *v, const struct found *f);

#define NAME_STRLEN 64
/* The name by which it can be found; with the pid of its xl2tpd where there are more than one. */
const char *session_name(const struct view *v, const struct session_row *s, char buf[NAME_STRLEN]);
const char *tunnel_name(const struct view *v, const struct tunnel_row *t, char buf[NAME_STRLEN]);
const char *call_name(const struct view *v, const struct call_row *c, char buf[NAME_STRLEN]);
const char *sa_name(const struct sa_row *sa, char buf[NAME_STRLEN]);

#endif
