// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IKE identity and PPP user: when the question is put, and that "no" ends the link before its network phase.  The map's rules have
 * a test of their own (tests/common/test_identity).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "reason.h"
#include "stub.h"

static char map_path[64];

static void write_map(const char *text)
{
	FILE *f;
	int fd;

	snprintf(map_path, sizeof(map_path), "/tmp/sabus-map.XXXXXX");
	fd = mkstemp(map_path);
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	fputs(text, f);
	fclose(f);
	assert_int_equal(stub_option("sabus-bind-identity", "map"), 1);
	assert_int_equal(stub_option("sabus-identity-map", map_path), 1);
}

static int setup(void **state)
{
	map_path[0] = 0;
	return stub_setup(state);
}

static int teardown(void **state)
{
	if (map_path[0])
		unlink(map_path);
	return stub_teardown(state);
}

static void present(const char *ike, const char *eap)
{
	bus.answer = SABUS_PRESENT;
	bus.sas[0] = stub_sa(3);
	snprintf(bus.sas[0].id_remote, sizeof(bus.sas[0].id_remote), "%s", ike);
	snprintf(bus.sas[0].id_eap, sizeof(bus.sas[0].id_eap), "%s", eap);
	bus.n_sas = 1;
}

static void equal(void)
{
	assert_int_equal(stub_option("sabus-bind-identity", "equal"), 1);
}

/* From the first packet to the end of authentication. */
static void dial(void)
{
	if (stub_dial() != STUB_FD)
		fail_msg("refused: %s", host.log);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	assert_int_equal(host.closed, 0);
	stub_authenticate();
}

static void assert_ended(const char *text)
{
	/* already now, before PHASE_NETWORK, nothing will open IPCP */
	assert_true(ecp_gotoptions[0].required);
	stub_phase(PHASE_NETWORK);
	stub_run(0);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, 126);
	assert_string_equal(host.close_reason,
			    "IPsec: identity-mismatch (the PPP user is not one of those that the IKE identity stands for)");
	assert_true(stub_logged("sabus: close reason=identity-mismatch "));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_false(stub_logged("sabus: bound"));
	assert_false(bus.session.up);
	assert_false(persist);
}

static void assert_bound(const char *text)
{
	assert_false(ecp_gotoptions[0].required);
	stub_phase(PHASE_NETWORK);
	stub_run(1000);
	assert_int_equal(host.closed, 0);
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_true(bus.session.up);
}

static void assert_refused(const char *text)
{
	assert_int_equal(stub_dial(), -1);
	assert_true(stub_logged("sabus: refuse reason=bad-option "));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
	assert_int_equal(host.status, 122);
	assert_int_equal(bus.lookups, 0);
	assert_int_equal(host.connects, 1);
}

static void test_options(void **state)
{
	char path[300];

	(void)state;
	assert_int_equal(stub_option("sabus-bind-identity", "none"), 1);
	assert_int_equal(stub_option("sabus-bind-identity", "user"), 0);
	assert_true(stub_logged("sabus-bind-identity: 'user' is not valid; it must be none, equal or map"));
	assert_int_equal(stub_option("sabus-identity-map", "identities"), 0);
	assert_int_equal(stub_option("sabus-identity-map", ""), 0);
	memset(path, '/', sizeof(path));
	path[256] = 0;
	assert_int_equal(stub_option("sabus-identity-map", path), 0);
	path[255] = 0;
	assert_int_equal(stub_option("sabus-identity-map", path), 1);
}

/* Without the option nobody asks, whoever the two are, and nobody reads a map. */
static void test_none(void **state)
{
	(void)state;
	present("", "");
	host.user = NULL;
	assert_int_equal(stub_option("sabus-identity-map", "/nowhere/at/all"), 1);
	dial();
	assert_bound("");
	assert_false(stub_logged("bound"));
}

static void test_equal(void **state)
{
	(void)state;
	present("alice", "");
	equal();
	dial();
	assert_bound("sabus: bound user=\"alice\" identity=\"alice\" by=equal");
}

static void test_equal_eap(void **state)
{
	(void)state;
	present("laptop7.example", "alice");
	equal();
	dial();
	assert_bound("identity=\"alice\"");
}

static void test_not_equal(void **state)
{
	(void)state;
	present("mallory", "");
	equal();
	dial();
	assert_ended("text=\"PPP user 'alice' on the SA of IKE identity 'mallory': they are not equal\"");
}

static void test_not_equal_eap(void **state)
{
	(void)state;
	present("alice", "mallory");
	equal();
	dial();
	assert_ended("IKE identity 'mallory'");
}

static void test_no_identity(void **state)
{
	(void)state;
	present("%any", "");
	host.user = "%any";
	equal();
	dial();
	assert_ended("the SA names no identity to go by");
}

