// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * apply.c - see apply.h.
 *
 * What pppd had by its configuration is kept when the first answer comes, so that a second answer on the same link (LCP was negotiated anew) starts from there.
 * Session-Timeout and Idle-Timeout are kept by limits.c: pppd's own timers start anew at each negotiation, and cannot be changed while they run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "apply.h"
#include "radhost.h"
#include "rfc.h"

#define FILTER_MS 5000 /* that sabus-radius-filter may take */

static struct session *the_session;
static int (*the_allowed_before)(uint32_t addr);
static void (*the_choose_before)(uint32_t *addr);

/* pppd's configuration, as it was before the first answer */
static struct {
	bool kept;
	uint32_t ouraddr, dns[2], wins[2];
	eui64_t hisid;
	int opt_remote, accept_remote;
	char env_names[16][64]; /* that we have set */
	int n_env;
} was;

/* ---- the peer's address ---- */

static int allowed_address(uint32_t addr)
{
	const struct session *s = the_session;

	if (s->refused)
		return 0;
	if (s->state == SESSION_NONE)
		return the_allowed_before ? the_allowed_before(addr) : -1;
	if (s->reading.address_kind == READING_ADDRESS_FIXED)
		return addr == htonl(s->reading.address);
	if (s->reading.address_kind == READING_ADDRESS_PEER)
		return 1;
	/* pppd's configuration says which; pppd's own question is the secrets file, which RADIUS users are not in */
	return ipcp_wantoptions[0].hisaddr && ipcp_wantoptions[0].hisaddr == addr;
}

static void choose_address(uint32_t *addr)
{
	const struct session *s = the_session;

	if (s->state != SESSION_NONE && s->reading.address_kind == READING_ADDRESS_FIXED)
		*addr = htonl(s->reading.address);
	else if (the_choose_before)
		the_choose_before(addr);
}

void apply_hook(struct session *s)
{
	the_session = s;
	the_allowed_before = allowed_address_hook;
	the_choose_before = ip_choose_hook;
	allowed_address_hook = allowed_address;
	ip_choose_hook = choose_address;
}

/* ---- environment ---- */

/* pppd's functions take their strings without const and copy them. */
static void set_env(const char *name, const char *value)
{
	char n[64], v[READING_TEXT + 64];

	snprintf(n, sizeof(n), "%s", name);
	snprintf(v, sizeof(v), "%s", value);
	ppp_script_setenv(n, v, 1);
	for (int i = 0; i < was.n_env; i++)
		if (!strcmp(was.env_names[i], n))
			return;
	if (was.n_env < 16)
		memcpy(was.env_names[was.n_env++], n, sizeof(n));
}

static void set_environment(const struct reading *r)
{
	char pair[READING_TEXT + 64], *eq;
	struct worker_attr a;
	size_t at = 0;

	for (int i = 0; i < was.n_env; i++)
		ppp_script_unsetenv(was.env_names[i]);
	was.n_env = 0;
	while (worker_next(&r->env, &at, &a)) {
		eq = strchr(worker_text(&a, pair, sizeof(pair)), '=');
		if (!eq)
			continue;
		*eq = '\0';
		set_env(pair, eq + 1);
	}
}

/* Class has any octets: in the environment it is in hex, as "0x...". */
static void set_class(const struct reading *r)
{
	char hex[2 + 2 * 253 + 1] = "0x";
	struct worker_attr a;
	size_t at = 0;

	if (!worker_next(&r->classes, &at, &a) || a.len > 126)
		return;
	for (size_t i = 0; i < a.len; i++)
		snprintf(hex + 2 + 2 * i, 3, "%02x", a.value[i]);
	set_env("RADIUS_CLASS", hex);
}

void apply_filter(struct session *s)
{
	char user[MAXNAMELEN + 1], filter[SABUS_FILTER_MAX], ifname[32], text[SETTINGS_PATH + 64];
	char *argv[] = { (char *)s->set->filter, ifname, filter, user, NULL };
	int err;

	snprintf(filter, sizeof(filter), "%s", s->reading.policy.has & SABUS_RP_FILTER_ID ? s->reading.policy.filter_id : "");
	if (!*filter)
		return;
	set_env("RADIUS_FILTER_ID", filter);
	if (!s->set->filter[0]) {
		say_limited("sabus-radius", LOG_WARNING,
			    "filter user=\"%s\" text=\"Filter-Id '%s' is only told to the scripts: sabus-radius-filter is not set\"",
			    s->user, filter);
		return;
	}
	snprintf(ifname, sizeof(ifname), "%s", ppp_ifname());
	snprintf(user, sizeof(user), "%s", s->user);
	err = process_run(argv, FILTER_MS);
	if (!err)
		return;
	snprintf(text, sizeof(text), "sabus-radius-filter %s: %s", s->set->filter, err < 0 ? strerror(-err) : "it failed");
	say_event("sabus-radius", LOG_ERR, "close reason=%s user=\"%s\" text=\"%s\"", sabus_reason_word(SABUS_R_RADIUS_REPLY), s->user,
		  text);
	session_close(s, SABUS_R_RADIUS_REPLY, sabus_reason_exit(SABUS_R_RADIUS_REPLY), "the user's filter cannot be put into effect");
}

