// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ccp.c - MPPE refused, mirrored or required; compression as decided.
 *
 * pppd's own "require MPPE" has holes that this file closes:
 *  - it holds for one direction only.  Here a peer's request without MPPE is answered with Configure-Nak + MPPE, and CCP that comes up
 *    without MPPE in both directions ends the link;
 *  - a peer that is silent on CCP leaves the link half open for ever.  Here a timer ends it;
 *  - "MPPE if the peer wants it" does not exist: allowing it makes us send encrypted and accept clear.  MIRROR asks for nothing and, when
 *    the peer asks for 128-bit MPPE, asks for it too, in the same round (resetci copies our wish into the request that pppd answers with).
 *
 * Only 128 bit, stateless.  A peer that offers a bit set of which we want a part (Windows sends MPPC with the encryption bits) gets a Nak with our
 * choice; one that offers MPPC alone (no encryption bit) is rejected unless MPPE is required, and goes on without.
 *
 * When LCP goes down while MPPE is up, pppd's ccp_down overwrites the reason with "MPPE disabled": the LCP wrapper clears the flag first.
 * The wrapped functions are called with pppd's fsm, never with ours, so the state machine stays pppd's.
 */
#include <stdio.h>
#include <string.h>
#include "ccp.h"
#include "close.h"
#include "host.h"
#include "lcp.h"
#include "mppeopt.h"
#include "options.h"
#include "say.h"

#define LATE_MAX 8 /* seconds; who asked for it over the bus waits no longer than SABUS_SESSION_REQUEST_MS */

static struct link *the_link;
static void (*the_changed)(struct link *l);
static fsm_callbacks ccp_wrapped, lcp_wrapped;
static const fsm_callbacks *ccp_original, *lcp_original;
static void (*input_original)(int unit, unsigned char *packet, int len);
static void (*protrej_original)(int unit);
static bool the_mirrored; /* MIRROR: the peer has asked for MPPE */
static bool the_guard;	  /* the timer runs */
static bool the_late;	  /* MPPE was demanded on a running link and is not up yet */
static bool the_restart;  /* ... and CCP is being begun anew for it */

static bool required(void)
{
	return link_live(the_link) && the_link->decision.mppe == SABUS_MPPE_REQUIRE;
}

/* RFC 3079: keys come from MS-CHAP in exactly one direction, or from EAP-TLS. */
static bool have_keys(void)
{
	int mschap = auth_done[0] & AUTH_DONE_MSCHAP;

	if (!mppe_keys_isset())
		return false;
	return mschap ? (mschap & (mschap - 1)) == 0 : (auth_done[0] & AUTH_DONE_EAP) != 0;
}

static int nak_with_mppe(unsigned char *p, int *len)
{
	static const unsigned char ours[CILEN_MPPE] = { CI_MPPE, CILEN_MPPE, MPPE_H_BIT, 0, 0, MPPE_S_BIT };

	memcpy(p, ours, sizeof(ours));
	*len = sizeof(ours);
	return CONFNAK;
}

/* Inside CCP's callbacks and timers. */
static void give_up(enum sabus_reason reason, const char *detail)
{
	char text[160];

	if (!the_late) {
		close_now(the_link, reason, detail);
		return;
	}
	snprintf(text, sizeof(text), "%s: %s", sabus_reason_word(reason), detail ? detail : sabus_reason_text(reason));
	close_now(the_link, SABUS_R_POLICY_CHANGED, text);
}

/* ---- the guard timer ---- */

static void guard_expired(void *arg)
{
	(void)arg;
	the_guard = false;
	if (!required() || the_link->mppe_up)
		return;
	/* it has acknowledged ours, but never sent a request of its own that we could accept */
	if (ccp_fsm[0].state == ACKRCVD)
		give_up(SABUS_R_MPPE_ONE_WAY, "the peer acknowledged MPPE, but asked for none itself");
	else
		give_up(SABUS_R_MPPE_TIMEOUT, NULL);
}

static void stop_guard(void)
{
	if (the_guard)
		ppp_untimeout(guard_expired, NULL);
	the_guard = false;
}

static void start_guard(int max)
{
	int seconds = the_link->opt->mppe_timeout;

	if (the_guard || the_link->mppe_up)
		return;
	the_guard = true;
	ppp_timeout(guard_expired, NULL, max && max < seconds ? max : seconds, 0);
}

/* ---- the peer's packets before pppd's state machine sees them ---- */

/* The peer wants MPPE and may have it: from now on we want it as well. */
static void mirror(void)
{
	int state = ccp_fsm[0].state;

	say_limited("sabus", LOG_NOTICE, "ccp text=\"the peer asks for MPPE; mirrored\"");
	the_mirrored = true;
	ccp_wantoptions[0].mppe = MPPE_OPT_128;
	/* a negotiation that runs already has its copy of our wishes; make a new one */
	if (state == REQSENT || state == ACKRCVD || state == ACKSENT)
		ccp_fsm[0].callbacks->resetci(&ccp_fsm[0]);
}

