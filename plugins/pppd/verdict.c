// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verdict.c - the gate.
 *
 * Every way through it that is not an explicit acceptance is a refusal: no tunnel, no broker, no answer, no pin.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "ask.h"
#include "bind.h"
#include "host.h"
#include "options.h"
#include "pathmtu.h"
#include "pin.h"
#include "sabus.h"
#include "say.h"
#include "stockradius.h"
#include "verdict.h"

#define ETHERNET_MTU 1500

static void find_path(struct link *l)
{
	int mtu = l->opt->path_mtu;

	if (!mtu)
		mtu = pathmtu_ask(&l->tun, l->have_sa ? &l->sa : NULL);
	if (mtu < 0) {
		say_event("sabus", LOG_WARNING,
			  "path-mtu text=\"path MTU to the L2TP peer is not known (%s), taking %d\" remedy=\"sabus-path-mtu sets it\"",
			  strerror(-mtu), ETHERNET_MTU);
		mtu = ETHERNET_MTU;
	}
	l->path = sabus_mtu_defaults((uint16_t)mtu);
}

static void decide(struct link *l)
{
	sabus_decide(l->tun.role, options_tunnel(l->opt), l->knowledge, l->have_sa ? &l->sa : NULL, &l->merged.policy, &l->path,
		     link_family(l), &l->decision);
}

void verdict_refuse(struct link *l, enum sabus_reason reason, const char *text)
{
	l->judged = true;
	memset(&l->decision, 0, sizeof(l->decision));
	l->decision.reason = reason;
	l->decision.mppe = SABUS_MPPE_REFUSE;
	l->decision.ccp = SABUS_CCP_NONE;
	snprintf(l->decision.text, sizeof(l->decision.text), "%s", text);
}

bool verdict_pin(struct link *l)
{
	char text[160];
	int err;

	if (!l->opt->pin)
		return true;
	err = pin_tunnel(&l->tun, l->have_sa ? &l->sa : NULL);
	if (err == -EBUSY && !l->have_sa) {
		verdict_refuse(l, SABUS_R_NO_SA, "the L2TP tunnel was on an SA that is gone; only a new tunnel can be without one");
		return false;
	}
	if (!err || (!l->have_sa && !l->decision.on_sa))
		return true; /* nothing to hold the tunnel to */
	snprintf(text, sizeof(text), "the tunnel's UDP socket could not be bound to the SA: %s", strerror(-err));
	verdict_refuse(l, SABUS_R_PIN_FAILED, text);
	return false;
}

static const char *flow_text(const struct sabus_flow *f, char *buf, size_t size)
{
	char local[SABUS_ADDR_STRLEN], remote[SABUS_ADDR_STRLEN];

	snprintf(buf, size, "%s:%u-%s:%u", sabus_addr_text(&f->local.addr, local), f->local.port, sabus_addr_text(&f->remote.addr, remote),
		 f->remote.port);
	return buf;
}

static bool identify(struct link *l, int fd)
{
	const struct join *join = l->opt->joined ? &l->opt->join : NULL;
	int err = tunnel_identify(fd, join, &l->tun);
	char why[256], said[104], is[104];

	l->have_tun = !err;
	if (!err)
		return true;
	if (err == -EXDEV)
		snprintf(why, sizeof(why), "sabus-join says tunnel %s, the socket is of %s", flow_text(&join->flow, said, sizeof(said)),
			 flow_text(&l->tun.flow, is, sizeof(is)));
	else
		snprintf(why, sizeof(why), "the socket of this link does not name its L2TP tunnel: %s", strerror(-err));
	verdict_refuse(l, SABUS_R_TUNNEL_UNKNOWN, why);
	return false;
}

/* Only said: the bus knows better, and a rekey between the tunnel's start and the call's is nothing unusual. */
static void compare_with_join(const struct link *l)
{
	if (l->opt->joined && l->have_sa && !join_agrees(&l->opt->join, &l->sa))
		say_event("sabus", LOG_NOTICE,
			  "join-differs text=\"xl2tpd accepted the tunnel on SA {%u}, the bus says {%u}, which is not known to be its "
			  "successor\"",
			  l->opt->join.sa_id, l->sa.id);
}

bool verdict_link(struct link *l, int fd, struct sabus **bus)
{
	char why[256] = "";

	*bus = NULL;
	if (!bind_ready(l->opt, why, sizeof(why)) || !stockradius_ready(l->opt, why, sizeof(why))) {
		verdict_refuse(l, SABUS_R_BAD_OPTION, why);
		return false;
	}
	if (!identify(l, fd))
		return false;
	l->knowledge = ask_bus(options_socket(l->opt), &l->tun.flow, l->opt->wait_ms, bus, &l->sa, why, sizeof(why));
	l->have_sa = l->knowledge == SABUS_K_SA;
	compare_with_join(l);
	find_path(l);
	decide(l);
	l->judged = true;
	if (!l->decision.accept && why[0] && l->knowledge != SABUS_K_SA) {
		size_t n = strlen(l->decision.text);

		snprintf(l->decision.text + n, sizeof(l->decision.text) - n, " (%s)", why);
	}
	if (l->decision.accept && verdict_pin(l))
		return true;
	sabus_close(*bus);
	*bus = NULL;
	return false;
}