/* ---- the rest ---- */

static void keep_configuration(void)
{
	if (was.kept)
		return;
	was.kept = true;
	was.ouraddr = ipcp_wantoptions[0].ouraddr;
	memcpy(was.dns, ipcp_allowoptions[0].dnsaddr, sizeof(was.dns));
	memcpy(was.wins, ipcp_allowoptions[0].winsaddr, sizeof(was.wins));
	was.hisid = ipv6cp_wantoptions[0].hisid;
	was.opt_remote = ipv6cp_wantoptions[0].opt_remote;
	was.accept_remote = ipv6cp_wantoptions[0].accept_remote;
}

/* Of two name servers, one that is missing is the other one, as radius.so has it. */
static void servers(uint32_t out[2], const uint32_t before[2], const uint32_t said[2], bool first, bool second)
{
	out[0] = first ? htonl(said[0]) : second ? htonl(said[1]) : before[0];
	out[1] = second ? htonl(said[1]) : first ? htonl(said[0]) : before[1];
}

static void set_interface_id(const struct reading *r)
{
	ipv6cp_options *want = &ipv6cp_wantoptions[0];

	want->hisid = was.hisid;
	want->opt_remote = was.opt_remote;
	want->accept_remote = was.accept_remote;
	if (!(r->has & READING_INTERFACE_ID))
		return;
	memcpy(&want->hisid, r->interface_id, sizeof(r->interface_id));
	want->opt_remote = 1;
	want->accept_remote = 0;
}

static void set_mtu(const struct session *s)
{
	const struct sabus_reply *p = &s->reading.policy;
	int mtu = ppp_get_mtu(ppp_ifunit());

	/* sabus.so has a word on the MTU: it knows what the SA costs */
	if (s->api || !(p->has & SABUS_RP_FRAMED_MTU) || p->framed_mtu < 68 || (uint32_t)mtu <= p->framed_mtu)
		return;
	ppp_set_mtu(ppp_ifunit(), (int)p->framed_mtu);
}

int apply_possible(const struct session *s, const struct reading *r, char *why, size_t size)
{
	if (r->address_kind == READING_ADDRESS_FIXED && ppp_bad_ip_addr(htonl(r->address))) {
		snprintf(why, size, "Framed-IP-Address is none that a peer can have");
		return -EINVAL;
	}
	if ((r->policy.has & SABUS_RP_FILTER_ID) && s->set->filter[0] && access(s->set->filter, X_OK)) {
		snprintf(why, size, "Filter-Id needs sabus-radius-filter, which cannot be executed: %s", strerror(errno));
		return -EINVAL;
	}
	return 0;
}

/* Without sabus.so, which has a better way: policy 2 is "required" (RFC 2548 section 2.4.4), and pppd's own function only ever takes types away. */
static void set_mppe(const struct session *s)
{
	const struct sabus_reply *p = &s->reading.policy;

	if (s->api || !(p->has & SABUS_RP_MS_POLICY))
		return;
	if (p->has & SABUS_RP_MS_TYPES)
		mppe_set_enc_types((int)p->ms_policy, (int)p->ms_types);
	if (p->ms_policy == MPPE_ENC_POL_ENC_REQUIRED)
		ccp_wantoptions[0].mppe |= MPPE_OPT_128;
}

void apply_reading(struct session *s)
{
	const struct reading *r = &s->reading;

	keep_configuration();
	ipcp_wantoptions[0].ouraddr = r->has & READING_OUR_ADDRESS ? htonl(r->our_address) : was.ouraddr;
	servers(ipcp_allowoptions[0].dnsaddr, was.dns, r->dns, r->has & READING_DNS1, r->has & READING_DNS2);
	servers(ipcp_allowoptions[0].winsaddr, was.wins, r->nbns, r->has & READING_NBNS1, r->has & READING_NBNS2);
	set_interface_id(r);
	if (r->has & READING_OCTETS)
		ppp_set_session_limit(r->octets);
	if (r->has & READING_OCTETS_DIR)
		ppp_set_session_limit_dir(r->octets_dir);
	set_mppe(s);
	set_mtu(s);
	set_environment(r);
	set_class(r);
}

void apply_keys(const struct reading *r, unsigned char *challenge)
{
	uint8_t send[16], recv[16];

	mppe_clear_keys();
	if (challenge && (r->has & READING_CHAP_KEYS)) {
		memcpy(send, r->nt_hash_hash, sizeof(send));
		mppe_set_chapv1(challenge, send);
	}
	if (!(r->has & READING_SEND_KEY) || !(r->has & READING_RECV_KEY))
		return;
	memcpy(send, r->send_key, sizeof(send));
	memcpy(recv, r->recv_key, sizeof(recv));
	mppe_set_keys(send, recv, sizeof(send)); /* wipes its arguments */
}
