// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stockradius.c - three things are done to radius.so, and each is made sure of before it is relied upon.
 *
 *  - Its requests carry our attributes, through its option `avpair`.  rc_avpair_parse() copies name and value into 64 bytes each without looking: what
 *    is longer, or would end its quotes, is left out and the log says so.  The list is parsed once for the life of pppd, so only what a rekey does not
 *    change is told.
 *  - The reply is read through its radius_attributes_hook.  The hook's list has no public header; its layout (equal in pppd 2.5.0 to 2.5.3) is
 *    proven each time on two pairs that radius.so itself is made to build.  If they are not as expected the link ends: nobody can say what the reply asked for.
 *  - It handles a reply for the first CHAP only: after a renegotiation of LCP or a repeated challenge the peer would get no "S=" and MPPE no
 *    keys.  The flag behind that lies in a static structure whose place radius_pre_auth_hook gives away: three pointers of it must agree.  If they do not,
 *    the flag is left alone and such a renegotiation fails as it does without us.
 *
 * Everything of radius.so is found with dlsym(): the order of the plugins does not matter, and without it nothing here does anything.
 */
#include "stockradius.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include "close.h"
#include "grant.h"
#include "host.h"
#include "options.h"
#include "sabus-attributes.h"
#include "say.h"

#define NO_VENDOR (-1)
#define MICROSOFT 311
#define FIELD_MAX 63 /* characters of a name or value: AUTH_ID_LEN of radius.so, with NUL */

enum { USER_NAME = 1, SERVICE_TYPE = 6, FRAMED_MTU = 12 };	      /* RFC 2865 */
enum { MS_MPPE_ENCRYPTION_POLICY = 7, MS_MPPE_ENCRYPTION_TYPES = 8 }; /* RFC 2548 */
enum { TYPE_STRING = 0, TYPE_INTEGER = 1 };

/* radius.so's VALUE_PAIR */
struct pair {
	char name[33];
	int attribute, vendor, type;
	unsigned int number; /* of an integer; length of a string */
	unsigned char text[254];
	struct pair *next;
};

/* The beginning of radius.so's state. */
struct state {
	int initialized, client_port, choose_ip, any_ip_addr_ok;
	int done_chap_once;
	uint32_t ip_addr;
	char user[MAXNAMELEN];
	char config_file[MAXPATHLEN];
	char session_id[33];
	time_t start_time;
	int acct_interim_interval;
	void *authserver, *acctserver;
};

typedef void attributes_fn(struct pair *list);
typedef void pre_auth_fn(const char *user, void **authserver, void **acctserver);

static struct link *the_link;
static attributes_fn *attributes_original;
static pre_auth_fn *pre_auth_original;
static struct pair *(*pair_add)(struct pair **list, int attribute, const void *value, int len, int vendor);
static void (*pairs_free)(struct pair *list);
static char *(*logged_in_user)(void);
static struct state *the_state; /* NULL: not found, or not as known */
static bool the_present, the_told;

/* ---- what radius.so says in requests ---- */

static bool fits(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '"' || text[i] == 0x7f)
			return false;
	return n && n <= FIELD_MAX;
}

static void tell_text(const char *name, const char *text)
{
	char option[2 * FIELD_MAX + 8];
	struct wordlist value = { NULL, option }, word = { &value, (char *)"avpair" };

	if (!text[0])
		return;
	if (!fits(name) || !fits(text)) {
		say_limited("sabus", LOG_WARNING,
			    "untold attribute=%s text=\"%s is not told to the RADIUS server: radius.so takes 1..%d printable characters "
			    "without quotes (sabus-radius.so takes all)\"",
			    name, name, FIELD_MAX);
		return;
	}
	snprintf(option, sizeof(option), "%s=\"%s\"", name, text);
	options_from_list(&word, 1);
}

static void tell_number(const char *name, unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	tell_text(name, text);
}

static void tell_sa(const struct sabus_sa *sa)
{
	const struct sabus_encr_info *e = sabus_encr_info(sa->encr);
	const struct sabus_integ_info *i = sabus_integ_info(sa->integ);
	char suite[SABUS_SUITE_STRLEN];

	tell_text("Sabus-Suite", sabus_sa_suite(sa, suite));
	tell_number("Sabus-Encryption-Key-Bits", sabus_sa_confidential(sa) ? sa->encr_bits : 0);
	tell_text("Sabus-Integrity", e && e->aead ? "AEAD" : i ? i->name : "none");
	tell_number("Sabus-Mode", sa->mode);
	tell_number("Sabus-NAT-T", (sa->flags & SABUS_SAF_ENCAP) != 0);
	tell_number("Sabus-IPComp", (sa->flags & SABUS_SAF_IPCOMP) != 0);
	tell_number("Sabus-IKE-Version", sa->ike_version);
	tell_text("Sabus-IKE-Identity", sa->id_remote);
	tell_text("Sabus-IKE-Auth", sa->auth);
	tell_text("Sabus-EAP-Identity", sa->id_eap);
	tell_number("Sabus-Strength", (unsigned int)sabus_sa_strength(sa));
}

