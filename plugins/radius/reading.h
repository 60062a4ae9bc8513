/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reading.h - a RADIUS answer as pppd needs it.  Pure: never blocks, no allocation, any thread.
 *
 * Strict: a value of a wrong length, a text with control characters, a number that comes twice with different values, or an attribute of our policy that is not known makes the
 * whole answer unusable (reason radius-reply).  Attributes of others that mean nothing here are passed over.
 */
#ifndef SABUS_RADIUS_READING_H
#define SABUS_RADIUS_READING_H

#include "reply.h"
#include "worker.h"

#define READING_TEXT 256

enum reading_address {
	READING_ADDRESS_NONE, /* the server says nothing: pppd's configuration */
	READING_ADDRESS_PEER, /* 255.255.255.255: the peer chooses */
	READING_ADDRESS_NAS,  /* 255.255.255.254: pppd's configuration */
	READING_ADDRESS_FIXED,
};

/* reading.has */
#define READING_OCTETS	     0x01u
#define READING_OCTETS_DIR   0x02u
#define READING_OUR_ADDRESS  0x04u
#define READING_INTERFACE_ID 0x08u
#define READING_SEND_KEY     0x10u
#define READING_RECV_KEY     0x20u
#define READING_CHAP_KEYS    0x40u
#define READING_SERVICE	     0x80u
#define READING_PROTOCOL     0x100u
#define READING_DNS1	     0x200u
#define READING_DNS2	     0x400u
#define READING_NBNS1	     0x800u
#define READING_NBNS2	     0x1000u
#define READING_ADDRESS	     0x2000u

struct reading {
	struct sabus_reply policy; /* for sabus.so; timeouts and Filter-Id too */
	bool ours;		   /* an attribute of ours sets a policy: sabus.so must be there */
	uint32_t has;
	uint32_t service, protocol;
	enum reading_address address_kind;
	uint32_t address;	  /* host byte order, as on the wire of RADIUS */
	uint32_t our_address;	  /* host byte order */
	uint32_t dns[2], nbns[2]; /* host byte order */
	uint32_t octets, octets_dir;
	uint8_t interface_id[8];
	char user[READING_TEXT];       /* name to account under, "" = the one that was sent */
	char message[READING_TEXT];    /* Reply-Message, several joined by a blank */
	char ms_success[READING_TEXT]; /* "S=... M=..." */
	char ms_error[READING_TEXT];   /* "E=... R=... " */
	uint8_t send_key[16], recv_key[16];
	uint8_t nt_hash_hash[16];   /* of MS-CHAP-MPPE-Keys */
	struct worker_list classes; /* Class attributes, in order */
	struct worker_list env;	    /* "NAME=VALUE" for pppd's scripts */
};

/* Reads the attributes of an answer.  0; -EINVAL: why, of size bytes, says which attribute and what is wrong with it. */
int reading_parse(const struct worker_list *reply, struct reading *out, char *why, size_t size);

#endif
