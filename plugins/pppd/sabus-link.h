/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sabus-link.h - what sabus.so tells other plugins of the same pppd, and what they may ask of it.
 *
 * sabus.so exports one object, `sabus_link_api`.  Another plugin finds it with dlsym(RTLD_DEFAULT, SABUS_LINK_SYMBOL), at PHASE_SERIALCONN or later, so the
 * order of loading does not matter; NULL: sabus.so is not loaded.  It then compares `version` (must be equal) and `size` (at least what it knows: members are
 * appended, never changed).  Everything runs in pppd's main loop and nothing here blocks.
 *
 *   SERIALCONN                 watch(), serve()
 *   within authentication      facts(); authorize() with what the server said, before NF_AUTH_UP: the decision is made anew with it
 *   NF_AUTH_UP                 a link that the reply's policy refuses is being ended by sabus.so
 *   any time                   facts(); changed() is called after the SA, MPPE or the reason changed
 *   a CoA on the bus           sabus.so has merged it into its decision, then change() is called, for what is not its own (timeouts, Filter-Id)
 *   NF_EXIT                    facts().reason is why sabus.so ended the link, if it did.  Register for NF_EXIT at SERIALCONN or later: pppd calls last
 *                              registered first, and sabus.so, which registers when it is loaded, may end the process there to give it the status it shall have
 */
#ifndef SABUS_LINK_H
#define SABUS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "policy.h"
#include "reply.h"
#include "sa.h"

#define SABUS_LINK_SYMBOL  "sabus_link_api"
#define SABUS_LINK_VERSION 1

struct sabus_link_facts {
	bool judged;			/* a verdict was made: what follows is valid */
	bool closing;			/* sabus.so is ending the link; reason says why */
	bool have_tunnel;
	enum sabus_role role;
	bool compulsory;
	struct sabus_flow flow;		/* of the L2TP tunnel (RFC 3193 section 3.3) */
	uint16_t tunnel_id, peer_tunnel_id, session_id, peer_session_id;
	char peer_host[64];		/* Host Name AVP of the peer, "" = not known */
	char local_host[64];		/* ours, as the peer was told */
	uint32_t serial;		/* Call Serial Number AVP, 0 = not known */
	bool have_sa;
	struct sabus_sa sa;
	enum sabus_reason reason;
	enum sabus_mppe mppe_wanted;
	bool mppe_up;			/* runs in both directions */
	char ccp[32];			/* compression in effect: "none", "deflate", ...; MPPE is not one */
	int mtu;			/* bytes, in effect; 0 = not known yet */
};

/* What changed: bits for changed() */
#define SABUS_LINK_SA	   0x1u /* another SA (rekey), or its attributes */
#define SABUS_LINK_MPPE	   0x2u
#define SABUS_LINK_CLOSING 0x4u

struct sabus_link_api {
	uint32_t version;	/* SABUS_LINK_VERSION */
	uint32_t size;		/* sizeof(struct sabus_link_api) of the sabus.so that was loaded */

	/* Writes *out completely. */
	void (*facts)(struct sabus_link_facts *out);

	/* One watcher; NULL ends it.  what: SABUS_LINK_* bits. */
	void (*watch)(void (*changed)(void *data, unsigned int what), void *data);

	/*
	 * The server's reply to the user's authentication; copied.  0: the link may go on as far as is known now; -EPERM: it may not, the reason is written to
	 * *why (a constant of reason.h) and the link will be ended at NF_AUTH_UP: the caller should refuse the authentication, which ends it with a message for the peer.
	 * May be called again: at a renegotiation of LCP, and when CHAP is repeated on a link that is up, which then has to meet the new reply.
	 */
	int (*authorize)(const struct sabus_reply *reply, enum sabus_reason *why);

	/* Ends the link from the main loop's next turn; detail (may be NULL) goes to the log. */
	void (*close)(enum sabus_reason reason, const char *detail);

	/* What accounting knows of this session, for the bus (status, CoA); strings are copied.  addr may be NULL. */
	void (*account)(const char *user, const char *acct_session_id, const struct sabus_addr *addr);

	/*
	 * One server for CoA; NULL ends it.  change() gets what was asked, after sabus.so has taken its part; 0, or -errno with *text saying why the change cannot be had
	 * (the CoA is answered with NAK; nothing of it was applied by sabus.so then: change() is called first with commit false, must not act, and then with commit true).
	 */
	void (*serve)(int (*change)(void *data, const struct sabus_reply *late, bool commit, const char **text), void *data);
};

#endif
