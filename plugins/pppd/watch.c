// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - events from the bus, questions, and the kernel as the last witness.
 *
 * An event is only a hint that something concerns us; what it means is asked: a lookup for our flow, answered by the broker from one
 * consistent table, judged by the same rules as at the start.  One question at a time; events that come meanwhile cause the next one.
 *
 *   sure     the last answer was definite.  Nothing to do until an event comes.
 *   unsure   no broker, no answer, charon's view not complete (UNKNOWN), or an SA that vanished from the table without anybody having
 *            deleted it (charon came back without it).  The kernel is asked at every tick: while it holds the SA, the link stays and
 *            remains protected (the pin sees to that); when it does not, the link ends.
 *
 * Without a broker a new connection is tried every second, quietly: one line when it is lost, one when it is back.
 *
 * Where pppd has callbacks for descriptors (2.5.3) events come at once; before, a timer looks every 250 ms.  Everything runs in pppd's
 * main loop.  A link is ended through close_soon(), so it does not matter from where an event came.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "answer.h"
#include "bind.h"
#include "clock.h"
#include "close.h"
#include "grant.h"
#include "host.h"
#include "kernelsa.h"
#include "lcp.h"
#include "linkapi.h"
#include "options.h"
#include "pin.h"
#include "report.h"
#include "request.h"
#include "sabus-link.h"
#include "sabus.h"
#include "say.h"
#include "verdict.h"
#include "watch.h"

#define POLL_MS	     250  /* for events, where pppd has no descriptor callbacks */
#define ANSWER_MS    10	  /* for the answer to a question */
#define UNSURE_MS    500  /* between two questions to the kernel */
#define IDLE_MS	     5000 /* with descriptor callbacks: nothing to do, but look */
#define PATIENCE_MS  1000 /* for an answer before the kernel is asked instead */
#define RECONNECT_MS 1000

static struct {
	struct link *link; /* NULL: stopped */
	struct sabus *bus; /* NULL: no connection */
	bool listening;	   /* pppd calls us when bus can be read */
	struct sabus_event *ev;
	int64_t tried_at, asked_at; /* milliseconds */
	uint32_t seq;		    /* of the question */
	bool asking;		    /* it is not answered yet */
	bool again;		    /* something happened since it was put */
	bool unsure;
	bool lost_told, keep_told;
	bool moved;		/* our SA is in the table, but not on our addresses */
	enum sabus_cause cause; /* why our SA left the table; 0 = it did not */
	struct sabus_session told;
} w;

static void tick(void *arg);

static int pace(void)
{
	if ((w.asking && now_ms() - w.asked_at < PATIENCE_MS) || request_pending())
		return ANSWER_MS;
	if (w.unsure || !w.bus)
		return UNSURE_MS;
	return add_fd_callback ? IDLE_MS : POLL_MS;
}

static void schedule(void)
{
	int ms = pace();

	ppp_untimeout(tick, NULL);
	if (w.link)
		ppp_timeout(tick, NULL, ms / 1000, ms % 1000 * 1000);
}

/* ---- judging ---- */

static void ask_kernel(void)
{
	struct link *l = w.link;
	int held;

	w.unsure = true;
	if (!l->have_sa)
		return;
	held = kernelsa_held(&l->sa);
	if (held == 1) {
		if (!w.keep_told)
			report_change(l, "keep");
		w.keep_told = true;
		return;
	}
	close_soon(l, SABUS_R_SA_GONE, held == 0 ? "the kernel holds the SA no longer" : "the kernel could not be asked for the SA");
}

static void sa_not_there(void)
{
	if (w.moved)
		close_soon(w.link, SABUS_R_SA_MOVED, NULL);
	else if (answer_deliberate(w.cause))
		close_soon(w.link, SABUS_R_SA_GONE, sabus_cause_name(w.cause));
	else
		ask_kernel();
}