static void asked_for_mppe(const unsigned char *mppe)
{
	if (the_link->decision.mppe == SABUS_MPPE_REFUSE)
		say_limited("sabus", LOG_NOTICE, "ccp text=\"the peer asks for MPPE; rejected by policy\"");
	else if (!have_keys() && !the_link->mppe_up)
		say_limited("sabus", LOG_NOTICE, "ccp text=\"the peer asks for MPPE; rejected, authentication gave no keys\"");
	else if (the_link->decision.mppe == SABUS_MPPE_MIRROR && mppeopt_128(mppe))
		mirror();
}

static void input(int unit, unsigned char *packet, int len)
{
	const unsigned char *mppe = NULL;
	int body = len >= HEADERLEN ? (packet[2] << 8 | packet[3]) - HEADERLEN : -1;

	if (body >= 0 && body <= len - HEADERLEN && packet[0] == CONFREQ)
		mppe = mppeopt_find(packet + HEADERLEN, body);
	if (link_live(the_link) && !the_mirrored && mppeopt_encrypts(mppe))
		asked_for_mppe(mppe);
	input_original(unit, packet, len);
}

static void protrej(int unit)
{
	if (required())
		give_up(SABUS_R_MPPE_REFUSED, "the peer rejected CCP as a whole");
	else
		protrej_original(unit);
}

/* ---- pppd's CCP callbacks ---- */

/* MPPE must run both ways and this request asks for something else. */
static int answer_without_mppe(unsigned char *p, int *len, int dont_nak)
{
	if (!dont_nak)
		return nak_with_mppe(p, len);
	close_soon(the_link, SABUS_R_MPPE_ONE_WAY, NULL);
	return CONFREJ;
}

static int reqci(fsm *f, unsigned char *p, int *len, int dont_nak)
{
	const unsigned char *mppe = mppeopt_find(p, *len);

	if (link_live(the_link)) {
		if (required() && !mppeopt_128(mppe))
			return answer_without_mppe(p, len, dont_nak);
		/* pppd would reject these and close; a Nak lets the peer choose again */
		if ((required() || the_mirrored) && !mppeopt_stateless(mppe) && mppeopt_encrypts(mppe) && !dont_nak)
			return nak_with_mppe(p, len);
		if (the_link->decision.mppe == SABUS_MPPE_MIRROR && have_keys() && mppeopt_encrypts(mppe) && !mppeopt_128(mppe) &&
		    !dont_nak)
			return nak_with_mppe(p, len);
	}
	return ccp_original->reqci(f, p, len, dont_nak);
}

static int rejci(fsm *f, unsigned char *p, int len)
{
	if (required() && mppeopt_find(p, len)) {
		give_up(SABUS_R_MPPE_REFUSED, NULL);
		return 1;
	}
	return ccp_original->rejci(f, p, len);
}

/* A Nak that asks for less than 128 bit: pppd would close with its own words. */
static int nakci(fsm *f, unsigned char *p, int len, int treat_as_reject)
{
	const unsigned char *mppe = mppeopt_find(p, len);

	if (required() && mppe && !(mppeopt_128(mppe) && mppeopt_stateless(mppe))) {
		give_up(SABUS_R_MPPE_REFUSED, "the peer wants a weaker MPPE than 128 bit, stateless");
		return 1;
	}
	return ccp_original->nakci(f, p, len, treat_as_reject);
}

static void set_networks(enum NPmode mode)
{
	if (ipcp_fsm[0].state == OPENED)
		sifnpmode(0, PPP_IP, mode);
	if (ipv6cp_fsm && ipv6cp_fsm[0].state == OPENED)
		sifnpmode(0, PPP_IPV6, mode);
}

void ccp_hold_networks(void)
{
	if (the_late)
		set_networks(NPMODE_DROP);
}

static void let_go(void)
{
	the_late = false;
	set_networks(NPMODE_PASS);
}

/*
 * pppd opens the network protocols when MPPE of its own wish comes up.  Mirrored or late, they are open already, and a second opening would be
 * counted: the last protocol to end would no longer end the link.  So ccp_up does not see the wish, and we forget the keys in its place.
 */
static void up_quietly(fsm *f)
{
	unsigned char got = ccp_gotoptions[0].mppe;

	ccp_gotoptions[0].mppe = 0;
	ccp_original->up(f);
	ccp_gotoptions[0].mppe = got;
	mppe_clear_keys();
	say_limited("sabus", LOG_NOTICE, "ccp text=\"MPPE 128-bit stateless runs in both directions\"");
}

