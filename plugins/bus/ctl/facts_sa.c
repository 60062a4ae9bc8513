/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts_sa.c - the SA that explain is about: made up from a suite, taken from sabusd, or what is known in its place.
 *
 * A peer is asked for exactly as pppd does (LOOKUP, plugins/bus/answer.c), so "no sabusd" and "no answer" are facts here, not errors.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "answer.h"
#include "facts.h"
#include "view.h"
#include "words.h"

static const struct {
	const char *word;
	enum sabus_knowledge knowledge;
} known[] = {
	{ "none", SABUS_K_NONE },	    { "pending", SABUS_K_PENDING },   { "ambiguous", SABUS_K_AMBIGUOUS },
	{ "unknown", SABUS_K_UNKNOWN },	    { "bus-down", SABUS_K_BUS_DOWN }, { "timeout", SABUS_K_TIMEOUT },
	{ "no-tunnel", SABUS_K_NO_TUNNEL },
};

static int from_word(const struct ctl *c, const char *word, struct facts *f)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(known[i].word, word)) {
			f->knowledge = known[i].knowledge;
			return CTL_OK;
		}
	}
	return given_bad(c, "known", word, "none, pending, ambiguous, unknown, bus-down, timeout or no-tunnel");
}

static void copy(char *to, size_t size, const char *text)
{
	if (text)
		snprintf(to, size, "%s", text);
}

static int from_suite(const struct ctl *c, const char *suite, struct facts *f)
{
	unsigned long window = 0;
	int status = path_suite(c, "suite", suite, &f->sa);

	window = f->sa.replay_window;
	if (status == CTL_OK)
		status = given_number(c, "replay-window", 0, 4096, &window);
	f->sa.replay_window = (uint16_t)window;
	copy(f->sa.id_remote, sizeof(f->sa.id_remote), given_text(c, "id"));
	copy(f->sa.id_eap, sizeof(f->sa.id_eap), given_text(c, "eap"));
	copy(f->sa.auth, sizeof(f->sa.auth), given_text(c, "auth"));
	f->knowledge = SABUS_K_SA;
	return status;
}

static void sa_found(const struct sabus_sa *sa, struct facts *f)
{
	f->sa = *sa;
	f->knowledge = SABUS_K_SA;
	if (sa->state == SABUS_SA_PENDING)
		f->knowledge = SABUS_K_PENDING;
	if (sabus_sa_can_carry_l2tp(sa))
		return;
	f->knowledge = SABUS_K_NONE;
	snprintf(f->note, sizeof(f->note), "SA %u (%.64s) has no traffic selector for UDP port 1701", sa->id, sa->name);
}

static int from_id(struct ctl *c, struct facts *f)
{
	const struct sabus_sa *sa;
	unsigned long id = 0;
	struct view v;
	int status = given_number(c, "sa", 1, UINT32_MAX, &id);

	if (status != CTL_OK || (status = ctl_open(c)) != CTL_OK)
		return status;
	status = view_load(c, &v);
	sa = status == CTL_OK ? view_sa(&v, (uint32_t)id) : NULL;
	if (sa)
		sa_found(sa, f);
	else if (status == CTL_OK)
		status = ctl_failed(c, "there is no such SA; 'sabusctl ids' lists what there is");
	view_free(&v);
	return status;
}

/* "192.0.2.1", "192.0.2.1:4500", "2001:db8::1", "[2001:db8::1]:4500" */
static bool parse_endpoint(const char *text, struct sabus_endpoint *e)
{
	char copy_of[64], *addr = copy_of, *port = NULL, *end;
	unsigned long n;

	if (strlen(text) >= sizeof(copy_of))
		return false;
	memcpy(copy_of, text, strlen(text) + 1);
	if (copy_of[0] == '[' && (end = strchr(copy_of, ']')) != NULL && (!end[1] || end[1] == ':')) {
		addr++;
		port = end[1] ? end + 2 : NULL;
		*end = 0;
	} else if (strchr(copy_of, ':') == strrchr(copy_of, ':') && (end = strchr(copy_of, ':')) != NULL) {
		port = end + 1;
		*end = 0;
	}
	e->port = SABUS_L2TP_PORT;
	if (port) {
		n = strtoul(port, &end, 10);
		if (end == port || *end || !n || n > UINT16_MAX)
			return false;
		e->port = (uint16_t)n;
	}
	return sabus_addr_parse(&e->addr, addr) == 0;
}

