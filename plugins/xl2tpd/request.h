/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - a tunnel is asked for: by a peer's SCCRQ, or by us, before ours goes.
 *
 * Nothing is answered or sent until it is known which SA protects the tunnel.  xl2tpd is told to wait, sabusd is asked, and asked again
 * whenever something happens, until the answer is definite or `sabus wait` is over.
 */
#ifndef SABUS_XL2TPD_REQUEST_H
#define SABUS_XL2TPD_REQUEST_H

#include "tunnels.h"

/* What tunnel_request() answers; *cause is written with XL2TPD_REFUSE. */
int request_begin(struct tun *t, struct xl2tpd_cause *cause);

/* sabusd's answer; t is in phase ASKED. */
void request_answered(struct tun *t, const struct sabus_event *ev);

/* What charon did about t's SA has changed (t->dial); t is in phase ASKED. */
void request_dialled(struct tun *t);

/* The connection to sabusd is gone. */
void request_lost(struct tun *t);

/* RFC 2661 section 4.4.2: all that this plugin ends or refuses has result 2 (general error), error 6 (vendor specific), since only an error code carries a text. */
void request_cause(struct xl2tpd_cause *cause, enum sabus_reason reason, const char *detail);

/* t goes: its timer ends. */
void request_forget(struct tun *t);

#endif
