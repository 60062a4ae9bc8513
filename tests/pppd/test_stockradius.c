// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pppd's own radius.so beside sabus.so: nothing that it is given exceeds its bounds, its replies hold, and one that is not as known is not trusted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "reason.h"
#include "sabus-attributes.h"
#include "stub.h"

#define OURS	  ((int)SABUS_RADIUS_VENDOR)
#define NONE	  (-1)
#define MICROSOFT 311

static int setup(void **state)
{
	stub_radius_reset();
	return stub_setup(state);
}

static int teardown(void **state)
{
	int ret = stub_teardown(state);

	stub_radius_reset();
	return ret;
}

static void null_sa(void)
{
	bus.sas[0] = stub_sa(3);
	stub_sa_null(&bus.sas[0]);
	bus.n_sas = 1;
}

static void to_authentication(void)
{
	bus.answer = SABUS_PRESENT;
	if (!bus.n_sas) {
		bus.sas[0] = stub_sa(3);
		bus.n_sas = 1;
	}
	if (stub_dial() != STUB_FD)
		fail_msg("refused: %s", host.log);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
}

static void to_network(void)
{
	stub_authenticate();
	stub_phase(PHASE_NETWORK);
	ccp_protent.open(0);
	stub_run(300);
}

static void assert_ended(enum sabus_reason r)
{
	char text[64];

	stub_run(300);
	snprintf(text, sizeof(text), "sabus: close reason=%s ", sabus_reason_word(r));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_int_equal(host.status, sabus_reason_exit(r));
}

/* ---- requests ---- */

static const char *told(const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < host.n_avpairs; i++)
		if (strncmp(host.avpairs[i], name, n) == 0 && host.avpairs[i][n] == '=')
			return host.avpairs[i] + n + 1;
	return NULL;
}

static void assert_told(const char *name, const char *value)
{
	if (!told(name) || strcmp(told(name), value) != 0)
		fail_msg("%s is %s, not %s", name, told(name) ? told(name) : "not told", value);
}

static void test_told(void **state)
{
	(void)state;
	stub_option("sabus-radius-avpair", NULL);
	bus.sas[0] = stub_sa(3);
	bus.n_sas = 1;
	strcpy(bus.sas[0].auth, "pubkey+eap-mschapv2");
	strcpy(bus.sas[0].id_eap, "alice");
	to_authentication();
	assert_told("Sabus-Protected", "\"2\"");
	assert_told("Sabus-Suite", "\"ESP AES_GCM_16-256\"");
	assert_told("Sabus-Encryption-Key-Bits", "\"256\"");
	assert_told("Sabus-Integrity", "\"AEAD\"");
	assert_told("Sabus-Mode", "\"1\"");
	assert_told("Sabus-NAT-T", "\"0\"");
	assert_told("Sabus-IPComp", "\"0\"");
	assert_told("Sabus-IKE-Version", "\"2\"");
	assert_told("Sabus-IKE-Identity", "\"client.example\"");
	assert_told("Sabus-IKE-Auth", "\"pubkey+eap-mschapv2\"");
	assert_told("Sabus-EAP-Identity", "\"alice\"");
	assert_told("Sabus-Strength", "\"3\"");
	assert_told("Sabus-Reason", "\"ok-protected\"");
	assert_int_equal(host.n_avpairs, 13);
	stub_phase(PHASE_AUTHENTICATE); /* radius.so parses its list once */
	assert_int_equal(host.n_avpairs, 13);
}

/* Calling-Station-Id, which radius.so makes of remotenumber: the client's address, behind a NAT with its port; an administrator's own stays. */
static void test_caller(void **state)
{
	stub_option("sabus-radius-avpair", NULL);
	to_authentication();
	assert_string_equal(host.remote_number, "10.9.0.2");
	teardown(state);
	setup(state);
	stub_option("sabus-radius-avpair", NULL);
	bus.sas[0] = stub_sa(3);
	bus.sas[0].flags |= SABUS_SAF_ENCAP;
	bus.sas[0].remote.port = 4500;
	bus.n_sas = 1;
	to_authentication();
	assert_string_equal(host.remote_number, "10.9.0.2:4500");
	teardown(state);
	setup(state);
	stub_option("sabus-radius-avpair", NULL);
	strcpy(host.remote_number, "555");
	to_authentication();
	assert_string_equal(host.remote_number, "555");
	teardown(state);
	setup(state);
	to_authentication();
	assert_string_equal(host.remote_number, "");
}

static void test_told_of_no_sa(void **state)
{
	(void)state;
	stub_option("sabus-radius-avpair", NULL);
	stub_option("sabus-ipsec", "optional");
	bus.answer = SABUS_ABSENT;
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	stub_phase(PHASE_AUTHENTICATE);
	assert_told("Sabus-Protected", "\"0\"");
	assert_int_equal(host.n_avpairs, 2);
}

