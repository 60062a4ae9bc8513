/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain_show.c - an explanation for people and for programs.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "explain.h"
#include "grid.h"
#include "json.h"
#include "words.h"

static const char *knowledge_text(enum sabus_knowledge k)
{
	switch (k) {
	case SABUS_K_SA: return "an SA";
	case SABUS_K_NONE: return "no SA";
	case SABUS_K_PENDING: return "an SA is being negotiated";
	case SABUS_K_AMBIGUOUS: return "more than one SA fits";
	case SABUS_K_UNKNOWN: return "not known: charon is not publishing";
	case SABUS_K_BUS_DOWN: return "not known: sabusd does not run";
	case SABUS_K_TIMEOUT: return "not known: no answer in time";
	case SABUS_K_NO_TUNNEL: return "the tunnel cannot be identified";
	}
	return "?";
}

static const char *knowledge_word(enum sabus_knowledge k)
{
	static const char *const words[] = {
		[SABUS_K_SA] = "sa",	       [SABUS_K_NONE] = "none",
		[SABUS_K_PENDING] = "pending", [SABUS_K_AMBIGUOUS] = "ambiguous",
		[SABUS_K_UNKNOWN] = "unknown", [SABUS_K_BUS_DOWN] = "bus-down",
		[SABUS_K_TIMEOUT] = "timeout", [SABUS_K_NO_TUNNEL] = "no-tunnel",
	};

	return words[k];
}

static void line(struct grid *g, const char *label, const char *text)
{
	char clean[1200];

	grid_cell(g, "%s", label);
	grid_cell(g, "%s", printable(text, clean, sizeof(clean)));
}

static void failure_line(struct grid *g, const struct facts *f)
{
	grid_cell(g, "IKE");
	grid_cell(g, "failed %u s ago, %s: %s", f->failed_ago, sabus_ike_failure_word(f->ike_failure),
		  sabus_ike_failure_text(f->ike_failure));
}

static void facts_lines(struct grid *g, const struct facts *f)
{
	char suite[SABUS_SUITE_STRLEN];
	const struct sabus_sa *sa = &f->sa;

	if (f->note[0])
		line(g, "asked", f->note);
	line(g, "known", knowledge_text(f->knowledge));
	if (f->ike_failure)
		failure_line(g, f);
	if (f->knowledge != SABUS_K_SA)
		return;
	grid_cell(g, "SA");
	grid_cell(g, "%s, %s mode%s, replay window %u", sabus_sa_suite(sa, suite), mode_word(sa->mode),
		  sa->flags & SABUS_SAF_ENCAP ? ", NAT-T" : "", sa->replay_window);
	grid_cell(g, "gives");
	grid_cell(g, "%s, strength %s", protection_word(sa), sabus_strength_name(sabus_sa_strength(sa)));
}

static void policy_lines(struct grid *g, const struct explanation *e)
{
	const struct sabus_policy *p = &e->merged.policy;

	grid_cell(g, "policy");
	grid_cell(g, "encryption %s, ipsec %s, minimum %s%s%s%s%s%s", sabus_encryption_name(p->encryption),
		  p->ipsec_optional ? "optional" : "required", sabus_strength_name(p->min_strength), p->refuse_mppe ? ", no MPPE" : "",
		  p->allow_tunnel_mode ? "" : ", no tunnel mode", p->keep_compression ? ", compression kept" : "",
		  p->trust_lac ? ", LAC trusted" : "", p->require_ecp ? ", ECP required" : "");
	grid_cell(g, "link");
	grid_cell(g, "%s, %s tunnel", role_word((uint8_t)e->facts.role),
		  e->facts.tunnel == SABUS_TUNNEL_COMPULSORY ? "compulsory" : "voluntary");
	if (e->merged.contradiction)
		line(g, "reply", e->merged.text);
}

static void mtu_line(struct grid *g, const struct explanation *e)
{
	char sum[SABUS_MTU_STRLEN];

	grid_cell(g, "MTU");
	if (e->mtu)
		grid_cell(g, "%u%s = %s", e->mtu, e->capped ? " (capped)" : "", sabus_mtu_text(&e->decision.mtu, sum));
	else
		grid_cell(g, "-");
}

