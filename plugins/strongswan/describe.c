/* SPDX-License-Identifier: GPL-2.0-or-later */
/* describe.c - see describe.h.  charon's numbers are IANA's or its private ones; "undefined" ones become 0. */
#include <string.h>
#include "describe.h"
#include "text.h"

static void copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

void describe_endpoint(struct sabus_endpoint *e, host_t *host)
{
	if (!host || sabus_endpoint_from_sockaddr(e, host->get_sockaddr(host), *host->get_sockaddr_len(host)) < 0)
		memset(e, 0, sizeof(*e));
}

static void fill_addr(struct sabus_addr *a, uint8_t family, chunk_t bytes)
{
	if (bytes.len > sizeof(a->b))
		return;
	a->family = family;
	memcpy(a->b, bytes.ptr, bytes.len);
}

static void fill_ts(struct sabus_ts *ts, traffic_selector_t *from)
{
	uint8_t family = from->get_type(from) == TS_IPV6_ADDR_RANGE ? AF_INET6 : AF_INET;

	fill_addr(&ts->from, family, from->get_from_address(from));
	fill_addr(&ts->to, family, from->get_to_address(from));
	ts->port_from = from->get_from_port(from);
	ts->port_to = from->get_to_port(from);
	ts->proto = from->get_protocol(from);
}

static void add_ts(struct sabus_sa *sa, traffic_selector_t *local, traffic_selector_t *remote)
{
	if (sa->n_ts == SABUS_TS_MAX) {
		if (sa->ts_dropped < 255)
			sa->ts_dropped++;
		return;
	}
	fill_ts(&sa->ts[sa->n_ts].local, local);
	fill_ts(&sa->ts[sa->n_ts].remote, remote);
	sa->n_ts++;
}

static void fill_selectors(struct sabus_sa *sa, child_sa_t *child)
{
	enumerator_t *pairs = child->create_policy_enumerator(child);
	traffic_selector_t *local, *remote;

	while (pairs->enumerate(pairs, &local, &remote))
		add_ts(sa, local, remote);
	pairs->destroy(pairs);
}

void describe_selectors(struct sabus_sa *sa, linked_list_t *local, linked_list_t *remote)
{
	enumerator_t *outer = local->create_enumerator(local), *inner;
	traffic_selector_t *l, *r;

	while (outer->enumerate(outer, &l)) {
		inner = remote->create_enumerator(remote);
		while (inner->enumerate(inner, &r))
			add_ts(sa, l, r);
		inner->destroy(inner);
	}
	outer->destroy(outer);
}

static void fill_peer(struct sabus_sa *sa, ike_sa_t *ike)
{
	ike_sa_id_t *id = ike->get_id(ike);

	sa->ike_id = ike->get_unique_id(ike);
	sa->ike_version = (uint8_t)ike->get_version(ike);
	copy_text(sa->ike_name, sizeof(sa->ike_name), ike->get_name(ike));
	describe_endpoint(&sa->local, ike->get_my_host(ike));
	describe_endpoint(&sa->remote, ike->get_other_host(ike));
	text_identity(ike->get_my_id(ike), sa->id_local, sizeof(sa->id_local));
	text_identity(ike->get_other_id(ike), sa->id_remote, sizeof(sa->id_remote));
	if (text_auth(ike, sa->auth, sizeof(sa->auth)))
		text_identity(ike->get_other_eap_id(ike), sa->id_eap, sizeof(sa->id_eap));
	if (ike->has_condition(ike, COND_NAT_HERE))
		sa->flags |= SABUS_SAF_NAT_LOCAL;
	if (ike->has_condition(ike, COND_NAT_THERE))
		sa->flags |= SABUS_SAF_NAT_REMOTE;
	if (ike->has_condition(ike, COND_XAUTH_AUTHENTICATED))
		sa->flags |= SABUS_SAF_XAUTH;
	if (id->is_initiator(id))
		sa->flags |= SABUS_SAF_INITIATOR;
}

static uint16_t algorithm(proposal_t *proposal, transform_type_t type, uint16_t undefined, uint16_t *bits)
{
	uint16_t alg = 0, size = 0;

	if (!proposal->get_algorithm(proposal, type, &alg, &size) || alg == undefined)
		return 0;
	if (bits)
		*bits = size;
	return alg;
}