/* The link goes on, on this SA, which may be a new one. */
static void adopt(const struct sabus_sa *sa, const struct sabus_decision *d)
{
	struct link *l = w.link;
	bool renewed = !l->have_sa || sa->id != l->sa.id || sa->spi_in != l->sa.spi_in || sa->spi_out != l->sa.spi_out;
	bool changed = !l->have_sa || strcmp(sa->id_remote, l->sa.id_remote) != 0 || strcmp(sa->id_eap, l->sa.id_eap) != 0;
	bool repin = !l->have_sa || pin_differs(&l->sa, sa);
	enum sabus_ccp ccp = l->decision.ccp;

	l->sa = *sa;
	l->have_sa = true;
	l->knowledge = SABUS_K_SA;
	l->decision = *d;
	l->decision.ccp = ccp; /* negotiated already */
	w.moved = false;
	w.cause = 0;
	if (repin && !verdict_pin(l)) {
		close_soon(l, SABUS_R_PIN_FAILED, l->decision.text);
		return;
	}
	if ((changed && !bind_still(l)) || !grant_still(l, &l->sa))
		return;
	if (!renewed)
		return;
	report_change(l, "rekey");
	if (l->network)
		lcp_set_interface_mtu(l, true);
	watch_publish(l);
	linkapi_changed(SABUS_LINK_SA);
}

static void judge(const struct sabus_event *ev)
{
	struct link *l = w.link;
	struct sabus_decision d;
	struct sabus_sa sa;
	enum sabus_knowledge k = answer_read(ev, &l->tun.flow, l->have_sa ? &l->sa : NULL, &sa);

	if (bind_usurped(l, ev))
		return;
	if (k == SABUS_K_UNKNOWN) {
		ask_kernel();
		return;
	}
	if (l->decision.on_sa && (k == SABUS_K_NONE || k == SABUS_K_PENDING)) {
		sa_not_there();
		return;
	}
	w.unsure = false;
	w.keep_told = false;
	if (!sabus_still_good(l->tun.role, options_tunnel(l->opt), &l->decision, k, &sa, &l->merged.policy, &l->path, link_family(l),
			      l->mppe_up, &d))
		close_soon(l, d.reason, d.text);
	else if (k == SABUS_K_SA)
		adopt(&sa, &d);
}

/* ---- the connection ---- */

static void on_readable(int fd, void *ctx)
{
	(void)fd;
	(void)ctx;
	tick(NULL);
}

static void stop_listening(void)
{
	if (w.listening)
		remove_fd(sabus_fd(w.bus));
	w.listening = false;
}

static void disconnect(void)
{
	uint64_t since = w.told.since;

	if (!w.bus)
		return;
	stop_listening();
	request_forget();
	sabus_close(w.bus);
	w.bus = NULL;
	w.asking = false;
	memset(&w.told, 0, sizeof(w.told));
	w.told.since = since; /* the link's own, whichever broker hears of it */
}

static void lost(void)
{
	if (!w.lost_told)
		say_event(
			"sabus", LOG_NOTICE,
			"bus-down path=\"%s\" text=\"lost sabusd (%s); trying again every second, the kernel keeps the tunnel on its SA\"",
			options_socket(w.link->opt), sabus_strerror(w.bus));
	w.lost_told = true;
	w.unsure = true;
	disconnect();
}

static void subscribe(void)
{
	if (sabus_watch(w.bus, &w.link->tun.flow, false)) {
		lost();
		return;
	}
	w.listening = add_fd_callback != NULL;
	if (w.listening)
		add_fd_callback(sabus_fd(w.bus), on_readable, NULL);
	w.again = true;
	watch_publish(w.link);
}

static void reconnect(void)
{
	if (now_ms() - w.tried_at < RECONNECT_MS)
		return;
	w.tried_at = now_ms();
	if (sabus_open(&w.bus, options_socket(w.link->opt), "pppd", 0)) {
		w.bus = NULL;
		return;
	}
	subscribe();
}

static void answered(const struct sabus_event *ev)
{
	if (!w.asking || ev->seq != w.seq)
		return;
	w.asking = false;
	if (w.lost_told)
		say_event("sabus", LOG_NOTICE, "bus-up path=\"%s\" text=\"sabusd is back\"", options_socket(w.link->opt));
	w.lost_told = false;
	judge(ev);
}

