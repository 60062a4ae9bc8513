// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * late.c - see late.h.
 */
#include <errno.h>
#include <string.h>
#include "acct.h"
#include "apply.h"
#include "late.h"
#include "limits.h"
#include "radhost.h"

/* Control characters in a value that becomes an argument and an environment variable of scripts. */
static bool clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static int check(const struct session *s, const struct sabus_reply *late, const char **text)
{
	if (s->state != SESSION_ACCEPTED && s->state != SESSION_STARTED) {
		*text = "there is no session of RADIUS on this link";
		return -ENOENT;
	}
	if (!(late->has & SABUS_RP_FILTER_ID))
		return 0;
	if (!clean(late->filter_id)) {
		*text = "Filter-Id has control characters";
		return -EINVAL;
	}
	if (!s->set->filter[0]) {
		*text = "nothing puts a new Filter-Id into effect: sabus-radius-filter is not set";
		return -ENOTSUP;
	}
	return 0;
}

int late_change(void *data, const struct sabus_reply *late, bool commit, const char **text)
{
	struct session *s = data;
	int err = check(s, late, text);

	if (err || !commit)
		return err;
	sabus_reply_update(&s->reading.policy, late);
	say_limited("sabus-radius", LOG_NOTICE, "change user=\"%s\" session=%s", s->user, s->acct_id);
	if (s->state == SESSION_STARTED && (late->has & (SABUS_RP_SESSION_TIMEOUT | SABUS_RP_IDLE_TIMEOUT)))
		limits_set(s);
	if (late->has & SABUS_RP_INTERIM)
		acct_set_interval(s);
	if (late->has & SABUS_RP_FILTER_ID)
		apply_filter(s);
	acct_interim(s, "policy");
	return 0;
}
