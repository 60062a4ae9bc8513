// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dynauth.c - see dynauth.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include "dynauth.h"
#include "log.h"

struct ask {
	uint32_t seq;
	struct job *job;
	struct ask *prev, *next; /* in job->asks */
	UT_hash_handle hh;
};

struct job {
	struct dyn_peer peer;
	const struct conf_client *client;
	struct seen *seen;
	struct dyn_request rq;
	size_t sessions;
	struct ask *asks;
	struct dyn_refusal worst; /* of the sessions so far */
	char detail[160];
	int64_t deadline;
	struct job *prev, *next;
	size_t whole;
	uint8_t packet[];
};

/* ---- the log ---- */

static const char *from_text(const struct dyn_peer *peer, char buf[SABUS_ADDR_STRLEN])
{
	return sabus_addr_text(&peer->from.addr, buf);
}

static void log_drop(const struct dyn_peer *peer, const char *reason, const char *remedy, bool stranger)
{
	enum dyn_log_class class = stranger ? DYN_LOG_STRANGER : DYN_LOG_CLIENT;
	char addr[SABUS_ADDR_STRLEN];

	from_text(peer, addr);
	if (*remedy)
		dyn_log(class, LOG_WARNING, "drop client=%s reason=%s remedy=\"%s\"", addr, reason, remedy);
	else
		dyn_log(class, LOG_WARNING, "drop client=%s reason=%s", addr, reason);
}

/* What the request said of the session, and which attribute it was that is refused. */
static void log_answer(const struct job *j, const struct dyn_refusal *why)
{
	char addr[SABUS_ADDR_STRLEN], attr[24] = "none";

	if (why->type)
		snprintf(attr, sizeof(attr), "%u/%u", why->vendor, why->type);
	dyn_log(DYN_LOG_CLIENT, why->cause ? LOG_WARNING : LOG_NOTICE,
		"answer request=%s client=%s id=%u result=%s reason=%s cause=%u sessions=%zu user=\"%s\" acct-session-id=\"%s\" "
		"attribute=%s text=\"%s\"",
		j->rq.disconnect ? "disconnect" : "coa", from_text(&j->peer, addr), j->packet[1], why->cause ? "nak" : "ack", why->reason,
		why->cause, j->sessions, j->rq.user, j->rq.acct_id, attr, j->detail);
}

/* ---- the end of a job ---- */

static void drop_asks(struct dynauth *d, struct job *j)
{
	while (j->asks) {
		struct ask *a = j->asks;

		DL_DELETE(j->asks, a);
		HASH_DEL(d->asks, a);
		free(a);
	}
}

static void answer(struct dynauth *d, struct job *j, const struct dyn_refusal *why, int64_t clock)
{
	uint8_t out[RADIUS_MAX];
	int len = dyn_answer(out, j->packet, j->whole, why->cause, (uint32_t)clock, j->client->secret);

	if (len < 0) {
		log_drop(&j->peer, "no-room-for-answer", "less Proxy-State", false);
	} else {
		if (j->seen)
			seen_answered(j->seen, out, (size_t)len);
		d->send(d->ctx, &j->peer, out, (size_t)len);
	}
	log_answer(j, why);
	drop_asks(d, j);
	DL_DELETE(d->jobs, j);
	free(j);
}

static void refuse(struct dynauth *d, struct job *j, enum dyn_cause cause, const char *reason, int64_t clock)
{
	const struct dyn_refusal why = { .cause = cause, .reason = reason };

	answer(d, j, &why, clock);
}

/* ---- what sessions said ---- */

/*
 * The errno of a RESULT, or of asking, as RFC 5176 says it.  A session whose connection ended before it answered (EPIPE) may live on and come back to the bus: "ask again", which
 * then says what became of it.
 */
static struct dyn_refusal verdict_of(int error, bool disconnect)
{
	static const struct {
		int error;
		struct dyn_refusal why;
	} all[] = {
		{ 0, { .cause = DYN_CAUSE_NONE, .reason = "ok" } },
		{ ENOENT, { .cause = DYN_CAUSE_NO_SESSION, .reason = "no-session" } },
		{ EINVAL, { .cause = DYN_CAUSE_INVALID_VALUE, .reason = "refused" } },
		{ ENOTSUP, { .cause = DYN_CAUSE_UNSUPPORTED_EXTENSION, .reason = "not-supported" } },
		{ EBUSY, { .cause = DYN_CAUSE_RESOURCES, .reason = "session-busy" } },
		{ EAGAIN, { .cause = DYN_CAUSE_RESOURCES, .reason = "bus-busy" } },
		{ EPIPE, { .cause = DYN_CAUSE_RESOURCES, .reason = "session-lost" } },
		{ ETIMEDOUT, { .cause = DYN_CAUSE_RESOURCES, .reason = "session-silent" } },
		{ ENOTCONN, { .cause = DYN_CAUSE_RESOURCES, .reason = "bus-down" } },
	};

