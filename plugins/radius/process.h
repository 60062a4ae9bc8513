/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.h - the helper process as pppd's side sees it: worker.h's protocol over a socket.
 *
 * One per pppd.  Only process_auth() waits, until its deadline.  A helper that has ended is started anew by the next process_start().
 */
#ifndef SABUS_RADIUS_PROCESS_H
#define SABUS_RADIUS_PROCESS_H

#include "settings.h"
#include "worker.h"

struct process {
	int fd; /* -1: none */
	uint32_t last_id;
	/* ACCT_DONE and READY that come between; text "" or why not */
	void (*done)(enum worker_op op, uint32_t id, enum worker_result r, uint32_t ms, const char *server, const char *text);
	struct worker_message in, out;
};

/* Starts the helper unless it runs, and configures it.  0, or -errno. */
int process_start(struct process *p, const struct settings *s);

/*
 * Asks and waits.  reply gets the answer's attributes (WORKER_OK, WORKER_REJECT); *ms how long it took; text says why for other results.
 * A helper that ends or is silent: WORKER_DOWN; that ends while it works: WORKER_BAD.
 */
enum worker_result process_auth(struct process *p, const struct worker_list *request, int timeout_ms, struct worker_list *reply,
				uint32_t *ms, char *text, size_t size);

/* Never wait.  The id of the message, 0 when it could not be given to the helper. */
uint32_t process_acct(struct process *p, uint32_t status, const struct worker_list *request);
bool process_keep(struct process *p, const struct worker_list *stop, uint32_t seconds);

/* Reads what has come. */
void process_poll(struct process *p);

/*
 * Runs a program as root, with our standard environment and no descriptors, and waits for it.  0; its exit status; -errno (-ETIMEDOUT: it was killed).
 */
int process_run(char *const argv[], int timeout_ms);

/* Closes our end: the helper delivers what it has and goes. */
void process_end(struct process *p);

#endif
