/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hooktime.c - see hooktime.h. */
#include <time.h>
#include "hooktime.h"

uint64_t hooktime_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void hooktime_add(struct hooktime *h, uint64_t start)
{
	hooktime_count(h, hooktime_now() - start);
}

void hooktime_count(struct hooktime *h, uint64_t ns)
{
	uint64_t step = ns / HOOKTIME_STEP_NS;
	uint_fast64_t max = atomic_load_explicit(&h->max_ns, memory_order_relaxed);

	atomic_fetch_add_explicit(&h->steps[step < HOOKTIME_STEPS ? step : HOOKTIME_STEPS], 1, memory_order_relaxed);
	while (ns > max && !atomic_compare_exchange_weak_explicit(&h->max_ns, &max, ns, memory_order_relaxed, memory_order_relaxed))
		;
}

/* Upper end in ns of the step that holds the rank-th shortest hook (rank from 1); the overflow step ends at the maximum. */
static uint64_t quantile(struct hooktime *h, uint64_t rank)
{
	uint64_t seen = 0;

	for (uint64_t i = 0; i < HOOKTIME_STEPS; i++) {
		seen += atomic_load_explicit(&h->steps[i], memory_order_relaxed);
		if (seen >= rank)
			return (i + 1) * HOOKTIME_STEP_NS;
	}
	return atomic_load_explicit(&h->max_ns, memory_order_relaxed);
}

void hooktime_report(struct hooktime *h, struct logline *ln)
{
	uint64_t n = 0, p50 = 0, p99 = 0, p999 = 0;

	for (size_t i = 0; i <= HOOKTIME_STEPS; i++)
		n += atomic_load_explicit(&h->steps[i], memory_order_relaxed);
	if (n) {
		p50 = quantile(h, (n + 1) / 2);
		p99 = quantile(h, (n * 99 + 99) / 100);
		p999 = quantile(h, (n * 999 + 999) / 1000);
	}
	logline_add(ln, "hooks count=%llu p50-ns=%llu p99-ns=%llu p999-ns=%llu max-ns=%llu", (unsigned long long)n, (unsigned long long)p50,
		    (unsigned long long)p99, (unsigned long long)p999,
		    (unsigned long long)atomic_load_explicit(&h->max_ns, memory_order_relaxed));
}
