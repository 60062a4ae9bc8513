/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl.h - what all parts of sabusctl share: one run of it.
 *
 * A subcommand (command.h) gets this with the connection that it needs open, and returns the exit status.  Data of peers (identities, user names) is
 * shown to people only through printable(), so that no name can play with their terminal.
 */
#ifndef SABUSCTL_H
#define SABUSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include "command.h"
#include "sabus.h"

#define CTL_OK	    0
#define CTL_FAILED  1 /* sabusd not reachable, or it ended the connection, or what was asked could not be done */
#define CTL_USAGE   2
#define CTL_REFUSED 3 /* explain: such a peer is refused */
#define CTL_FOUND   3 /* doctor: there is a trap */

#define CTL_TIMEOUT_MS 5000 /* for an answer that must come */

struct ctl {
	const struct command *command;
	struct sabus *bus;
	const char *socket; /* as given, else that of the command */
	bool json, colour;
	struct given given[GIVEN_MAX];
	size_t n_given;
	char **words;	       /* command->n_words */
	struct sabus_event ev; /* the last one received; large */
};

/* ---- connection (connection.c) ---- */

/* Quietly: 0 or -errno. */
int ctl_connect(struct ctl *c);
/* These complain on stderr and return CTL_OK or CTL_FAILED. */
int ctl_open(struct ctl *c);
/* The next event into c->ev, waiting timeout_ms at most (-1: for ever). */
int ctl_next(struct ctl *c, int timeout_ms);
int ctl_failed(const struct ctl *c, const char *what);
/* The same, quietly: 0 or -errno, *why says more (it is NULL or lives as long as c does not change). */
int ctl_receive(struct ctl *c, int timeout_ms, const char **why);

/* ---- subcommands ---- */
int cmd_status(struct ctl *c);
int cmd_show(struct ctl *c);
int cmd_ids(struct ctl *c);
int cmd_monitor(struct ctl *c);
int cmd_explain(struct ctl *c);
int cmd_doctor(struct ctl *c);
int cmd_mtu(struct ctl *c);
int cmd_close(struct ctl *c);
int cmd_metrics(struct ctl *c);
int cmd_stats(struct ctl *c);

extern const struct option_row doctor_options[], explain_options[], metrics_options[], mtu_options[], close_options[];

#endif
