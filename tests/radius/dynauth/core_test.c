// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is behind the codec, without sockets and with a clock of the test's: who is a client, which session is meant, what came already, and when a job ends.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "dynauth.h"
#include "make.h"
#include "policy.h"

#define CLOCK 1700000000

struct fixture {
	struct dynauth d;
	struct dyn_peer peer;
	int ask_error;
	uint32_t asked, last_session;
	uint8_t answer[RADIUS_MAX];
	size_t answers, answer_len;
};

static int fake_ask(void *ctx, uint32_t session_id, const struct dyn_request *rq, const char *why, uint32_t *seq)
{
	struct fixture *f = ctx;

	(void)rq;
	assert_true(strlen(why) < 64);
	if (f->ask_error)
		return f->ask_error;
	f->last_session = session_id;
	*seq = ++f->asked;
	return 0;
}

static void fake_send(void *ctx, const struct dyn_peer *peer, const uint8_t *answer, size_t len)
{
	struct fixture *f = ctx;

	(void)peer;
	f->answers++;
	f->answer_len = len;
	memcpy(f->answer, answer, len);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char error[CONF_ERROR_MAX];

	assert_non_null(f);
	assert_int_equal(conf_parse("test", "client 192.0.2.0/24 \"" MAKE_SECRET "\"\nclient 2001:db8::/32 x\n", &f->d.conf, error), 0);
	f->d.ask = fake_ask;
	f->d.send = fake_send;
	f->d.ctx = f;
	f->d.ready = true;
	strcpy(f->d.hostname, "lns");
	assert_int_equal(sabus_addr_parse(&f->peer.from.addr, "192.0.2.10"), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dynauth_free(&f->d);
	free(f);
	return 0;
}

static void add_session(struct fixture *f, uint32_t id, const char *user)
{
	struct sabus_session s = { .role = SABUS_ROLE_LNS };

	snprintf(s.user, sizeof(s.user), "%s", user);
	assert_int_equal(known_session_put(&f->d.known, id, &s), 0);
}

static void ask(struct fixture *f, uint8_t id, int64_t now)
{
	struct make m;

	make_good(&m, CLOCK);
	m.p[1] = id;
	make_sign(&m, MAKE_SECRET);
	dynauth_datagram(&f->d, &f->peer, m.p, m.len, now, CLOCK);
}

static void test_job_ends_by_time(void **state)
{
	struct fixture *f = *state;

	add_session(f, 3, "alice");
	assert_int_equal(dynauth_timers(&f->d, 1000, CLOCK), -1);
	ask(f, 1, 1000);
	ask(f, 2, 2000);
	assert_int_equal(f->asked, 2);
	assert_int_equal(f->last_session, 3);
	assert_int_equal(dynauth_timers(&f->d, 2000, CLOCK), DYNAUTH_JOB_MS - 1000);
	assert_int_equal(f->answers, 0);
	assert_int_equal(dynauth_timers(&f->d, 1000 + DYNAUTH_JOB_MS, CLOCK), 1000);
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->answer[0], DYN_DISCONNECT_NAK);
	dynauth_result(&f->d, 1, 0, "", CLOCK); /* too late: nobody waits */
	assert_int_equal(f->answers, 1);
	dynauth_result(&f->d, 2, 0, "", CLOCK);
	assert_int_equal(f->answers, 2);
	assert_int_equal(f->answer[0], DYN_DISCONNECT_ACK);
	dynauth_result(&f->d, 2, 0, "", CLOCK);
	dynauth_result(&f->d, 77, 0, "", CLOCK);
	assert_int_equal(f->answers, 2);
	assert_int_equal(dynauth_timers(&f->d, 9000, CLOCK), -1);
}

static void test_asking_fails(void **state)
{
	struct fixture *f = *state;

	add_session(f, 3, "alice");
	f->ask_error = -EAGAIN;
	ask(f, 1, 0);
	assert_int_equal(f->answer[0], DYN_DISCONNECT_NAK);
	f->ask_error = -ENOTCONN;
	ask(f, 2, 0);
	assert_int_equal(f->answers, 2);
	assert_null(f->d.jobs);
}

