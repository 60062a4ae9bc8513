// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sabus-radius.so beside sabus.so: what the server is asked and told, and what its answers do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "stub.h"

#define OURS SABUS_RADIUS_VENDOR

static void put_u32(uint32_t vendor, uint16_t number, uint32_t v)
{
	worker_put_u32(&helper.reply, vendor, number, v);
}

static void put_text(uint32_t vendor, uint16_t number, const char *text)
{
	worker_put_text(&helper.reply, vendor, number, text);
}

static uint32_t asked_u32(uint32_t vendor, uint16_t number)
{
	struct worker_attr a;
	uint32_t v = 0;

	if (!worker_find(&helper.request, vendor, number, &a) || worker_u32(&a, &v))
		fail_msg("no number %u of %u", number, vendor);
	return v;
}

/* ---- authentication ---- */
static void test_mschap2(void **state)
{
	char message[256];
	struct worker_attr a;

	(void)state;
	stub_link();
	stub_accept();
	assert_int_equal(stub_mschap2("alice", message), 1);
	assert_string_equal(message, "S=407A5589115FD0D6209F510FE9C04566932CDA56");
	assert_true(host.keys);
	assert_memory_equal(host.send_key, "ssssssssssssssss", 16);
	assert_memory_equal(host.recv_key, "rrrrrrrrrrrrrrrr", 16);
	assert_true(worker_find(&helper.request, RA_MICROSOFT, RA_MS_CHAP2_RESPONSE, &a));
	assert_int_equal(a.len, 50);
	assert_int_equal(a.value[0], 7); /* identifier */
	assert_int_equal(a.value[1], 4); /* flags, which PPP has at the end */
	assert_int_equal(a.value[2], 9);
	assert_true(worker_find(&helper.request, RA_MICROSOFT, RA_MS_CHAP_CHALLENGE, &a));
	assert_int_equal(a.len, 16);
	assert_true(stub_logged("auth result=accept method=mschap-v2 server=10.7.0.1 ms=5 user=\"alice\""));
	assert_int_equal(sabus.authorized, 1);
	assert_string_equal(sabus.user, "alice");
}

static void test_what_the_server_is_told(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	stub_mschap2("alice", NULL);
	assert_string_equal(stub_text(&helper.request, 0, RA_USER_NAME), "alice");
	assert_int_equal(asked_u32(0, RA_SERVICE_TYPE), RV_SERVICE_FRAMED);
	assert_int_equal(asked_u32(0, RA_NAS_PORT), 3);
	assert_int_equal(asked_u32(0, RA_NAS_PORT_TYPE), RV_PORT_VIRTUAL);
	assert_string_equal(stub_text(&helper.request, 0, RA_CALLING_STATION_ID), "198.51.100.2");
	assert_string_equal(stub_text(&helper.request, 0, RA_CALLED_STATION_ID), "192.0.2.1");
	assert_int_equal(asked_u32(0, RA_TUNNEL_TYPE), RV_TUNNEL_L2TP);
	assert_string_equal(stub_text(&helper.request, 0, RA_TUNNEL_CLIENT_ENDPOINT), ""); /* tag 0 before it */
	assert_string_equal(stub_text(&helper.request, 0, RA_TUNNEL_CLIENT_ENDPOINT) + 1, "198.51.100.2");
	assert_string_equal(stub_text(&helper.request, 0, RA_TUNNEL_SERVER_AUTH_ID) + 1, "lns");
	assert_string_equal(stub_text(&helper.request, 0, RA_ACCT_TUNNEL_CONNECTION), "7");
	assert_int_equal(asked_u32(OURS, SABUS_AT_PROTECTED), 2);
	assert_string_equal(stub_text(&helper.request, OURS, SABUS_AT_SUITE), "ESP AES_GCM_16-256");
	assert_int_equal(asked_u32(OURS, SABUS_AT_ENCRYPTION_KEY_BITS), 256);
	assert_string_equal(stub_text(&helper.request, OURS, SABUS_AT_INTEGRITY), "AEAD");
	assert_string_equal(stub_text(&helper.request, OURS, SABUS_AT_IKE_IDENTITY), "CN=alice");
	assert_int_equal(asked_u32(OURS, SABUS_AT_SPI_IN), 0xc1);
	assert_int_equal(asked_u32(OURS, SABUS_AT_MPPE), 0);
	assert_int_equal(asked_u32(OURS, SABUS_AT_MTU), 1400);
	assert_string_equal(stub_text(&helper.request, OURS, SABUS_AT_REASON), "ok-protected");
}

