// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exchange.c - see exchange.h.
 *
 * radcli's part: files of configuration and secrets, addresses, sockets, TLS, hiding of User-Password, identifiers, sending again.  The attributes' types come from our own
 * dictionary, read after the one of radiusclient.conf, so that the last word on what we send is ours.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <radcli/radcli.h>
#include "base-dictionary.h"
#include "exchange.h"
#include "packet.h"
#include "sabus-attributes.h"
#include "secret.h"
#include "wire.h"

#define PASSWORD_MAX 112 /* radcli hides no more, and would cut it */
#define NAS_ROOM 320	 /* what radcli adds itself: NAS-Identifier, NAS address, NAS-Port, Acct-Delay-Time; and the Message-Authenticator */

struct exchange {
	struct worker_list config;
	rc_handle *rh;			/* NULL: not open, a TLS server was not there */
	VALUE_PAIR *extra;		/* avpair */
	bool tls;
	unsigned int next;		/* accounting server whose turn it is */
	int timeout, retries;		/* radiusclient.conf: seconds, times */
};

/* ---- configuration ---- */

struct scan {
	bool tls;
	char verify[16];	/* tls-verify-hostname */
};

/* Two things of the file that radcli does not tell. */
static int scan_file(const char *path, struct scan *out)
{
	char line[512], name[64], value[64];
	FILE *f = fopen(path, "re");

	memset(out, 0, sizeof(*out));
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %63s", name, value) != 2)
			continue;
		if (!strcmp(name, "serv-type") || !strcmp(name, "serv-auth-type"))
			out->tls = !strcasecmp(value, "tls") || !strcasecmp(value, "dtls");
		if (!strcmp(name, "tls-verify-hostname"))
			snprintf(out->verify, sizeof(out->verify), "%.15s", value);
	}
	fclose(f);
	return 0;
}

static bool add_pairs(struct exchange *x, char *text, size_t size)
{
	struct worker_attr a;
	char pair[512];
	size_t at = 0;

	while (worker_next(&x->config, &at, &a)) {
		if (a.vendor != WORKER_PRIVATE || a.number != WORKER_AVPAIR)
			continue;
		if (rc_avpair_parse(x->rh, worker_text(&a, pair, sizeof(pair)), &x->extra)) {
			snprintf(text, size, "avpair '%.100s' is not an attribute of the dictionary with a value of its type", pair);
			return false;
		}
	}
	return true;
}

static void forget(struct exchange *x)
{
	if (x->extra)
		rc_avpair_free(x->extra);
	x->extra = NULL;
	if (!x->rh)
		return;
	if (rc_tls_fd(x->rh) >= 0)
		close(rc_tls_fd(x->rh)); /* rc_destroy() leaves it open */
	rc_destroy(x->rh);
	x->rh = NULL;
}

static const char dictionary[] = RADIUS_BASE_DICTIONARY SABUS_FLAT_DICTIONARY;

static enum worker_result load(struct exchange *x, char *text, size_t size)
{
	struct worker_attr a;
	struct scan scan;
	char path[512];
	int err;

	if (!worker_find(&x->config, WORKER_PRIVATE, WORKER_CONFIG_FILE, &a)) {
		snprintf(text, size, "no radius-config-file");
		return WORKER_CONFIG;
	}
	worker_text(&a, path, sizeof(path));
	err = scan_file(path, &scan);
	if (err) {
		snprintf(text, size, "radius-config-file %s: %s", path, strerror(-err));
		return WORKER_CONFIG;
	}
	x->tls = scan.tls;
	/* radcli 1.2.11 takes every value but "no" for "do not verify", "true" and "yes" too */
	if (scan.verify[0] && strcasecmp(scan.verify, "false") != 0) {
		snprintf(text, size, "%s: remove 'tls-verify-hostname %s': radcli verifies the name when the option is not there, and not with this value", path,
			 scan.verify);
		return WORKER_CONFIG;
	}
	x->rh = rc_read_config(path);
	if (!x->rh) {
		snprintf(text, size, "%s cannot be used%s: see the messages of sabus-radius-client in the system's log", path,
			 x->tls ? ", or its TLS server cannot be reached" : "");
		return x->tls ? WORKER_DOWN : WORKER_CONFIG;
	}
	if (rc_read_dictionary_from_buffer(x->rh, dictionary, sizeof(dictionary) - 1)) {
		snprintf(text, size, "the built-in dictionary cannot be read");
		return WORKER_CONFIG;
	}
	x->timeout = rc_conf_int(x->rh, "radius_timeout");
	x->retries = rc_conf_int(x->rh, "radius_retries");
	return add_pairs(x, text, size) ? WORKER_OK : WORKER_CONFIG;
}

