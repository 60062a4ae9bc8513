/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publish.h - sabusd is told of tunnels and calls, for sabusctl and whoever watches.  Nothing depends on it.
 *
 * What has changed is marked and sent a moment later, so that a tunnel and its call that come up together are two messages, not six.
 */
#ifndef SABUS_XL2TPD_PUBLISH_H
#define SABUS_XL2TPD_PUBLISH_H

#include "tunnels.h"

void publish_tunnel(struct tun *t);		/* it has changed */
void publish_call(struct tun *t, struct call *c);
void publish_tunnel_gone(struct tun *t);	/* before it is removed */
void publish_call_gone(struct tun *t, const struct call *c);
void publish_all(void);				/* a new connection: sabusd knows nothing */
void publish_lost(void);
void publish_pump(void);
void publish_stop(void);

#endif
