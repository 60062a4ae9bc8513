/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what the RADIUS server is told of a session: who, where, over which tunnel, with which protection.  Pure: never blocks, no allocation, any thread.
 */
#ifndef SABUS_RADIUS_FACTS_H
#define SABUS_RADIUS_FACTS_H

#include "sabus-link.h"
#include "worker.h"

struct facts_who {
	const char *user;
	const char *ifname;		     /* "ppp0" */
	uint32_t port;			     /* NAS-Port */
	uint32_t service;		     /* Service-Type */
	const char *calling;		     /* Calling-Station-Id where the tunnel is not known; "" = none */
	const struct sabus_link_facts *link; /* NULL: sabus.so is not there */
};

/*
 * Appends the attributes that Access-Requests and accounting messages have in common: RFC 2865, RFC 2868, Acct-Tunnel-Connection (RFC 2867), ours.
 * Which Sabus-* is in: those that are known.  An identity longer than SABUS_AT_PIECE octets is cut into several attributes.
 */
void facts_put(struct worker_list *l, const struct facts_who *who);

/* What makes an Interim-Update worth sending: of two, not the same. */
struct facts_news {
	uint32_t sa, spi_in, spi_out, flags;
	struct sabus_endpoint remote;
	bool mppe;
};
/* link NULL: no sabus.so, nothing ever changes */
void facts_news(const struct sabus_link_facts *link, struct facts_news *out);
bool facts_news_same(const struct facts_news *a, const struct facts_news *b);

#endif
