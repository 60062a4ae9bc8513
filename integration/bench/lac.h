/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lac.h - one tunnel of a made-up LAC, RFC 2661: what it says and what it makes of what it hears.  No sockets, no clock: see lacload.c.
 *
 * One message is out at a time, so that its answer, or its acknowledgement where there is no answer, moves the tunnel on:
 *
 *	IDLE -SCCRQ-> ASKED -SCCRP: SCCCN-> ANSWERED -ack-> UP  [-ICRQ-> CALLED -ICRP: ICCN-> CALL_ANSWERED -ack-> UP]
 *	UP -HELLO-> PINGED -ack-> UP;  UP -StopCCN-> STOPPED -ack-> IDLE;  a StopCCN or CDN of the peer, or a wrong answer -> FAILED
 */
#ifndef LACLOAD_LAC_H
#define LACLOAD_LAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAC_MSG_MAX 160

enum lac_state { LAC_IDLE, LAC_ASKED, LAC_ANSWERED, LAC_CALLED, LAC_CALL_ANSWERED, LAC_UP, LAC_PINGED, LAC_STOPPED, LAC_FAILED };

struct lac {
	enum lac_state state;
	uint16_t tid, peer_tid, peer_cid; /* host byte order; our call has our tunnel's number */
	uint16_t ns, nr;		  /* next to send, next expected */
	bool with_call, unacked;
	size_t len;			/* of out, 0: nothing to send */
	uint8_t out[LAC_MSG_MAX];	/* the message that is out: kept until it is acknowledged, to be repeated */
	char why[120];			/* FAILED: the peer's words */
};

/* Each makes l->out; the caller sends it, and again until lac_heard() has taken it away. */
void lac_open(struct lac *l, uint16_t tid, bool with_call);
void lac_hello(struct lac *l);
void lac_stop(struct lac *l);

/* Is something under way, for which an answer must come? */
bool lac_busy(const struct lac *l);

enum lac_reply { LAC_NOTHING, LAC_SEND_OUT, LAC_SEND_ACK };

/*
 * A datagram came from the peer.  LAC_SEND_OUT: l->out is new; LAC_SEND_ACK: ack, of 12 bytes, is to be sent.  What is no L2TP control
 * message for this tunnel makes the tunnel FAILED: the peer is our own daemon.
 */
enum lac_reply lac_heard(struct lac *l, const uint8_t *msg, size_t len, uint8_t ack[12]);

#endif
