// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * acct.c - see acct.h.
 *
 * Messages go to the helper and are forgotten here; its ACCT_DONE is logged.  Counters are the interface's totals, which pppd never resets (its own ones start anew with IPCP).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/random.h>
#include <sys/socket.h>
#include "acct.h"
#include "clock.h"
#include "limits.h"
#include "radhost.h"
#include "rfc.h"
#include "sabus-attributes.h"
#include "terminate.h"

#define KEEP_EVERY    10 /* seconds between what the helper is told for the case of pppd's death */
#define INTERIM_LEAST 60 /* RFC 2869 section 5.16 */

static struct session *the_session;
static struct worker_list the_list;

static void keep_tick(void *arg);
static void interim_tick(void *arg);

/* ---- what is in a message ---- */

static void put_counters(struct session *s, struct worker_list *l)
{
	struct pppd_stats now;

	if (!s->down && &get_ppp_stats && ppp_ifunit() >= 0 && get_ppp_stats(ppp_ifunit(), &now))
		s->stats = now; /* else the last ones: the interface may be gone */
	worker_put_u32(l, 0, RA_ACCT_INPUT_OCTETS, (uint32_t)s->stats.bytes_in);
	worker_put_u32(l, 0, RA_ACCT_OUTPUT_OCTETS, (uint32_t)s->stats.bytes_out);
	worker_put_u32(l, 0, RA_ACCT_INPUT_GIGAWORDS, (uint32_t)(s->stats.bytes_in >> 32));
	worker_put_u32(l, 0, RA_ACCT_OUTPUT_GIGAWORDS, (uint32_t)(s->stats.bytes_out >> 32));
	worker_put_u32(l, 0, RA_ACCT_INPUT_PACKETS, s->stats.pkts_in);
	worker_put_u32(l, 0, RA_ACCT_OUTPUT_PACKETS, s->stats.pkts_out);
}

static void put_addresses(struct worker_list *l)
{
	static const eui64_t none;

	if (ipcp_fsm[0].state == OPENED || ipcp_hisoptions[0].hisaddr)
		worker_put(l, 0, RA_FRAMED_IP_ADDRESS, &ipcp_hisoptions[0].hisaddr, 4);
	if (memcmp(&ipv6cp_hisoptions[0].hisid, &none, sizeof(none)) != 0)
		worker_put(l, 0, RA_FRAMED_INTERFACE_ID, &ipv6cp_hisoptions[0].hisid, sizeof(none));
}

static uint32_t seconds_of(const struct session *s)
{
	return s->started_at ? (uint32_t)((now_ms() - s->started_at) / 1000) : 0;
}

/* Everything but the session's time, the event's and the cause: what the helper can fill in itself is not in here. */
static void put_message(struct session *s, struct worker_list *l, uint32_t status)
{
	worker_list_init(l);
	worker_put_u32(l, 0, RA_ACCT_STATUS_TYPE, status);
	worker_put_text(l, 0, RA_ACCT_SESSION_ID, s->acct_id);
	worker_put_u32(l, 0, RA_ACCT_AUTHENTIC, s->eap ? RV_AUTHENTIC_REMOTE : RV_AUTHENTIC_RADIUS);
	worker_put_list(l, &s->reading.classes);
	put_addresses(l);
	if (status != RV_ACCT_START)
		put_counters(s, l);
	session_put(s, l, s->user, RV_SERVICE_FRAMED);
}

/* ---- sending ---- */

static void send_message(struct session *s, uint32_t status, const char *why)
{
	uint32_t id = 0;

	for (int turn = 0; turn < 2 && !id; turn++) /* a helper that has ended is started anew */
		if (!process_start(&s->process, s->set))
			id = process_acct(&s->process, status, &the_list);
	if (id)
		say_limited("sabus-radius", LOG_INFO, "acct type=%s id=%u session=%s user=\"%s\" news=%s", worker_status_name(status), id,
			    s->acct_id, s->user, *why ? why : "none");
	else
		say_limited("sabus-radius", LOG_ERR,
			    "acct type=%s session=%s result=lost user=\"%s\" text=\"sabus-radius-client cannot be reached\"",
			    worker_status_name(status), s->acct_id, s->user);
	explicit_bzero(&the_list, sizeof(the_list));
}

/* Should pppd die now, this is the Stop. */
static void keep(struct session *s)
{
	session_note(s);
	put_message(s, &the_list, RV_ACCT_STOP);
	process_start(&s->process, s->set); /* should it have ended */
	process_keep(&s->process, &the_list, seconds_of(s));
}

static void keep_tick(void *arg)
{
	struct session *s = arg;

	process_poll(&s->process);
	if (s->state == SESSION_NONE || s->state == SESSION_STOPPED)
		return;
	keep(s);
	ppp_timeout(keep_tick, s, KEEP_EVERY, 0);
}

static void keep_again(struct session *s)
{
	keep(s);
	ppp_untimeout(keep_tick, s);
	ppp_timeout(keep_tick, s, KEEP_EVERY, 0);
}

static void note_facts(struct session *s, struct facts_news *out)
{
	struct sabus_link_facts facts;

	facts_news(session_facts(s, &facts), out);
}

static void send_now(struct session *s, uint32_t status, const char *why)
{
	session_note(s);
	put_message(s, &the_list, status);
	if (status != RV_ACCT_START)
		worker_put_u32(&the_list, 0, RA_ACCT_SESSION_TIME, seconds_of(s));
	worker_put_u32(&the_list, 0, RA_EVENT_TIMESTAMP, (uint32_t)time(NULL));
	if (*why && s->api)
		worker_put_text(&the_list, SABUS_RADIUS_VENDOR, SABUS_AT_EVENT, why);
	note_facts(s, &s->news);
	send_message(s, status, why);
	process_poll(&s->process);
}

