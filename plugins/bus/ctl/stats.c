/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.c - sabusd's counters, for people and programs.
 */
#include "config.h"
#include <json-c/json.h>
#include <stdio.h>
#include "ctl.h"

static void print_json(const struct sabus_event *ev)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < ev->n_stats; i++)
		json_object_object_add(o, ev->stats[i].name, json_object_new_uint64(ev->stats[i].value));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
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