static int parse_flow(const struct ctl *c, struct sabus_flow *flow)
{
	const char *peer = given_text(c, "peer"), *local = given_text(c, "local"), *mark = given_text(c, "mark");
	char *end = NULL;

	memset(flow, 0, sizeof(*flow));
	flow->local.port = SABUS_L2TP_PORT;
	if (!parse_endpoint(peer, &flow->remote))
		return given_bad(c, "peer", peer, "ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT");
	if (local && !parse_endpoint(local, &flow->local))
		return given_bad(c, "local", local, "ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT");
	if (mark)
		flow->mark = (uint32_t)strtoul(mark, &end, 0);
	if (mark && (end == mark || *end))
		return given_bad(c, "mark", mark, "a number such as 5 or 0x5");
	return CTL_OK;
}

/* Where the command line does not say which address is ours: that of an SA with the peer. */
static int local_address(struct ctl *c, struct sabus_flow *flow, const char **why)
{
	struct sa_row *r, *next;
	struct view v;
	int err = view_try_load(c, &v, why);

	HASH_ITER(hh, v.sas, r, next) {
		if (!flow->local.addr.family && sabus_addr_equal(&r->sa.remote.addr, &flow->remote.addr))
			flow->local.addr = r->sa.local.addr;
	}
	view_free(&v);
	return err;
}

static void no_answer(const struct ctl *c, int err, const char *why, struct facts *f)
{
	f->knowledge = err == -ETIMEDOUT ? SABUS_K_TIMEOUT : SABUS_K_BUS_DOWN;
	snprintf(f->note, sizeof(f->note), "%.100s: %.120s", c->socket, why ? why : strerror(-err));
}

static int from_peer(struct ctl *c, struct facts *f)
{
	char local[ENDPOINT_STRLEN], remote[ENDPOINT_STRLEN];
	const char *why = NULL;
	struct sabus_flow flow;
	int err, status = parse_flow(c, &flow);

	if (status != CTL_OK)
		return status;
	err = ctl_connect(c);
	if (!err && !flow.local.addr.family)
		err = local_address(c, &flow, &why);
	if (!err) {
		err = sabus_lookup(c->bus, &flow, CTL_TIMEOUT_MS, &c->ev, NULL, NULL);
		why = err ? sabus_strerror(c->bus) : NULL;
	}
	if (err) {
		no_answer(c, err, why, f);
		return CTL_OK;
	}
	f->knowledge = answer_read(&c->ev, &flow, NULL, &f->sa);
	f->ike_failure = c->ev.ike_failure;
	f->failed_ago = c->ev.failed_ago;
	f->path.family = flow.remote.addr.family;
	snprintf(f->note, sizeof(f->note), "sabusd was asked for %s to %s", endpoint_text(&flow.local, local),
		 endpoint_text(&flow.remote, remote));
	return CTL_OK;
}

int facts_sa(struct ctl *c, struct facts *f)
{
	const char *suite = given_text(c, "suite"), *sa = given_text(c, "sa"), *peer = given_text(c, "peer"),
		   *word = given_text(c, "known");
	uint8_t family;
	int status;

	if (!!suite + !!sa + !!peer + !!word != 1)
		return given_bad(c, "explain", "", "told one of --suite, --sa, --peer and --known");
	if (suite)
		status = from_suite(c, suite, f);
	else if (sa)
		status = from_id(c, f);
	else if (peer)
		status = from_peer(c, f);
	else
		status = from_word(c, word, f);
	family = f->path.family ? f->path.family : f->sa.remote.addr.family;
	if (status == CTL_OK)
		status = path_given(c, &f->sa, &f->path);
	if (family)
		f->path.family = family;
	if (f->path_mtu && !given_text(c, "path-mtu"))
		f->path.in.path_mtu = (uint16_t)f->path_mtu;
	return status;
}