/* noauth, or we alone are authenticated: there is no user. */
static void test_peer_does_not_authenticate(void **state)
{
	(void)state;
	present("alice", "");
	host.user = NULL;
	equal();
	dial();
	assert_ended("did not authenticate itself in PPP");
}

static void test_only_we_authenticate(void **state)
{
	(void)state;
	present("alice", "");
	equal();
	if (stub_dial() != STUB_FD)
		fail_msg("refused: %s", host.log);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	auth_done[0] = 0x404; /* the name is of an earlier link */
	stub_authenticate();
	assert_ended("did not authenticate itself in PPP");
}

static void test_no_sa(void **state)
{
	(void)state;
	assert_int_equal(stub_option("sabus-ipsec", "optional"), 1);
	equal();
	dial();
	assert_ended("there is no SA");
}

static void test_map(void **state)
{
	(void)state;
	present("C=CH, O=Example, CN=laptop", "");
	write_map("# map\n\"C=CH, O=Example, CN=laptop\" bob alice\n");
	dial();
	assert_bound("sabus: bound user=\"alice\" identity=\"C=CH, O=Example, CN=laptop\" by=map");
}

static void test_map_other_user(void **state)
{
	(void)state;
	present("laptop", "");
	write_map("laptop bob\n");
	dial();
	assert_ended("PPP user 'alice' on the SA of IKE identity 'laptop': it stands for other users");
}

static void test_map_unknown_identity(void **state)
{
	(void)state;
	present("laptop", "");
	write_map("desktop alice\n");
	dial();
	assert_ended("'laptop': that identity is not in the map");
}

static void test_map_missing(void **state)
{
	(void)state;
	present("alice", "");
	assert_int_equal(stub_option("sabus-bind-identity", "map"), 1);
	assert_refused("sabus-bind-identity map needs sabus-identity-map FILE");
}

static void test_map_not_there(void **state)
{
	(void)state;
	present("alice", "");
	assert_int_equal(stub_option("sabus-bind-identity", "map"), 1);
	assert_int_equal(stub_option("sabus-identity-map", "/nowhere/map"), 1);
	assert_refused("sabus-identity-map /nowhere/map cannot be used: No such file or directory");
}

static void test_map_not_a_file(void **state)
{
	(void)state;
	present("alice", "");
	assert_int_equal(stub_option("sabus-bind-identity", "map"), 1);
	assert_int_equal(stub_option("sabus-identity-map", "/tmp"), 1);
	assert_refused("not a regular file");
}

static void test_map_of_another(void **state)
{
	(void)state;
	present("alice", "");
	write_map("alice alice\n");
	kernel.file_uid = 1000;
	assert_refused("not owned by root");
}

static void test_map_writable(void **state)
{
	static const mode_t wrong[] = { 0620, 0602, 0666 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		present("alice", "");
		write_map("alice alice\n");
		assert_int_equal(chmod(map_path, wrong[i]), 0);
		assert_refused("others than root may write");
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
	present("alice", "");
	write_map("alice alice\n");
	assert_int_equal(chmod(map_path, 0644), 0);
	dial();
	assert_bound("by=map");
}

static void test_map_syntax(void **state)
{
	char place[128];

	(void)state;
	present("alice", "");
	write_map("alice alice\n\n\"bob bob\n");
	snprintf(place, sizeof(place), "%s:3: a quote that does not end on its line", map_path);
	assert_refused(place);
}

/* A line that is taken out counts for who comes after that, a fault that is put in for everybody. */
static void test_map_changes_meanwhile(void **state)
{
	FILE *f;

	(void)state;
	present("alice", "");
	write_map("alice alice\n");
	assert_int_equal(stub_dial(), STUB_FD);
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	f = fopen(map_path, "w");
	fputs("alice alice\nbob", f);
	fclose(f);
	stub_authenticate();
	assert_ended(":2: an identity without a user");
}

static void test_long_names(void **state)
{
	char dn[256], user[256], map[600];

	(void)state;
	memset(dn, 'd', sizeof(dn));
	memset(user, 'u', sizeof(user));
	memcpy(dn, "C=CH, CN=", 9);
	dn[250] = user[254] = 0;
	present(dn, "");
	host.user = user;
	snprintf(map, sizeof(map), "\"%s\" %s\n", dn, user);
	write_map(map);
	dial();
	assert_bound(dn);
}

static void test_long_names_refused(void **state)
{
	char dn[256], user[256], map[600];

	(void)state;
	memset(dn, 'd', sizeof(dn));
	memset(user, 'u', sizeof(user));
	dn[250] = user[254] = 0;
	present(dn, "");
	snprintf(map, sizeof(map), "\"%s\" %s\n", dn, user);
	write_map(map);
	user[253] = 'v';
	host.user = user;
	dial();
	assert_ended("it stands for other users");
}

/* ---- a living link ---- */

static void link_up(void)
{
	dial();
	assert_bound("sabus: bound");
	stub_forget_log();
}

static void test_rekey_same_identity(void **state)
{
	(void)state;
	present("alice", "");
	equal();
	link_up();
	bus.sas[0].id = 4;
	bus.sas[0].replaces = 3;
	bus.sas[0].spi_in++;
	stub_event_put(&bus.sas[0]);
	stub_event_del(3, SABUS_CAUSE_REKEYED);
	stub_run(1000);
	assert_int_equal(host.closed, 0);
	assert_int_equal(bus.session.sa_id, 4);
	assert_false(stub_logged("bound"));
}

static void assert_ended_alive(const char *text)
{
	stub_run(1000);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, 126);
	assert_true(stub_logged("sabus: close reason=identity-mismatch "));
	if (!stub_logged(text))
		fail_msg("no '%s' in:\n%s", text, host.log);
}