/* Calling-Station-Id.  pppd 2.5's radius.so takes remotenumber even where it is empty, and then says nothing.  Behind a NAT with the port, as sabus-radius.so does. */
static void tell_caller(const struct link *l)
{
	const char *given = ppp_get_remote_number();
	bool nat = l->have_sa && (l->sa.flags & SABUS_SAF_ENCAP) && l->sa.remote.port;
	const struct sabus_endpoint *from = nat ? &l->sa.remote : &l->tun.flow.remote;
	char addr[SABUS_ADDR_STRLEN], text[SABUS_ADDR_STRLEN + 10];

	if ((given && *given) || !l->have_tun)
		return;
	sabus_addr_text(&from->addr, addr);
	if (!nat)
		snprintf(text, sizeof(text), "%s", addr);
	else
		snprintf(text, sizeof(text), from->addr.family == AF_INET6 ? "[%s]:%u" : "%s:%u", addr, from->port);
	ppp_set_remote_number(text);
}

void stockradius_tell(const struct link *l)
{
	if (!the_present || !l->opt->radius_avpair || !link_live(l) || the_told)
		return;
	the_told = true;
	tell_caller(l);
	tell_number("Sabus-Protected", (unsigned int)sabus_sa_protection(l->have_sa ? &l->sa : NULL));
	tell_text("Sabus-Reason", sabus_reason_word(l->decision.reason));
	if (l->have_sa)
		tell_sa(&l->sa);
}

/* ---- what the server replies ---- */

static bool pair_is(const struct pair *p, int attribute, int type, unsigned int number)
{
	return malloc_usable_size((void *)(uintptr_t)p) >= sizeof(*p) && p->attribute == attribute && p->vendor == NO_VENDOR &&
	       p->type == type && p->number == number && p->name[0] && strnlen(p->name, sizeof(p->name)) < sizeof(p->name);
}

static bool layout_as_known(void)
{
	static const char probe[] = "sabus";
	unsigned int two = 2;
	struct pair *list = NULL, *a, *b;
	bool ok;

	if (!pair_add || !pairs_free)
		return false;
	a = pair_add(&list, USER_NAME, probe, 0, NO_VENDOR);
	b = pair_add(&list, SERVICE_TYPE, &two, 0, NO_VENDOR);
	ok = a && b && list == a && pair_is(a, USER_NAME, TYPE_STRING, sizeof(probe) - 1) && pair_is(b, SERVICE_TYPE, TYPE_INTEGER, two) &&
	     memcmp(a->text, probe, sizeof(probe) - 1) == 0 && a->next == b && !b->next;
	pairs_free(list);
	return ok;
}

/* What its dictionary lacks, radius.so drops before anybody sees it. */
static bool dictionary_has_ours(void)
{
	unsigned int two = 2;
	struct pair *list = NULL;
	bool ok = pair_add(&list, SABUS_AT_IPSEC_MANDATE, &two, 0, SABUS_RADIUS_VENDOR) != NULL;

	if (ok)
		pairs_free(list);
	return ok;
}

/* A policy that this version does not know must not be passed over (attributes.tsv: those numbers are for replies). */
static bool known(const struct pair *p)
{
	return p->vendor != (int)SABUS_RADIUS_VENDOR || p->attribute <= SABUS_AT_MTU_CAP;
}

/* Dictionaries differ: some have Microsoft's integers as strings of four bytes. */
static uint32_t number_of(const struct pair *p)
{
	if (p->type == TYPE_INTEGER)
		return p->number;
	if (p->type != TYPE_STRING || p->number != 4)
		return UINT32_MAX;
	return (uint32_t)p->text[0] << 24 | (uint32_t)p->text[1] << 16 | (uint32_t)p->text[2] << 8 | p->text[3];
}

/* Two different numbers for one thing are none: the merge takes the strictest. */
static void take_number(struct sabus_reply *r, uint32_t bit, uint32_t *member, const struct pair *p)
{
	uint32_t n = number_of(p);

	*member = (r->has & bit) && *member != n ? UINT32_MAX : n;
	r->has |= bit;
}

static void take_identity(struct sabus_reply *r, const struct pair *p)
{
	size_t len = p->number;

	/* one that cannot be a pattern fits nobody, and so it must be seen */
	if (r->n_identities >= SABUS_REPLY_IDS || p->type != TYPE_STRING || !len || len >= sizeof(p->text) || memchr(p->text, 0, len)) {
		r->n_identities = UINT8_MAX;
		return;
	}
	memcpy(r->identities[r->n_identities], p->text, len);
	r->identities[r->n_identities++][len] = 0;
}