static void test_behind_nat(void **state)
{
	(void)state;
	sabus.facts.sa.flags = SABUS_SAF_ENCAP;
	sabus.facts.sa.remote.port = 61000;
	stub_link();
	stub_accept();
	stub_mschap2("alice", NULL);
	assert_string_equal(stub_text(&helper.request, 0, RA_CALLING_STATION_ID), "198.51.100.2:61000");
	assert_int_equal(asked_u32(OURS, SABUS_AT_NAT_T), 1);
}

static void test_identity_in_pieces(void **state)
{
	struct worker_attr a;
	char all[SABUS_ID_MAX] = "";
	size_t at = 0;
	int n = 0;

	(void)state;
	memset(sabus.facts.sa.id_remote, 'x', 250);
	sabus.facts.sa.id_remote[249] = 'y';
	stub_link();
	stub_accept();
	stub_mschap2("alice", NULL);
	while (worker_next(&helper.request, &at, &a)) {
		if (a.vendor != OURS || a.number != SABUS_AT_IKE_IDENTITY)
			continue;
		assert_in_range(a.len, 1, 240);
		memcpy(all + strlen(all), a.value, a.len);
		n++;
	}
	assert_int_equal(n, 2);
	assert_string_equal(all, sabus.facts.sa.id_remote);
}

static void test_no_sa(void **state)
{
	(void)state;
	sabus.facts.have_sa = false;
	sabus.facts.reason = SABUS_R_OK_UNPROTECTED;
	stub_link();
	stub_accept();
	stub_mschap2("alice", NULL);
	assert_int_equal(asked_u32(OURS, SABUS_AT_PROTECTED), 0);
	assert_false(stub_has(&helper.request, OURS, SABUS_AT_SUITE));
	assert_false(stub_has(&helper.request, OURS, SABUS_AT_SPI_IN));
}

static void refused(const char *reason, const char *message_has)
{
	char message[256], text[128];

	stub_link();
	assert_int_equal(stub_mschap2("alice", message), 0);
	snprintf(text, sizeof(text), "auth result=refuse reason=%s ", reason);
	if (!stub_logged(text))
		fail_msg("no '%s' in %s", text, host.log);
	if (!strstr(message, message_has))
		fail_msg("'%s' is not in '%s'", message_has, message);
	assert_false(host.keys);
	if (allowed_address_hook)
		assert_int_equal(allowed_address_hook(htonl(0x0a000042)) == 1, 0);
}

static void test_reject(void **state)
{
	(void)state;
	helper.result = WORKER_REJECT;
	put_text(0, RA_REPLY_MESSAGE, "not today");
	refused("radius-reject", "E=691 R=0 C=01020300");
	assert_true(stub_logged("text=\"not today\""));
	assert_int_equal(helper.kept, 0);
}

static void test_reject_with_error(void **state)
{
	(void)state;
	helper.result = WORKER_REJECT;
	put_text(RA_MICROSOFT, RA_MS_CHAP_ERROR, "\007E=648 R=1 C=00 V=3 M=expired");
	refused("radius-reject", "E=648 R=0 C=00 V=3 M=expired");
}

static void test_down(void **state)
{
	(void)state;
	helper.result = WORKER_DOWN;
	helper.text = "server 10.7.0.1: no answer";
	refused("radius-down", "E=691");
	assert_true(stub_logged("server 10.7.0.1: no answer"));
}

static void test_bad(void **state)
{
	(void)state;
	helper.result = WORKER_BAD;
	refused("radius-reply", "E=691");
}