static void test_rekey_other_identity(void **state)
{
	(void)state;
	present("alice", "");
	equal();
	link_up();
	bus.sas[0].id = 4;
	bus.sas[0].replaces = 3;
	snprintf(bus.sas[0].id_remote, sizeof(bus.sas[0].id_remote), "mallory");
	stub_event_put(&bus.sas[0]);
	stub_event_del(3, SABUS_CAUSE_REKEYED);
	assert_ended_alive("IKE identity 'mallory'");
}

/* The same SA, but its peer is somebody else now (reauthentication within the IKE_SA). */
static void test_same_sa_other_identity(void **state)
{
	(void)state;
	present("laptop", "alice");
	equal();
	link_up();
	snprintf(bus.sas[0].id_eap, sizeof(bus.sas[0].id_eap), "mallory");
	stub_event_put(&bus.sas[0]);
	assert_ended_alive("IKE identity 'mallory'");
}

static void test_same_sa_other_identity_of_the_same_user(void **state)
{
	(void)state;
	present("laptop", "old");
	write_map("old alice\nnew alice\n");
	link_up();
	snprintf(bus.sas[0].id_eap, sizeof(bus.sas[0].id_eap), "new");
	stub_event_put(&bus.sas[0]);
	stub_run(1000);
	assert_int_equal(host.closed, 0);
}

/* Nothing is demanded: an identity that changes is as it ever was. */
static void test_same_sa_other_identity_unbound(void **state)
{
	(void)state;
	present("laptop", "alice");
	dial();
	assert_bound("");
	snprintf(bus.sas[0].id_eap, sizeof(bus.sas[0].id_eap), "mallory");
	stub_event_put(&bus.sas[0]);
	stub_run(1000);
	assert_int_equal(host.closed, 0);
}

/* LCP starts anew, and this time the peer is another user. */
static void test_renegotiation_as_another(void **state)
{
	(void)state;
	present("alice", "");
	equal();
	link_up();
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	host.user = "root";
	stub_authenticate();
	stub_run(0);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, 126);
	assert_true(stub_logged("PPP user 'root'"));
}

/* What the peer calls itself cannot forge a log line's fields. */
static void test_quotes_in_a_name(void **state)
{
	(void)state;
	present("x\" by=equal y=\"", "");
	host.user = "x\" by=equal y=\"";
	equal();
	dial();
	assert_bound("sabus: bound user=\"x\\x22 by=equal y=\\x22\" identity=\"x\\x22 by=equal y=\\x22\" by=equal");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_options),
		T(test_none),
		T(test_equal),
		T(test_equal_eap),
		T(test_not_equal),
		T(test_not_equal_eap),
		T(test_no_identity),
		T(test_peer_does_not_authenticate),
		T(test_only_we_authenticate),
		T(test_no_sa),
		T(test_map),
		T(test_map_other_user),
		T(test_map_unknown_identity),
		T(test_map_missing),
		T(test_map_not_there),
		T(test_map_not_a_file),
		T(test_map_of_another),
		T(test_map_writable),
		T(test_map_syntax),
		T(test_map_changes_meanwhile),
		T(test_long_names),
		T(test_long_names_refused),
		T(test_rekey_same_identity),
		T(test_rekey_other_identity),
		T(test_same_sa_other_identity),
		T(test_same_sa_other_identity_of_the_same_user),
		T(test_same_sa_other_identity_unbound),
		T(test_renegotiation_as_another),
		T(test_quotes_in_a_name),
	};

	return cmocka_run_group_tests_name("pppd bind", tests, NULL, NULL);
}
