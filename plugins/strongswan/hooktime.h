/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooktime.h - how long charon spent in our hooks: a histogram of 250 ns steps up to 1 ms, in memory, one relaxed atomic add per hook.
 * charon holds its one bus mutex during a hook, so these times are what the plugin costs everybody.
 */
#ifndef SABUS_HOOKTIME_H
#define SABUS_HOOKTIME_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include "logline.h"

#define HOOKTIME_STEP_NS 250u
#define HOOKTIME_STEPS	 4000u

struct hooktime {
	atomic_uint_fast32_t steps[HOOKTIME_STEPS + 1]; /* the last: longer than all */
	atomic_uint_fast64_t max_ns;
};

uint64_t hooktime_now(void); /* CLOCK_MONOTONIC, ns */
/* Counts one hook that began at start.  Any thread. */
void hooktime_add(struct hooktime *h, uint64_t start);
/* Counts one that took ns.  Any thread. */
void hooktime_count(struct hooktime *h, uint64_t ns);
/* Appends "hooks count=12 p50-ns=3250 p99-ns=9000 p999-ns=14000 max-ns=13911"; each quantile is the upper end of its step. */
void hooktime_report(struct hooktime *h, struct logline *ln);

#endif
