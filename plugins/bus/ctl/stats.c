/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.c - sabusd's counters, for people and programs.
 */
#include "config.h"
#include <stdio.h>
#include "json.h"

static void print_json(const struct sabus_event *ev)
{
	struct json_object *root = json_begin();

	for (size_t i = 0; i < ev->n_stats; i++)
		json_number(root, ev->stats[i].name, ev->stats[i].value);
	json_finish(root);
}

int cmd_stats(struct ctl *c)
{
	uint32_t seq;

	if (sabus_stats_send(c->bus, &seq) < 0)
		return ctl_failed(c, sabus_strerror(c->bus));
	do {
		if (ctl_next(c, CTL_TIMEOUT_MS) != CTL_OK)
			return CTL_FAILED;
	} while (c->ev.type != SABUS_EV_STATS || c->ev.seq != seq);
	if (c->json) {
		print_json(&c->ev);
		return CTL_OK;
	}
	for (size_t i = 0; i < c->ev.n_stats; i++)
		printf("%-18s %llu\n", c->ev.stats[i].name, (unsigned long long)c->ev.stats[i].value);
	return CTL_OK;
}