	if (error == EPERM && !disconnect)
		return (struct dyn_refusal){ .reason = "policy-changed" }; /* it holds: the link does not meet it and ends */
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].error == error)
			return all[i].why;
	return (struct dyn_refusal){ .cause = disconnect ? DYN_CAUSE_NOT_REMOVABLE : DYN_CAUSE_RESOURCES, .reason = "session-error" };
}

/* One of a job's sessions has answered, or will not.  A failure stays; of several sessions that one is gone already is none. */
static void count(struct job *j, int error, const char *text)
{
	struct dyn_refusal why = verdict_of(error, j->rq.disconnect);

	if (error == ENOENT && j->sessions > 1)
		return;
	if (why.cause && j->sessions > 1)
		why.cause = DYN_CAUSE_NOT_REMOVABLE; /* some are ended, this one is not */
	if (j->worst.cause)
		return;
	if (why.cause || strcmp(why.reason, "ok") != 0)
		j->worst = why;
	if (*text)
		snprintf(j->detail, sizeof(j->detail), "%s", text);
}

void dynauth_result(struct dynauth *d, uint32_t seq, int error, const char *text, int64_t clock)
{
	struct ask *a;
	struct job *j;

	HASH_FIND(hh, d->asks, &seq, sizeof(seq), a);
	if (!a)
		return;
	j = a->job;
	HASH_DEL(d->asks, a);
	DL_DELETE(j->asks, a);
	free(a);
	count(j, error, text);
	if (!j->asks)
		answer(d, j, &j->worst, clock);
}

void dynauth_bus_lost(struct dynauth *d, int64_t clock)
{
	d->ready = false;
	known_clear(&d->known);
	while (d->jobs)
		refuse(d, d->jobs, DYN_CAUSE_RESOURCES, "bus-down", clock);
}

int dynauth_timers(struct dynauth *d, int64_t now, int64_t clock)
{
	int64_t left;

	seen_expire(&d->seen, now);
	while (d->jobs && d->jobs->deadline <= now)
		refuse(d, d->jobs, DYN_CAUSE_RESOURCES, "session-silent", clock);
	if (!d->jobs)
		return -1; /* what was seen may stay a little longer */
	left = d->jobs->deadline - now;
	return left > DYNAUTH_JOB_MS ? DYNAUTH_JOB_MS : (int)left;
}

void dynauth_free(struct dynauth *d)
{
	while (d->jobs) {
		struct job *j = d->jobs;

		drop_asks(d, j);
		DL_DELETE(d->jobs, j);
		free(j);
	}
	known_clear(&d->known);
	seen_free(&d->seen);
	conf_wipe(&d->conf);
}

/* ---- asking ---- */

static int ask_one(struct dynauth *d, struct job *j, uint32_t session_id)
{
	char addr[SABUS_ADDR_STRLEN], why[64]; /* longer ones are refused */
	struct ask *a = calloc(1, sizeof(*a));
	int ret;

	if (!a)
		return -EBUSY;
	snprintf(why, sizeof(why), "%s from %s", j->rq.disconnect ? "Disconnect" : "CoA", from_text(&j->peer, addr));
	ret = d->ask(d->ctx, session_id, &j->rq, why, &a->seq);
	if (ret < 0) {
		free(a);
		return ret;
	}
	a->job = j;
	HASH_ADD(hh, d->asks, seq, sizeof(a->seq), a);
	DL_APPEND(j->asks, a);
	return 0;
}

static void ask_all(struct dynauth *d, struct job *j, const struct known_session **found, int64_t clock)
{
	for (size_t i = 0; i < j->sessions; i++) {
		int ret = ask_one(d, j, found[i]->id);

		if (ret < 0)
			count(j, -ret, "");
	}
	if (!j->asks)
		answer(d, j, &j->worst, clock);
}

static bool is_one_of(const struct sabus_addr *a, const struct dynauth *d, const struct dyn_peer *peer)
{
	for (size_t i = 0; i < d->conf.n_nas_addrs; i++)
		if (sabus_addr_equal(a, &d->conf.nas_addrs[i]))
			return true;
	return d->conf.n_nas_addrs == 0 && peer->to.family && sabus_addr_equal(a, &peer->to);
}

/* Are we the NAS that is meant?  Only what the request has is compared. */
static bool is_us(const struct dynauth *d, const struct job *j)
{
	const struct dyn_request *rq = &j->rq;
	bool named = d->conf.n_nas_ids == 0 && strcmp(rq->nas_id, d->hostname) == 0;

	for (size_t i = 0; i < d->conf.n_nas_ids; i++)
		named = named || strcmp(rq->nas_id, d->conf.nas_ids[i]) == 0;
	if ((rq->has & DYN_HAS_NAS_ID) && !named)
		return false;
	if ((rq->has & DYN_HAS_NAS_IP) && !is_one_of(&rq->nas_ip, d, &j->peer))
		return false;
	return !(rq->has & DYN_HAS_NAS_IPV6) || is_one_of(&rq->nas_ipv6, d, &j->peer);
}

