/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load.h - what the parts of busload share: its state, what it publishes, its clock and its pace.
 */
#ifndef BUSLOAD_LOAD_H
#define BUSLOAD_LOAD_H

#include "sabus.h"

#define CALLS	 4000u		/* per round and side */
#define PACE_NS	 500000u	/* from one call to the next: 2,000 per second and side */
#define PATIENCE 20000		/* ms, for anything that must come */

struct load {
	const char *dir, *broker;
	uint32_t n_clients, n_sas, rounds, round;
	struct sabus *publisher;
	struct sabus **clients;
	struct sabus_event *ev;
	uint64_t *calls;	/* CALLS samples of the child, shared with it; then its count of full queues */
	uint32_t random;
};

/* One line on standard error, exit status 1. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* Dies when rc < 0, with the connection's own words (s NULL: those for -rc). */
void must(int rc, const struct sabus *s, const char *what);

uint64_t now_ns(void);
void sleep_until(uint64_t ns);
/* 0..n-1; the same sequence in every run. */
uint32_t pick(struct load *l, uint32_t n);

/* Every PACE_NS from now on, CALLS times: ns[k] = time of call(l, k). */
void paced(struct load *l, void (*call)(struct load *l, uint32_t k), uint64_t *ns);
/* A child paces `send` into l->calls while we pace `ask` into asked. */
void paced_pair(struct load *l, void (*send)(struct load *l, uint32_t k), void (*ask)(struct load *l, uint32_t k), uint64_t *asked);

/* "name": [...], on standard output. */
void samples(const char *name, uint32_t round, const uint64_t *ns, uint32_t n);

/* Of client or SA number i: its tunnel, its SA (each generation differs), its session. */
void flow_of(uint32_t i, struct sabus_flow *f);
void sa_of(uint32_t i, uint32_t generation, struct sabus_sa *sa);
void session_of(uint32_t i, struct sabus_session *s);

/* ---- bare.c ---- */
/* One round of the same calls and sizes without sabusd: l->calls and asked are filled. */
void bare_round(struct load *l, uint64_t *asked);

#endif