static void sa_changed(const struct sabus_sa *sa)
{
	const struct link *l = w.link;
	bool covers = sabus_sa_covers(sa, &l->tun.flow);

	if (l->have_sa && answer_same_sa(sa, &l->sa)) {
		w.moved = !covers;
		w.cause = 0;
		w.again = true;
	} else if (l->have_sa && sa->id == l->sa.id) {
		w.cause = SABUS_CAUSE_RESYNC; /* a new charon has given our number to another */
		w.again = true;
	}
	if (covers)
		w.again = true;
}

static void sa_deleted(uint32_t id, enum sabus_cause cause)
{
	const struct link *l = w.link;

	/* once a new charon is there without our SA, its deletions are not about us */
	if (!l->have_sa || id != l->sa.id || (w.cause && !answer_deliberate(w.cause)))
		return;
	w.cause = cause;
	w.moved = false;
	w.again = true;
}

static void handle(const struct sabus_event *ev)
{
	switch (ev->type) {
	case SABUS_EV_SA_PUT: sa_changed(&ev->sas[0]); break;
	case SABUS_EV_SA_DEL: sa_deleted(ev->sa_id, ev->cause); break;
	case SABUS_EV_ANSWER: answered(ev); break;
	case SABUS_EV_REQUEST: request_take(w.link, w.bus, ev); break;
	case SABUS_EV_DONE:
	case SABUS_EV_PUBLISHER:
	case SABUS_EV_RESYNC: w.again = true; break;
	case SABUS_EV_ERROR: say_event("sabus", LOG_NOTICE, "bus-error text=\"sabusd: %s (%s)\"", ev->text, strerror(ev->error)); break;
	default: break;
	}
}

static void drain(void)
{
	int got = 0;

	while (w.link && w.bus && !w.link->closing && (got = sabus_recv(w.bus, w.ev)) == 1)
		handle(w.ev);
	if (got < 0)
		lost();
}

static void put_question(void)
{
	if (!w.bus || w.asking || !w.again)
		return;
	w.again = false;
	if (sabus_lookup_send(w.bus, &w.link->tun.flow, &w.seq)) {
		lost();
		return;
	}
	w.asking = true;
	w.asked_at = now_ms();
}

static void tick(void *arg)
{
	(void)arg;
	if (!w.link)
		return;
	request_settle(w.link, w.bus, false);
	if (w.link->closing) {
		stop_listening(); /* what is not read any more would make pppd's main loop spin until LCP has ended */
		return;
	}
	if (!w.bus)
		reconnect();
	drain();
	put_question();
	if (w.asking && now_ms() - w.asked_at >= PATIENCE_MS)
		w.unsure = true;
	if (w.unsure && !w.link->closing)
		ask_kernel();
	/* an answer that left it open (UNKNOWN) is asked again by the events that change it */
	schedule();
}

/* ---- interface ---- */

void watch_start(struct link *l, struct sabus *bus)
{
	watch_stop();
	w.ev = malloc(sizeof(*w.ev)); /* large: what no event fills is never touched */
	if (!w.ev)
		novm("an event of the SA bus");
	w.link = l;
	w.bus = bus;
	if (bus)
		subscribe();
	schedule();
}

void watch_stop(void)
{
	ppp_untimeout(tick, NULL);
	if (w.link)
		request_settle(w.link, w.bus, true);
	disconnect();
	free(w.ev);
	memset(&w, 0, sizeof(w));
}

void watch_publish(struct link *l)
{
	struct sabus_session s;

	if (!w.bus || w.link != l)
		return;
	report_session(l, &s);
	s.since = w.told.since ? w.told.since : (uint64_t)time(NULL);
	if (memcmp(&s, &w.told, sizeof(s)) == 0)
		return;
	if (sabus_session_put(w.bus, &s) == 0)
		w.told = s;
}