/* What charon has said of this peer is nearer to the cause. */
static const char *remedy(const struct explanation *e)
{
	if (e->decision.reason == SABUS_R_NO_SA && e->facts.ike_failure)
		return sabus_ike_failure_remedy(e->facts.ike_failure);
	return sabus_reason_remedy(e->decision.reason);
}

static void decision_lines(struct grid *g, const struct explanation *e)
{
	const struct sabus_decision *d = &e->decision;

	grid_cell(g, "decision");
	grid_style(g, d->accept ? STYLE_GOOD : STYLE_BAD);
	grid_cell(g, "%s: %s", d->accept ? "accepted" : "refused", sabus_reason_word(d->reason));
	line(g, "because", d->text);
	if (!d->accept) {
		line(g, "remedy", remedy(e));
		return;
	}
	line(g, "MPPE", sabus_mppe_name(d->mppe));
	line(g, "CCP", sabus_ccp_name(d->ccp));
	line(g, "ECP", "protrej");
	mtu_line(g, e);
}

void explain_text(const struct explanation *e, bool colour)
{
	struct grid g;

	grid_init_bare(&g, 2, colour);
	facts_lines(&g, &e->facts);
	policy_lines(&g, e);
	decision_lines(&g, e);
	grid_print(&g);
	grid_free(&g);
}

static struct json_object *policy_json(const struct sabus_policy *p)
{
	struct json_object *o = json_object_new_object();

	json_text(o, "encryption", sabus_encryption_name(p->encryption));
	json_flag(o, "ipsec_optional", p->ipsec_optional);
	json_text(o, "min_strength", sabus_strength_name(p->min_strength));
	json_flag(o, "refuse_mppe", p->refuse_mppe);
	json_flag(o, "allow_tunnel_mode", p->allow_tunnel_mode);
	json_flag(o, "keep_compression", p->keep_compression);
	json_flag(o, "trust_lac", p->trust_lac);
	json_flag(o, "require_ecp", p->require_ecp);
	return o;
}

static void decision_json(struct json_object *root, const struct explanation *e)
{
	const struct sabus_decision *d = &e->decision;

	json_flag(root, "accept", d->accept);
	json_text(root, "reason", sabus_reason_word(d->reason));
	json_text(root, "text", d->text);
	json_text(root, "remedy", d->accept ? NULL : remedy(e));
	json_text(root, "mppe", sabus_mppe_name(d->mppe));
	json_text(root, "ccp", sabus_ccp_name(d->ccp));
	json_text(root, "ecp", "protrej");
	json_object_object_add(root, "mtu_cap", e->merged.mtu_cap ? json_object_new_uint64(e->merged.mtu_cap) : NULL);
	json_object_object_add(root, "link_mtu", e->mtu ? json_object_new_uint64(e->mtu) : NULL);
	json_object_object_add(root, "mtu", d->mtu_valid ? path_json(&d->mtu) : NULL);
}

static struct json_object *failure_json(const struct facts *f)
{
	struct json_object *o;

	if (!f->ike_failure)
		return NULL;
	o = json_object_new_object();
	json_text(o, "cause", sabus_ike_failure_word(f->ike_failure));
	json_text(o, "text", sabus_ike_failure_text(f->ike_failure));
	json_text(o, "remedy", sabus_ike_failure_remedy(f->ike_failure));
	json_number(o, "seconds_ago", f->failed_ago);
	return o;
}

void explain_json(const struct explanation *e)
{
	const struct facts *f = &e->facts;
	struct json_object *root = json_begin();

	json_text(root, "known", knowledge_word(f->knowledge));
	json_text(root, "note", f->note[0] ? f->note : NULL);
	json_object_object_add(root, "ike_failure", failure_json(f));
	json_object_object_add(root, "sa", f->knowledge == SABUS_K_SA ? json_sa(&f->sa) : NULL);
	json_text(root, "role", role_word((uint8_t)f->role));
	json_flag(root, "compulsory", f->tunnel == SABUS_TUNNEL_COMPULSORY);
	json_object_object_add(root, "policy", policy_json(&e->merged.policy));
	json_text(root, "contradiction", e->merged.contradiction ? e->merged.text : NULL);
	decision_json(root, e);
	json_finish(root);
}
