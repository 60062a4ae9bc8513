/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl.h - what sabusctl's parts share.
 *
 * Each subcommand is one row of the table in main.c and one function; it gets an open connection and the words after its name, and returns
 * the exit status.  Data of peers (identities, user names) is shown to people only through printable(), so that no name can play with
 * their terminal.
 */
#ifndef SABUSCTL_H
#define SABUSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <uthash.h>
#include "sabus.h"

#define CTL_OK	   0
#define CTL_FAILED 1 /* sabusd not reachable, or it ended the connection */
#define CTL_USAGE  2

#define CTL_TIMEOUT_MS 5000 /* for an answer that must come */

struct ctl {
	struct sabus *bus;
	const char *socket;
	bool json;
	struct sabus_event ev; /* the last one received; large */
};

struct sa_row {
	struct sabus_sa sa;
	UT_hash_handle hh;
};

struct session_row {
	uint32_t id;
	struct sabus_session session;
	UT_hash_handle hh, hh_pid;
};

struct tunnel_row {
	uint64_t key; /* pid, tunnel id */
	struct sabus_tunnel_info tunnel;
	UT_hash_handle hh;
};

struct call_row {
	uint64_t key; /* pid, tunnel id, call id */
	struct sabus_call_info call;
	UT_hash_handle hh;
};

/* All that sabusd tells a watcher, at one revision; sorted by id or key. */
struct view {
	struct sa_row *sas;
	struct session_row *sessions, *by_pid;
	struct tunnel_row *tunnels;
	struct call_row *calls;
	enum sabus_publisher publisher;
	uint64_t revision;
};

/* ---- connection (connection.c): each complains on stderr itself and returns CTL_OK or CTL_FAILED ---- */
int ctl_open(struct ctl *c);
/* The next event into c->ev, waiting timeout_ms at most (-1: for ever). */
int ctl_next(struct ctl *c, int timeout_ms);
int ctl_failed(const struct ctl *c, const char *what);

/* ---- view.c ---- */
int view_load(struct ctl *c, struct view *v); /* whatever it returns, v is to be freed */
void view_free(struct view *v);
const struct sabus_sa *view_sa(const struct view *v, uint32_t id); /* NULL */
/* The PPP session of a call: that of its pppd; NULL = none yet. */
const struct session_row *view_session_of(const struct view *v, const struct sabus_call_info *call);

/* ---- words.c: names of the enumerations, as text and JSON show them ---- */
const char *publisher_word(enum sabus_publisher p); /* "none" "syncing" "synced" */
const char *state_word(enum sabus_sa_state s);	    /* "pending" "installed" "rekeyed" */
const char *role_word(uint8_t role);		    /* "lns" "client" */
const char *tunnel_state_word(uint8_t state);	    /* "asked" "up" "ending" */
const char *mode_word(uint8_t mode);		    /* "transport" "tunnel" "beet" */
#define ENDPOINT_STRLEN 64
const char *endpoint_text(const struct sabus_endpoint *e, char buf[ENDPOINT_STRLEN]); /* "10.0.0.1:4500" "[2001:db8::1]:500" */
/* src with everything but printable ASCII as \xNN, cut at size.  Returns buf. */
const char *printable(const char *src, char *buf, size_t size);
/* The same for a value in a key=value line: blanks, quotes and backslashes, too. */
const char *printable_value(const char *src, char *buf, size_t size);

#define AGE_STRLEN 32
/* "3d04h" "2h10m" "5m07s" "42s" from one to the other; "-" when it is not known. */
const char *span_text(uint64_t from, uint64_t to, bool known, char buf[AGE_STRLEN]);

/* ---- output ---- */
void status_text(const struct view *v);
void status_l2tp(const struct view *v); /* status_l2tp.c: the tables of tunnels and calls */
void status_json(const struct view *v);

/* ---- subcommands ---- */
int cmd_status(struct ctl *c);
int cmd_monitor(struct ctl *c);
int cmd_stats(struct ctl *c);

#endif
