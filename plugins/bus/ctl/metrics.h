/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics.h - the state of the bus in Prometheus' text format 0.0.4.
 */
#ifndef SABUSCTL_METRICS_H
#define SABUSCTL_METRICS_H

#include <stdio.h>
#include "view.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* What is written: v NULL = sabusd does not answer, only sabus_up and sabus_build_info are told. */
struct metrics {
	const struct view *view;
	const struct sabus_event *stats; /* SABUS_EV_STATS, NULL with view */
	bool sessions;			 /* a series for each session too */
};

void metrics_write(FILE *out, const struct metrics *m);
/* metrics_sessions.c */
void metrics_sessions(FILE *out, const struct view *v);

/* ---- the format (metrics_format.c) ---- */

/* # HELP and # TYPE of a family; type "gauge", "counter". */
void metrics_family(FILE *out, const char *name, const char *type, const char *help);
/* A sample; labels: pairs of name and value, ended by NULL. */
void metrics_sample(FILE *out, const char *name, const char *const *labels, uint64_t value);

/* ---- one request (metrics_http.c) ---- */

/* Reads an HTTP request on standard input, answers on standard output with what body() writes, for GET and HEAD of /metrics.  An exit status. */
int metrics_http(void (*body)(void *data, FILE *out), void *data);

#endif
