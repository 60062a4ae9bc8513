/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stub.h - a pppd, a sabus.so and a helper process made of cardboard, around the real sabus-radius.so (the same objects but process.c).
 *
 * The test program defines what the plugin takes from its surroundings.  Time is virtual: only stub_run() advances it.  Each test loads the object anew.
 */
#ifndef SABUS_TEST_RADIUS_STUB_H
#define SABUS_TEST_RADIUS_STUB_H

#include "../../plugins/radius/radhost.h"
#include "../../plugins/radius/process.h"
#include "../../plugins/radius/rfc.h"
#include "sabus-attributes.h"
#include "sabus-link.h"

#define STUB_SENT 64
#define STUB_ENV  32

struct stub_host {
	char log[64 * 1024];
	int status, closed;
	char close_reason[256];
	int unit, mtu;
	const char *authname; /* ppp_peer_authname() */
	unsigned int octets, octets_dir;
	struct {
		char name[64], value[320];
	} env[STUB_ENV];
	int n_env;
	int programs; /* process_run() */
	int program_status;
	char program[4][256]; /* arguments of the last one */
	uint64_t bytes_in, bytes_out;
	bool no_stats;
	unsigned int idle; /* seconds */
	uint8_t send_key[16], recv_key[16];
	bool keys; /* mppe_set_keys() since mppe_clear_keys() */
	bool v1_keys;
	int enc_types; /* calls of mppe_set_enc_types() */
};
extern struct stub_host host;

/* The helper: what it is asked, what it answers. */
struct stub_helper {
	int start_error;
	enum worker_result result;
	const char *text;
	uint32_t ms;
	struct worker_list reply;
	int asked;
	struct worker_list request; /* of the last process_auth() */
	int n_sent;		    /* accounting */
	struct {
		uint32_t status;
		struct worker_list list;
	} sent[STUB_SENT];
	int kept;
	struct worker_list keep;
	uint32_t keep_seconds;
	bool refuses; /* process_acct() fails */
	bool ended;
};
extern struct stub_helper helper;

/* sabus.so; with STUB_SABUS the plugin finds it */
struct stub_sabus {
	struct sabus_link_facts facts;
	int authorized;		  /* calls */
	struct sabus_reply reply; /* of the last */
	enum sabus_reason deny;	  /* SABUS_R_COUNT: it agrees */
	int closed;
	enum sabus_reason close_reason;
	char close_text[256];
	char user[256], acct_id[64];
	struct sabus_addr addr;
	void (*changed)(void *, unsigned int);
	void *changed_data;
	int (*change)(void *, const struct sabus_reply *, bool, const char **);
	void *change_data;
};
extern struct stub_sabus sabus;

int stub_setup(void **state);
int stub_teardown(void **state);

void stub_phase(int phase);
void stub_notify(ppp_notify_t type);
void stub_run(int seconds); /* time goes by */
int stub_option(const char *name, const char *value);
bool stub_logged(const char *text);
void stub_forget_log(void);
const char *stub_env(const char *name); /* NULL: not set */

/* The link up to authentication; authentication with MS-CHAPv2 that the server accepts; up to IPCP. */
void stub_link(void);
int stub_mschap2(const char *user, char message[256]);
void stub_accept(void); /* the helper's next answer: an Access-Accept with MS-CHAP2-Success and keys */
void stub_ip_up(void);
void stub_up(void); /* all of it */

/* The accounting message number i: a number of it, or a text; fail when it is not there. */
uint32_t stub_sent_u32(int i, uint32_t vendor, uint16_t number);
const char *stub_sent_text(int i, uint32_t vendor, uint16_t number);
bool stub_has(const struct worker_list *l, uint32_t vendor, uint16_t number);
const char *stub_text(const struct worker_list *l, uint32_t vendor, uint16_t number);

#endif
