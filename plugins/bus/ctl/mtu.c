/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mtu.c - the MTU of PPP for an SA that need not exist, term by term (plugins/common/overhead.h).
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "alg.h"
#include "grid.h"
#include "json.h"
#include "path.h"
#include "words.h"

const struct option_row mtu_options[] = {
	PATH_OPTIONS,
	{ "mppe", NULL, "MPPE runs inside" },
	{ NULL, NULL, NULL },
};

static void term(struct grid *g, unsigned int bytes, const char *what)
{
	char minus[8];

	if (!bytes)
		return;
	snprintf(minus, sizeof(minus), "-%hu", (unsigned short)bytes);
	grid_cell(g, "%7s", minus);
	grid_cell(g, "%s", what);
}

static void print_terms(const struct sabus_mtu *m, bool ah, bool colour)
{
	struct grid g;

	grid_init_bare(&g, 2, colour);
	grid_cell(&g, "%7u", m->path_mtu);
	grid_cell(&g, "path MTU");
	term(&g, m->ip, "IP header");
	term(&g, m->udp_encap, "UDP header of NAT-T");
	term(&g, m->esp, ah ? "AH header" : "ESP header: SPI, sequence number");
	term(&g, m->iv, "initialization vector");
	term(&g, m->icv, "integrity check value");
	term(&g, m->waste, "lost, because the ciphertext comes in whole blocks");
	term(&g, m->trailer, "ESP trailer: pad length, next header");
	term(&g, m->tunnel_ip, "inner IP header of tunnel mode");
	term(&g, m->udp, "UDP header of L2TP");
	term(&g, m->l2tp, "L2TP header");
	term(&g, m->ppp, "PPP header");
	term(&g, m->mppe, "MPPE");
	grid_style(&g, STYLE_TITLE);
	grid_cell(&g, "%7u", m->mtu);
	grid_cell(&g, "MTU and MRU of PPP");
	grid_print(&g);
	grid_free(&g);
}

static int failed(int err, const char *suite)
{
	if (err == -ERANGE)
		fprintf(stderr, "sabusctl mtu: nothing useful fits: the MTU would be under 128; raise --path-mtu\n");
	else
		fprintf(stderr, "sabusctl mtu: %s cannot be computed: no integrity, or a combination that does not exist\n", suite);
	return CTL_FAILED;
}

int cmd_mtu(struct ctl *c)
{
	struct sabus_sa sa = { 0 };
	struct json_object *root;
	char suite[SABUS_SUITE_STRLEN];
	struct path path;
	struct sabus_mtu m;
	int status = path_suite(c, "SUITE", c->words[0], &sa);

	if (status == CTL_OK)
		status = path_given(c, &sa, &path);
	if (status != CTL_OK)
		return status;
	path.in.mppe = given_flag(c, "mppe") ? SABUS_MPPE_BYTES : 0;
	sabus_sa_suite(&sa, suite);
	status = sabus_mtu_compute(&sa, path.family, &path.in, &m);
	if (status < 0)
		return failed(status, suite);
	if (!c->json) {
		printf("%s, %s mode, IPv%c%s\n", suite, mode_word(sa.mode), m.ip == 40 ? '6' : '4', m.udp_encap ? ", NAT-T" : "");
		print_terms(&m, sa.proto == SABUS_PROTO_AH, c->colour);
		return CTL_OK;
	}
	root = json_begin();
	json_text(root, "suite", suite);
	json_text(root, "mode", mode_word(sa.mode));
	json_object_object_add(root, "mtu", path_json(&m));
	json_finish(root);
	return CTL_OK;
}
