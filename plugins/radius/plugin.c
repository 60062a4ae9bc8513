// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plugin.c - sabus-radius.so's entry, and when everything happens.
 *
 *   plugin_init   options; hooks of PAP, CHAP and of the peer's address
 *   SERIALCONN    a new session; find sabus.so; start the helper, which reads its files (and shakes hands, with TLS) while LCP negotiates
 *   hooks         PAP, CHAP: login.c.  NF_AUTH_UP: EAP
 *   NF_IP_UP ...  accounting: acct.c
 *   DISCONNECT    Stop.  NF_EXIT: the same, for a pppd that ends without it
 *
 * Notifiers are registered at the first SERIALCONN: pppd calls the last one first, and what EAP's user may do must be known before sabus.so looks at the user.
 *
 * The shared object exports plugin_init and pppd_version only.
 */
#include <dlfcn.h>
#include <string.h>
#include "acct.h"
#include "apply.h"
#include "late.h"
#include "login.h"
#include "radhost.h"

__attribute__((visibility("default"))) char pppd_version[] = PPPD_VERSION;
__attribute__((visibility("default"))) void plugin_init(void);

static struct session the_session;

static void changed(void *data, unsigned int what)
{
	if (what & (SABUS_LINK_SA | SABUS_LINK_MPPE))
		acct_changed(data);
}

static void find_sabus(struct session *s)
{
	const struct sabus_link_api *api = dlsym(RTLD_DEFAULT, SABUS_LINK_SYMBOL);

	if (api && (api->version != SABUS_LINK_VERSION || api->size < sizeof(*api)))
		say_fatal("sabus-radius",
			  "not-loaded text=\"sabus.so is of another version than sabus-radius.so\" remedy=\"install both from one build\"");
	s->api = api;
	if (!api)
		return;
	api->watch(changed, s);
	api->serve(late_change, s);
}

static void authenticated(void *ctx, int arg)
{
	(void)arg;
	login_eap(ctx);
}

static void network_up(void *ctx, int arg)
{
	struct session *s = ctx;
	bool first = s->state == SESSION_ACCEPTED;

	(void)arg;
	acct_network_up(s);
	if (first)
		apply_filter(s);
}

static void link_down(void *ctx, int arg)
{
	(void)arg;
	acct_link_down(ctx);
}

static void exiting(void *ctx, int status)
{
	struct session *s = ctx;

	acct_stop(s, status);
	process_end(&s->process);
}

static void register_notifiers(struct session *s)
{
	ppp_add_notify(NF_AUTH_UP, authenticated, s);
	ppp_add_notify(NF_IP_UP, network_up, s);
	ppp_add_notify(NF_IPV6_UP, network_up, s);
	ppp_add_notify(NF_LINK_DOWN, link_down, s);
	ppp_add_notify(NF_EXIT, exiting, s);
}

static void not_alone(void)
{
	say_fatal("sabus-radius", "not-loaded text=\"another plugin authenticates users, too (radius.so?)\" remedy=\"remove one of them\"");
}

static void enter_serialconn(struct session *s)
{
	static bool registered;
	int err;

	if (!login_hooked() || dlsym(RTLD_DEFAULT, "radius_attributes_hook"))
		not_alone();
	if (!registered) {
		registered = true;
		register_notifiers(s);
	}
	session_reset(s);
	find_sabus(s);
	err = process_start(&s->process, s->set);
	if (err) /* the next authentication tries again, and fails closed */
		say_event("sabus-radius", LOG_ERR, "client result=radius-down text=\"%s cannot be started: %s\"", s->set->client,
			  strerror(-err));
}

static void phase_changed(void *ctx, int phase)
{
	struct session *s = ctx;

	switch (phase) {
	case PHASE_SERIALCONN: enter_serialconn(s); break;
	case PHASE_DISCONNECT:
	case PHASE_DEAD: acct_stop(s, (int)ppp_status()); break;
	default: break;
	}
}

void plugin_init(void)
{
	static bool loaded;

	if (loaded)
		return;
	loaded = true;
	if (pap_auth_hook || chap_verify_hook)
		not_alone();
	the_session.process.fd = -1;
	the_session.set = settings_get();
	settings_register();
	acct_init(&the_session);
	login_hook(&the_session);
	apply_hook(&the_session);
	ppp_add_notify(NF_PHASE_CHANGE, phase_changed, &the_session);
}
