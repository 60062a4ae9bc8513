// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report.c - formatting only: no decision is made here.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "clock.h"
#include "host.h"
#include "journal.h"
#include "limit.h"
#include "logfacts.h"
#include "report.h"

static void emit(int prio, const struct logline *ln)
{
	xl2tpd->log(prio, "%s", ln->text);
	journal_send(JOURNAL_SOCKET, "xl2tpd", prio, ln);
}

void report_event(int prio, const char *format, ...)
{
	struct logline ln;
	va_list ap;

	logline_begin(&ln, "sabus");
	va_start(ap, format);
	logline_vadd(&ln, format, ap);
	va_end(ap);
	emit(prio, &ln);
}

void report_clean(char *out, size_t size, const char *in)
{
	size_t n = 0;

	for (; in[n] && n + 1 < size; n++) {
		unsigned char c = (unsigned char)in[n];

		out[n] = c < 0x20 || c > 0x7e || c == '"' || c == '\\' ? '?' : in[n];
	}
	out[n] = 0;
}

static void begin(struct logline *ln, const struct tun *t, const char *verb, enum sabus_reason reason)
{
	logline_begin(ln, "sabus");
	logline_add(ln, "%s reason=%s role=%s", verb, sabus_reason_word(reason), t->role == SABUS_ROLE_LNS ? "lns" : "client");
	logfacts_endpoint(ln, "local", &t->flow.local);
	logfacts_endpoint(ln, "peer", &t->flow.remote);
	logline_add(ln, " tunnel=%u/%u", t->tid, t->peer_tid);
	logfacts_sa(ln, t->sa);
	logline_add(ln, " mark=0x%x", t->flow.mark);
	logline_add(ln, " section=\"%s\"", t->section);
	logline_add(ln, " host=\"%s\"", t->host);
}

static void add_why(struct logline *ln, enum sabus_reason reason, const char *detail)
{
	logline_add(ln, " text=\"%s\"", detail && *detail ? detail : sabus_reason_text(reason));
	if (sabus_reason_remedy(reason)[0])
		logline_add(ln, " remedy=\"%s\"", sabus_reason_remedy(reason));
}

/* What a peer can cause; a line before it says how many of this peer's were left out. */
static void emit_limited(enum limit_kind kind, const struct sabus_addr *peer, int prio, const struct logline *ln)
{
	char addr[SABUS_ADDR_STRLEN];
	unsigned int suppressed;

	if (!limit_allows(kind, peer, now_ms(), &suppressed))
		return;
	if (suppressed)
		report_event(LOG_NOTICE, "log-limited address=%s suppressed=%u", sabus_addr_text(peer, addr), suppressed);
	emit(prio, ln);
}

void report_tunnel(const struct tun *t, const char *verb)
{
	struct logline ln;

	begin(&ln, t, verb, t->reason);
	emit_limited(LIMIT_LIVES, &t->flow.remote.addr, LOG_NOTICE, &ln);
}

void report_refusal(const struct tun *t, enum sabus_reason reason, const char *detail)
{
	struct logline ln;

	begin(&ln, t, "refuse", reason);
	add_why(&ln, reason, detail);
	emit_limited(LIMIT_REFUSALS, &t->flow.remote.addr, LOG_NOTICE, &ln);
}

void report_close(const struct tun *t, enum sabus_reason reason, const char *detail)
{
	struct logline ln;

	begin(&ln, t, "close", reason);
	add_why(&ln, reason, detail);
	emit_limited(LIMIT_LIVES, &t->flow.remote.addr, LOG_NOTICE, &ln);
}

static const char *by_name(int by)
{
	static const char *const names[] = {
		[XL2TPD_BY_US] = "us",	   [XL2TPD_BY_PEER] = "peer",	  [XL2TPD_BY_TIMEOUT] = "timeout",
		[XL2TPD_BY_PPPD] = "pppd", [XL2TPD_BY_PLUGIN] = "plugin",
	};

	return by >= XL2TPD_BY_US && by <= XL2TPD_BY_PLUGIN ? names[by] : "unknown";
}

void report_down(const struct tun *t, const struct xl2tpd_cause *cause)
{
	struct logline ln;

	begin(&ln, t, "down", t->phase == TUN_ENDING ? t->end_reason : t->reason);
	logline_add(&ln, " by=%s result=%d error=%d", by_name(cause->by), cause->result, cause->error);
	logline_add(&ln, " text=\"%s\"", cause->msg);
	emit_limited(LIMIT_LIVES, &t->flow.remote.addr, LOG_NOTICE, &ln);
}

void report_delete(const struct sabus_sa *sa, int error, const char *text)
{
	struct logline ln;

	logline_begin(&ln, "sabus");
	logline_add(&ln, "delete sa=%s{%u} result=%s", sa->name, sa->id, error ? "failed" : "done");
	if (error)
		logline_add(&ln, " text=\"%s\"", text && *text ? text : strerror(error));
	emit_limited(LIMIT_LIVES, &sa->remote.addr, error ? LOG_WARNING : LOG_NOTICE, &ln);
}

void report_pin_failed(const struct tun *t, int error)
{
	struct logline ln;

	if (!t) {
		report_event(LOG_ERR, "pin reason=%s text=\"the listening socket cannot be bound to IPsec: %s\"",
			     sabus_reason_word(SABUS_R_PIN_FAILED), strerror(-error));
		return;
	}
	begin(&ln, t, "pin", SABUS_R_PIN_FAILED);
	logline_add(&ln, " text=\"the tunnel's socket cannot be bound to IPsec: %s\"", strerror(-error));
	emit_limited(LIMIT_LIVES, &t->flow.remote.addr, LOG_ERR, &ln);
}

void report_message(char *msg, size_t size, enum sabus_reason reason, const char *detail)
{
	char raw[200];

	snprintf(raw, sizeof(raw), "sabus: %s: %s", sabus_reason_word(reason), detail && *detail ? detail : sabus_reason_text(reason));
	report_clean(msg, size, raw);
}