static void test_no_helper(void **state)
{
	(void)state;
	helper.start_error = -ENOENT;
	refused("radius-down", "E=691");
	assert_int_equal(helper.asked, 0);
}

static void test_sabus_refuses(void **state)
{
	(void)state;
	stub_accept();
	sabus.deny = SABUS_R_SA_WEAK;
	refused("sa-weak", "E=649");
	/* the server has accepted: it hears of the end, and why */
	stub_phase(PHASE_DISCONNECT);
	assert_int_equal(helper.n_sent, 1);
	assert_int_equal(helper.sent[0].status, RV_ACCT_STOP);
	assert_int_equal(stub_sent_u32(0, 0, RA_ACCT_TERMINATE_CAUSE), 10);
}

static void test_no_success(void **state)
{
	(void)state;
	helper.result = WORKER_OK;
	refused("radius-reply", "E=691");
	assert_true(stub_logged("no MS-CHAP2-Success"));
}

static const struct {
	uint32_t vendor;
	uint16_t number;
	size_t len;
	const char *value;
} unusable[] = {
	{ 0, RA_SERVICE_TYPE, 4, "\0\0\0\1" },
	{ 0, RA_FRAMED_PROTOCOL, 4, "\0\0\0\2" },
	{ 0, RA_SESSION_TIMEOUT, 3, "\0\0\1" },
	{ 0, RA_FRAMED_IP_ADDRESS, 4, "\177\0\0\1" },
	{ 0, RA_FRAMED_IP_ADDRESS, 5, "\12\0\0\1\0" },
	{ 0, RA_FILTER_ID, 3, "a\nb" },
	{ 0, RA_FRAMED_ROUTE, 3, "a\0b" },
	{ 0, RA_FRAMED_INTERFACE_ID, 8, "\0\0\0\0\0\0\0\0" },
	{ 0, RA_FRAMED_IPV6_PREFIX, 4, "\0\100\40\1" },
	{ RA_MICROSOFT, RA_MS_MPPE_SEND_KEY, 8, "12345678" },
	{ RA_MICROSOFT, RA_MS_CHAP2_SUCCESS, 3, "\007S=" },
	{ RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_POLICY, 1, "\1" },
	{ SABUS_RADIUS_VENDOR, SABUS_AT_ENCRYPTION_POLICY, 3, "\0\0\1" },
	{ SABUS_RADIUS_VENDOR, SABUS_AT_MTU_CAP, 0, "" },
	{ SABUS_RADIUS_VENDOR, 200, 4, "\0\0\0\1" }, /* a policy of tomorrow */
};

static void test_unusable(void **state)
{
	char message[256];

	(void)state;
	stub_link();
	for (size_t i = 0; i < sizeof(unusable) / sizeof(unusable[0]); i++) {
		stub_accept();
		worker_put(&helper.reply, unusable[i].vendor, unusable[i].number, unusable[i].value, unusable[i].len);
		stub_forget_log();
		if (stub_mschap2("alice", message) || !stub_logged("reason=radius-reply"))
			fail_msg("case %zu: %s", i, host.log);
		assert_int_equal(sabus.authorized, 0);
	}
}

static void test_twice(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	put_u32(OURS, SABUS_AT_ENCRYPTION_POLICY, 1);
	put_u32(OURS, SABUS_AT_ENCRYPTION_POLICY, 1);
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	stub_accept();
	put_u32(OURS, SABUS_AT_ENCRYPTION_POLICY, 1);
	put_u32(OURS, SABUS_AT_ENCRYPTION_POLICY, 3);
	assert_int_equal(stub_mschap2("alice", NULL), 0);
	assert_true(stub_logged("comes twice with different values"));
}

