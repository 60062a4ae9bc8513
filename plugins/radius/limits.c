// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * limits.c - see limits.h.
 *
 * pppd's timers for the same are static, start anew when IPCP does, and read their limits when they start.  The session's time runs through all that.
 */
#include <string.h>
#include <sys/types.h>
#include <linux/ppp_defs.h>
#include "clock.h"
#include "limits.h"
#include "radhost.h"

#define DAY 86400

static struct session *the_session;

static void time_is_over(void *arg);
static void check_idle(void *arg);

static void after(void (*f)(void *), int64_t seconds)
{
	ppp_untimeout(f, NULL);
	ppp_timeout(f, NULL, (int)(seconds < DAY ? seconds : DAY), 0);
}

static void time_is_over(void *arg)
{
	const struct sabus_reply *p = &the_session->reading.policy;
	int64_t left = (int64_t)p->session_timeout - (now_ms() - the_session->started_at) / 1000;

	(void)arg;
	if (left > 0) {
		after(time_is_over, left);
		return;
	}
	say_event("sabus-radius", LOG_NOTICE, "close reason=session-timeout seconds=%u user=\"%s\"", p->session_timeout, the_session->user);
	session_close(the_session, SABUS_R_COUNT, EXIT_CONNECT_TIME, "Connect time expired");
}

static void check_idle(void *arg)
{
	const struct sabus_reply *p = &the_session->reading.policy;
	struct ppp_idle idle;
	int64_t quiet, left;

	(void)arg;
	memset(&idle, 0, sizeof(idle));
	if (!&get_idle_time || !get_idle_time(0, &idle)) {
		say_event("sabus-radius", LOG_WARNING,
			  "idle-unknown text=\"Idle-Timeout cannot be kept: the kernel does not say how long the link has been idle\"");
		return;
	}
	quiet = idle.xmit_idle < idle.recv_idle ? idle.xmit_idle : idle.recv_idle;
	left = (int64_t)p->idle_timeout - quiet;
	if (left > 0) {
		after(check_idle, left);
		return;
	}
	say_event("sabus-radius", LOG_NOTICE, "close reason=idle-timeout seconds=%u user=\"%s\"", p->idle_timeout, the_session->user);
	session_close(the_session, SABUS_R_COUNT, EXIT_IDLE_TIMEOUT, "Link inactive");
}

void limits_clear(void)
{
	ppp_untimeout(time_is_over, NULL);
	ppp_untimeout(check_idle, NULL);
}

void limits_set(struct session *s)
{
	const struct sabus_reply *p = &s->reading.policy;

	the_session = s;
	limits_clear();
	if ((p->has & SABUS_RP_SESSION_TIMEOUT) && p->session_timeout)
		after(time_is_over, 0);
	if ((p->has & SABUS_RP_IDLE_TIMEOUT) && p->idle_timeout)
		after(check_idle, p->idle_timeout);
}
