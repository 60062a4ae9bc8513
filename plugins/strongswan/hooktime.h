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

#define HOOKTIME_STEP_NS 250u
#define HOOKTIME_STEPS	 4000u

struct hooktime {
	atomic_uint_fast32_t steps[HOOKTIME_STEPS + 1]; /* the last: longer than all */
	atomic_uint_fast64_t max_ns;
};

uint64_t hooktime_now(void); /* CLOCK_MONOTONIC, ns */
/* Counts one hook that began at start.  Any thread. */
void hooktime_add(struct hooktime *h, uint64_t start);
/* "hooks: n=12, p50 3.2 us, p99 9.0 us, p99.9 14.0 us, max 13.9 us"; each quantile is the upper end of its step.  Returns buf. */
const char *hooktime_text(struct hooktime *h, char *buf, size_t size);

#endif
