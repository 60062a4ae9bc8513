// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * markfilter.c - the inbound half of the pin where clients behind one NAT have one address and port.
 *
 * Linux finds an L2TP session by the ids in the packet, whichever socket it came in on, and a socket policy cannot tell one client's SA from
 * another's.  So whoever has an SA here and guesses two ids of 16 bits could put packets into his neighbour's session.  What sees them behind L2TP,
 * with the mark that their SA has put on them, is PPP's pass filter.
 *
 * The filter is pppd's own variable, which pppd hands to the kernel in start_networks(), right after PHASE_NETWORK was told: setting the variable is
 * not undone by pppd then.  An administrator's pass-filter is kept: it runs on what ours lets through.
 *
 * What a decompressor (MPPE, deflate) has written is a new packet without a mark: where one may run, unmarked packets pass as well.
 * Whoever knows MPPE's key is the peer; a neighbour's plain packet has the neighbour's mark.  LCP and other frames for pppd itself do not go through the
 * filter.
 */
#include "markfilter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "options.h"

#define INBOUND 0 /* PPP's pseudo header, first byte; 1 is outbound */
#define PASS	UINT32_MAX

static struct sock_filter stmt(unsigned int code, uint32_t k)
{
	return (struct sock_filter){ .code = (uint16_t)code, .k = k };
}

/* Jumps are forward, counted in instructions. */
static struct sock_filter if_equal(uint32_t k, size_t yes, size_t no)
{
	return (struct sock_filter){ .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = (uint8_t)yes, .jf = (uint8_t)no, .k = k };
}

size_t markfilter_build(struct sock_filter prog[MARKFILTER_MAX], const struct sabus_mark *m, bool unmarked_too, bool rest)
{
	size_t n = 0, last = unmarked_too ? 6 : 5; /* the drop */

	prog[n++] = stmt(BPF_LD | BPF_B | BPF_ABS, 0);
	prog[n] = if_equal(INBOUND, 0, last - n);
	n++;
	prog[n++] = stmt(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK));
	if (unmarked_too) {
		prog[n] = if_equal(0, last - n, 0);
		n++;
	}
	prog[n++] = stmt(BPF_ALU | BPF_AND | BPF_K, m->mask);
	prog[n] = if_equal(m->value & m->mask, last - n, 0);
	n++;
	prog[n++] = stmt(BPF_RET | BPF_K, 0);
	if (!rest)
		prog[n++] = stmt(BPF_RET | BPF_K, PASS);
	return n;
}

static bool wanted(const struct link *l)
{
	return l->opt->pin && l->have_sa && l->tun.flow.mark && l->sa.set_mark_in.mask;
}

static bool loses_marks(const struct link *l)
{
	return l->mppe_up || l->decision.ccp != SABUS_CCP_NONE;
}

/* The administrator's program while ours is in its place. */
static struct host_filter the_theirs;
static bool the_ours;

static bool can_filter(void)
{
	return &pass_filter && &active_filter && set_filters;
}

void markfilter_forget(void)
{
	if (!the_ours)
		return;
	free(pass_filter.insns);
	pass_filter = the_theirs;
	the_ours = false;
}

/* The one in front of the other; pppd keeps a pointer to it. */
static int put_ours(const struct link *l)
{
	struct sock_filter *prog = calloc(MARKFILTER_MAX + pass_filter.len, sizeof(*prog));
	size_t n;

	if (!prog)
		return -ENOMEM;
	the_theirs = pass_filter;
	n = markfilter_build(prog, &l->sa.set_mark_in, loses_marks(l), the_theirs.len > 0);
	if (the_theirs.len)
		memcpy(prog + n, the_theirs.insns, the_theirs.len * sizeof(*prog));
	pass_filter.insns = prog;
	pass_filter.len = (unsigned int)n + the_theirs.len;
	the_ours = true;
	return 0;
}

int markfilter_apply(const struct link *l)
{
	bool had = the_ours;
	int err;

	if (!can_filter())
		return wanted(l) ? -ENOSYS : 0;
	markfilter_forget();
	if (!wanted(l) && !had)
		return 0; /* pppd's own business */
	err = wanted(l) ? put_ours(l) : 0;
	if (err)
		return err;
	return set_filters(&pass_filter, &active_filter) ? 0 : -EOPNOTSUPP;
}
