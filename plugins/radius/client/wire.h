/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.h - between radcli and the network.
 *
 * radcli 1.2.11 sends no Message-Authenticator and asks for none (so a man in the middle can forge answers: CVE-2024-3596, "BlastRADIUS"), takes the first datagram that
 * comes for the answer, and passes over what is wrong within it.  So this process defines sendto(), recvfrom(), gnutls_record_send() and gnutls_record_recv() itself; the
 * dynamic linker prefers a program's own definitions to those of libraries, for the calls of libradcli too.  What goes out is signed, what comes in is verified and taken
 * apart by packet.c; radcli sees only answers that are good, and of those only the head.
 *
 * States: idle, wire_begin(), radcli's call, wire_end(), idle.  While idle the four functions are those of the libraries.  One request at a time, one thread.
 */
#ifndef SABUS_RADIUS_WIRE_H
#define SABUS_RADIUS_WIRE_H

#include "packet.h"

struct wire_end {
	bool sent;     /* the request went through our hands: false with an answer means that the interposition is not in effect */
	bool answered; /* code and attributes are valid */
	uint8_t code;
	struct packet_request request;
	unsigned int dropped[PACKET_VERDICTS];
	int error; /* 0; -EBADMSG: a good answer with attributes that cannot be taken apart; -EMSGSIZE: the request is too long */
};

/*
 * secret: of the server (kept until wire_end()); datagram: UDP, where Access-Requests are signed and answers need a Message-Authenticator (TLS protects them itself;
 * plain TCP is like UDP); attempt_ms: how long one transmission waits for its answer; deadline: CLOCK_MONOTONIC ms, after which nothing waits any more.
 * reply gets the attributes.
 */
void wire_begin(const char *secret, bool tls, int attempt_ms, int64_t deadline, struct worker_list *reply);
void wire_end(struct wire_end *out);


#endif
