/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * life.h - a tunnel lives as long as its SA.
 *
 * SA gone: no new calls; pppd's plugin ends the calls (LCP Terminate, RADIUS Stop); when the last one is down, or after LIFE_GRACE_MS, the
 * tunnel is freed without a StopCCN, which could not arrive.  Nobody knows (sabusd or charon away): it goes on while the kernel holds its SA.
 */
#ifndef SABUS_XL2TPD_LIFE_H
#define SABUS_XL2TPD_LIFE_H

#include "tunnels.h"

#define LIFE_GRACE_MS 600

/* sabusd's answer about an open tunnel. */
void life_answered(struct tun *t, const struct sabus_event *ev);

/* Nobody knows about t's SA: the kernel is asked, now and then, until somebody does. */
void life_unsure(struct tun *t);

/* A call of t is down. */
void life_call_gone(struct tun *t);

/* May t have a new call? */
bool life_takes_calls(const struct tun *t);

void life_forget(struct tun *t);
void life_stop(void);

#endif
