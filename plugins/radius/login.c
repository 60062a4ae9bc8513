// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * login.c - see login.h.
 *
 * Every authentication on a link asks the server anew: LCP negotiated anew, CHAP repeated (chap-interval).  The session of accounting goes on when it is the same user.
 */
#include <stdio.h>
#include <string.h>
#include "acct.h"
#include "apply.h"
#include "login.h"
#include "radhost.h"
#include "rfc.h"
#include "sabus-attributes.h"

static struct session *the_session;
static struct worker_list the_request, the_reply;

enum method { METHOD_PAP, METHOD_CHAP, METHOD_MSCHAP, METHOD_MSCHAP2, METHOD_EAP };

static const char *const method_name[] = { "pap", "chap-md5", "mschap", "mschap-v2", "eap" };

/* How an authentication ended. */
struct outcome {
	bool ok;
	const char *reason;	/* word; "" with ok */
	char text[512];		/* for the log, and with peer_may_know for the peer */
	bool peer_may_know;	/* it is about policy, not about names and passwords */
	enum sabus_reason code; /* SABUS_R_OK_CLEAR when it is not one of sabus' */
};

/* ---- asking ---- */

static void refuse(struct outcome *o, enum sabus_reason r, const char *text)
{
	o->ok = false;
	o->code = r;
	o->reason = sabus_reason_word(r);
	snprintf(o->text, sizeof(o->text), "%s%s%s", sabus_reason_text(r), *text ? ": " : "", text);
}

static void begin(const char *user, uint32_t service)
{
	worker_list_init(&the_request);
	the_session->down = false; /* LCP is up: the server decides by what is below the link now */
	if (the_session->state == SESSION_NONE || the_session->state == SESSION_STOPPED)
		session_port(the_session);
	session_put(the_session, &the_request, user, service);
	/* lets the server join this request with the session's accounting, when CHAP is repeated */
	if (the_session->acct_id[0] && the_session->state != SESSION_STOPPED)
		worker_put_text(&the_request, 0, RA_ACCT_SESSION_ID, the_session->acct_id);
}

/* Is what the server grants what PPP is? */
static bool service_fits(const struct reading *r, struct outcome *o)
{
	if ((r->has & READING_SERVICE) && r->service != RV_SERVICE_FRAMED && r->service != RV_SERVICE_AUTHORIZE_ONLY) {
		refuse(o, SABUS_R_RADIUS_REPLY, "Service-Type is not Framed-User");
		return false;
	}
	if ((r->has & READING_PROTOCOL) && r->protocol != RV_FRAMED_PPP) {
		refuse(o, SABUS_R_RADIUS_REPLY, "Framed-Protocol is not PPP");
		return false;
	}
	return true;
}

static bool sabus_agrees(struct session *s, const struct reading *r, struct outcome *o)
{
	enum sabus_reason why = SABUS_R_INTERNAL;

	if (!s->api && r->ours) {
		refuse(o, SABUS_R_RADIUS_NO_SABUS, sabus_reason_remedy(SABUS_R_RADIUS_NO_SABUS));
		return false;
	}
	if (!s->api || !s->api->authorize(&r->policy, &why))
		return true;
	refuse(o, why, sabus_reason_remedy(why));
	o->peer_may_know = true;
	return false;
}

/* Another user on the same link: the session before is over. */
static void begin_session(struct session *s, const char *name)
{
	if (s->state != SESSION_NONE && s->state != SESSION_STOPPED && strcmp(s->name, name) != 0) {
		say_limited("sabus-radius", LOG_NOTICE, "user-changed user=\"%s\" text=\"another user on the same link, before '%s'\"",
			    name, s->name);
		acct_stop(s, EXIT_OK);
	}
	snprintf(s->name, sizeof(s->name), "%s", name);
}

/* The server counts this user from its Accept on, whatever is wrong with it: there will be a Stop. */
static void enter_session(struct session *s, const char *name, enum method m, const struct reading *r)
{
	begin_session(s, name);
	s->reading = *r;
	explicit_bzero(s->reading.send_key, sizeof(s->reading.send_key));
	explicit_bzero(s->reading.recv_key, sizeof(s->reading.recv_key));
	explicit_bzero(s->reading.nt_hash_hash, sizeof(s->reading.nt_hash_hash));
	snprintf(s->user, sizeof(s->user), "%s", r->user[0] ? r->user : name);
	s->eap = m == METHOD_EAP;
	s->refused = false;
	acct_accepted(s);
}

/* In all that can be wrong with an Accept. */
static void judge_accept(struct session *s, const char *name, enum method m, struct reading *r, struct outcome *o)
{
	char why[160] = "";
	int err = reading_parse(&the_reply, r, why, sizeof(why));

	if (!err)
		err = apply_possible(s, r, why, sizeof(why));
	enter_session(s, name, m, r);
	if (err) {
		refuse(o, SABUS_R_RADIUS_REPLY, why);
		return;
	}
	if (m == METHOD_MSCHAP2 && !r->ms_success[0]) {
		refuse(o, SABUS_R_RADIUS_REPLY, "no MS-CHAP2-Success: the server has not proved that it knows the password");
		return;
	}
	if (!service_fits(r, o) || !sabus_agrees(s, r, o))
		return;
	apply_reading(s);
	o->ok = true;
}

