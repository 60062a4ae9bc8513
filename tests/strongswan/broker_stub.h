/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broker_stub.h - the far end of the publisher's socket, moved by the test step by step: it reads only when it is told to, so it can be slow,
 * stopped, rude or gone.  Every wait has an end; a test that waits in vain fails with what it was waiting for.
 */
#ifndef SABUS_BROKER_STUB_H
#define SABUS_BROKER_STUB_H

#include <stdbool.h>
#include "fixture.h"
#include "codec.h"

struct stub {
	char path[64];
	int listener, peer; /* -1 = none */
	bool old;	    /* its HELLO does not say that it takes IKE_FAILED */
};

/* One packet from the publisher. */
struct stub_msg {
	uint16_t type; /* enum sabus_msg */
	uint32_t sa_id, cause, ike_failure;
	uint64_t epoch;
	char name[SABUS_CODEC_NAME_MAX];
	struct sabus_sa sa; /* SA_PUT */
};

void stub_init(struct stub *s); /* chooses a path; nobody listens yet */
void stub_listen(struct stub *s);
void stub_unlisten(struct stub *s); /* the path is gone; the connection stays */
void stub_close(struct stub *s);    /* the connection only */
void stub_end(struct stub *s);

void stub_accept(struct stub *s);
bool stub_accepts_within(struct stub *s, int ms);
void stub_hello(struct stub *s); /* reads HELLO and answers it */
void stub_send_error(struct stub *s, int err, const char *text);

/* False: nothing (or the end of the stream) within ms. */
bool stub_read(struct stub *s, struct stub_msg *m, int ms);
/* Has the publisher closed (and everything before that was read)? */
bool stub_ended(struct stub *s);
/* Reads one packet, which must be of this type. */
struct stub_msg stub_expect(struct stub *s, uint16_t type);
/* Accepts, greets and reads a whole sync; returns the number of SAs and their ids in the order sent. */
size_t stub_take_sync(struct stub *s, uint32_t *ids, size_t max);

#endif
