/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tunnels.h - the tunnels and calls of this xl2tpd, as the plugin knows them.
 *
 *   ASKED ------> OPEN ------> ENDING ------> (freed by tunnel_down)
 *     |            up later       ^
 *     +--> REFUSED                | its SA is gone, or no longer good enough
 *
 * Each member of struct tun is written by the module named beside it.  Found by our tunnel id, by the peer's address and by the CHILD_SA below.
 */
#ifndef SABUS_XL2TPD_TUNNELS_H
#define SABUS_XL2TPD_TUNNELS_H

#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>
#include "options.h"
#include "policy.h"
#include "sabus.h"

enum tun_phase { TUN_ASKED, TUN_OPEN, TUN_ENDING, TUN_REFUSED };
enum tun_dial { DIAL_NONE, DIAL_WANTED, DIAL_RUNNING, DIAL_DONE, DIAL_FAILED };

struct call {
	struct sabus_call_info info;
	bool told;	    /* publish.c: the broker has it */
	bool dirty;	    /* publish.c: it is not what the broker has */
	struct call *next;
};

struct bucket;

struct tun {
	/* plugin.c */
	uint16_t tid, peer_tid;
	enum sabus_role role;
	struct sabus_flow flow;		/* mark: of the datagram that asked */
	char host[SABUS_HOST_MAX], section[SABUS_HOST_MAX];
	struct tunnel_options opt;
	bool up;
	uint64_t since;			/* CLOCK_REALTIME seconds */
	struct call *calls;
	uint32_t n_calls;

	/* request.c, life.c */
	enum tun_phase phase;
	bool deferred;			/* xl2tpd waits for host->decide() */
	enum sabus_reason reason;
	int timer;			/* request.c: deadline; life.c: end of the grace.  0: none */
	struct sabus_sa *sa;		/* the tunnel is on this one; NULL: on none */
	enum sabus_knowledge known;	/* request.c: by the last answer */

	/* dial.c */
	enum tun_dial dial;
	uint32_t dial_seq;
	int dial_error;
	char dial_text[128];

	/* life.c, events.c */
	enum sabus_cause cause;		/* why our SA left the table; 0: it did not */
	bool moved;			/* our SA is there, but not on our addresses */
	bool unsure;			/* nobody knows: the kernel is asked */
	bool keep_told;
	enum sabus_reason end_reason;	/* with TUN_ENDING */
	char end_text[128];

	/* ask.c */
	bool queued, asking, again;
	uint32_t seq;
	UT_hash_handle hh_seq;
	struct tun *ask_prev, *ask_next;

	/* publish.c */
	bool told, dirty;
	struct tun *pub_prev, *pub_next;

	/* tunnels.c */
	UT_hash_handle hh;
	struct bucket *by_peer, *by_sa;
	struct tun *peer_prev, *peer_next, *sa_prev, *sa_next;
};

/* A new one in phase ASKED, or NULL: out of memory, or the id is taken. */
struct tun *tunnels_add(uint16_t tid, const struct sabus_addr *peer);
struct tun *tunnels_find(uint16_t tid);
void tunnels_remove(struct tun *t);	/* frees it and its calls */
void tunnels_clear(void);
unsigned int tunnels_count(void);

/* The tunnel is on a copy of that SA from now on (NULL: on none); false: out of memory, nothing changed. */
bool tunnels_set_sa(struct tun *t, const struct sabus_sa *sa);

/* All; those of a peer address; those on a CHILD_SA id.  The next one may be fetched before the current one is removed. */
struct tun *tunnels_first(void);
struct tun *tunnels_next(const struct tun *t);
struct tun *tunnels_of_peer(const struct sabus_addr *peer);	/* next: t->peer_next */
struct tun *tunnels_on_sa(uint32_t sa_id);			/* next: t->sa_next */

struct call *tunnels_call(struct tun *t, uint16_t cid, bool make);	/* NULL: not there, or out of memory */
void tunnels_drop_call(struct tun *t, struct call *c);

/* Has the tunnel an answer, and is it not ending? */
static inline bool tun_open(const struct tun *t)
{
	return t->phase == TUN_OPEN;
}

#endif
