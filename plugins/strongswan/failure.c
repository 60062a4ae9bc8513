/* SPDX-License-Identifier: GPL-2.0-or-later */
/* failure.c - see failure.h. */
#include "describe.h"
#include "failure.h"
#include "logfacts.h"
#include "report.h"

void failure_init(struct ike_failures *f, struct publisher *publisher)
{
	memset(f, 0, sizeof(*f));
	f->publisher = publisher;
	pthread_mutex_init(&f->mutex, NULL);
}

void failure_free(struct ike_failures *f)
{
	pthread_mutex_destroy(&f->mutex);
}

static bool is_timeout(enum sabus_ike_failure what)
{
	return what == SABUS_IKEFAIL_SILENT || what == SABUS_IKEFAIL_HALF_OPEN;
}

/* Is it news of this IKE_SA?  Then it is remembered. */
static bool is_news(struct ike_failures *f, uint32_t ike_id, enum sabus_ike_failure what)
{
	time_t now = time_monotonic(NULL);
	struct failure_told *t = NULL;
	bool news;

	pthread_mutex_lock(&f->mutex);
	for (unsigned i = 0; !t && i < FAILURE_REMEMBERED; i++) {
		if (f->told[i].ike_id == ike_id && f->told[i].what)
			t = &f->told[i];
	}
	news = !t || (t->what == what ? now - t->when >= FAILURE_AGAIN_S : !is_timeout(what));
	if (!t)
		t = &f->told[f->next++ % FAILURE_REMEMBERED];
	if (news)
		*t = (struct failure_told){ ike_id, what, now };
	pthread_mutex_unlock(&f->mutex);
	return news;
}

static void report(ike_sa_t *ike, const struct sabus_flow *flow, enum sabus_ike_failure what)
{
	peer_cfg_t *cfg = ike->get_peer_cfg(ike);
	struct logline ln;

	logline_begin(&ln, "sabus");
	logline_add(&ln, "ike-failed cause=%s", sabus_ike_failure_word(what));
	logfacts_endpoint(&ln, "local", &flow->local);
	logfacts_endpoint(&ln, "peer", &flow->remote);
	logline_add(&ln, " connection=%s text=\"%s\" remedy=\"%s\"", cfg ? cfg->get_name(cfg) : "none", sabus_ike_failure_text(what),
		    sabus_ike_failure_remedy(what));
	report_line_limited(LOG_WARNING, &ln);
}

static void tell(struct ike_failures *f, ike_sa_t *ike, enum sabus_ike_failure what)
{
	struct sabus_flow flow = { .mark = 0 };

	if (what == SABUS_IKEFAIL_NONE || !is_news(f, ike->get_unique_id(ike), what))
		return;
	describe_endpoint(&flow.local, ike->get_my_host(ike));
	describe_endpoint(&flow.remote, ike->get_other_host(ike));
	publisher_ike_failed(f->publisher, &flow, what);
	report(ike, &flow, what);
}

/*
 * IKEv1 encrypts the first message that proves the pre-shared key with a key that is made of it, so another one shows as a message that cannot be
 * read.  Of an IKE_SA that is established it is a stranger's datagram.
 */
static enum sabus_ike_failure unreadable(ike_sa_t *ike)
{
	bool early = ike->get_version(ike) == IKEV1 && ike->get_state(ike) == IKE_CONNECTING;

	return early ? SABUS_IKEFAIL_UNREADABLE : SABUS_IKEFAIL_NONE;
}

static enum sabus_ike_failure of_alert(ike_sa_t *ike, alert_t alert)
{
	switch (alert) {
	case ALERT_PEER_AUTH_FAILED: return SABUS_IKEFAIL_PEER_AUTH;
	case ALERT_LOCAL_AUTH_FAILED: return SABUS_IKEFAIL_LOCAL_AUTH;
	case ALERT_PARSE_ERROR_BODY: return unreadable(ike);
	case ALERT_PROPOSAL_MISMATCH_IKE: return SABUS_IKEFAIL_PROPOSAL_IKE;
	case ALERT_PROPOSAL_MISMATCH_CHILD: return SABUS_IKEFAIL_PROPOSAL_ESP;
	case ALERT_TS_MISMATCH: return SABUS_IKEFAIL_SELECTORS;
	case ALERT_PEER_INIT_UNREACHABLE:
	case ALERT_RETRANSMIT_SEND_TIMEOUT: return SABUS_IKEFAIL_SILENT;
	case ALERT_HALF_OPEN_TIMEOUT: return SABUS_IKEFAIL_HALF_OPEN;
	case ALERT_AUTHORIZATION_FAILED: return SABUS_IKEFAIL_UNAUTHORIZED;
	case ALERT_INSTALL_CHILD_SA_FAILED:
	case ALERT_INSTALL_CHILD_POLICY_FAILED: return SABUS_IKEFAIL_KERNEL;
	default: return SABUS_IKEFAIL_NONE;
	}
}

void failure_alert(struct ike_failures *f, ike_sa_t *ike, alert_t alert)
{
	tell(f, ike, of_alert(ike, alert));
}

static bool is_about_ike(ike_sa_t *ike, message_t *message)
{
	if (ike->get_version(ike) == IKEV1)
		return ike->get_state(ike) == IKE_CONNECTING;
	return message->get_exchange_type(message) == IKE_SA_INIT;
}

/*
 * What one end says of the other's proposals and selectors.  At the end that is told so no alert is raised, in IKEv1 at neither.
 * IKEv1 has no notify of its own for selectors: they are the identities of quick mode (RFC 2409 section 5.5).
 */
static enum sabus_ike_failure of_notify(ike_sa_t *ike, message_t *message, notify_type_t type)
{
	switch (type) {
	case NO_PROPOSAL_CHOSEN: return is_about_ike(ike, message) ? SABUS_IKEFAIL_PROPOSAL_IKE : SABUS_IKEFAIL_PROPOSAL_ESP;
	case TS_UNACCEPTABLE: return SABUS_IKEFAIL_SELECTORS;
	case INVALID_ID_INFORMATION: return ike->get_state(ike) == IKE_CONNECTING ? SABUS_IKEFAIL_NONE : SABUS_IKEFAIL_SELECTORS;
	default: return SABUS_IKEFAIL_NONE;
	}
}

void failure_notify(struct ike_failures *f, ike_sa_t *ike, message_t *message, notify_type_t type)
{
	tell(f, ike, of_notify(ike, message, type));
}