static void test_bus_lost(void **state)
{
	struct fixture *f = *state;

	add_session(f, 3, "alice");
	add_session(f, 4, "alice");
	ask(f, 1, 0);
	ask(f, 2, 0);
	assert_int_equal(f->asked, 4);
	dynauth_bus_lost(&f->d, CLOCK);
	assert_int_equal(f->answers, 2);
	assert_null(f->d.asks);
	assert_null(f->d.known.sessions);
	ask(f, 3, 0);
	assert_int_equal(f->answers, 3);
	assert_int_equal(f->answer[0], DYN_DISCONNECT_NAK);
}

/* A request that is ended with others under way, in every order. */
static void test_free_with_jobs(void **state)
{
	struct fixture *f = *state;

	add_session(f, 3, "alice");
	add_session(f, 4, "alice");
	for (uint8_t id = 0; id < 10; id++)
		ask(f, id, 0);
	dynauth_result(&f->d, 7, 0, "", CLOCK);
	assert_int_equal(f->answers, 0);
	dynauth_result(&f->d, 8, EBUSY, "", CLOCK);
	assert_int_equal(f->answers, 1);
}

static void test_too_many_asks(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= DYNAUTH_SESSIONS_MAX + 1; i++)
		add_session(f, i, "alice");
	ask(f, 1, 0);
	assert_int_equal(f->answers, 1); /* more sessions than one request may end: none is */
	assert_int_equal(f->asked, 0);
	known_session_del(&f->d.known, 1);
	for (unsigned int i = 0; i < DYNAUTH_ASKS_MAX / DYNAUTH_SESSIONS_MAX; i++)
		ask(f, (uint8_t)(10 + i), 0);
	assert_int_equal(f->asked, DYNAUTH_ASKS_MAX);
	ask(f, 200, 0);
	assert_int_equal(f->answers, 2);
	assert_int_equal(f->answer[0], DYN_DISCONNECT_NAK);
}

static void test_seen_is_forgotten(void **state)
{
	struct fixture *f = *state;
	const int64_t life = 2000 * 300 + DYNAUTH_KEEP_MS;

	ask(f, 1, 0);
	ask(f, 1, life - 1);
	assert_int_equal(f->answers, 2); /* the same, kept */
	assert_int_equal(HASH_COUNT(f->d.seen.by_key), 1);
	dynauth_timers(&f->d, life, CLOCK);
	assert_int_equal(HASH_COUNT(f->d.seen.by_key), 0);
}

/* When nothing more can be remembered nothing more is done: what is forgotten could be played again. */
static void test_seen_is_full(void **state)
{
	struct fixture *f = *state;
	struct seen_key key;

	add_session(f, 3, "alice");
	memset(&key, 0, sizeof(key));
	for (uint32_t i = 0; i < SEEN_MAX; i++) {
		memcpy(key.authenticator, &i, sizeof(i));
		assert_non_null(seen_add(&f->d.seen, &key, 1000));
	}
	ask(f, 1, 0);
	assert_int_equal(f->asked, 0);
	assert_int_equal(f->answer[0], DYN_DISCONNECT_NAK);
	ask(f, 2, 1000); /* there is room again */
	assert_int_equal(f->asked, 1);
}