static void fill_suite(struct sabus_sa *sa, child_sa_t *child)
{
	proposal_t *proposal = child->get_proposal(child);
	child_cfg_t *config = child->get_config(child);
	uint32_t window = config->get_replay_window(config);

	sa->proto = child->get_protocol(child) == PROTO_AH ? SABUS_PROTO_AH : SABUS_PROTO_ESP;
	sa->mode = (uint8_t)child->get_mode(child); /* MODE_TRANSPORT, _TUNNEL, _BEET are 1, 2, 3, too */
	sa->replay_window = (uint16_t)(window > UINT16_MAX ? UINT16_MAX : window);
	if (!proposal)
		return;
	sa->encr = algorithm(proposal, ENCRYPTION_ALGORITHM, ENCR_UNDEFINED, &sa->encr_bits);
	sa->integ = algorithm(proposal, INTEGRITY_ALGORITHM, AUTH_UNDEFINED, NULL);
	if (algorithm(proposal, EXTENDED_SEQUENCE_NUMBERS, NO_EXT_SEQ_NUMBERS, NULL) == EXT_SEQ_NUMBERS)
		sa->flags |= SABUS_SAF_ESN;
	if (sa->integ == AUTH_HMAC_SHA2_256_128 && config->has_option(config, OPT_SHA256_96))
		sa->flags |= SABUS_SAF_SHA256_96;
}

static struct sabus_mark mark(mark_t m)
{
	return (struct sabus_mark){ .value = m.value, .mask = m.mask };
}

/* The mark put on packets after decryption.  charon resolves %same when it installs the SA and does not keep the result. */
static struct sabus_mark set_mark_in(child_sa_t *child)
{
	child_cfg_t *config = child->get_config(child);
	mark_t m = config->get_set_mark(config, TRUE);

	if (m.value == MARK_SAME)
		m.value = child->get_mark(child, TRUE).value;
	return mark(m);
}

static uint64_t monotonic_or_zero(time_t t)
{
	return t > 0 ? (uint64_t)t : 0;
}

static void fill_kernel(struct sabus_sa *sa, child_sa_t *child)
{
	sa->spi_in = ntohl(child->get_spi(child, TRUE));
	sa->spi_out = ntohl(child->get_spi(child, FALSE));
	sa->reqid = child->get_reqid(child);
	sa->if_id_in = child->get_if_id(child, TRUE);
	sa->if_id_out = child->get_if_id(child, FALSE);
	sa->mark_in = mark(child->get_mark(child, TRUE));
	sa->mark_out = mark(child->get_mark(child, FALSE));
	sa->set_mark_in = set_mark_in(child);
	if (child->has_encap(child))
		sa->flags |= SABUS_SAF_ENCAP;
	if (child->get_ipcomp(child) != IPCOMP_NONE) {
		sa->flags |= SABUS_SAF_IPCOMP;
		sa->cpi_in = ntohs(child->get_cpi(child, TRUE));
		sa->cpi_out = ntohs(child->get_cpi(child, FALSE));
	}
	sa->installed = monotonic_or_zero(child->get_installtime(child));
	sa->rekey_at = monotonic_or_zero(child->get_lifetime(child, FALSE));
	sa->expires_at = monotonic_or_zero(child->get_lifetime(child, TRUE));
}

static void fill_common(struct sabus_sa *sa, ike_sa_t *ike, child_sa_t *child)
{
	memset(sa, 0, sizeof(*sa));
	sa->id = child->get_unique_id(child);
	copy_text(sa->name, sizeof(sa->name), child->get_name(child));
	fill_peer(sa, ike);
	fill_suite(sa, child);
	fill_kernel(sa, child);
}

void describe(ike_sa_t *ike, child_sa_t *child, struct sabus_sa *sa)
{
	fill_common(sa, ike, child);
	fill_selectors(sa, child);
}

void describe_pending(ike_sa_t *ike, child_sa_t *child, linked_list_t *local, linked_list_t *remote, struct sabus_sa *sa)
{
	fill_common(sa, ike, child);
	describe_selectors(sa, local, remote);
}
