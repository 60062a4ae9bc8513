// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exchange.c - see exchange.h.
 *
 * radcli's part: files of configuration and secrets, addresses, sockets, TLS, hiding of User-Password, identifiers, sending again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"
#include "exchange.h"
#include "packet.h"
#include "pairs.h"
#include "secret.h"
#include "setup.h"
#include "wire.h"

enum worker_result exchange_open(const struct worker_list *config, struct exchange **out, char *text, size_t size)
{
	struct exchange *x = calloc(1, sizeof(*x));
	enum worker_result r;

	*out = NULL;
	text[0] = '\0';
	if (!x) {
		snprintf(text, size, "out of memory");
		return WORKER_CONFIG;
	}
	x->config = *config;
	r = setup_open(x, now_ms() + 5000, text, size);
	if (r == WORKER_CONFIG)
		exchange_close(x);
	else
		*out = x;
	return r;
}

void exchange_close(struct exchange *x)
{
	if (!x)
		return;
	setup_forget(x);
	free(x);
}

/* ---- one server ---- */

static void set_number(rc_handle *rh, const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	rc_add_config(rh, name, text, "sabus-radius-client", 0);
}

static bool find_secret(struct exchange *x, const SERVER *s, unsigned int i, rc_type type, char secret[MAX_SECRET_LENGTH + 1])
{
	struct addrinfo *info = NULL;

	memset(secret, 0, MAX_SECRET_LENGTH + 1);
	if (x->tls) {
		strcpy(secret, rc_get_socket_type(x->rh) == RC_SOCKET_DTLS ? "radius/dtls"
									   : "radsec"); /* RFC 7360 section 2.1, RFC 6614 section 2.3 */
		return true;
	}
	if (rc_find_server_addr(x->rh, s->name[i], &info, secret, type))
		return false;
	freeaddrinfo(info);
	return true;
}

struct attempt {
	rc_standard_codes code;
	int ms; /* one transmission */
	int retries;
	int64_t deadline;
};

/* "no Message-Authenticator: 2, malformed: 1" */
static void describe_dropped(const struct wire_end *end, char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	for (int v = PACKET_OTHER; v < PACKET_VERDICTS && n < size; v++)
		if (end->dropped[v])
			n += (size_t)snprintf(text + n, size - n, "%s%s: %u", n ? ", " : "", packet_verdict_text((enum packet_verdict)v),
					      end->dropped[v]);
}

static enum worker_result judge(const struct wire_end *end, const struct worker_list *raw, const char *secret, struct worker_list *reply,
				char *text, size_t size)
{
	const char *bad = "";

	if (end->error == -EMSGSIZE) {
		snprintf(text, size, "the request is longer than a RADIUS packet can be");
		return WORKER_BAD;
	}
	if (!end->answered) {
		describe_dropped(end, text, size);
		return WORKER_DOWN;
	}
	if (end->error) {
		snprintf(text, size, "its vendor-specific attributes are malformed");
		return WORKER_BAD;
	}
	if (end->code == RC_ACCESS_CHALLENGE) {
		snprintf(text, size, "it is an Access-Challenge, which PPP's protocols have no place for");
		return WORKER_BAD;
	}
	if (secret_reveal(raw, secret, end->request.authenticator, reply, &bad)) {
		snprintf(text, size, "%s cannot be decrypted", bad);
		return WORKER_BAD;
	}
	return end->code == RC_ACCESS_REJECT ? WORKER_REJECT : WORKER_OK;
}

/* The interposition must have been in effect: see wire.h. */
static enum worker_result ask_server(struct exchange *x, SERVER *servers, unsigned int i, VALUE_PAIR *pairs, const struct attempt *how,
				     struct worker_list *reply, char *text, size_t size)
{
	SERVER one = { .max = 1, .name = { servers->name[i] }, .port = { servers->port[i] } };
	rc_type type = how->code == PW_ACCOUNTING_REQUEST && !x->tls ? ACCT : AUTH;
	VALUE_PAIR *received = NULL;
	char secret[MAX_SECRET_LENGTH + 1];
	static struct worker_list raw;
	struct wire_end end;
	enum worker_result r;
	int rc;

	if (!find_secret(x, servers, i, type, secret)) {
		snprintf(text, size, "its address or secret is not known (see 'servers' of radius-config-file)");
		return WORKER_DOWN;
	}
	one.secret[0] = secret;
	set_number(x->rh, "radius_timeout", (how->ms + 999) / 1000);
	set_number(x->rh, "radius_retries", how->retries);
	wire_begin(secret, x->tls, how->ms, how->deadline, &raw);
	rc = rc_aaa_ctx_server(x->rh, NULL, &one, type, 0, pairs, &received, NULL, 0, how->code);
	wire_end(&end);
	if (received)
		rc_avpair_free(received);
	if ((rc == OK_RC || rc == REJECT_RC || rc == CHALLENGE_RC) && !end.answered) {
		snprintf(text, size, "radcli does not go through this program's sockets: its answers cannot be verified");
		r = WORKER_BAD;
	} else {
		r = judge(&end, &raw, secret, reply, text, size);
	}
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(&raw, sizeof(raw));
	return r;
}

static int at_most(int64_t a, int64_t b)
{
	int64_t n = a < b ? a : b;

	return n < 1 ? 1 : (int)n;
}