static void take_ours(struct sabus_reply *r, const struct pair *p)
{
	switch (p->attribute) {
	case SABUS_AT_ENCRYPTION_POLICY: take_number(r, SABUS_RP_ENCRYPTION, &r->encryption, p); break;
	case SABUS_AT_IPSEC_MANDATE: take_number(r, SABUS_RP_MANDATE, &r->mandate, p); break;
	case SABUS_AT_MIN_STRENGTH: take_number(r, SABUS_RP_MIN_STRENGTH, &r->min_strength, p); break;
	case SABUS_AT_MTU_CAP: take_number(r, SABUS_RP_MTU_CAP, &r->mtu_cap, p); break;
	case SABUS_AT_ALLOWED_IKE_IDENTITY: take_identity(r, p); break;
	default: break;
	}
}

static void take(struct sabus_reply *r, const struct pair *p)
{
	if (p->vendor == (int)SABUS_RADIUS_VENDOR)
		take_ours(r, p);
	else if (p->vendor == MICROSOFT && p->attribute == MS_MPPE_ENCRYPTION_POLICY)
		take_number(r, SABUS_RP_MS_POLICY, &r->ms_policy, p);
	else if (p->vendor == MICROSOFT && p->attribute == MS_MPPE_ENCRYPTION_TYPES)
		take_number(r, SABUS_RP_MS_TYPES, &r->ms_types, p);
	else if (p->vendor == NO_VENDOR && p->attribute == FRAMED_MTU)
		take_number(r, SABUS_RP_FRAMED_MTU, &r->framed_mtu, p);
}

/* ---- more than one authentication ---- */

void stockradius_again(void)
{
	if (the_state)
		the_state->done_chap_once = 0;
}

static void again(void *arg)
{
	(void)arg;
	stockradius_again();
}

/* radius.so has an Access-Accept.  It cannot be told to refuse it: a user who is denied is ended at NF_AUTH_UP. */
static void attributes(struct pair *list)
{
	struct sabus_reply r = { .has = 0 };
	enum sabus_reason why;

	if (attributes_original)
		attributes_original(list);
	ppp_untimeout(again, NULL);
	ppp_timeout(again, NULL, 0, 0); /* it sets the flag when it is done with this reply */
	if (!layout_as_known()) {
		close_soon(the_link, SABUS_R_RADIUS_REPLY, "this radius.so is another one than sabus.so knows: its answers cannot be read");
		return;
	}
	if (the_link->opt && the_link->opt->radius_avpair && !dictionary_has_ours()) {
		close_soon(the_link, SABUS_R_RADIUS_REPLY,
			   "the dictionary of radius.so lacks the attributes of sabus: what the server asks for is not seen");
		return;
	}
	for (; list; list = list->next) {
		if (!known(list)) {
			close_soon(the_link, SABUS_R_RADIUS_REPLY, "an attribute of sabus sets a policy that this version does not know");
			return;
		}
		take(&r, list);
	}
	grant_authorize(the_link, &r, &why);
}

static void pre_auth(const char *user, void **authserver, void **acctserver)
{
	struct state *s = (struct state *)(uintptr_t)(user - offsetof(struct state, user));

	if (!the_state && logged_in_user && logged_in_user() == user && authserver == &s->authserver && acctserver == &s->acctserver &&
	    s->initialized == 1 && (s->done_chap_once == 0 || s->done_chap_once == 1))
		the_state = s;
	if (pre_auth_original)
		pre_auth_original(user, authserver, acctserver);
}

/* ---- radius.so ---- */

static void find(const char *name, void *to)
{
	*(void **)to = dlsym(RTLD_DEFAULT, name);
}

void stockradius_hook(struct link *l)
{
	attributes_fn **attributes_slot;
	pre_auth_fn **pre_auth_slot;

	find("radius_attributes_hook", &attributes_slot);
	if (!attributes_slot || the_present)
		return;
	the_present = true;
	the_link = l;
	find("rc_avpair_add", &pair_add);
	find("rc_avpair_free", &pairs_free);
	find("radius_logged_in_user", &logged_in_user);
	attributes_original = *attributes_slot;
	*attributes_slot = attributes;
	find("radius_pre_auth_hook", &pre_auth_slot);
	if (!pre_auth_slot)
		return;
	pre_auth_original = *pre_auth_slot;
	*pre_auth_slot = pre_auth;
}

bool stockradius_ready(const struct plugin_options *o, char *why, size_t size)
{
	if (!o->radius_avpair || the_present)
		return true;
	snprintf(why, size, "sabus-radius-avpair needs 'plugin radius.so' (sabus-radius.so does without)");
	return false;
}
