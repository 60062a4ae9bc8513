/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show_sa.c - all that is known of an SA.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "alg.h"
#include "show_sa.h"
#include "words.h"

static void text_field(struct grid *g, const char *label, const char *text)
{
	char clean[SABUS_ID_MAX * 4 + 1];

	grid_cell(g, "  %s", label);
	grid_cell(g, "%s", or_dash(text, clean, sizeof(clean)));
}

static void flag_words(const struct sabus_sa *sa, char *buf, size_t size)
{
	static const struct {
		uint32_t flag;
		const char *word;
	} words[] = {
		{ SABUS_SAF_INITIATOR, "initiator" },
		{ SABUS_SAF_ENCAP, "NAT-T" },
		{ SABUS_SAF_NAT_LOCAL, "NAT here" },
		{ SABUS_SAF_NAT_REMOTE, "NAT there" },
		{ SABUS_SAF_ESN, "ESN" },
		{ SABUS_SAF_IPCOMP, "IPComp" },
		{ SABUS_SAF_XAUTH, "XAuth" },
		{ SABUS_SAF_SHA256_96, "SHA-256 cut to 96 bits" },
		{ SABUS_SAF_ORPHAN, "orphan" },
	};
	size_t n = 0;

	buf[0] = 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (sa->flags & words[i].flag && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "", words[i].word);
	}
}

static void protection_fields(struct grid *g, const struct sabus_sa *sa)
{
	char text[SABUS_SUITE_STRLEN], flags[160];

	text_field(g, "suite", sabus_sa_suite(sa, text));
	text_field(g, "gives", protection_word(sa));
	text_field(g, "strength", sabus_strength_name(sabus_sa_strength(sa)));
	grid_cell(g, "  replay window");
	grid_cell(g, "%u packets", sa->replay_window);
	text_field(g, "mode", mode_word(sa->mode));
	flag_words(sa, flags, sizeof(flags));
	text_field(g, "flags", flags);
}

static void peer_fields(struct grid *g, const struct sabus_sa *sa)
{
	char text[ENDPOINT_STRLEN];

	text_field(g, "local", endpoint_text(&sa->local, text));
	text_field(g, "peer", endpoint_text(&sa->remote, text));
	text_field(g, "our identity", sa->id_local);
	text_field(g, "peer's identity", sa->id_remote);
	text_field(g, "EAP or XAuth", sa->id_eap);
	text_field(g, "authentication", sa->auth);
	grid_cell(g, "  IKE");
	grid_cell(g, "version %u, IKE_SA %u", sa->ike_version, sa->ike_id);
	text_field(g, "connection", sa->ike_name);
}

/* "10.0.0.1" or "10.0.0.0-10.0.0.255", then "[udp/1701]"; addresses and ports that admit all are "any". */
static const char *ts_text(const struct sabus_ts *ts, char *buf, size_t size)
{
	char from[SABUS_ADDR_STRLEN], to[SABUS_ADDR_STRLEN], ports[24] = "any";
	bool one = sabus_addr_equal(&ts->from, &ts->to);

	if (ts->port_from == ts->port_to)
		snprintf(ports, sizeof(ports), "%u", ts->port_from);
	else if (ts->port_from || ts->port_to != UINT16_MAX)
		snprintf(ports, sizeof(ports), "%u-%u", ts->port_from, ts->port_to);
	snprintf(buf, size, "%s%s%s[%u/%s]", sabus_addr_text(&ts->from, from), one ? "" : "-", one ? "" : sabus_addr_text(&ts->to, to),
		 ts->proto, ports);
	return buf;
}

static void kernel_fields(struct grid *g, const struct sabus_sa *sa)
{
	char local[128], remote[128];

	grid_cell(g, "  SPI in, out");
	grid_cell(g, "%08x, %08x", sa->spi_in, sa->spi_out);
	grid_cell(g, "  reqid");
	grid_cell(g, "%u", sa->reqid);
	grid_cell(g, "  mark");
	grid_cell(g, "in 0x%x/0x%x, out 0x%x/0x%x, set in 0x%x/0x%x", sa->mark_in.value, sa->mark_in.mask, sa->mark_out.value,
		  sa->mark_out.mask, sa->set_mark_in.value, sa->set_mark_in.mask);
	for (unsigned int i = 0; i < sa->n_ts; i++) {
		grid_cell(g, "  selector");
		grid_cell(g, "%s === %s", ts_text(&sa->ts[i].local, local, sizeof(local)),
			  ts_text(&sa->ts[i].remote, remote, sizeof(remote)));
	}
}

void show_sa_fields(struct grid *g, const struct sabus_sa *sa)
{
	uint64_t now = seconds_now(CLOCK_MONOTONIC);
	char text[AGE_STRLEN];

	text_field(g, "name", sa->name);
	text_field(g, "state", state_word(sa->state));
	protection_fields(g, sa);
	peer_fields(g, sa);
	kernel_fields(g, sa);
	text_field(g, "installed for", span_text(sa->installed, now, sa->installed != 0, text));
	text_field(g, "rekeyed in", span_text(now, sa->rekey_at, sa->rekey_at != 0, text));
	text_field(g, "expires in", span_text(now, sa->expires_at, sa->expires_at != 0, text));
}
