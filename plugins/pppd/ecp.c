// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ecp.c - LCP Protocol-Reject, said on purpose.
 *
 * RFC 1968 section 4.3 knows no "ECP, but with nothing in it": who does not want it rejects the protocol.  pppd would do so by accident, with a
 * warning about an unsupported protocol; we say why, once, and count the rest.  Before the network phase RFC 1661 section 3.5 wants such
 * packets discarded silently; pppd does that before it gets here.
 */
#include "host.h"
#include "ecp.h"
#include "say.h"

static unsigned int the_requests;

static void input(int unit, unsigned char *packet, int len)
{
	if (!the_requests++)
		say_limited("sabus", LOG_NOTICE,
			    "ecp text=\"the peer asks for ECP; rejected (the SA or MPPE encrypts, ECP is not supported)\"");
	/* pppd's buffer has the frame's header in front of the packet, and lcp_sprotrej() wants it */
	lcp_sprotrej(unit, packet - HOST_PPP_HDRLEN, len + HOST_PPP_HDRLEN);
}

static void protrej(int unit)
{
	(void)unit; /* we never ask for ECP */
}

void ecp_hook(void)
{
	ecp_protent.input = input;
	ecp_protent.protrej = protrej;
	ecp_protent.enabled_flag = true;
}