static void test_policy_reaches_sabus(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	put_u32(OURS, SABUS_AT_ENCRYPTION_POLICY, 2);
	put_u32(OURS, SABUS_AT_IPSEC_MANDATE, 1);
	put_u32(OURS, SABUS_AT_MIN_STRENGTH, 3);
	put_u32(OURS, SABUS_AT_MTU_CAP, 1300);
	put_u32(0, RA_FRAMED_MTU, 1350);
	put_text(OURS, SABUS_AT_ALLOWED_IKE_IDENTITY, "CN=a*");
	put_text(OURS, SABUS_AT_ALLOWED_IKE_IDENTITY, "CN=b*");
	put_u32(RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_POLICY, 1);
	put_u32(RA_MICROSOFT, RA_MS_MPPE_ENCRYPTION_TYPES, 4);
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	assert_int_equal(sabus.reply.has, SABUS_RP_ENCRYPTION | SABUS_RP_MANDATE | SABUS_RP_MIN_STRENGTH | SABUS_RP_MTU_CAP |
						  SABUS_RP_FRAMED_MTU | SABUS_RP_MS_POLICY | SABUS_RP_MS_TYPES);
	assert_int_equal(sabus.reply.encryption, 2);
	assert_int_equal(sabus.reply.mtu_cap, 1300);
	assert_int_equal(sabus.reply.n_identities, 2);
	assert_string_equal(sabus.reply.identities[1], "CN=b*");
	assert_int_equal(host.mtu, 1400); /* sabus.so's */
	assert_int_equal(host.enc_types, 0);
}

static void test_too_many_identities(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	for (int i = 0; i < 200; i++)
		put_text(OURS, SABUS_AT_ALLOWED_IKE_IDENTITY, "*");
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	assert_true(sabus.reply.n_identities > SABUS_REPLY_IDS);
}

static void test_pap(void **state)
{
	struct wordlist *addrs = NULL, *opts = NULL;
	char *message = NULL;

	(void)state;
	stub_link();
	helper.result = WORKER_OK;
	put_text(0, RA_REPLY_MESSAGE, "hello\r\n");
	assert_int_equal(pap_auth_hook((char *)"bob", (char *)"secret", &message, &addrs, &opts), 1);
	assert_string_equal(message, "hello  ");
	assert_string_equal(stub_text(&helper.request, 0, RA_USER_PASSWORD), "secret");
	assert_false(host.keys);
	/* keys that are another protocol's */
	worker_put(&helper.reply, RA_MICROSOFT, RA_MS_CHAP_MPPE_KEYS, (const char[32]){ 1 }, 32);
	assert_int_equal(pap_auth_hook((char *)"bob", (char *)"secret", &message, &addrs, &opts), 1);
	assert_false(host.v1_keys);
	helper.result = WORKER_REJECT;
	worker_list_init(&helper.reply);
	assert_int_equal(pap_auth_hook((char *)"bob", (char *)"wrong", &message, &addrs, &opts), 0);
	assert_string_equal(message, "");
}

static void test_chap_md5_and_v1(void **state)
{
	struct chap_digest_type md5 = { .code = CHAP_MD5 }, v1 = { .code = CHAP_MICROSOFT };
	unsigned char challenge[9] = { 8, 1, 2, 3, 4, 5, 6, 7, 8 }, r16[17] = { 16, 5 }, r49[50] = { 49, 6 }, keys[32] = { 0 };
	char message[256];
	struct worker_attr a;

	(void)state;
	stub_link();
	helper.result = WORKER_OK;
	assert_int_equal(chap_verify_hook((char *)"c", (char *)"lns", 9, &md5, challenge, r16, message, 256), 1);
	assert_true(worker_find(&helper.request, 0, RA_CHAP_PASSWORD, &a));
	assert_int_equal(a.len, 17);
	assert_int_equal(a.value[0], 9);
	memset(keys + 8, 'h', 16);
	worker_put(&helper.reply, RA_MICROSOFT, RA_MS_CHAP_MPPE_KEYS, keys, sizeof(keys));
	assert_int_equal(chap_verify_hook((char *)"c", (char *)"lns", 9, &v1, challenge, r49, message, 256), 1);
	assert_true(host.v1_keys);
	assert_memory_equal(host.send_key, "hhhhhhhhhhhhhhhh", 16);
	/* a response of a wrong length is not even asked about */
	helper.asked = 0;
	r16[0] = 15;
	assert_int_equal(chap_verify_hook((char *)"c", (char *)"lns", 9, &md5, challenge, r16, message, 256), 0);
	assert_int_equal(helper.asked, 0);
}

