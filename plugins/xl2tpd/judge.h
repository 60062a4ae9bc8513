/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge.h - the two decisions about a tunnel, pure: may it begin, may it go on?
 *
 * No I/O, no state; what is known goes in, what to do comes out.  What an SA is worth is sabus_decide()'s business (policy.h).
 */
#ifndef SABUS_XL2TPD_JUDGE_H
#define SABUS_XL2TPD_JUDGE_H

#include <stdbool.h>
#include "policy.h"
#include "sabus.h"
#include "tunnels.h"

enum judge_step {
	JUDGE_ACCEPT,	/* with reason; sa says on what */
	JUDGE_REFUSE,	/* with reason and text */
	JUDGE_WAIT,	/* look again when something happens */
	JUDGE_INITIATE, /* ask charon for an SA, then wait */
};

struct judge_request {
	enum sabus_role role;
	enum sabus_knowledge known;
	const struct sabus_sa *sa;	/* with SABUS_K_SA */
	bool taken;			/* another client's tunnel has this flow, and no mark tells the two apart */
	bool can_pin;			/* the kernel can hold a tunnel to sa */
	bool optional;			/* `sabus ipsec = optional` */
	bool clear_peer;		/* an exception by `sabus clear peers` */
	bool named;			/* `sabus connection` is given: bring it up even where an SA is optional */
	bool any_mode;
	enum sabus_strength min_strength;
	enum tun_dial dial;
	const char *dial_text;		/* what charon said, with DIAL_FAILED */
	bool expired;			/* `sabus wait` is over */
	const char *bus_why;		/* why there is no sabusd */
};

struct judge_verdict {
	enum judge_step step;
	enum sabus_reason reason;
	bool on_sa;
	char text[256];			/* for a refusal; may be empty: the reason's own will do */
};

/* *v is completely written.  Pure. */
void judge_request(const struct judge_request *r, struct judge_verdict *v);

enum judge_life {
	LIFE_ON,	 /* it goes on, on the SA found */
	LIFE_ASK_KERNEL, /* nobody knows: it goes on while the kernel has its SA */
	LIFE_GONE,	 /* its SA is gone: nothing can be sent any more */
	LIFE_UNFIT,	 /* there is an SA, but the tunnel must not use it: say goodbye */
};

/*
 * A living tunnel that is on an SA.  known: by answer_read() with that SA; cause, moved: what became of it; now: with SABUS_K_SA.
 * *reason and text (size bytes) are written for GONE and UNFIT.  Pure.
 */
enum judge_life judge_life(enum sabus_knowledge known, enum sabus_cause cause, bool moved, const struct judge_request *now,
			   enum sabus_reason *reason, char *text, size_t size);

/*
 * May a tunnel on sa have the same addresses and ports as an older one that is on `other`?  The same SA or the same peer: it has come
 * again, and the older one is dead or will be.  Another peer: only where each has a mark of its own.
 */
bool judge_may_share(const struct sabus_sa *sa, const struct sabus_sa *other);

/* Do the two stand for one protection (the same, its successor, or one of the same peer for the same policy)?  Then deleting one would hurt who is on the other. */
bool judge_one_protection(const struct sabus_sa *a, const struct sabus_sa *b);

#endif
