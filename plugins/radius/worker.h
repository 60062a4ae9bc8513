/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worker.h - what sabus-radius.so and its helper process sabus-radius-client say to each other.
 *
 * A SOCK_SEQPACKET socketpair, one message per packet, same host and build, so integers are in host byte order.  Both ends check every length: neither trusts
 * the other's memory.  Attributes travel as in a RADIUS packet: vendor (0: none), number, value octets; what is not a RADIUS attribute has the vendor WORKER_PRIVATE.
 *
 *   pppd    CONFIG       first, once: files and options              helper  READY      arg: enum worker_result
 *   pppd    AUTH         arg: deadline, CLOCK_MONOTONIC ms mod 2^32  helper  ANSWER     same id; arg: enum worker_result, arg2: ms that it took; reply attributes
 *   pppd    ACCT         arg: Acct-Status-Type                       helper  ACCT_DONE  same id; arg: enum worker_result, arg2: ms; when it was delivered or given up
 *   pppd    KEEP         the Stop to send if pppd dies; arg: seconds
 *                        of the session so far
 *   end of file          pppd is gone: KEEP's Stop is sent, unless a Stop was
 *
 * One AUTH at a time; ACCT does not wait for its answer.  A Stop makes the helper forget what KEEP said.
 */
#ifndef SABUS_RADIUS_WORKER_H
#define SABUS_RADIUS_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKER_VERSION	   1
#define WORKER_LIST_MAX	   20480 /* bytes; a RADIUS packet has at most 4096, and 6 are added to each attribute of 2 or more */
#define WORKER_VALUE_MAX   1024	 /* bytes of one value; RADIUS: 253 */
#define WORKER_HEAD	   20
#define WORKER_MESSAGE_MAX (WORKER_HEAD + WORKER_LIST_MAX)

#define WORKER_PRIVATE 0xffffffffu
/* numbers of WORKER_PRIVATE */
#define WORKER_CONFIG_FILE 1 /* path of radiusclient.conf */
#define WORKER_AVPAIR	   2 /* "NAME=VALUE", any number of them */
#define WORKER_STOP_RETRY  3 /* u32, seconds that an undelivered Stop is tried for */
#define WORKER_TEXT	   4 /* why it is not WORKER_OK, for the log */
#define WORKER_SERVER	   5 /* name of the server that answered */

/* Values are on the socket; both ends are of one build, the version is checked all the same. */
enum worker_op {
	WORKER_OP_CONFIG = 1,
	WORKER_OP_READY,
	WORKER_OP_AUTH,
	WORKER_OP_ANSWER,
	WORKER_OP_ACCT,
	WORKER_OP_ACCT_DONE,
	WORKER_OP_KEEP,
	WORKER_OP_END, /* not an operation */
};

enum worker_result {
	WORKER_OK,     /* Access-Accept, Accounting-Response, configuration read */
	WORKER_REJECT, /* Access-Reject */
	WORKER_DOWN,   /* no server answered in time */
	WORKER_BAD,    /* an answer that cannot be used, WORKER_TEXT says why */
	WORKER_CONFIG, /* the configuration cannot be used, WORKER_TEXT says why */
};

struct worker_attr {
	uint32_t vendor;
	uint16_t number;
	uint16_t len;
	const uint8_t *value; /* len bytes within the list */
};

/* Attributes in order.  Plain data. */
struct worker_list {
	size_t len;
	bool overflow; /* something was left out: the list must not be used */
	uint8_t b[WORKER_LIST_MAX];
};

struct worker_message {
	enum worker_op op;
	uint32_t id;
	uint32_t arg, arg2;
	struct worker_list list;
};

/* None of these blocks, allocates or keeps a pointer; any thread. */

void worker_list_init(struct worker_list *l);

/* Appends.  0, or -EMSGSIZE (value longer than WORKER_VALUE_MAX) or -ENOSPC; then l->overflow is set, too. */
int worker_put(struct worker_list *l, uint32_t vendor, uint16_t number, const void *value, size_t len);
int worker_put_u32(struct worker_list *l, uint32_t vendor, uint16_t number,
		   uint32_t v); /* RADIUS integer: four octets, network byte order */
int worker_put_text(struct worker_list *l, uint32_t vendor, uint16_t number, const char *text); /* without its NUL */

/* All attributes of *from. */
int worker_put_list(struct worker_list *l, const struct worker_list *from);

/* Next attribute at *at (start with 0); false at the end.  A list from worker_decode() is whole to its end. */
bool worker_next(const struct worker_list *l, size_t *at, struct worker_attr *out);

/* The first attribute of this number: true, and *out (may be NULL). */
bool worker_find(const struct worker_list *l, uint32_t vendor, uint16_t number, struct worker_attr *out);

/* A RADIUS integer.  -EINVAL when it has not four octets. */
int worker_u32(const struct worker_attr *a, uint32_t *out);

/* The value as a string, cut at size - 1 and at a NUL.  Returns buf. */
char *worker_text(const struct worker_attr *a, char *buf, size_t size);

/* "start", "stop" or "interim": an Acct-Status-Type (RV_ACCT_*) in log lines.  Constant. */
const char *worker_status_name(uint32_t status);

/* Writes the message to buf (WORKER_MESSAGE_MAX always suffices).  Returns its length, -EOVERFLOW for a list that overflowed, -ENOBUFS. */
int worker_encode(const struct worker_message *m, void *buf, size_t size);

/* Reads one.  0, or -EPROTONOSUPPORT (version), -EBADMSG (anything else); then *m is not to be used. */
int worker_decode(struct worker_message *m, const void *buf, size_t len);

#endif