static void eap(void)
{
	host.authname = "CN=dora";
	auth_done[0] = AUTH_DONE_EAP_PEER;
	stub_notify(NF_AUTH_UP);
}

static void test_eap(void **state)
{
	(void)state;
	stub_link();
	helper.result = WORKER_OK;
	eap();
	assert_int_equal(helper.asked, 1);
	assert_int_equal(asked_u32(0, RA_SERVICE_TYPE), RV_SERVICE_AUTHORIZE_ONLY);
	assert_string_equal(stub_text(&helper.request, 0, RA_USER_NAME), "CN=dora");
	assert_int_equal(sabus.authorized, 1);
	stub_ip_up();
	assert_int_equal(stub_sent_u32(0, 0, RA_ACCT_AUTHENTIC), RV_AUTHENTIC_REMOTE);
	assert_int_equal(stub_sent_u32(0, 0, RA_SERVICE_TYPE), RV_SERVICE_FRAMED);
}

static void test_eap_refused(void **state)
{
	(void)state;
	stub_link();
	helper.result = WORKER_REJECT;
	eap();
	assert_int_equal(allowed_address_hook(htonl(0x0a000042)), 0);
	stub_run(0);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.status, EXIT_PEER_AUTH_FAILED);
}

static void test_eap_down(void **state)
{
	(void)state;
	stub_link();
	helper.result = WORKER_DOWN;
	eap();
	assert_int_equal(sabus.closed, 1);
	assert_int_equal(sabus.close_reason, SABUS_R_RADIUS_DOWN);
	assert_int_equal(allowed_address_hook(htonl(0x0a000042)), 0);
}

static void test_others_are_not_asked_about(void **state)
{
	(void)state;
	stub_link();
	auth_done[0] = 0x808;
	stub_notify(NF_AUTH_UP);
	assert_int_equal(helper.asked, 0);
}

/* ---- what is granted ---- */
static void test_addresses(void **state)
{
	(void)state;
	stub_link();
	assert_int_equal(allowed_address_hook(htonl(0x0a000042)), -1);
	stub_accept();
	stub_mschap2("alice", NULL);
	assert_int_equal(allowed_address_hook(htonl(0x0a000042)), 1);
	assert_int_equal(allowed_address_hook(htonl(0x0a000043)), 0);
	stub_accept();
	put_u32(0, RA_FRAMED_IP_ADDRESS, RV_ADDRESS_PEER);
	stub_mschap2("alice", NULL);
	assert_int_equal(allowed_address_hook(htonl(0x0a000043)), 1);
	stub_accept();
	put_u32(0, RA_FRAMED_IP_ADDRESS, RV_ADDRESS_NAS);
	stub_mschap2("alice", NULL);
	assert_int_equal(allowed_address_hook(htonl(0x0a000042)), 1);
	assert_int_equal(allowed_address_hook(htonl(0x0a000043)), 0);
	stub_accept();
	put_u32(0, RA_FRAMED_IP_ADDRESS, 0xc0000207);
	stub_mschap2("alice", NULL);
	assert_int_equal(allowed_address_hook(htonl(0xc0000207)), 1);
	assert_int_equal(allowed_address_hook(htonl(0x0a000042)), 0);
	stub_ip_up();
	assert_int_equal(ipcp_wantoptions[0].hisaddr, htonl(0xc0000207));
	assert_int_equal(stub_sent_u32(0, 0, RA_FRAMED_IP_ADDRESS), 0xc0000207);
	assert_memory_equal(sabus.addr.b, "\300\0\2\7", 4);
}

