// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * close.c - the ways out of a live link.
 *
 * The order matters.  `persist` goes first: pppol2tp.so cannot redial.  ccp_gotoptions.mppe is cleared, else pppd's ccp_down replaces our
 * reason by "MPPE disabled".  ecp_gotoptions.required is pppd's own gate before the network protocols: set, nothing opens IPCP any more.
 *
 * LCP keeps a pointer to the Terminate-Request's text, so it is static.  Where the SA is gone the request cannot leave (the pin holds
 * it) and no answer can come: LCP is told to wait for none, so that the process ends at once.  (fsm.timeouttime would not do: it counts
 * whole seconds, whatever the comment in fsm.h says.)
 */
#include <stdio.h>
#include "close.h"
#include "host.h"
#include "linkapi.h"
#include "report.h"
#include "sabus-link.h"

static char the_reason[160];

static void prepare(struct link *l, enum sabus_reason reason, const char *detail)
{
	l->closing = true;
	l->close_reason = reason;
	report_close(l, reason, detail);
	snprintf(the_reason, sizeof(the_reason), "IPsec: %s (%s)", sabus_reason_word(reason), sabus_reason_text(reason));
	l->exit_status = sabus_reason_exit(reason);
	ppp_set_status((ppp_exit_code_t)l->exit_status);
	persist = false;
	ccp_gotoptions[0].mppe = 0;
	ecp_gotoptions[0].required = true;
	if (reason == SABUS_R_SA_GONE || reason == SABUS_R_SA_MOVED)
		lcp_fsm[0].maxtermtransmits = 0; /* one request, no waiting */
	linkapi_changed(SABUS_LINK_CLOSING);
}

static void run(void *arg)
{
	(void)arg;
	ccp_gotoptions[0].mppe = 0;
	lcp_close(0, the_reason);
}

void close_soon(struct link *l, enum sabus_reason reason, const char *detail)
{
	if (l->closing)
		return;
	prepare(l, reason, detail);
	ppp_timeout(run, NULL, 0, 0);
}

void close_now(struct link *l, enum sabus_reason reason, const char *detail)
{
	if (l->closing)
		return;
	prepare(l, reason, detail);
	run(NULL);
}
