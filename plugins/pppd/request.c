// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * request.c - one request at a time.
 *
 * The answer is the truth about the link: "done" to a change that needs MPPE is said when MPPE runs, "it ends" when it ends.  ccp_demand_mppe() gives
 * up sooner than the broker does (SABUS_SESSION_REQUEST_MS).  Who asks again meanwhile is told that we are busy.
 */
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include "close.h"
#include "grant.h"
#include "host.h"
#include "report.h"

static struct {
	bool pending;
	uint32_t seq;
} r;

static void end_session(struct link *l, struct sabus *bus, const struct sabus_event *ev)
{
	char detail[100];

	snprintf(detail, sizeof(detail), "asked to end the session: %.63s", ev->text[0] ? ev->text : "no reason given");
	close_soon(l, SABUS_R_ADMIN_RESET, detail);
	sabus_result(bus, ev->seq, 0, NULL);
}

static void change_session(struct link *l, struct sabus *bus, const struct sabus_event *ev)
{
	char text[256];
	int err;

	if (r.pending) {
		sabus_result(bus, ev->seq, EBUSY, "another change of this session is not finished");
		return;
	}
	err = grant_change(l, &ev->reply, text, sizeof(text));
	if (err == EINPROGRESS) {
		r.pending = true;
		r.seq = ev->seq;
		return;
	}
	sabus_result(bus, ev->seq, err, text);
}

void request_take(struct link *l, struct sabus *bus, const struct sabus_event *ev)
{
	report_request(ev);
	switch (ev->op) {
	case SABUS_OP_CLOSE: end_session(l, bus, ev); break;
	case SABUS_OP_CHANGE: change_session(l, bus, ev); break;
	case SABUS_OP_DELETE:
	case SABUS_OP_INITIATE:
	default: sabus_result(bus, ev->seq, ENOTSUP, "a session can be closed and changed"); break;
	}
}

bool request_pending(void)
{
	return r.pending;
}

void request_settle(const struct link *l, struct sabus *bus, bool over)
{
	bool met = !l->closing && (l->mppe_up || l->decision.mppe != SABUS_MPPE_REQUIRE);

	if (!r.pending || !bus || !(met || l->closing || over))
		return;
	r.pending = false;
	if (met)
		sabus_result(bus, r.seq, 0, NULL);
	else
		sabus_result(bus, r.seq, EPERM, "MPPE did not come up; the session is being ended");
}

void request_forget(void)
{
	r.pending = false;
}
