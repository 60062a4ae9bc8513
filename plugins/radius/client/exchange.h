/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange.h - one request to the RADIUS servers of radiusclient.conf, with radcli.
 *
 * Blocks: for authentication at most until the deadline, for accounting one transmission to one server.  radcli's own choice of servers is not used: it would spend
 * radius_timeout * (radius_retries + 1) on the first one, 40 s with its defaults, whoever waits.
 */
#ifndef SABUS_RADIUS_EXCHANGE_H
#define SABUS_RADIUS_EXCHANGE_H

#include "../worker.h"

struct exchange;

/*
 * config: CONFIG's attributes, copied.  WORKER_OK, WORKER_CONFIG, or WORKER_DOWN (a TLS server that cannot be reached: each request tries again); text, of size bytes, says why.
 * *out is the caller's (exchange_close()), NULL unless WORKER_OK or WORKER_DOWN.
 */
enum worker_result exchange_open(const struct worker_list *config, struct exchange **out, char *text, size_t size);
void exchange_close(struct exchange *x);

/*
 * Authentication: tries all servers, in order, until deadline (CLOCK_MONOTONIC ms).  reply: the attributes of WORKER_OK and WORKER_REJECT, hidden ones in plain text, then
 * WORKER_SERVER; of other results, and of a failure, WORKER_TEXT.
 */
enum worker_result exchange_auth(struct exchange *x, const struct worker_list *request, int64_t deadline, struct worker_list *reply);

/*
 * Accounting: one transmission to the server that is next; delay: seconds since the event (Acct-Delay-Time).  WORKER_OK, WORKER_DOWN (another time, another server), WORKER_BAD (never).
 */
enum worker_result exchange_acct(struct exchange *x, const struct worker_list *request, uint32_t delay, int max_ms,
				 struct worker_list *reply);

int exchange_acct_servers(const struct exchange *x);

#endif