static void test_client_of(void **state)
{
	static const struct {
		const char *addr, *secret;
	} cases[] = {
		{ "10.1.2.3", "eight" },   { "10.1.2.4", "all" },	 { "10.1.255.255", "all" }, { "10.2.0.0", "any" },  { "10.1.3.255", "23" },
		{ "10.1.4.0", "all" },	   { "2001:db8::1", "six" },	 { "2001:db8:8000::", "half" }, { "2001:db9::", NULL },
	};
	struct fixture *f = *state;
	char error[CONF_ERROR_MAX];
	struct sabus_addr a;

	assert_int_equal(conf_parse("test",
				    "client 0.0.0.0/0 any\nclient 10.1.0.0/16 all\nclient 10.1.2.0/23 23\nclient 10.1.2.3 eight\nclient 10.1.2.4/32 all\n"
				    "client 2001:db8::/32 six\nclient 2001:db8:8000::/33 half",
				    &f->d.conf, error),
			 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct conf_client *k;

		assert_int_equal(sabus_addr_parse(&a, cases[i].addr), 0);
		k = conf_client_of(&f->d.conf, &a);
		if (cases[i].secret)
			assert_string_equal(k->secret, cases[i].secret);
		else
			assert_null(k);
	}
}

/* The tunnel's peer is 2001:db8::7, behind a NAT at 2001:db8::99 (in transport mode both are the same). */
static void test_stations(void **state)
{
	static const struct {
		const char *text;
		bool fits, fits_without_outer;
	} cases[] = {
		{ "2001:db8::7", true, true },	       { "2001:DB8:0::7", true, true },	   { "2001:db8::99", true, false },
		{ "[2001:db8::99]:4500", true, false }, { "[2001:db8::99]:4501", false, false }, { "[2001:db8::7]:4500", false, false },
		{ "[2001:db8::99]", false, false },     { "2001:db8::99:4500", false, false },   { "[2001:db8::99]:0", false, false },
		{ "[2001:db8::99]:65536", false, false }, { "[2001:db8::99]:4500x", false, false }, { "[2001:db8::99]:", false, false },
		{ "", false, false },		       { "192.0.2.1:4500", false, false },	   { "[192.0.2.1]:4500", false, false },
		{ "2001:db8::8", false, false },
	};
	struct sabus_endpoint outer = { .port = 4500 };
	struct dyn_request rq = { .has = DYN_HAS_CALLING };
	struct sabus_session s = { .role = SABUS_ROLE_LNS };

	(void)state;
	assert_int_equal(sabus_addr_parse(&s.flow.remote.addr, "2001:db8::7"), 0);
	assert_int_equal(sabus_addr_parse(&outer.addr, "2001:db8::99"), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(rq.calling, sizeof(rq.calling), "%s", cases[i].text);
		assert_int_equal(dyn_request_means(&rq, &s, &outer), cases[i].fits);
		assert_int_equal(dyn_request_means(&rq, &s, NULL), cases[i].fits_without_outer);
	}
	memset(rq.calling, '1', sizeof(rq.calling) - 1);
	assert_false(dyn_request_means(&rq, &s, &outer));
	rq.has = 0; /* names nobody: means nobody */
	assert_false(dyn_request_means(&rq, &s, &outer));
}

static void test_ports(void **state)
{
	static const struct {
		const char *ifname;
		uint32_t port;
		bool fits;
	} cases[] = {
		{ "ppp0", 0, true },	{ "ppp12", 12, true }, { "ppp12", 1, false }, { "ppp", 0, false }, { "", 0, false }, { "vpn3a", 3, false },
		{ "l2tp7", 2, false },	{ "x4294967295", 4294967295u, true },
	};
	struct dyn_request rq = { .has = DYN_HAS_PORT };
	struct sabus_session s = { .role = SABUS_ROLE_LNS };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(s.ifname, sizeof(s.ifname), "%s", cases[i].ifname);
		rq.port = cases[i].port;
		assert_int_equal(dyn_request_means(&rq, &s, NULL), cases[i].fits);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_job_ends_by_time), TEST(test_asking_fails),	   TEST(test_bus_lost),	   TEST(test_free_with_jobs), TEST(test_too_many_asks),
		TEST(test_seen_is_forgotten), TEST(test_seen_is_full),	   TEST(test_client_of), cmocka_unit_test(test_stations), cmocka_unit_test(test_ports),
	};

	return cmocka_run_group_tests_name("dynauth, jobs", tests, NULL, NULL);
}
