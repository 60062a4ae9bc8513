/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commands.c - the table of subcommands.  A new one is a row here and a file beside it.
 */
#include "config.h"
#include "ctl.h"

const struct command commands[] = {
	{ "status", "", "all SAs, tunnels, calls and sessions, and what was decided for them", 0, NEEDS_READ, NULL, cmd_status },
	{ "show", "ID", "one of them, with all that is known of it", 1, NEEDS_READ, NULL, cmd_show },
	{ "ids", "", "what 'show' and 'close' take, one a line", 0, NEEDS_READ, NULL, cmd_ids },
	{ "monitor", "", "one line per change, until interrupted", 0, NEEDS_NOTHING, NULL, cmd_monitor },
	{ "explain", "", "why would a peer be accepted or refused?", 0, NEEDS_NOTHING, explain_options, cmd_explain },
	{ "doctor", "", "traps in this host's configuration, and what to do about them", 0, NEEDS_NOTHING, doctor_options, cmd_doctor },
	{ "mtu", "SUITE", "the MTU of PPP over such an SA, and its sum", 1, NEEDS_NOTHING, mtu_options, cmd_mtu },
	{ "close", "ID", "end a session", 1, NEEDS_SESSION, close_options, cmd_close },
	{ "metrics", "", "for Prometheus, in its text format", 0, NEEDS_NOTHING, metrics_options, cmd_metrics },
	{ "stats", "", "sabusd's counters", 0, NEEDS_READ, NULL, cmd_stats },
	{ NULL, NULL, NULL, 0, NEEDS_NOTHING, NULL, NULL },
};
