/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_sa.c - an SA as JSON.
 */
#include "config.h"
#include "alg.h"
#include "json.h"
#include "words.h"

static void add_selector(struct json_object *o, const char *key, const struct sabus_ts *ts)
{
	struct json_object *s = json_object_new_object();
	char addr[SABUS_ADDR_STRLEN];

	json_text(s, "from", sabus_addr_text(&ts->from, addr));
	json_text(s, "to", sabus_addr_text(&ts->to, addr));
	json_number(s, "protocol", ts->proto);
	json_number(s, "port_from", ts->port_from);
	json_number(s, "port_to", ts->port_to);
	json_object_object_add(o, key, s);
}

static struct json_object *selectors(const struct sabus_sa *sa)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < sa->n_ts; i++) {
		struct json_object *pair = json_object_new_object();

		add_selector(pair, "local", &sa->ts[i].local);
		add_selector(pair, "remote", &sa->ts[i].remote);
		json_object_array_add(list, pair);
	}
	return list;
}

static void add_suite(struct json_object *o, const struct sabus_sa *sa)
{
	char suite[SABUS_SUITE_STRLEN];

	json_text(o, "suite", sa->proto ? sabus_sa_suite(sa, suite) : "");
	json_number(o, "protocol", sa->proto);
	json_text(o, "mode", mode_word(sa->mode));
	json_number(o, "encr", sa->encr);
	json_number(o, "encr_bits", sa->encr_bits);
	json_number(o, "integ", sa->integ);
	json_flag(o, "confidential", sabus_sa_confidential(sa));
	json_flag(o, "integrity", sabus_sa_integrity(sa));
	json_text(o, "strength", sabus_strength_name(sabus_sa_strength(sa)));
	json_number(o, "replay_window", sa->replay_window);
	json_flag(o, "esn", sa->flags & SABUS_SAF_ESN);
	json_flag(o, "ipcomp", sa->flags & SABUS_SAF_IPCOMP);
	json_flag(o, "encap", sa->flags & SABUS_SAF_ENCAP);
	json_flag(o, "nat_local", sa->flags & SABUS_SAF_NAT_LOCAL);
	json_flag(o, "nat_remote", sa->flags & SABUS_SAF_NAT_REMOTE);
}

struct json_object *json_sa(const struct sabus_sa *sa)
{
	struct json_object *o = json_object_new_object();

	json_number(o, "id", sa->id);
	json_number(o, "ike_id", sa->ike_id);
	json_number(o, "replaces", sa->replaces);
	json_text(o, "name", sa->name);
	json_text(o, "ike_name", sa->ike_name);
	json_number(o, "ike_version", sa->ike_version);
	json_text(o, "state", state_word(sa->state));
	json_flag(o, "orphan", sa->flags & SABUS_SAF_ORPHAN);
	json_flag(o, "initiator", sa->flags & SABUS_SAF_INITIATOR);
	add_suite(o, sa);
	json_hex(o, "spi_in", sa->spi_in);
	json_hex(o, "spi_out", sa->spi_out);
	json_number(o, "reqid", sa->reqid);
	json_number(o, "if_id_in", sa->if_id_in);
	json_number(o, "if_id_out", sa->if_id_out);
	json_mark(o, "mark_in", &sa->mark_in);
	json_mark(o, "mark_out", &sa->mark_out);
	json_mark(o, "set_mark_in", &sa->set_mark_in);
	json_endpoint(o, "local", &sa->local);
	json_endpoint(o, "remote", &sa->remote);
	json_object_object_add(o, "selectors", selectors(sa));
	json_number(o, "selectors_dropped", sa->ts_dropped);
	json_text(o, "id_local", sa->id_local);
	json_text(o, "id_remote", sa->id_remote);
	json_text(o, "id_eap", sa->id_eap);
	json_text(o, "auth", sa->auth);
	json_relative(o, "installed", sa->installed);
	json_relative(o, "rekey", sa->rekey_at);
	json_relative(o, "expires", sa->expires_at);
	return o;
}
