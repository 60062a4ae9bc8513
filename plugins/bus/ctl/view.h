/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.h - all that sabusd tells a watcher, at one revision; after view_load() sorted by id or key.
 */
#ifndef SABUSCTL_VIEW_H
#define SABUSCTL_VIEW_H

#include <uthash.h>
#include "ctl.h"

/* shown: set by find.c in the rows that belong to what was asked for */
struct sa_row {
	struct sabus_sa sa;
	bool shown;
	UT_hash_handle hh;
};

struct session_row {
	uint32_t id;
	bool shown;
	struct sabus_session session;
	UT_hash_handle hh, hh_pid;
};

struct tunnel_row {
	uint64_t key; /* pid, tunnel id */
	bool shown;
	struct sabus_tunnel_info tunnel;
	UT_hash_handle hh;
};

struct call_row {
	uint64_t key; /* pid, tunnel id, call id */
	bool shown;
	struct sabus_call_info call;
	UT_hash_handle hh;
};

struct view {
	struct sa_row *sas;
	struct session_row *sessions, *by_pid;
	struct tunnel_row *tunnels;
	struct call_row *calls;
	enum sabus_publisher publisher;
	uint64_t revision;
};

/* Asks for everything and waits for it.  CTL_OK, or CTL_FAILED and a message; v is to be freed in any case. */
int view_load(struct ctl *c, struct view *v);
/* The same, quietly: 0 or -errno. */
int view_try_load(struct ctl *c, struct view *v, const char **why);
void view_apply(struct view *v, const struct sabus_event *ev);
void view_free(struct view *v);
/* Removes what is not `shown`. */
void view_keep_shown(struct view *v);

/* Each NULL when there is none. */
struct sa_row *view_sa_row(const struct view *v, uint32_t id);
const struct sabus_sa *view_sa(const struct view *v, uint32_t id);
struct session_row *view_session(const struct view *v, uint32_t id);
struct tunnel_row *view_tunnel(const struct view *v, uint32_t pid, uint16_t tunnel_id);
/* The PPP session of a call: that of its pppd. */
struct session_row *view_session_of(const struct view *v, const struct sabus_call_info *call);

#endif