static void ccp_came_up(fsm *f)
{
	bool both = ccp_gotoptions[0].mppe && ccp_hisoptions[0].mppe;

	if (required() && !both) {
		give_up(SABUS_R_MPPE_ONE_WAY, NULL);
		return;
	}
	if (both)
		stop_guard();
	the_link->mppe_up = both;
	if (both && (the_mirrored || the_late))
		up_quietly(f);
	else
		ccp_original->up(f);
	if (both && the_late)
		let_go();
	if (both)
		lcp_set_interface_mtu(the_link, false); /* pppd took four bytes off for each acknowledgement */
	the_changed(the_link);
}

static void ccp_went_down(fsm *f)
{
	unsigned char wanted = ccp_gotoptions[0].mppe;
	bool was_up = the_link->mppe_up;

	if (the_restart) { /* pppd would take this for the end of MPPE, which has not begun */
		ccp_gotoptions[0].mppe = 0;
		ccp_original->down(f);
		ccp_gotoptions[0].mppe = wanted;
		return;
	}
	the_link->mppe_up = false;
	if (was_up && required() && lcp_fsm[0].state == OPENED && ccp_gotoptions[0].mppe)
		give_up(SABUS_R_MPPE_REFUSED, "the peer ended MPPE on a running link");
	ccp_original->down(f);
	if (was_up)
		the_changed(the_link);
}

static void lcp_went_down(fsm *f)
{
	stop_guard();
	ccp_gotoptions[0].mppe = 0;
	lcp_original->down(f);
}

void ccp_hook(struct link *l, void (*changed)(struct link *l))
{
	if (the_link)
		return;
	the_link = l;
	the_changed = changed;
	ccp_original = ccp_fsm[0].callbacks;
	ccp_wrapped = *ccp_original;
	ccp_wrapped.reqci = reqci;
	ccp_wrapped.rejci = rejci;
	ccp_wrapped.nakci = nakci;
	ccp_wrapped.up = ccp_came_up;
	ccp_wrapped.down = ccp_went_down;
	ccp_fsm[0].callbacks = &ccp_wrapped;
	lcp_original = lcp_fsm[0].callbacks;
	lcp_wrapped = *lcp_original;
	lcp_wrapped.down = lcp_went_down;
	lcp_fsm[0].callbacks = &lcp_wrapped;
	input_original = ccp_protent.input;
	ccp_protent.input = input;
	protrej_original = ccp_protent.protrej;
	ccp_protent.protrej = protrej;
}

void ccp_reset(void)
{
	the_mirrored = false;
	the_late = false; /* LCP was down: pppd has closed the network protocols, and opens them when they are up again */
	the_link->mppe_up = false;
	stop_guard();
}

/* ---- MPPE on a running link ---- */

bool ccp_keys_left(void)
{
	return have_keys();
}

void ccp_demand_mppe(void)
{
	the_late = true;
	ccp_hold_networks();
	ccp_wantoptions[0].mppe = MPPE_OPT_128;
	ccp_allowoptions[0].mppe = MPPE_OPT_128;
	refuse_mppe_stateful = true;
	stop_guard();
	start_guard(LATE_MAX);
	ccp_fsm[0].flags = OPT_RESTART; /* and not silent, as pppd does on SIGUSR2 */
	the_restart = true;
	ccp_protent.open(0);
	the_restart = false;
}

/* ---- our wishes ---- */

static void no_compression(ccp_options *o)
{
	o->deflate = false;
	o->bsd_compress = false;
	o->predictor_1 = false;
	o->predictor_2 = false;
}

static void apply_mppe(void)
{
	ccp_wantoptions[0].mppe = 0;
	ccp_allowoptions[0].mppe = 0;
	refuse_mppe_stateful = true;
	switch (the_link->decision.mppe) {
	case SABUS_MPPE_REQUIRE:
		if (!have_keys() && !the_link->mppe_up) {
			close_soon(the_link, SABUS_R_MPPE_NO_KEYS, NULL);
			return;
		}
		ccp_wantoptions[0].mppe = MPPE_OPT_128;
		ccp_allowoptions[0].mppe = MPPE_OPT_128;
		ccp_fsm[0].flags &= ~OPT_SILENT;
		start_guard(0);
		break;
	case SABUS_MPPE_MIRROR:
		if (the_mirrored) {
			ccp_wantoptions[0].mppe = MPPE_OPT_128;
			ccp_allowoptions[0].mppe = MPPE_OPT_128;
		}
		break;
	case SABUS_MPPE_REFUSE: break;
	}
}

void ccp_apply(void)
{
	/* No method that pppd knows is stateless: "stateless only" leaves none of them. */
	if (the_link->decision.ccp != SABUS_CCP_KEEP) {
		no_compression(&ccp_wantoptions[0]);
		no_compression(&ccp_allowoptions[0]);
		ipcp_wantoptions[0].neg_vj = false;
		ipcp_allowoptions[0].neg_vj = false;
	}
	apply_mppe();
}