/* ---- events ---- */

void acct_interim(struct session *s, const char *why)
{
	if (s->state == SESSION_STARTED)
		send_now(s, RV_ACCT_INTERIM, why);
}

void acct_changed(struct session *s)
{
	struct facts_news now;
	bool mppe_only;

	/* when LCP goes, MPPE goes: no news */
	if (s->down || s->state == SESSION_NONE || s->state == SESSION_STOPPED)
		return;
	note_facts(s, &now);
	if (facts_news_same(&now, &s->news))
		return;
	mppe_only = now.mppe != s->news.mppe;
	s->news = now;
	acct_interim(s, mppe_only ? "mppe" : "rekey");
	keep_again(s);
}

static void interim_tick(void *arg)
{
	struct session *s = arg;

	acct_interim(s, "interval");
	acct_set_interval(s);
}

void acct_set_interval(struct session *s)
{
	const struct sabus_reply *p = &s->reading.policy;

	ppp_untimeout(interim_tick, s);
	if (s->state != SESSION_STARTED || !(p->has & SABUS_RP_INTERIM) || !p->interim)
		return;
	ppp_timeout(interim_tick, s, p->interim < INTERIM_LEAST ? INTERIM_LEAST : p->interim > 86400 ? 86400 : (int)p->interim, 0);
}

/* Unique over hosts and restarts: the time, so that a person can sort them, and 64 random bits. */
static void make_id(struct session *s)
{
	uint64_t r = 0;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = (uint64_t)now_ms() << 20;
	snprintf(s->acct_id, sizeof(s->acct_id), "%08x%016llx", (unsigned int)time(NULL), (unsigned long long)r);
}

static void tell_bus(struct session *s)
{
	struct sabus_addr addr = { .family = AF_INET };
	bool have = ipcp_fsm[0].state == OPENED && ipcp_hisoptions[0].hisaddr;

	memcpy(addr.b, &ipcp_hisoptions[0].hisaddr, 4);
	if (s->api)
		s->api->account(s->user, s->acct_id, have ? &addr : NULL);
}

void acct_accepted(struct session *s)
{
	s->down = false;
	if (s->state == SESSION_NONE || s->state == SESSION_STOPPED) {
		make_id(s);
		s->state = SESSION_ACCEPTED;
		s->accepted_at = now_ms();
		s->started_at = 0;
		note_facts(s, &s->news);
	} else {
		limits_set(s);
		acct_set_interval(s);
	}
	tell_bus(s);
	keep_again(s);
}

void acct_network_up(struct session *s)
{
	if (s->state == SESSION_STARTED) {
		acct_interim(s, "address");
	} else if (s->state == SESSION_ACCEPTED) {
		s->state = SESSION_STARTED;
		s->started_at = now_ms();
		send_now(s, RV_ACCT_START, "");
		limits_set(s);
		acct_set_interval(s);
	} else {
		return;
	}
	tell_bus(s);
	keep_again(s);
}

static enum sabus_reason end_reason(const struct session *s)
{
	struct sabus_link_facts facts;

	if (session_facts(s, &facts) && facts.closing)
		return facts.reason;
	return s->reason;
}

void acct_link_down(struct session *s)
{
	struct pppd_stats now;

	if (s->down || (s->state != SESSION_ACCEPTED && s->state != SESSION_STARTED))
		return;
	session_note(s);
	if (&get_ppp_stats && ppp_ifunit() >= 0 && get_ppp_stats(ppp_ifunit(), &now))
		s->stats = now;
	s->down_status = (int)ppp_status();
	s->down = true;
	keep(s);
}

/*
 * What pppd's status was when LCP went down is nearer to the truth: a channel that is taken away afterwards makes pppd call it a hangup, and pppol2tp.so a fatal error.
 */
static int true_status(const struct session *s, int status)
{
	if (!s->down)
		return status;
	if (s->down_status)
		return s->down_status;
	return status == EXIT_FATAL_ERROR || status == EXIT_HANGUP ? EXIT_OK : status;
}

void acct_stop(struct session *s, int status)
{
	enum sabus_terminate cause = sabus_terminate_cause(end_reason(s), true_status(s, status));

	ppp_untimeout(keep_tick, s);
	ppp_untimeout(interim_tick, s);
	limits_clear();
	if (s->state != SESSION_ACCEPTED && s->state != SESSION_STARTED)
		return;
	put_message(s, &the_list, RV_ACCT_STOP);
	worker_put_u32(&the_list, 0, RA_ACCT_SESSION_TIME, seconds_of(s));
	worker_put_u32(&the_list, 0, RA_EVENT_TIMESTAMP, (uint32_t)time(NULL));
	worker_put_u32(&the_list, 0, RA_ACCT_TERMINATE_CAUSE, cause);
	s->state = SESSION_STOPPED;
	send_message(s, RV_ACCT_STOP, "");
}

static void done(enum worker_op op, uint32_t id, enum worker_result r, uint32_t ms, const char *server, const char *text)
{
	if (op == WORKER_OP_READY) {
		if (r != WORKER_OK)
			say_limited("sabus-radius", LOG_ERR, "client result=%s text=\"%s\"",
				    r == WORKER_DOWN ? "radius-down" : "bad-option", text);
		return;
	}
	if (r == WORKER_OK)
		say_limited("sabus-radius", LOG_INFO, "acct id=%u result=ok server=%s ms=%u", id, server, ms);
	else
		say_limited("sabus-radius", LOG_WARNING, "acct id=%u result=lost ms=%u text=\"%s\"", id, ms, text);
}

void acct_init(struct session *s)
{
	the_session = s;
	s->process.done = done;
}