static void run(struct dynauth *d, struct job *j, int64_t clock)
{
	const struct known_session *found[DYNAUTH_SESSIONS_MAX] = { NULL };
	struct dyn_refusal why;

	if (dyn_request_decode(j->packet, j->whole, &j->rq, &why) < 0) {
		answer(d, j, &why, clock);
		return;
	}
	if (!is_us(d, j)) {
		refuse(d, j, DYN_CAUSE_NAS_MISMATCH, "nas-mismatch", clock);
		return;
	}
	if (!d->ready) {
		refuse(d, j, DYN_CAUSE_RESOURCES, "bus-down", clock);
		return;
	}
	j->sessions = known_find(&d->known, &j->rq, found, DYNAUTH_SESSIONS_MAX);
	if (j->sessions == 0)
		refuse(d, j, DYN_CAUSE_NO_SESSION, "no-session", clock);
	else if (j->sessions > 1 && (!j->rq.disconnect || !(j->rq.has & DYN_HAS_USER)))
		refuse(d, j, DYN_CAUSE_SEVERAL_SESSIONS, "several-sessions", clock);
	else if (j->sessions > DYNAUTH_SESSIONS_MAX || HASH_COUNT(d->asks) + j->sessions > DYNAUTH_ASKS_MAX)
		refuse(d, j, DYN_CAUSE_RESOURCES, "overload", clock);
	else
		ask_all(d, j, found, clock);
}

/* ---- datagrams ---- */

/* Why the packet is not to be looked at, or NULL. */
static const char *not_fresh(const struct dynauth *d, const struct conf_client *client, const uint8_t *p, size_t whole, int64_t clock)
{
	uint32_t stamp;
	int64_t off;

	if (!dyn_timestamp(p, whole, &stamp))
		return client->need_timestamp ? "no-timestamp" : NULL;
	off = clock - (int64_t)stamp;
	return off > d->conf.window || off < -(int64_t)d->conf.window ? "stale-timestamp" : NULL;
}

static const char *remedy_of(const char *reason)
{
	static const char *const remedies[][2] = {
		{ "unknown-client", "client in sabus-dynauth.conf" },
		{ "bad-authenticator", "same secret at both ends" },
		{ "no-message-authenticator", "send Message-Authenticator" },
		{ "bad-message-authenticator", "same secret at both ends" },
		{ "no-timestamp", "send Event-Timestamp" },
		{ "stale-timestamp", "set the clocks by NTP" },
	};

	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (!strcmp(reason, remedies[i][0]))
			return remedies[i][1];
	return "";
}

/* The one reason to drop it without an answer, or NULL and *client, *whole. */
static const char *judge(const struct dynauth *d, const struct dyn_peer *peer, const uint8_t *p, size_t len, int64_t clock,
			 const struct conf_client **client, size_t *whole)
{
	enum dyn_verdict v;

	*client = conf_client_of(&d->conf, &peer->from.addr);
	if (!*client)
		return "unknown-client";
	v = dyn_verify(p, len, (*client)->secret, (*client)->need_ma, whole);
	if (v != DYN_GOOD)
		return dyn_verdict_word(v);
	return not_fresh(d, *client, p, *whole, clock);
}

static struct job *job_new(struct dynauth *d, const struct dyn_peer *peer, const struct conf_client *client, const uint8_t *p, size_t whole,
			   int64_t now)
{
	struct job *j = calloc(1, sizeof(*j) + whole);

	if (!j)
		return NULL;
	j->peer = *peer;
	j->client = client;
	j->worst.reason = "ok";
	j->rq.disconnect = p[0] == DYN_DISCONNECT_REQUEST;
	j->deadline = now + DYNAUTH_JOB_MS;
	j->whole = whole;
	memcpy(j->packet, p, whole);
	DL_APPEND(d->jobs, j);
	return j;
}

void dynauth_datagram(struct dynauth *d, const struct dyn_peer *peer, const uint8_t *p, size_t len, int64_t now, int64_t clock)
{
	const struct conf_client *client;
	struct seen_key key;
	struct seen *seen;
	size_t whole;
	const char *reason = judge(d, peer, p, len, clock, &client, &whole);
	struct job *j;

	if (reason) {
		log_drop(peer, reason, remedy_of(reason), true);
		return;
	}
	memset(&key, 0, sizeof(key));
	memcpy(key.authenticator, p + 4, RADIUS_AUTH);
	key.client = (uint32_t)(client - d->conf.clients);
	seen_expire(&d->seen, now);
	seen = seen_find(&d->seen, &key);
	if (seen) {
		if (seen->len)
			d->send(d->ctx, peer, seen->answer, seen->len);
		return;
	}
	j = job_new(d, peer, client, p, whole, now);
	if (!j)
		return;
	j->seen = seen_add(&d->seen, &key, now + 2000 * (int64_t)d->conf.window + DYNAUTH_KEEP_MS);
	if (j->seen)
		run(d, j, clock);
	else
		refuse(d, j, DYN_CAUSE_RESOURCES, "overload", clock);
}
