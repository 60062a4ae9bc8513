/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct.h - accounting of a session (RFC 2866, 2867, 2869): when which message is sent, and what is in it.
 *
 *   accepted      the helper keeps a Stop; from then on one is sent, whatever happens to the link or to pppd
 *   network up    Start; again (another address, IPv6 too): Interim-Update
 *   SA or MPPE    Interim-Update at once, Sabus-Event says which
 *   interval      Interim-Update (Acct-Interim-Interval, at least 60 s)
 *   link over     Stop
 */
#ifndef SABUS_RADIUS_ACCT_H
#define SABUS_RADIUS_ACCT_H

#include "radsession.h"

/* From plugin_init(). */
void acct_init(struct session *s);

/* The server has accepted the user (again): a new session, or the same one goes on. */
void acct_accepted(struct session *s);

/* A network protocol is up. */
void acct_network_up(struct session *s);

/* why: "rekey", "mppe", "policy". */
void acct_interim(struct session *s, const char *why);

/* sabus.so says that something changed. */
void acct_changed(struct session *s);

/* The interval may be another one. */
void acct_set_interval(struct session *s);

/* NF_LINK_DOWN: LCP is down, the interface still there; what a Stop tells is noted now. */
void acct_link_down(struct session *s);

/* The link is over, or the session on it. status: pppd's exit status. */
void acct_stop(struct session *s, int status);

#endif