static void test_only_when_asked(void **state)
{
	(void)state;
	to_authentication();
	assert_int_equal(host.n_avpairs, 0);
}

/* What rc_fieldcpy() of radius.so does, with its bounds looked at. */
static size_t field(const char **at)
{
	size_t n = 0;

	if (**at == '"') {
		for (++*at; **at && **at != '"' && **at != '\n'; ++*at)
			n++;
		assert_int_equal(**at, '"');
		++*at;
		return n;
	}
	for (; **at && !strchr(" \t\n=,", **at); ++*at)
		n++;
	return n;
}

static void assert_bounds(const char *avpair)
{
	const char *at = avpair;

	assert_in_range(field(&at), 1, 63);
	assert_int_equal(*at++, '=');
	assert_in_range(field(&at), 1, 63);
	assert_int_equal(*at, 0); /* one pair, nothing behind it */
}

/* A fixed sequence of odd identities of every length: none gets past the bounds, or makes a second attribute. */
static void test_bounds(void **state)
{
	static const char odd[] = "a\"\n\t,= \x7f\x01\xc3\xa4Z\\'%";
	unsigned int seed = 1;

	for (size_t len = 0; len < SABUS_ID_MAX; len++) {
		teardown(state);
		setup(state);
		stub_option("sabus-radius-avpair", NULL);
		bus.sas[0] = stub_sa(3);
		bus.n_sas = 1;
		memset(bus.sas[0].id_remote, 'i', len);
		bus.sas[0].id_remote[len] = 0;
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			bus.sas[0].id_eap[i] = len % 2 ? odd[(seed >> 16) % (sizeof(odd) - 1)] : 'x';
		}
		bus.sas[0].id_eap[len] = 0;
		to_authentication();
		for (int i = 0; i < host.n_avpairs; i++)
			assert_bounds(host.avpairs[i]);
		assert_int_equal(told("Sabus-IKE-Identity") != NULL, len >= 1 && len <= 63);
		assert_int_equal(stub_logged("Sabus-IKE-Identity is not told"), len > 63);
	}
}

/* The names are those of the dictionaries. */
static void test_names(void **state)
{
	const char *src = getenv("top_srcdir");
	char path[512], line[1024], all[16384] = "", name[64];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/plugins/freeradius/attributes.tsv", src ? src : ".");
	f = fopen(path, "r");
	if (!f)
		fail_msg("no %s", path);
	while (fgets(line, sizeof(line), f))
		strncat(all, line, sizeof(all) - strlen(all) - 1);
	fclose(f);
	stub_option("sabus-radius-avpair", NULL);
	bus.sas[0] = stub_sa(3);
	bus.n_sas = 1;
	strcpy(bus.sas[0].auth, "psk");
	strcpy(bus.sas[0].id_eap, "x");
	to_authentication();
	for (int i = 0; i < host.n_avpairs; i++) {
		snprintf(name, sizeof(name), "\t%.*s\t", (int)strcspn(host.avpairs[i], "="), host.avpairs[i]);
		if (!strstr(all, name))
			fail_msg("%s is not in attributes.tsv", name);
	}
	assert_int_equal(host.n_avpairs, 13);
}

/* ---- replies ---- */

static void test_reply(void **state)
{
	(void)state;
	null_sa();
	stub_option("sabus-encryption", "allow");
	stub_radius_add(NONE, SABUS_AT_ENCRYPTION_POLICY, 3); /* another vendor's number is another attribute */
	stub_radius_add(OURS, SABUS_AT_ENCRYPTION_POLICY, 1);
	stub_radius_add(NONE, 12, 1300);
	to_authentication();
	assert_true(stub_radius_chap());
	to_network();
	assert_int_equal(ccp_wantoptions[0].mppe, MPPE_OPT_128);
	assert_int_equal(host.mtu, 1296);
}

/* The stock dictionary has Microsoft's numbers as strings. */
static void test_microsoft(void **state)
{
	(void)state;
	null_sa();
	stub_option("sabus-encryption", "allow");
	stub_radius_add_text(MICROSOFT, 7, "\0\0\0\2", 4);
	stub_radius_add_text(MICROSOFT, 8, "\0\0\0\2", 4);
	to_authentication();
	stub_radius_chap();
	to_network();
	assert_int_equal(ccp_wantoptions[0].mppe, MPPE_OPT_128);
	assert_true(stub_logged("MS-MPPE-Encryption-Types 0x2 has no 128 bit"));
}

static void test_denied(void **state)
{
	(void)state;
	stub_radius_add_text(OURS, SABUS_AT_ALLOWED_IKE_IDENTITY, "bob", 0);
	to_authentication();
	stub_radius_chap();
	assert_true(stub_logged("sabus: deny reason=identity-mismatch"));
	stub_authenticate();
	assert_ended(SABUS_R_IDENTITY);
}