static void test_dns_limits_env(void **state)
{
	(void)state;
	stub_link();
	stub_accept();
	put_u32(RA_MICROSOFT, RA_MS_PRIMARY_DNS, 0x09090909);
	put_u32(RA_MICROSOFT, RA_MS_SECONDARY_NBNS, 0x0a0a0a0a);
	put_u32(0, RA_SESSION_OCTETS_LIMIT, 1000);
	put_text(0, RA_FILTER_ID, "cage");
	put_text(0, RA_FRAMED_ROUTE, "192.0.2.0/24");
	put_text(0, RA_FRAMED_ROUTE, "198.51.100.0/24 10.0.0.1 1");
	worker_put(&helper.reply, 0, RA_CLASS, "\0\377", 2);
	worker_put(&helper.reply, 0, RA_FRAMED_IPV6_PREFIX, "\0\100\40\1\15\270\0\0\0\0", 10);
	worker_put(&helper.reply, 0, RA_FRAMED_INTERFACE_ID, "\0\0\0\0\0\0\0\5", 8);
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	assert_int_equal(ipcp_allowoptions[0].dnsaddr[0], htonl(0x09090909));
	assert_int_equal(ipcp_allowoptions[0].dnsaddr[1], htonl(0x09090909));
	assert_int_equal(ipcp_allowoptions[0].winsaddr[0], htonl(0x0a0a0a0a));
	assert_int_equal(host.octets, 1000);
	assert_string_equal(stub_env("RADIUS_FILTER_ID"), "cage");
	assert_string_equal(stub_env("RADIUS_FRAMED_ROUTE"), "198.51.100.0/24 10.0.0.1 1");
	assert_string_equal(stub_env("RADIUS_FRAMED_ROUTE_1"), "192.0.2.0/24");
	assert_string_equal(stub_env("RADIUS_FRAMED_ROUTE_2"), "198.51.100.0/24 10.0.0.1 1");
	assert_string_equal(stub_env("RADIUS_CLASS"), "0x00ff");
	assert_string_equal(stub_env("RADIUS_FRAMED_IPV6_PREFIX"), "2001:db8::/64");
	assert_int_equal(ipv6cp_wantoptions[0].opt_remote, 1);
	/* the next answer on this link has none of it */
	stub_accept();
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	assert_int_equal(ipcp_allowoptions[0].dnsaddr[0], 0);
	assert_null(stub_env("RADIUS_FILTER_ID"));
	assert_null(stub_env("RADIUS_FRAMED_ROUTE_2"));
	assert_int_equal(ipv6cp_wantoptions[0].opt_remote, 0);
}

static void test_options(void **state)
{
	(void)state;
	assert_int_equal(stub_option("radius-config-file", "relative"), 0);
	assert_int_equal(stub_option("radius-config-file", "/etc/r.conf"), 1);
	assert_int_equal(stub_option("avpair", "no value"), 0);
	for (int i = 0; i < 32; i++)
		assert_int_equal(stub_option("avpair", "Connect-Info=x"), 1);
	assert_int_equal(stub_option("avpair", "Connect-Info=x"), 0);
	assert_int_equal(stub_option("sabus-radius-timeout", "0"), 0);
	assert_int_equal(stub_option("sabus-radius-timeout", "15"), 1);
	assert_int_equal(stub_option("sabus-radius-stop-retry", "86401"), 0);
	assert_int_equal(stub_option("map-to-ttyname", NULL), 1);
	stub_link();
	stub_accept();
	stub_mschap2("alice", NULL);
	assert_int_equal(asked_u32(0, RA_NAS_PORT), 17);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, stub_setup, stub_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_mschap2),
		T(test_what_the_server_is_told),
		T(test_behind_nat),
		T(test_identity_in_pieces),
		T(test_no_sa),
		T(test_reject),
		T(test_reject_with_error),
		T(test_down),
		T(test_bad),
		T(test_no_helper),
		T(test_sabus_refuses),
		T(test_no_success),
		T(test_unusable),
		T(test_twice),
		T(test_policy_reaches_sabus),
		T(test_too_many_identities),
		T(test_pap),
		T(test_chap_md5_and_v1),
		T(test_eap),
		T(test_eap_refused),
		T(test_eap_down),
		T(test_others_are_not_asked_about),
		T(test_addresses),
		T(test_dns_limits_env),
		T(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
