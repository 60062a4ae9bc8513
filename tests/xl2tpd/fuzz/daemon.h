/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xl2tpd as the harness sees it: its own headers, its main() under another
 * name, and the data section that build.sh gathers its variables in.
 */
#ifndef SABUS_XL2TPD_FUZZ_DAEMON_H
#define SABUS_XL2TPD_FUZZ_DAEMON_H

#include <arpa/inet.h>
#include <sys/time.h>
#include <termios.h>

#include <l2tp.h>
#include <xl2tpd-plugin.h>

int xl2tpd_main(int argc, char **argv);

extern struct addr_ent *uaddr[ADDR_HASH_SIZE];

/* The n-th tunnel of the list, 0: none.  n is taken modulo what there is. */
struct tunnel *pick_tunnel(unsigned int n);
struct call *pick_call(const struct tunnel *t, unsigned int n);

/* check.c: aborts when the daemon's lists contradict each other. */
void check_state(void);
/* An empty message is all that this tunnel gets until then; NULL: it is not all. */
void check_expect_empty(const struct tunnel *t);
/* Everything is closed: aborts when anything is left. */
void check_end(void);
/* Blocks of memory that belong to the configuration now. */
size_t check_config_blocks(void);
/* Notes what a running daemon without tunnels holds. */
void check_baseline(void);

/* plugin.c: the test plugin. */
struct plugin_order {
	uint8_t action, tunnel, call, arg;
};
void plugin_reset(void);
void plugin_order(struct plugin_order o);
void plugin_verdict(uint8_t hook, uint8_t verdict, uint8_t action);
void plugin_quiet(void);
void plugin_check_end(void);

/* peer.c: makes datagrams of the peer and puts them into the queue. */
struct peer_message {
	uint8_t tunnel, call, flags, peer;
	const uint8_t *body;
	size_t len;
};
enum { PEER_GONE = 0xff }; /* as call: one that is not there */
enum {
	PEER_NO_ACK = 0x01,   /* Nr as in the message before */
	PEER_RESPONSE = 0x02, /* add the right Challenge Response */
	PEER_HIDE = 0x04,     /* hide the AVPs behind the Random Vector */
	PEER_OWN = 0x08,      /* to the tunnel's own socket */
	PEER_AHEAD = 0x10,    /* Ns one too high */
	PEER_AGAIN = 0x20,    /* Ns one too low: a retransmission */
	PEER_SHORT = 0x40,    /* the length field says one less */
	PEER_LONG = 0x80,     /* filled up to the largest datagram */
};
void peer_control(const struct peer_message *m);
void peer_data(const struct peer_message *m);
void peer_raw(const struct peer_message *m);
void peer_error(uint8_t tunnel, uint8_t error);

/* script.c */
void script_begin(const uint8_t *data, size_t len);
/* A configuration alone: leave as soon as the daemon has started. */
void script_begin_config(void);

/* run.c */
void run(const char *config, size_t len, const char *secrets);

#endif
