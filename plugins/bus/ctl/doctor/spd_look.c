/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spd_look.c - does the kernel block L2TP that no SA takes?
 *
 * Any blocking policy for UDP's port counts, whoever has put it there: sabus/guard.batch, xl2tpd's plugin, an administrator.  It must have no
 * addresses of its own.  Firewalls that match "policy ipsec" are not seen from here.
 */
#include "config.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "doctor.h"
#include "sa.h"
#include "spd.h"

/* Seen, by family, direction and port: [v6][out][source] */
struct seen {
	bool there[2][2][2];
};

static int look_at(void *data, const struct spd_policy *p, bool has_template)
{
	const uint16_t port = htons(SABUS_L2TP_PORT);
	const struct xfrm_selector *s = &p->sel;
	struct seen *seen = data;
	bool v6 = s->family == AF_INET6, out = p->dir == XFRM_POLICY_OUT;

	if (has_template || p->action != XFRM_POLICY_BLOCK || p->mark.m || s->proto != IPPROTO_UDP || s->prefixlen_s || s->prefixlen_d ||
	    (p->dir != XFRM_POLICY_IN && !out))
		return 0;
	if (s->dport == port && s->dport_mask == UINT16_MAX && !s->sport_mask)
		seen->there[v6][out][0] = true;
	if (s->sport == port && s->sport_mask == UINT16_MAX && !s->dport_mask)
		seen->there[v6][out][1] = true;
	return 0;
}

static void add(struct patient *p, const char *what)
{
	size_t n = strlen(p->guard_text);

	snprintf(p->guard_text + n, sizeof(p->guard_text) - n, "%s%s", n ? ", " : "", what);
}

static void sum_up(struct patient *p, const struct seen *seen)
{
	static const char *const words[2][2][2] = {
		{ { "IPv4 in to 1701", "IPv4 in from 1701" }, { "IPv4 out to 1701", "IPv4 out from 1701" } },
		{ { "IPv6 in to 1701", "IPv6 in from 1701" }, { "IPv6 out to 1701", "IPv6 out from 1701" } },
	};
	int families = access("/proc/net/if_inet6", F_OK) == 0 ? 2 : 1;

	for (int v6 = 0; v6 < families; v6++)
		for (int out = 0; out < 2; out++)
			for (int source = 0; source < 2; source++)
				if (!seen->there[v6][out][source])
					add(p, words[v6][out][source]);
	p->guard = p->guard_text[0] ? GUARD_MISSING : GUARD_THERE;
}

void patient_guard(struct patient *p)
{
	struct seen seen = { 0 };
	struct spd *s = NULL;
	int err = spd_open(&s);

	if (!err)
		err = spd_each(s, look_at, &seen);
	spd_close(s);
	if (!err)
		sum_up(p, &seen);
	else if (err == -EPERM)
		snprintf(p->guard_text, sizeof(p->guard_text), "the kernel shows its policies to root only");
	else
		snprintf(p->guard_text, sizeof(p->guard_text), "the kernel's policies cannot be read: %s", strerror(-err));
}
