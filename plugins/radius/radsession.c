// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * radsession.c - see radsession.h.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "radhost.h"
#include "radsession.h"

void session_reset(struct session *s)
{
	const struct settings *set = s->set;
	const struct sabus_link_api *api = s->api;
	int fd = s->process.fd;
	uint32_t id = s->process.last_id;
	void *done = (void *)s->process.done;

	memset(s, 0, sizeof(*s));
	s->set = set;
	s->api = api;
	s->process.fd = fd;
	s->process.last_id = id;
	*(void **)&s->process.done = done;
	s->reason = SABUS_R_OK_CLEAR;
}

void session_note(struct session *s)
{
	struct sabus_link_facts now;

	if (!s->api || s->down)
		return;
	s->api->facts(&now);
	if (now.closing && s->have_last)
		return; /* the SA may be gone by now */
	s->last = now;
	s->have_last = true;
}

const struct sabus_link_facts *session_facts(const struct session *s, struct sabus_link_facts *out)
{
	struct sabus_link_facts now;

	if (!s->api)
		return NULL;
	s->api->facts(&now);
	*out = s->have_last && (s->down || now.closing) ? s->last : now;
	out->closing = now.closing;
	if (now.closing)
		out->reason = now.reason;
	return out;
}

/* The number at the end of the device's name; radcli has no map of ttys any more. */
static uint32_t number_of(const char *name)
{
	const char *end = name + strlen(name), *p = end;
	unsigned int n = 0;

	while (p > name && p[-1] >= '0' && p[-1] <= '9' && end - p < 9)
		p--;
	return sscanf(p, "%u", &n) == 1 ? n : 0;
}

void session_port(struct session *s)
{
	int unit = ppp_ifunit();

	snprintf(s->ifname, sizeof(s->ifname), "%s", unit >= 0 ? ppp_ifname() : "");
	s->port = s->set->port_of_tty ? number_of(ppp_devnam()) : unit >= 0 ? (uint32_t)unit : 0;
}

void session_put(struct session *s, struct worker_list *l, const char *user, uint32_t service)
{
	const char *number = ppp_get_remote_number(), *param = ppp_ipparam();
	struct sabus_link_facts facts;
	struct facts_who who = {
		.user = user,
		.ifname = s->ifname,
		.port = s->port,
		.service = service,
		.calling = number && *number ? number : (param ? param : ""),
		.link = session_facts(s, &facts),
	};

	facts_put(l, &who);
}

/* ---- the end of a link ---- */

static char the_close_text[256]; /* LCP keeps the pointer */

static void close_now(void *arg)
{
	(void)arg;
	ccp_gotoptions[0].mppe = 0; /* else pppd's CCP puts a reason of its own in the place of ours */
	persist = false;
	lcp_close(0, the_close_text);
}

void session_close(struct session *s, enum sabus_reason reason, int status, const char *text)
{
	s->refused = true;
	if (reason != SABUS_R_COUNT)
		s->reason = reason;
	if (s->api && reason != SABUS_R_COUNT) {
		s->api->close(reason, text);
		return;
	}
	ppp_set_status((ppp_exit_code_t)status);
	snprintf(the_close_text, sizeof(the_close_text), "%s", text);
	ppp_untimeout(close_now, NULL);
	ppp_timeout(close_now, NULL, 0, 0);
}
