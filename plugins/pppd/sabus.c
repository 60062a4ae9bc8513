// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sabus.c - the plugin's entry, and when everything happens.
 *
 *   SERIALCONN    take the channel's connect(): verdict_link() inside it; a refusal is its failure, so no PPP packet has left
 *   ESTABLISH     the interface has a name: log the acceptance; MRU and MTU; wrap CCP and LCP (once)
 *   AUTHENTICATE  radius.so is told of the SA; a RADIUS plugin calls grant_authorize() in this phase
 *   NF_AUTH_UP    does the RADIUS reply let the user in?  Is he one of those of the IKE identity?
 *   NETWORK       CCP's and IPCP's wishes (later than every option file); the filter of packets by mark
 *   RUNNING, NF_IP_UP, NF_IPV6_UP   tell the bus
 *   DISCONNECT    stop watching and filtering
 *
 * pppd announces ESTABLISH and NETWORK on the way down too, and again at each renegotiation: every step can be repeated.  Notifiers are
 * called last registered first; nothing here depends on the order among plugins.
 *
 * The shared object exports plugin_init, pppd_version and sabus_link_api (sabus-link.h) only; pppd loads it with all symbols global.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bind.h"
#include "ccp.h"
#include "close.h"
#include "ecp.h"
#include "grant.h"
#include "host.h"
#include "lcp.h"
#include "link.h"
#include "linkapi.h"
#include "markfilter.h"
#include "options.h"
#include "report.h"
#include "sabus-link.h"
#include "stockradius.h"
#include "verdict.h"
#include "watch.h"

__attribute__((visibility("default"))) char pppd_version[] = PPPD_VERSION;
__attribute__((visibility("default"))) void plugin_init(void);

static struct link the_link;
static struct channel *the_gated; /* whose connect() is ours */
static int (*connect_original)(void);
static bool the_told; /* the acceptance of this link was logged */

static int refuse(void)
{
	report_decision(&the_link, "refuse");
	ppp_set_status((ppp_exit_code_t)sabus_reason_exit(the_link.decision.reason));
	persist = false; /* xl2tpd makes a new call; pppd cannot redial this socket */
	return -1;
}

static int gated_connect(void)
{
	struct sabus *bus;
	int fd;

	watch_stop();
	the_link = (struct link){ .opt = options_get() };
	grant_reset(&the_link);
	the_told = false;
	if (&multilink && multilink) {
		verdict_refuse(&the_link, SABUS_R_MULTILINK, sabus_reason_text(SABUS_R_MULTILINK));
		return refuse();
	}
	/* before the channel's own connect(): that of a tty would dial */
	if (!tunnel_socket_present()) {
		verdict_refuse(&the_link, SABUS_R_TUNNEL_UNKNOWN, "this link is not on a PPPoL2TP socket");
		return refuse();
	}
	fd = connect_original();
	if (fd < 0)
		return fd;
	if (!verdict_link(&the_link, fd, &bus))
		return refuse();
	watch_start(&the_link, bus);
	return fd;
}

static void enter_serialconn(void)
{
	ecp_hook();
	stockradius_hook(&the_link);
	if (the_gated == the_channel)
		return;
	the_gated = the_channel;
	connect_original = the_channel->connect;
	the_channel->connect = gated_connect;
}

static void filter_packets(struct link *l)
{
	int err = markfilter_apply(l);
	char text[160];

	if (!err)
		return;
	snprintf(text, sizeof(text),
		 "the link's packets cannot be filtered by mark: %s (pppd's PPP_WITH_FILTER, the kernel's CONFIG_PPP_FILTER)",
		 strerror(-err));
	close_soon(l, SABUS_R_PIN_FAILED, text);
}

static void mppe_changed(struct link *l)
{
	if (link_live(l) && l->network)
		filter_packets(l);
	watch_publish(l);
	linkapi_changed(SABUS_LINK_MPPE);
}

static void enter_establish(void)
{
	if (!the_link.judged || !the_link.decision.accept) {
		/* cannot be, unless somebody put another connect() over ours */
		the_link.opt = options_get();
		close_soon(&the_link, SABUS_R_TUNNEL_UNKNOWN, "the link came up past the gate");
		return;
	}
	grant_renegotiate(&the_link);
	stockradius_again();
	the_link.network = false;
	the_link.bound = false;
	if (!the_told)
		report_decision(&the_link, "accept");
	the_told = true;
	lcp_apply(&the_link);
	lcp_demand_keys(&the_link);
	ccp_hook(&the_link, mppe_changed);
	ccp_reset();
	watch_publish(&the_link);
}

static void enter_network(void)
{
	if (!link_live(&the_link))
		return;
	the_link.network = true;
	ccp_apply();
	if (the_link.have_reply)
		lcp_set_interface_mtu(&the_link, true); /* LCP knew nothing of the reply */
	filter_packets(&the_link);
	watch_publish(&the_link);
}

static void authenticated(void *ctx, int arg)
{
	(void)ctx;
	(void)arg;
	grant_authenticated(&the_link);
	bind_user(&the_link);
}

static void network_up(void *ctx, int arg)
{
	(void)ctx;
	(void)arg;
	ccp_hold_networks();
	watch_publish(&the_link); /* the peer's address is known now */
}

static void link_over(void)
{
	watch_stop();
	markfilter_forget();
}

static void phase_changed(void *ctx, int phase)
{
	(void)ctx;
	switch (phase) {
	case PHASE_SERIALCONN: enter_serialconn(); break;
	case PHASE_ESTABLISH: enter_establish(); break;
	case PHASE_AUTHENTICATE: stockradius_tell(&the_link); break;
	case PHASE_NETWORK: enter_network(); break;
	case PHASE_RUNNING: watch_publish(&the_link); break;
	case PHASE_DISCONNECT:
	case PHASE_DEAD: link_over(); break;
	default: break;
	}
}

/*
 * The status of a link that we have ended is ours.  pppd forgets it easily: when a timer has ended the link (nobody is there to
 * acknowledge the Terminate-Request), its main loop reads the channel, closed by now, once more and calls it a hangup; and the peer's
 * end makes xl2tpd send SIGTERM meanwhile.  This is pppd's last step before exit().
 */
static void exiting(void *ctx, int status)
{
	(void)ctx;
	link_over();
	if (the_link.exit_status && status != the_link.exit_status)
		exit(the_link.exit_status);
}

void plugin_init(void)
{
	static bool loaded;

	if (loaded)
		return; /* `plugin sabus.so` twice: in the administrator's file and from xl2tpd's plugin */
	loaded = true;
	options_register();
	linkapi_init(&the_link);
	ppp_add_notify(NF_PHASE_CHANGE, phase_changed, NULL);
	ppp_add_notify(NF_AUTH_UP, authenticated, NULL);
	ppp_add_notify(NF_IP_UP, network_up, NULL);
	ppp_add_notify(NF_IPV6_UP, network_up, NULL);
	ppp_add_notify(NF_EXIT, exiting, NULL);
}