/* load(), within the wire's deadline where there is a connection to be made */
static enum worker_result open_until(struct exchange *x, int64_t deadline, char *text, size_t size)
{
	struct worker_list none;
	struct wire_end end;
	enum worker_result r;

	/* the handshake's records are not RADIUS: gnutls_record_*() are not called for them */
	wire_begin("", true, 0, deadline, &none);
	r = load(x, text, size);
	wire_end(&end);
	if (r != WORKER_OK)
		forget(x);
	return r;
}

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
	r = open_until(x, wire_now() + 5000, text, size);
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
	forget(x);
	free(x);
}

/* ---- attributes to radcli's pairs ---- */

static bool add_pair(rc_handle *rh, VALUE_PAIR **pairs, const struct worker_attr *a)
{
	DICT_ATTR *d = rc_dict_getattr(rh, (int)((uint32_t)a->number | a->vendor << 16));
	uint32_t v;

	if (!d || a->len > AUTH_STRING_LEN)
		return false;
	if (d->type == PW_TYPE_INTEGER || d->type == PW_TYPE_IPADDR || d->type == PW_TYPE_DATE)
		return !worker_u32(a, &v) && rc_avpair_add(rh, pairs, a->number, &v, 0, (int)a->vendor);
	return rc_avpair_add(rh, pairs, a->number, a->value, a->len, (int)a->vendor);
}

/* User-Name gets the default realm where it has none, as radius.so does it. */
static bool add_user(struct exchange *x, VALUE_PAIR **pairs, const struct worker_attr *a)
{
	const char *realm = rc_conf_str(x->rh, "default_realm");
	char name[AUTH_STRING_LEN + 1];
	struct worker_attr full = *a;
	int n;

	if (!realm || !*realm || memchr(a->value, '@', a->len))
		return add_pair(x->rh, pairs, a);
	n = snprintf(name, sizeof(name), "%.*s@%s", (int)a->len, (const char *)a->value, realm);
	if (n < 0 || (size_t)n >= sizeof(name))
		return false;
	full.value = (const uint8_t *)name;
	full.len = (uint16_t)n;
	return add_pair(x->rh, pairs, &full);
}

static bool add_password(struct exchange *x, VALUE_PAIR **pairs, const struct worker_attr *a)
{
	struct worker_attr empty = { 0, RA_USER_PASSWORD, 1, (const uint8_t *)"" };

	/* an empty one is a block of zeros, not an attribute without a value (RFC 2865 section 5.2: 18 octets at least) */
	return a->len <= PASSWORD_MAX && add_pair(x->rh, pairs, a->len ? a : &empty);
}

static bool add_one(struct exchange *x, VALUE_PAIR **pairs, const struct worker_attr *a)
{
	if (a->vendor == 0 && a->number == RA_USER_NAME)
		return add_user(x, pairs, a);
	if (a->vendor == 0 && a->number == RA_USER_PASSWORD)
		return add_password(x, pairs, a);
	return add_pair(x->rh, pairs, a);
}

static size_t pairs_octets(VALUE_PAIR *vp)
{
	size_t n = 0;

	for (; vp; vp = vp->next)
		n += 2 + (VENDOR(vp->attribute) ? 6u : 0) + (vp->type == PW_TYPE_STRING || vp->type == PW_TYPE_IPV6PREFIX ? vp->lvalue : 16u);
	return n;
}

