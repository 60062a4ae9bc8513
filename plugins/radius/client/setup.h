/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup.h - radcli with its configuration read: what exchange.h's functions work with.
 */
#ifndef SABUS_RADIUS_SETUP_H
#define SABUS_RADIUS_SETUP_H

#include <radcli/radcli.h>
#include "../worker.h"

struct exchange {
	struct worker_list config;
	rc_handle *rh;	   /* NULL: not open, a TLS server was not there */
	VALUE_PAIR *extra; /* avpair */
	bool tls;
	unsigned int next;    /* accounting server whose turn it is */
	int timeout, retries; /* radiusclient.conf: seconds, times */
};

/*
 * Reads radiusclient.conf (x->config says where), the dictionaries and the avpairs; with TLS it connects, until deadline (CLOCK_MONOTONIC ms).
 * WORKER_OK; else nothing is open, and text, of size bytes, says why: WORKER_CONFIG, or WORKER_DOWN for a TLS server that cannot be reached.
 */
enum worker_result setup_open(struct exchange *x, int64_t deadline, char *text, size_t size);

/* Closes what setup_open() opened; x->config stays. */
void setup_forget(struct exchange *x);

#endif
