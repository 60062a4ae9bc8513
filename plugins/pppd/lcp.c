// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lcp.c - one number, counted once.
 *
 * The decision's sum gives the largest PPP information field.  It bounds both directions, because the SA costs the same both ways:
 * our MRU tells the peer, lcp_allowoptions[].mru bounds our own MTU (pppol2tp.so uses it again after lcp_up).  Administrator's
 * `mru`, `mtu` and `sabus-mtu-cap` can only make it smaller.
 *
 * MPPE makes a packet four bytes longer, and those lie inside the information field that the MRU limits (RFC 3078 section 3): the MRU
 * stays, the interface MTU is four less.  pppd takes the four off the interface MTU each time that it acknowledges the peer's MPPE, a
 * stock peer does the same from our MRU; so the MRU on the wire never has them subtracted, and ccp.c sets the interface MTU anew when
 * CCP is up.
 */
#include "host.h"
#include "lcp.h"
#include "options.h"

/* What the administrator asked for before we changed pppd's variables; taken once. */
struct limits {
	bool known;
	int mru, mtu;
};

static struct limits the_limits;

static const struct limits *limits(void)
{
	if (!the_limits.known) {
		the_limits.mru = lcp_wantoptions[0].mru;
		the_limits.mtu = lcp_allowoptions[0].mru;
		the_limits.known = true;
	}
	return &the_limits;
}

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* The largest information field on this SA. */
static int field(const struct link *l)
{
	int n = l->decision.mtu.mtu + l->decision.mtu.mppe;

	return l->merged.mtu_cap ? smaller(n, (int)l->merged.mtu_cap) : n;
}

static bool encrypts(const struct link *l)
{
	return l->mppe_up || l->decision.mppe == SABUS_MPPE_REQUIRE;
}

int lcp_mru(const struct link *l)
{
	const struct limits *lim = limits();

	if (!l->decision.mtu_valid)
		return lim->mru;
	return smaller(field(l), lim->mru);
}

static int own_limit(const struct link *l)
{
	const struct limits *lim = limits();

	return l->decision.mtu_valid ? smaller(field(l), lim->mtu) : smaller(DEFMRU, lim->mtu);
}

int lcp_mtu(const struct link *l)
{
	return own_limit(l) - (encrypts(l) ? MPPE_PAD : 0);
}

void lcp_apply(const struct link *l)
{
	limits();
	if (!l->decision.mtu_valid)
		return;
	lcp_wantoptions[0].neg_mru = true;
	lcp_wantoptions[0].mru = lcp_mru(l);
	lcp_allowoptions[0].mru = own_limit(l);
}

/*
 * Only MS-CHAPv2 (or EAP-TLS) gives keys, in exactly one direction.  Where `auth` lets the peer choose, it is left MS-CHAPv2 alone;
 * `noauth` and an explicit `require-eap` are the administrator's decision.  As the side that authenticates itself we stop offering PAP.
 */
void lcp_demand_keys(const struct link *l)
{
	lcp_options *wo = &lcp_wantoptions[0];

	if (l->decision.mppe != SABUS_MPPE_REQUIRE)
		return;
	if (wo->neg_chap && (wo->chap_mdtype & MDTYPE_MICROSOFT_V2)) {
		wo->chap_mdtype = MDTYPE_MICROSOFT_V2;
		wo->neg_upap = false;
		wo->neg_eap = false;
	}
	if (!refuse_chap && !refuse_mschap_v2 && (lcp_allowoptions[0].chap_mdtype & MDTYPE_MICROSOFT_V2)) {
		refuse_pap = true;
		lcp_allowoptions[0].chap_mdtype = MDTYPE_MICROSOFT_V2;
	}
}

void lcp_set_interface_mtu(const struct link *l, bool only_lower)
{
	int mtu = lcp_hisoptions[0].neg_mru ? lcp_hisoptions[0].mru : DEFMRU;

	mtu = smaller(mtu, own_limit(l)) - (encrypts(l) ? MPPE_PAD : 0);
	if (only_lower && mtu >= ppp_get_mtu(0))
		return;
	if (mtu != ppp_get_mtu(0))
		ppp_set_mtu(0, mtu);
}