/* The request as radcli's pairs; NULL: text says why not. */
static VALUE_PAIR *make_pairs(struct exchange *x, const struct worker_list *request, char *text, size_t size)
{
	VALUE_PAIR *pairs = NULL;
	struct worker_attr a;
	size_t at = 0;

	while (worker_next(request, &at, &a)) {
		if (add_one(x, &pairs, &a))
			continue;
		snprintf(text, size, "attribute %u of vendor %u with %u octets cannot be sent", a.number, a.vendor, a.len);
		goto bad;
	}
	if (x->extra)
		rc_avpair_insert(&pairs, NULL, rc_avpair_copy(x->extra));
	if (pairs_octets(pairs) > RADIUS_MAX - RADIUS_HEAD - NAS_ROOM) {
		snprintf(text, size, "the request is longer than a RADIUS packet can be");
		goto bad;
	}
	if (pairs)
		return pairs;
	snprintf(text, size, "the request is empty");
bad:
	if (pairs)
		rc_avpair_free(pairs);
	return NULL;
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
		strcpy(secret, rc_get_socket_type(x->rh) == RC_SOCKET_DTLS ? "radius/dtls" : "radsec"); /* RFC 7360 section 2.1, RFC 6614 section 2.3 */
		return true;
	}
	if (rc_find_server_addr(x->rh, s->name[i], &info, secret, type))
		return false;
	freeaddrinfo(info);
	return true;
}

struct attempt {
	rc_standard_codes code;
	int ms;			/* one transmission */
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
			n += (size_t)snprintf(text + n, size - n, "%s%s: %u", n ? ", " : "", packet_verdict_text((enum packet_verdict)v), end->dropped[v]);
}

static enum worker_result judge(const struct wire_end *end, const struct worker_list *raw, const char *secret, struct worker_list *reply, char *text, size_t size)
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
static enum worker_result ask_server(struct exchange *x, SERVER *servers, unsigned int i, VALUE_PAIR *pairs, const struct attempt *how, struct worker_list *reply,
				     char *text, size_t size)
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
	int64_t share = (deadline - wire_now()) / servers_left;
	struct attempt a = { .code = PW_ACCESS_REQUEST, .retries = x->retries };

	/* radcli waits whole seconds */
	a.ms = at_most((int64_t)x->timeout, share / (x->retries + 1) / 1000) * 1000;
	if (a.ms * (int64_t)(a.retries + 1) > share)
		a.retries = (int)(share / a.ms > 0 ? share / a.ms - 1 : 0);
	a.deadline = wire_now() + share;
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
		forget(x); /* a server that closed an idle connection, or was restarted: radcli would wait 2 minutes before it connects again */
}

static enum worker_result ask_all(struct exchange *x, const struct worker_list *request, int64_t deadline, struct worker_list *reply, bool *dropped)
{
	SERVER *servers = rc_conf_srv(x->rh, "authserver");
	enum worker_result r = WORKER_DOWN;
	unsigned int n = (unsigned int)servers->max;

	for (unsigned int i = 0; i < n && r == WORKER_DOWN && wire_now() < deadline; i++) {
		struct attempt how = plan(x, deadline, n - i);
		char text[320] = "";
		VALUE_PAIR *pairs = make_pairs(x, request, text, sizeof(text));

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
	for (int turn = 0; turn < (x->tls ? 2 : 1) && r == WORKER_DOWN && wire_now() < deadline; turn++) {
		if (!x->rh && open_until(x, deadline, text, sizeof(text)) != WORKER_OK) {
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

enum worker_result exchange_acct(struct exchange *x, const struct worker_list *request, uint32_t delay, int max_ms, struct worker_list *reply)
{
	struct attempt how = { .code = PW_ACCOUNTING_REQUEST };
	static struct worker_list full;
	char text[320] = "";
	VALUE_PAIR *pairs;
	SERVER *servers;
	enum worker_result r;
	unsigned int i;

	worker_list_init(reply);
	how.deadline = wire_now() + max_ms;
	if (!x->rh && open_until(x, how.deadline, text, sizeof(text)) != WORKER_OK) {
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
	pairs = full.overflow ? NULL : make_pairs(x, &full, text, sizeof(text));
	if (!pairs) {
		note(reply, servers->name[i], text);
		return WORKER_BAD;
	}
	how.ms = at_most((int64_t)x->timeout * 1000, max_ms);
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