static void judge(struct session *s, enum worker_result result, const char *name, enum method m, const char *text, struct reading *r,
		  struct outcome *o)
{
	char why[160];

	switch (result) {
	case WORKER_OK: judge_accept(s, name, m, r, o); break;
	case WORKER_REJECT:
		o->reason = "radius-reject";
		if (reading_parse(&the_reply, r, why, sizeof(why)))
			memset(r, 0, sizeof(*r));
		snprintf(o->text, sizeof(o->text), "%s", r->message[0] ? r->message : "the server refused");
		break;
	case WORKER_DOWN: refuse(o, SABUS_R_RADIUS_DOWN, text); break;
	case WORKER_BAD:
	case WORKER_CONFIG:
	default: refuse(o, SABUS_R_RADIUS_REPLY, text); break;
	}
}

static void log_outcome(const char *name, enum method m, const struct outcome *o, uint32_t ms)
{
	struct worker_attr a;
	char server[128] = "";

	if (worker_find(&the_reply, WORKER_PRIVATE, WORKER_SERVER, &a))
		worker_text(&a, server, sizeof(server));
	if (o->ok)
		say_limited("sabus-radius", LOG_NOTICE, "auth result=accept method=%s server=%s ms=%u user=\"%s\"", method_name[m], server,
			    ms, name);
	else
		say_limited("sabus-radius", LOG_ERR, "auth result=refuse reason=%s method=%s server=%s ms=%u user=\"%s\" text=\"%s\"",
			    o->reason, method_name[m], server, ms, name, o->text);
}

/* the_request goes out; r and *o say what came. */
static void ask(struct session *s, const char *name, enum method m, struct reading *r, struct outcome *o)
{
	char text[400] = "";
	enum worker_result result = WORKER_DOWN;
	uint32_t ms = 0;
	int err;

	memset(o, 0, sizeof(*o));
	memset(r, 0, sizeof(*r));
	o->reason = "";
	o->code = SABUS_R_OK_CLEAR;
	worker_list_init(&the_reply);
	err = process_start(&s->process, s->set);
	if (err)
		snprintf(text, sizeof(text), "%.200s cannot be started: %s", s->set->client, strerror(-err));
	else
		result = process_auth(&s->process, &the_request, s->set->timeout * 1000, &the_reply, &ms, text, sizeof(text));
	judge(s, result, name, m, text, r, o);
	log_outcome(name, m, o, ms);
	explicit_bzero(&the_request, sizeof(the_request));
	explicit_bzero(&the_reply, sizeof(the_reply));
}

/* A refusal after the Accept is sabus' own, and accounting's Stop says so. */
static void remember_refusal(struct session *s, const struct outcome *o)
{
	if (o->ok)
		return;
	s->refused = true;
	if (o->code != SABUS_R_OK_CLEAR)
		s->reason = o->code;
}

/* ---- PAP ---- */

static int always(void)
{
	return 1;
}

static int pap_auth(char *user, char *password, char **message, struct wordlist **addrs, struct wordlist **opts)
{
	static char text[READING_TEXT];
	static struct reading reading;
	struct outcome o;

	(void)addrs;
	(void)opts;
	begin(user, RV_SERVICE_FRAMED);
	worker_put_text(&the_request, 0, RA_USER_PASSWORD, password);
	ask(the_session, user, METHOD_PAP, &reading, &o);
	remember_refusal(the_session, &o);
	if (o.ok)
		apply_keys(&reading, NULL);
	snprintf(text, sizeof(text), "%.250s", reading.message[0] ? reading.message : o.peer_may_know ? o.text : "");
	*message = text;
	explicit_bzero(&reading, sizeof(reading));
	return o.ok;
}

/* ---- CHAP ---- */

/* challenge and response: a length, then the octets */
static bool put_md5(int id, const unsigned char *challenge, const unsigned char *response)
{
	unsigned char b[17];

	if (response[0] != 16)
		return false;
	b[0] = (unsigned char)id;
	memcpy(b + 1, response + 1, 16);
	worker_put(&the_request, 0, RA_CHAP_CHALLENGE, challenge + 1, challenge[0]);
	worker_put(&the_request, 0, RA_CHAP_PASSWORD, b, sizeof(b));
	return true;
}