static void test_odd_identities(void **state)
{
	static const struct {
		const char *text;
		int len;
	} odd[] = { { "client.example\0x", 16 }, { "client.example\0", 15 } };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		teardown(state);
		setup(state);
		stub_radius_add_text(OURS, SABUS_AT_ALLOWED_IKE_IDENTITY, odd[i].text, odd[i].len);
		to_authentication();
		stub_radius_chap();
		stub_authenticate();
		assert_ended(SABUS_R_IDENTITY);
	}
}

static void test_many_identities(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++)
		stub_radius_add_text(OURS, SABUS_AT_ALLOWED_IKE_IDENTITY, "*", 0);
	to_authentication();
	stub_radius_chap();
	stub_authenticate();
	assert_ended(SABUS_R_IDENTITY);
}

/* Twice, and not the same: the strictest. */
static void test_two_words(void **state)
{
	(void)state;
	null_sa();
	stub_radius_add(OURS, SABUS_AT_ENCRYPTION_POLICY, 2);
	stub_radius_add(OURS, SABUS_AT_ENCRYPTION_POLICY, 3);
	to_authentication();
	stub_radius_chap();
	to_network();
	assert_int_equal(ccp_wantoptions[0].mppe, MPPE_OPT_128);
	assert_true(stub_logged("is not 1..3: taken as require"));
}

static void test_unknown_layouts(void **state)
{
	for (int how = 1; how <= 4; how++) {
		if (how == 3)
			continue;
		teardown(state);
		setup(state);
		to_authentication();
		stub_radius_other_layout(how);
		stub_radius_chap();
		stub_authenticate();
		assert_ended(SABUS_R_RADIUS_REPLY);
	}
}

/* radius.so drops what its dictionary lacks: who relies on ours is told, and nobody is let in without what the server asked for. */
static void test_dictionary(void **state)
{
	(void)state;
	stub_option("sabus-radius-avpair", NULL);
	to_authentication();
	stub_radius_other_layout(5);
	stub_radius_chap();
	stub_authenticate();
	assert_ended(SABUS_R_RADIUS_REPLY);
	teardown(state);
	setup(state);
	to_authentication(); /* without the option nothing of ours is expected */
	stub_radius_other_layout(5);
	stub_radius_chap();
	to_network();
	assert_int_equal(host.closed, 0);
}

static void test_unknown_policy(void **state)
{
	static const int numbers[] = { SABUS_AT_MTU_CAP + 1, 255 };

	for (size_t i = 0; i < 2; i++) {
		teardown(state);
		setup(state);
		to_authentication();
		stub_radius_add(OURS, numbers[i], 1);
		stub_radius_chap();
		stub_authenticate();
		assert_ended(SABUS_R_RADIUS_REPLY);
	}
	teardown(state);
	setup(state);
	to_authentication();
	stub_radius_add(OURS, SABUS_AT_PROTECTED, 1); /* not for replies, and harmless */
	stub_radius_chap();
	to_network();
	assert_int_equal(host.closed, 0);
}

static int chained;

static void other_hook(struct stub_radius_pair *list)
{
	(void)list;
	chained++;
}

static void test_chained(void **state)
{
	extern void (*radius_attributes_hook)(struct stub_radius_pair *list);

	(void)state;
	radius_attributes_hook = other_hook;
	chained = 0;
	to_authentication();
	stub_phase(PHASE_SERIALCONN); /* again: not hooked twice */
	stub_radius_chap();
	assert_int_equal(chained, 1);
}

/* ---- more than one authentication ---- */

static void test_renegotiation(void **state)
{
	(void)state;
	to_authentication();
	assert_true(stub_radius_chap());
	to_network();
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	assert_true(stub_radius_chap());
	to_network();
	assert_int_equal(host.closed, 0);
}

static void test_rechallenge(void **state)
{
	(void)state;
	to_authentication();
	assert_true(stub_radius_chap());
	to_network();
	for (int i = 0; i < 5; i++) {
		stub_run(1000);
		assert_true(stub_radius_chap());
	}
	assert_int_equal(host.closed, 0);
}

/* Whose state it is, is not certain: it is left alone. */
static void test_unknown_state(void **state)
{
	(void)state;
	stub_radius_other_layout(3);
	to_authentication();
	assert_true(stub_radius_chap());
	to_network();
	assert_false(stub_radius_chap());
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_told),		T(test_told_of_no_sa),	 T(test_only_when_asked), T(test_bounds),
		T(test_names),		T(test_reply),		 T(test_microsoft),	  T(test_denied),
		T(test_odd_identities), T(test_many_identities), T(test_two_words),	  T(test_unknown_layouts),
		T(test_chained),	T(test_renegotiation),	 T(test_rechallenge),	  T(test_unknown_state),
		T(test_caller),		T(test_dictionary),	 T(test_unknown_policy),
	};

	return cmocka_run_group_tests_name("pppd stock radius", tests, NULL, NULL);
}
