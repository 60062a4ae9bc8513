/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stub.h - an xl2tpd, a kernel and a libsabus made of cardboard, around the plugin's own objects.
 *
 * Time is virtual: only stub_run() advances it, so that no test depends on the machine's speed.
 */
#ifndef SABUS_TEST_XL2TPD_STUB_H
#define SABUS_TEST_XL2TPD_STUB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../plugins/xl2tpd/xl2tpd-plugin.h"
#include "guard.h"
#include "sabus.h"

extern const struct xl2tpd_plugin xl2tpd_plugin;

/* ---- xl2tpd ---- */
enum { NOT_DECIDED, ACCEPTED, REFUSED };
struct stub_tunnel {
	struct xl2tpd_tunnel_info info;
	int decided;
	struct xl2tpd_cause refusal;
	bool closed;
	unsigned int close_flags;
	struct xl2tpd_cause close_cause;
	bool marked;
	uint32_t mark;
};
struct stub_host {
	char log[256 * 1024];	/* each line ends with \n */
	struct stub_tunnel tunnels[128];	/* by tunnel id */
	char words[32][120];	/* of pppd's command line */
	size_t n_words;
	size_t words_max;
	int mark_error;		/* what set_mark() says, 0 or -errno */
	int timer_error;
	char error[256];	/* of open(), option(), start() */
};
extern struct stub_host host;

int stub_setup(void **state);	/* open(), defaults; not started */
int stub_teardown(void **state); /* close(); nothing may be left over */
int stub_option(const char *section, const char *key, const char *value); /* section: NULL, "lns NAME" or "lac NAME" */
int stub_start(void);
void stub_run(int ms);
int64_t stub_now(void);
unsigned int stub_timers(void);
bool stub_logged(const char *text);
int stub_count(const char *text); /* lines with text */

/* A peer's SCCRQ (10.9.0.2:1701 or what was set in info before), or with lac ours; returns what the hook answers. */
struct stub_tunnel *stub_info(uint16_t tid);
int stub_request(uint16_t tid, struct xl2tpd_cause *cause);
void stub_up(uint16_t tid);
void stub_down(uint16_t tid);
int stub_call_request(uint16_t tid, uint16_t cid);
int stub_call_start(uint16_t tid, uint16_t cid);
void stub_call_down(uint16_t tid, uint16_t cid);
bool stub_word(const char *word, const char *value); /* in pppd's command line; value NULL: alone */
void stub_tunnel_up(uint16_t tid); /* asked, accepted, up: asserts it */

/* ---- kernel ---- */
struct stub_kernel {
	int fence_error, guard_error, policy_error;
	bool fence, guard;
	struct guard_config guard_config;
	int held;		/* what kernelsa_held() says */
	unsigned int asked;
	unsigned int demands;	/* inbound policies that demand ESP */
	uint8_t demand_mode;
	uint32_t sock_mark;
	unsigned int bypassed;	/* sockets taken out of IPsec, outbound */
};
extern struct stub_kernel kernel;

/* ---- the bus ---- */
struct stub_bus {
	int open_errno, send_errno;	/* positive: the calls fail with it */
	bool mute;			/* says nothing at all: a stopped sabusd */
	bool broken;			/* the connection ends */
	bool unknown, truncated;	/* how lookups are answered */
	struct sabus_sa sas[24];	/* the table */
	size_t n_sas;
	/* what was seen */
	unsigned int opened, lookups, watches, tunnel_puts, tunnel_dels, call_puts, call_dels, deletes, initiates;
	struct sabus_tunnel_info tunnel; /* the last one put */
	struct sabus_call_info call;
	uint32_t deleted;		/* the last SA that was asked to be deleted */
	uint32_t delete_seq, initiate_seq;
	struct sabus_flow flow;		/* of the last initiate */
	char connection[128];
};
extern struct stub_bus bus;
void stub_put(const struct sabus_sa *sa);		 /* into the table, and told */
void stub_del(uint32_t id, enum sabus_cause cause);	 /* out of it, and told */
void stub_drop(uint32_t id);				 /* out of it, silently */
void stub_event(enum sabus_event_type type);
void stub_result(uint32_t seq, int error, const char *text);
bool stub_bus_readable(void);
bool stub_bus_open(void);

/* AES-GCM-16-256, transport, 10.9.0.1 <-> 10.9.0.2, reqid and SPIs by id, identity "client.example". */
struct sabus_sa stub_sa(uint32_t id);
void stub_sa_mark(struct sabus_sa *sa, uint32_t mark);

#endif
