/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * radsession.h - one link of this pppd, from SERIALCONN to its end, as RADIUS sees it.
 *
 *   none       nobody is authenticated
 *   accepted   an Access-Accept: acct_id is made, the helper knows a Stop to send should pppd die
 *   started    the first network protocol is up: Start was sent
 *   stopped    Stop was sent; nothing more until another user is authenticated on this link, or the next link
 *
 * plugin.c owns the only one; everything runs in pppd's main loop.
 */
#ifndef SABUS_RADIUS_SESSION_H
#define SABUS_RADIUS_SESSION_H

#include "radhost.h"
#include "facts.h"
#include "process.h"
#include "reading.h"
#include "settings.h"

enum session_state { SESSION_NONE, SESSION_ACCEPTED, SESSION_STARTED, SESSION_STOPPED };

struct session {
	const struct settings *set;
	const struct sabus_link_api *api; /* NULL: sabus.so is not loaded */
	struct process process;

	enum session_state state;
	bool eap;		   /* EAP: authenticated by pppd, authorised by the server */
	bool refused;		   /* no address is allowed any more: the link is being ended */
	enum sabus_reason reason;  /* why, when we end it */
	char name[MAXNAMELEN + 1]; /* whom the peer authenticated itself as */
	char user[MAXNAMELEN + 1]; /* User-Name of accounting: name, or what the server said instead */
	char acct_id[33];
	char ifname[32]; /* NAS-Port-Id and NAS-Port as they were at the Access-Accept: servers join a session's messages by them */
	uint32_t port;
	struct reading reading;		 /* of the last Access-Accept, and CoA's */
	int64_t accepted_at, started_at; /* CLOCK_MONOTONIC ms */
	struct facts_news news;		 /* what accounting was told last */
	struct pppd_stats stats;	 /* the last ones that could be read */
	struct sabus_link_facts last;	 /* of the link while it ran: what a Stop tells */
	bool have_last;
	bool down;	 /* LCP is down: nothing is asked of the kernel or of sabus.so's link any more */
	int down_status; /* pppd's exit status at that moment */
};

/* Forgets the link before; the helper stays.  At SERIALCONN. */
void session_reset(struct session *s);

/* Notes what sabus.so knows of the running link: at each message, and before it goes. */
void session_note(struct session *s);

/* What sabus.so knows, of a link that has ended what it last knew, and why it ended: NULL without sabus.so, else out. */
const struct sabus_link_facts *session_facts(const struct session *s, struct sabus_link_facts *out);

/* Notes ifname and port; each time before somebody authenticates, unless a session runs. */
void session_port(struct session *s);

/* Attributes that all messages of this session have in common. */
void session_put(struct session *s, struct worker_list *l, const char *user, uint32_t service);

/* Ends the link from the main loop's next turn; status: pppd's exit status where sabus.so is not there, or with reason SABUS_R_COUNT, which is not one of sabus'. */
void session_close(struct session *s, enum sabus_reason reason, int status, const char *text);

#endif
