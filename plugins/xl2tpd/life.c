// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * life.c - carries out what judge.c says of a living tunnel, and asks the kernel where nobody else knows.
 *
 * The kernel is asked in rounds, so many tunnels each, so that thousands of them do not stop xl2tpd's loop.
 *
 * A goodbye (StopCCN) is sent only on an SA that is known to be the peer's own: where two peers behind one NAT cannot be told apart, it would
 * reach the other one, perhaps as the end of its tunnel.
 */
#include <stdio.h>
#include <string.h>
#include "answer.h"
#include "clock.h"
#include "ask.h"
#include "host.h"
#include "judge.h"
#include "kernel.h"
#include "kernelsa.h"
#include "life.h"
#include "limit.h"
#include "publish.h"
#include "report.h"
#include "request.h"

#define FIRST_MS  10 /* after the first doubt: several tunnels have it at once */
#define ROUND_MS  250
#define PER_ROUND 400 /* about 20 ms of questions */

static struct {
	int timer;
	unsigned int unsure;
	uint16_t last; /* tunnel id: where the last round ended */
} life;

static void set_unsure(struct tun *t, bool unsure)
{
	life.unsure += unsure && !t->unsure;
	life.unsure -= !unsure && t->unsure;
	t->unsure = unsure;
	if (!unsure)
		t->keep_told = false;
}

/* ---- the end ---- */

static void close_abruptly(struct tun *t)
{
	struct xl2tpd_cause cause;

	request_forget(t);
	request_cause(&cause, t->end_reason, t->end_text);
	xl2tpd->close_tunnel(t->tid, &cause, XL2TPD_ABRUPT);
}

static void on_grace_over(void *arg)
{
	struct tun *t = arg;

	t->timer = 0;
	close_abruptly(t);
}

static void close_orderly(const struct tun *t)
{
	struct xl2tpd_cause cause;

	request_cause(&cause, t->end_reason, t->end_text);
	xl2tpd->close_tunnel(t->tid, &cause, 0);
}

static void end(struct tun *t, enum sabus_reason reason, const char *text, bool reachable)
{
	t->phase = TUN_ENDING;
	t->end_reason = reason;
	snprintf(t->end_text, sizeof(t->end_text), "%s", text);
	set_unsure(t, false);
	ask_forget(t);
	report_close(t, reason, text);
	publish_tunnel(t);
	if (reachable) {
		close_orderly(t);
		return;
	}
	kernel_block(t);
	t->timer = t->n_calls ? xl2tpd->timer(LIFE_GRACE_MS, on_grace_over, t) : 0;
	if (t->timer <= 0)
		close_abruptly(t);
}

void life_call_gone(struct tun *t)
{
	if (t->phase == TUN_ENDING && !t->n_calls && t->timer > 0)
		close_abruptly(t);
}

bool life_takes_calls(const struct tun *t)
{
	return tun_open(t);
}

/* ---- the kernel as the last witness ---- */

static void ask_kernel(struct tun *t)
{
	int held = kernelsa_held(t->sa);

	if (held == 0) {
		end(t, SABUS_R_SA_GONE, "the kernel holds the IPsec SA below the tunnel no longer", false);
		return;
	}
	/* not answered (held < 0): the socket policy and the mark hold the tunnel meanwhile */
	if (held == 1 && !t->keep_told)
		report_tunnel(t, "keep");
	t->keep_told = true;
}

static struct tun *after(uint16_t tid)
{
	struct tun *t = tunnels_find(tid);

	t = t ? tunnels_next(t) : NULL;
	return t ? t : tunnels_first();
}

static void schedule(unsigned int ms);

static void on_round(void *arg)
{
	unsigned int all = tunnels_count();
	int budget = PER_ROUND;
	struct tun *t = after(life.last);

	(void)arg;
	life.timer = 0;
	for (unsigned int i = 0; i < all && t && life.unsure && budget > 0; i++) {
		life.last = t->tid;
		if (t->unsure) {
			ask_kernel(t);
			budget--;
		}
		t = after(life.last);
	}
	if (life.unsure)
		schedule(ROUND_MS);
}

static void schedule(unsigned int ms)
{
	if (life.timer <= 0)
		life.timer = xl2tpd->timer(ms, on_round, NULL);
}

void life_unsure(struct tun *t)
{
	if (!t->sa || !tun_open(t))
		return;
	set_unsure(t, true);
	schedule(FIRST_MS);
}

/* ---- answers ---- */

/* The tunnel goes on, on this SA, which may be a new one. */
static void adopt(struct tun *t, const struct sabus_sa *sa)
{
	bool renewed = !answer_same_sa(sa, t->sa), remark = kernel_mark_differs(sa, t->sa);

	t->cause = 0;
	t->moved = false;
	set_unsure(t, false);
	if (!tunnels_set_sa(t, sa) || (remark && kernel_mark(t))) {
		end(t, SABUS_R_PIN_FAILED, "the tunnel could not be bound to its new SA", false);
		return;
	}
	if (!renewed)
		return;
	report_tunnel(t, "rekey");
	publish_tunnel(t);
}

void life_answered(struct tun *t, const struct sabus_event *ev)
{
	struct sabus_sa sa;
	struct judge_request now = {
		.role = t->role,
		.sa = &sa,
		.any_mode = options_global()->any_mode,
		.min_strength = options_global()->min_strength,
	};
	enum sabus_reason reason = SABUS_R_SA_GONE;
	char text[sizeof(t->end_text)];

	if (!t->sa)
		return; /* admitted without one, and lives without one */
	now.known = answer_read(ev, &t->flow, t->sa, &sa);
	now.can_pin = now.known == SABUS_K_SA && kernel_can_pin(&sa);
	switch (judge_life(now.known, t->cause, t->moved, &now, &reason, text, sizeof(text))) {
	case LIFE_ON: adopt(t, &sa); break;
	case LIFE_ASK_KERNEL: life_unsure(t); break;
	case LIFE_GONE: end(t, reason, text, false); break;
	case LIFE_UNFIT: end(t, reason, text, reason != SABUS_R_SA_AMBIGUOUS); break;
	}
}

void life_forget(struct tun *t)
{
	set_unsure(t, false);
}

void life_stop(void)
{
	if (life.timer > 0)
		xl2tpd->timer_cancel(life.timer);
	memset(&life, 0, sizeof(life));
}
