/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * login.h - authentication with PAP, CHAP (MD5, MS-CHAP, MS-CHAPv2), and authorisation of users whom pppd has authenticated with EAP.
 *
 * What decides, in this order: the helper's result, the answer's form (reading.h), Service-Type and Framed-Protocol, MS-CHAP2-Success, sabus.so's decision about the SA with
 * this answer's policy.  Whatever is wrong refuses; the log's line has reason and text, the peer gets the text (never why a name or password is wrong).
 */
#ifndef SABUS_RADIUS_LOGIN_H
#define SABUS_RADIUS_LOGIN_H

#include "radsession.h"

/* Takes pppd's hooks.  Once, from plugin_init(). */
void login_hook(struct session *s);

/* Have other plugins taken our hooks away? */
bool login_hooked(void);

/* NF_AUTH_UP: asks the server about a user of EAP; one that it refuses is disconnected. */
void login_eap(struct session *s);

#endif