/* The time that is left is shared among the servers that are left; within its share a server is asked as often as radius_retries says, or as it fits. */
static struct attempt plan(const struct exchange *x, int64_t deadline, unsigned int servers_left)
{
	int64_t share = (deadline - now_ms()) / servers_left;
	struct attempt a = { .code = PW_ACCESS_REQUEST, .retries = x->retries };

	/* radcli waits whole seconds */
	a.ms = at_most((int64_t)x->timeout, share / (x->retries + 1) / 1000) * 1000;
	if (a.ms * (int64_t)(a.retries + 1) > share)
		a.retries = (int)(share / a.ms > 0 ? share / a.ms - 1 : 0);
	a.deadline = now_ms() + share;
	return a;
}

static void note(struct worker_list *reply, const char *server, const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "server %.100s: %.300s", server, *text ? text : "no answer");
	worker_put_text(reply, WORKER_PRIVATE, WORKER_TEXT, line);
}

static void forget_broken(struct exchange *x, enum worker_result r)
{
	if (x->tls && r == WORKER_DOWN)
		setup_forget(
			x); /* a server that closed an idle connection, or was restarted: radcli would wait 2 minutes before it connects again */
}

static enum worker_result ask_all(struct exchange *x, const struct worker_list *request, int64_t deadline, struct worker_list *reply,
				  bool *dropped)
{
	SERVER *servers = rc_conf_srv(x->rh, "authserver");
	enum worker_result r = WORKER_DOWN;
	unsigned int n = (unsigned int)servers->max;

	for (unsigned int i = 0; i < n && r == WORKER_DOWN && now_ms() < deadline; i++) {
		struct attempt how = plan(x, deadline, n - i);
		char text[320] = "";
		VALUE_PAIR *pairs = pairs_make(x, request, text, sizeof(text));

		r = pairs ? ask_server(x, servers, i, pairs, &how, reply, text, sizeof(text)) : WORKER_BAD;
		if (pairs)
			rc_avpair_free(pairs);
		*dropped = *dropped || (r == WORKER_DOWN && *text);
		if (r == WORKER_OK || r == WORKER_REJECT)
			worker_put_text(reply, WORKER_PRIVATE, WORKER_SERVER, servers->name[i]);
		else
			note(reply, servers->name[i], text);
	}
	return r;
}

enum worker_result exchange_auth(struct exchange *x, const struct worker_list *request, int64_t deadline, struct worker_list *reply)
{
	enum worker_result r = WORKER_DOWN;
	bool dropped = false;
	char text[320] = "";

	worker_list_init(reply);
	/* twice with TLS: an idle connection may have been closed meanwhile */
	for (int turn = 0; turn < (x->tls ? 2 : 1) && r == WORKER_DOWN && now_ms() < deadline; turn++) {
		if (!x->rh && setup_open(x, deadline, text, sizeof(text)) != WORKER_OK) {
			note(reply, "(TLS)", text);
			break;
		}
		worker_list_init(reply);
		r = ask_all(x, request, deadline, reply, &dropped);
		forget_broken(x, r);
	}
	return r == WORKER_DOWN && dropped ? WORKER_BAD : r;
}

/* ---- accounting ---- */

static SERVER *acct_servers(const struct exchange *x)
{
	SERVER *s = rc_conf_srv(x->rh, x->tls ? "authserver" : "acctserver");

	return s && s->max ? s : NULL;
}

int exchange_acct_servers(const struct exchange *x)
{
	SERVER *s = x->rh ? acct_servers(x) : NULL;

	return s ? s->max : 0;
}

enum worker_result exchange_acct(struct exchange *x, const struct worker_list *request, uint32_t delay, int max_ms,
				 struct worker_list *reply)
{
	struct attempt how = { .code = PW_ACCOUNTING_REQUEST };
	static struct worker_list full;
	char text[320] = "";
	VALUE_PAIR *pairs;
	SERVER *servers;
	enum worker_result r;
	unsigned int i;

	worker_list_init(reply);
	how.deadline = now_ms() + max_ms;
	if (!x->rh && setup_open(x, how.deadline, text, sizeof(text)) != WORKER_OK) {
		note(reply, "(TLS)", text);
		return WORKER_DOWN;
	}
	servers = acct_servers(x);
	if (!servers) {
		note(reply, "(none)", "no acctserver in radius-config-file");
		return WORKER_BAD;
	}
	i = x->next % (unsigned int)servers->max;
	full = *request;
	worker_put_u32(&full, 0, RA_ACCT_DELAY_TIME, delay);
	pairs = full.overflow ? NULL : pairs_make(x, &full, text, sizeof(text));
	if (!pairs) {
		note(reply, servers->name[i], text);
		return WORKER_BAD;
	}
	/* sent again it is the same packet, so that a server that is only slow has to keep it once, and its answer is one to any of them */
	how.ms = at_most((int64_t)x->timeout * 1000, max_ms);
	how.retries = max_ms / how.ms - 1 < x->retries ? max_ms / how.ms - 1 : x->retries;
	r = ask_server(x, servers, i, pairs, &how, reply, text, sizeof(text));
	rc_avpair_free(pairs);
	if (r == WORKER_OK) {
		worker_put_text(reply, WORKER_PRIVATE, WORKER_SERVER, servers->name[i]);
		return r;
	}
	x->next++;
	note(reply, servers->name[i], text);
	forget_broken(x, r);
	return r == WORKER_REJECT ? WORKER_BAD : r;
}
