/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stub.h - a pppd, a kernel and a libsabus made of cardboard, around the real sabus.so (the same objects, linked without libsabus).
 *
 * The test program defines the symbols that sabus.so takes from its surroundings (pppd's exports, socket calls, libmnl's socket calls,
 * libsabus' calls); the dynamic linker prefers a program's own definitions.  Time is virtual: only stub_run() and a waiting plugin
 * advance it, so that no test depends on the machine's speed.  Each test loads the object anew and so starts with fresh static data.
 */
#ifndef SABUS_TEST_PPPD_STUB_H
#define SABUS_TEST_PPPD_STUB_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/filter.h>
#include "../../plugins/pppd/host.h"
#include "../../plugins/pppd/sabus-link.h"
#include "sabus.h"

/* ---- pppd ---- */
struct stub_host {
	char log[64 * 1024];	/* every line of notice(), warn(), error(), option errors; each ends with \n */
	int status;		/* ppp_set_status() */
	int closed;		/* calls of lcp_close() */
	char close_reason[256];	/* of the first */
	int protrej;		/* calls of lcp_sprotrej() */
	int protrej_len;
	unsigned int protrej_proto;
	int mtu;		/* of the interface */
	int unit;		/* -1: no interface yet */
	bool keys;		/* mppe_keys_isset() */
	const char *user;	/* whom the peer authenticates itself as; NULL: it does not (noauth) */
	int networks_opened;	/* times that CCP opened the network protocols */
	int code;		/* what the last CCP request was answered with */
	unsigned char answer[64];
	int answer_len;
	int connects;		/* calls of the channel's own connect() */
	int sigterm;
	bool no_filters;	/* the kernel has no PPP filters */
	int filters_set;	/* times that the kernel got one */
	unsigned int filter_len;	/* what it has now */
	struct sock_filter filter[64];
	int np_ip, np_ipv6;	/* what the kernel does with network packets: enum NPmode, -1 = was never told */
	char avpairs[32][160];	/* options given by options_from_list() */
	int n_avpairs;
	char remote_number[64];
	int ccp_opens;		/* calls of ccp_protent.open */
};
extern struct stub_host host;

void stub_phase(int phase);
void stub_exit(int status);
void stub_network_up(void);	/* IPCP is up: NF_IP_UP; the peer has 10.8.0.2 */
void stub_run(int ms);	/* main loop for that long: timers, descriptor callbacks */
int64_t stub_now(void);	/* virtual milliseconds */
void stub_sleep(int ms);
bool stub_timers_left(void);
void stub_load_again(void);	/* `plugin sabus.so` a second time */
/* An option by name; returns what pppd's option parser would: 1 fine, 0 refused. */
int stub_option(const char *name, const char *value);
bool stub_logged(const char *text);
void stub_forget_log(void);
int stub_count(const char *text);	/* lines of the log with text */

/* A CCP packet from the peer, through ccp_protent.input; the answer is in host.code, host.answer. */
void stub_ccp_request(const unsigned char *options, int len);
/* The peer acknowledges our request / rejects / naks it. */
void stub_ccp_ack(void);
void stub_ccp_reject(const unsigned char *options, int len);
void stub_ccp_nak(const unsigned char *options, int len);
void stub_ccp_down(void);
void stub_lcp_up(int peer_mru);	/* 0: the peer names none */

/* ---- radius.so: only in the program that has stub_radius.c ---- */
struct stub_radius_pair {
	char name[33];
	int attribute, vendor, type;
	unsigned int number;
	unsigned char text[254];
	struct stub_radius_pair *next;
};
void stub_radius_reset(void);
void stub_radius_add(int vendor, int attribute, uint32_t number);	/* to the next reply */
void stub_radius_add_text(int vendor, int attribute, const char *text, int len);
/* An authentication: hooks as radius_chap_verify() calls them.  true: the reply was handed to us. */
bool stub_radius_chap(void);
void stub_radius_other_layout(int how);	/* another radius.so: 1 name longer, 2 no chain, 3 other state, 4 fewer bytes */

/* ---- kernel ---- */
struct stub_kernel {
	bool pppox;		/* fd 100 is a PPPoL2TP socket */
	bool ipv6;
	bool udp_hidden;	/* pidfd_getfd() fails */
	bool udp_other;		/* ... gives somebody else's socket */
	int policy_errno;	/* setsockopt(IP_XFRM_POLICY) on the tunnel's socket fails */
	int mtu;		/* of the route, 0: no route */
	unsigned int file_uid;	/* owner of every file */
	int held;		/* SAs in the SAD: 1, 0, or -errno */
	/* what was done */
	unsigned int policies_in, policies_out;
	uint32_t reqid_in;
	uint8_t mode_in;
	uint32_t fence;		/* mark of the policy that blocks */
	int fence_error;	/* what the kernel says to it, 0 or -errno */
	uint32_t mark;
	unsigned int asked;	/* for the SAD */
	bool bypassed;		/* the scratch socket was taken out of IPsec before its MTU was asked */
};
extern struct stub_kernel kernel;
#define STUB_FD 100

/* ---- the bus ---- */
struct stub_bus {
	int open_errno;		/* sabus_open() fails */
	int lookup_errno;	/* sabus_lookup() fails; ETIMEDOUT takes its time */
	enum sabus_answer answer;
	bool truncated;
	struct sabus_sa sas[16];
	size_t n_sas;
	int silent_from;	/* virtual ms from which on sabusd does not answer a sabus_lookup() (0: never) */
	int change_at;		/* virtual ms at which the answer becomes `later` (0: never) */
	enum sabus_answer later;
	struct sabus_sa later_sa;
	bool mute;		/* questions are not answered */
	bool broken;		/* the connection ends */
	/* what was seen */
	unsigned int opened, lookups, watches, puts;
	struct sabus_flow flow;		/* of the last question */
	struct sabus_session session;	/* the last one */
	char path[128];
	unsigned int results;		/* answers to requests */
	uint32_t result_seq;		/* of the last one */
	int result;			/* its errno */
	char result_text[256];
};
extern struct stub_bus bus;
void stub_event_put(const struct sabus_sa *sa);
void stub_event_del(uint32_t id, enum sabus_cause cause);
void stub_event(enum sabus_event_type type);
void stub_request(uint32_t seq, enum sabus_op op, const struct sabus_reply *reply, const char *why);	/* reply NULL: none */
/* What sabus.so exports (sabus-link.h). */
const struct sabus_link_api *stub_api(void);
bool stub_bus_open(void);
bool stub_bus_readable(void);

/* ---- the usual ---- */
struct sabus_sa stub_sa(uint32_t id);	/* AES-GCM-16-256, transport, 10.9.0.1 <-> 10.9.0.2, reqid 7, SPIs c0ffee01/c0ffee02 */
void stub_sa_null(struct sabus_sa *sa);	/* ESP-NULL with SHA2-256 */
int stub_setup(void **state);
int stub_teardown(void **state);
int stub_dial(void);			/* SERIALCONN and connect(): the descriptor, or -1 */
void stub_link_up(void);		/* ... to PHASE_NETWORK with stub_sa(3) in the table; asserts success */
void stub_to_network(void);		/* from ESTABLISH to NETWORK, authentication and CCP's open included */
void stub_authenticate(void);		/* the end of that phase: host.user */

#endif
