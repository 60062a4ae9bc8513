// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report.c - formatting only: no decision is made here.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "clock.h"
#include "host.h"
#include "limit.h"
#include "report.h"

struct line {
	char text[900];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *ln, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(ln->text + ln->len, sizeof(ln->text) - ln->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		ln->len += (size_t)n;
	if (ln->len >= sizeof(ln->text))
		ln->len = sizeof(ln->text) - 1;
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

static void add_quoted(struct line *ln, const char *key, const char *text)
{
	char clean[256];

	report_clean(clean, sizeof(clean), text);
	add(ln, " %s=\"%s\"", key, clean);
}

static void add_endpoint(struct line *ln, const char *key, const struct sabus_endpoint *e)
{
	char a[SABUS_ADDR_STRLEN];

	add(ln, " %s=%s:%u", key, sabus_addr_text(&e->addr, a), e->port);
}

static void add_sa(struct line *ln, const struct sabus_sa *sa)
{
	char suite[SABUS_SUITE_STRLEN];

	if (!sa) {
		add(ln, " sa=none");
		return;
	}
	add(ln, " sa=%s{%u} spi=%08x/%08x suite=\"%s\" natt=%s", sa->name, sa->id, sa->spi_in, sa->spi_out, sabus_sa_suite(sa, suite),
	    sa->flags & SABUS_SAF_ENCAP ? "yes" : "no");
}

static void begin(struct line *ln, const struct tun *t, const char *verb, enum sabus_reason reason)
{
	ln->len = 0;
	add(ln, "sabus: %s reason=%s role=%s", verb, sabus_reason_word(reason), t->role == SABUS_ROLE_LNS ? "lns" : "client");
	add_endpoint(ln, "local", &t->flow.local);
	add_endpoint(ln, "peer", &t->flow.remote);
	add(ln, " tunnel=%u/%u", t->tid, t->peer_tid);
	add_sa(ln, t->sa);
	add(ln, " mark=0x%x", t->flow.mark);
	add_quoted(ln, "section", t->section);
	add_quoted(ln, "host", t->host);
}

static void add_why(struct line *ln, enum sabus_reason reason, const char *detail)
{
	add_quoted(ln, "text", detail && *detail ? detail : sabus_reason_text(reason));
	if (sabus_reason_remedy(reason)[0])
		add_quoted(ln, "remedy", sabus_reason_remedy(reason));
}

void report_tunnel(const struct tun *t, const char *verb)
{
	struct line ln;

	begin(&ln, t, verb, t->reason);
	xl2tpd->log(LOG_NOTICE, "%s", ln.text);
}

void report_refusal(const struct tun *t, enum sabus_reason reason, const char *detail)
{
	unsigned int left_out;
	struct line ln;

	if (!limit_allows(&t->flow.remote.addr, now_ms(), &left_out))
		return;
	begin(&ln, t, "refuse", reason);
	if (left_out)
		add(&ln, " left-out=%u", left_out);
	add_why(&ln, reason, detail);
	xl2tpd->log(LOG_NOTICE, "%s", ln.text);
}

void report_close(const struct tun *t, enum sabus_reason reason, const char *detail)
{
	struct line ln;

	begin(&ln, t, "close", reason);
	add_why(&ln, reason, detail);
	xl2tpd->log(LOG_NOTICE, "%s", ln.text);
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
	struct line ln;

	begin(&ln, t, "down", t->phase == TUN_ENDING ? t->end_reason : t->reason);
	add(&ln, " by=%s result=%d error=%d", by_name(cause->by), cause->result, cause->error);
	add_quoted(&ln, "text", cause->msg);
	xl2tpd->log(LOG_NOTICE, "%s", ln.text);
}

void report_delete(uint32_t sa_id, const char *name, int error, const char *text)
{
	struct line ln = { .len = 0 };

	add(&ln, "sabus: delete sa=%s{%u} result=%s", name, sa_id, error ? "failed" : "done");
	if (error)
		add_quoted(&ln, "text", text && *text ? text : strerror(error));
	xl2tpd->log(error ? LOG_WARNING : LOG_NOTICE, "%s", ln.text);
}

void report_message(char *msg, size_t size, enum sabus_reason reason, const char *detail)
{
	char raw[200];

	snprintf(raw, sizeof(raw), "sabus: %s: %s", sabus_reason_word(reason), detail && *detail ? detail : sabus_reason_text(reason));
	report_clean(msg, size, raw);
}