/* RADIUS has identifier and flags before what PPP has before its flags (RFC 2548 sections 2.1.3 and 2.3.2; RFC 2433, RFC 2759). */
static bool put_ms(uint16_t number, int id, const unsigned char *challenge, const unsigned char *response)
{
	unsigned char b[50];

	if (response[0] != 49)
		return false;
	b[0] = (unsigned char)id;
	b[1] = response[49];
	memcpy(b + 2, response + 1, 48);
	worker_put(&the_request, RA_MICROSOFT, RA_MS_CHAP_CHALLENGE, challenge + 1, challenge[0]);
	worker_put(&the_request, RA_MICROSOFT, number, b, sizeof(b));
	return true;
}

static bool put_response(int code, int id, const unsigned char *challenge, const unsigned char *response, enum method *m)
{
	switch (code) {
	case CHAP_MD5: *m = METHOD_CHAP; return put_md5(id, challenge, response);
	case CHAP_MICROSOFT: *m = METHOD_MSCHAP; return put_ms(RA_MS_CHAP_RESPONSE, id, challenge, response);
	case CHAP_MICROSOFT_V2: *m = METHOD_MSCHAP2; return put_ms(RA_MS_CHAP2_RESPONSE, id, challenge, response);
	default: return false;
	}
}

/* RFC 2433 section 6, RFC 2759 section 6: E=691 authentication failed, 649 no permission to dial in; R=0: no second try on this link. */
static void failure_text(enum method m, const struct reading *r, const struct outcome *o, const unsigned char *challenge, char *out,
			 size_t size)
{
	char hex[2 * 16 + 1] = "";
	const char *text = r->message[0] ? r->message : o->peer_may_know ? o->text : "Access denied";

	if (m == METHOD_CHAP) {
		snprintf(out, size, "%s", text);
		return;
	}
	if (r->ms_error[0]) {
		const char *again = strstr(r->ms_error, " R=1"); /* pppd ends the link: there is no second try */

		snprintf(out, size, "%.*s%s%s", again ? (int)(again - r->ms_error) : 250, r->ms_error, again ? " R=0" : "",
			 again ? again + 4 : "");
		return;
	}
	for (int i = 0; i < challenge[0] && i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02X", challenge[1 + i]);
	snprintf(out, size, "E=%d R=0 C=%s V=%d M=%s", o->peer_may_know ? 649 : 691, hex, m == METHOD_MSCHAP2 ? 3 : 2, text);
}

static void success_text(enum method m, const struct reading *r, char *out, size_t size)
{
	if (m == METHOD_MSCHAP2 && r->message[0] && !strstr(r->ms_success, " M="))
		snprintf(out, size, "%s M=%s", r->ms_success, r->message);
	else
		snprintf(out, size, "%s", m == METHOD_MSCHAP2 ? r->ms_success : r->message[0] ? r->message : "Access granted");
}

static int chap_verify(char *name, char *ourname, int id, struct chap_digest_type *digest, unsigned char *challenge,
		       unsigned char *response, char *message, int space)
{
	static struct reading reading;
	struct outcome o;
	enum method m;

	(void)ourname;
	message[0] = '\0';
	begin(name, RV_SERVICE_FRAMED);
	if (!put_response(digest->code, id, challenge, response, &m)) {
		say_limited("sabus-radius", LOG_ERR, "auth result=refuse reason=bad-response digest=%d octets=%d user=\"%s\"", digest->code,
			    response[0], name);
		explicit_bzero(&the_request, sizeof(the_request));
		return 0;
	}
	ask(the_session, name, m, &reading, &o);
	remember_refusal(the_session, &o);
	if (o.ok) {
		apply_keys(&reading, m == METHOD_MSCHAP ? challenge + 1 : NULL);
		success_text(m, &reading, message, (size_t)space);
	} else {
		failure_text(m, &reading, &o, challenge, message, (size_t)space);
	}
	explicit_bzero(&reading, sizeof(reading));
	return o.ok;
}

void login_hook(struct session *s)
{
	the_session = s;
	pap_check_hook = always;
	pap_auth_hook = pap_auth;
	chap_check_hook = always;
	chap_verify_hook = chap_verify;
}

bool login_hooked(void)
{
	return pap_auth_hook == pap_auth && chap_verify_hook == chap_verify;
}

/* ---- EAP ---- */

void login_eap(struct session *s)
{
	static struct reading reading;
	char name[MAXNAMELEN + 1] = "";
	struct outcome o;

	if (!(auth_done[0] & AUTH_DONE_EAP_PEER))
		return;
	ppp_peer_authname(name, sizeof(name));
	begin(name, RV_SERVICE_AUTHORIZE_ONLY);
	ask(s, name, METHOD_EAP, &reading, &o);
	explicit_bzero(&reading, sizeof(reading));
	if (o.ok)
		return;
	session_close(s, o.code != SABUS_R_OK_CLEAR ? o.code : SABUS_R_COUNT,
		      o.code != SABUS_R_OK_CLEAR ? sabus_reason_exit(o.code) : EXIT_PEER_AUTH_FAILED,
		      o.peer_may_know ? o.text : "Access denied");
}
