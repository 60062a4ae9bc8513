// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_match.c - which SA protects a flow (C17, C27): single rules by hand, the whole by comparison with slow oracles on random input.
 *
 * The random world is small on purpose (eight addresses, few ports, few reqids), so that hits, misses and collisions are all frequent;
 * each test counts them and fails when one kind did not occur.
 */
#include "fixture.h"

#include <string.h>
#include <sys/socket.h>

#define ROUNDS 30000

/* ---- single rules ---- */

static void plain_case(void **state)
{
	struct sabus_sa sa = fix_sa();
	struct sabus_flow flow = fix_flow();

	(void)state;
	assert_true(sabus_sa_covers(&sa, &flow));
	flow.remote.port = 40000; /* behind a NAT, or an ephemeral port: the remote selector admits any */
	assert_true(sabus_sa_covers(&sa, &flow));
	flow.remote.port = 0;
	assert_true(sabus_sa_covers(&sa, &flow));
	flow.local.port = 0; /* not known, and not all local ports are covered */
	assert_false(sabus_sa_covers(&sa, &flow));
	flow.local.port = 1702;
	assert_false(sabus_sa_covers(&sa, &flow));
}

/* C17: the SA of peer B does not protect a tunnel with peer A, however wide its selectors are. */
static void c17_transport_is_end_to_end(void **state)
{
	struct sabus_sa sa = fix_sa();
	struct sabus_flow flow = fix_flow();

	(void)state;
	sa.ts[0].remote.from = sa.ts[0].local.from = fix_addr("0.0.0.0");
	sa.ts[0].remote.to = sa.ts[0].local.to = fix_addr("255.255.255.255");
	assert_true(sabus_sa_covers(&sa, &flow));
	flow.remote.addr = fix_addr("10.9.0.3");
	assert_false(sabus_sa_covers(&sa, &flow));
	sa.mode = SABUS_MODE_TUNNEL;
	assert_true(sabus_sa_covers(&sa, &flow));
	sa.mode = SABUS_MODE_TRANSPORT;
	flow = fix_flow();
	flow.local.addr = fix_addr("10.9.0.9");
	assert_false(sabus_sa_covers(&sa, &flow));
}

static void one_pair_must_admit_both_ends(void **state)
{
	struct sabus_sa sa = fix_sa();
	struct sabus_flow flow = fix_flow();

	(void)state;
	sa.n_ts = 2;
	sa.ts[1] = sa.ts[0];
	sa.ts[0].remote.port_from = sa.ts[0].remote.port_to = 1;
	sa.ts[1].local.port_from = sa.ts[1].local.port_to = 1;
	assert_false(sabus_sa_covers(&sa, &flow));
	sa.ts[1] = fix_sa().ts[0];
	assert_true(sabus_sa_covers(&sa, &flow));
	sa.n_ts = 0;
	assert_false(sabus_sa_covers(&sa, &flow));
	sa = fix_sa();
	sa.n_ts = 255; /* nonsense from outside must not read past the array */
	assert_true(sabus_sa_covers(&sa, &flow));
	sa.ts[0].local.proto = 6;
	assert_false(sabus_sa_covers(&sa, &flow));
	assert_false(sabus_sa_can_carry_l2tp(&sa));
}

static void protocols(void **state)
{
	static const struct {
		uint8_t local, remote;
		bool covered;
	} cases[] = { { 17, 17, true }, { 0, 0, true },	  { 0, 17, true },  { 17, 0, true },
		      { 6, 6, false },	{ 17, 6, false }, { 50, 17, false } };
	struct sabus_flow flow = fix_flow();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sabus_sa sa = fix_sa();

		sa.ts[0].local.proto = cases[i].local;
		sa.ts[0].remote.proto = cases[i].remote;
		assert_int_equal(sabus_sa_covers(&sa, &flow), cases[i].covered);
		assert_int_equal(sabus_sa_can_carry_l2tp(&sa), cases[i].covered);
	}
}

static void can_carry(void **state)
{
	static const struct {
		uint16_t local_from, local_to, remote_from, remote_to;
		bool can;
	} cases[] = {
		{ 1701, 1701, 0, 65535, true },	 { 0, 65535, 1701, 1701, true },  { 0, 65535, 0, 65535, true },
		{ 1700, 1702, 1, 1, true },	 { 1, 1700, 1702, 65535, false }, { 65535, 0, 65535, 0, false },
		{ 500, 500, 4500, 4500, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sabus_sa sa = fix_sa();

		sa.ts[0].local.port_from = cases[i].local_from;
		sa.ts[0].local.port_to = cases[i].local_to;
		sa.ts[0].remote.port_from = cases[i].remote_from;
		sa.ts[0].remote.port_to = cases[i].remote_to;
		assert_int_equal(sabus_sa_can_carry_l2tp(&sa), cases[i].can);
	}
}

static void marks(void **state)
{
	struct sabus_sa sa = fix_sa();
	struct sabus_flow flow = fix_flow();

	(void)state;
	flow.mark = 7;
	assert_false(sabus_sa_covers(&sa, &flow)); /* this SA sets no mark: it was another one */
	sa.set_mark_in = (struct sabus_mark){ .value = 7, .mask = UINT32_MAX };
	assert_true(sabus_sa_covers(&sa, &flow));
	flow.mark = 0x107;
	assert_false(sabus_sa_covers(&sa, &flow));
	sa.set_mark_in.mask = 0xff;
	assert_true(sabus_sa_covers(&sa, &flow));
	flow.mark = 0;
	assert_true(sabus_sa_covers(&sa, &flow));
	/* what it sets counts, and only where it sets none what it takes */
	sa.mark_out = (struct sabus_mark){ .value = 9, .mask = UINT32_MAX };
	flow.mark = 9;
	assert_false(sabus_sa_covers(&sa, &flow));
	sa.set_mark_in = (struct sabus_mark){ 0 };
	assert_true(sabus_sa_covers(&sa, &flow));
	flow.mark = 8;
	assert_false(sabus_sa_covers(&sa, &flow));
}

/* ---- covers(): random selectors against an oracle on plain numbers ---- */

static struct sabus_addr small_addr(uint32_t n, bool v6)
{
	struct sabus_addr a = { .family = v6 ? AF_INET6 : AF_INET };

	a.b[v6 ? 15 : 3] = (uint8_t)n;
	return a;
}

static uint32_t number(const struct sabus_addr *a)
{
	return a->b[3] + a->b[15] + (a->family == AF_INET6 ? 1000u : 0u);
}

static struct sabus_ts random_ts(void)
{
	static const uint8_t protos[] = { 0, 17, 17, 17, 6 };
	static const uint16_t low[] = { 0, 0, 0, 1700, 1701, 1702, 65535 }, high[] = { 65535, 65535, 65535, 1702, 1701, 1700, 0 };
	bool v6 = fix_random(8) == 0;
	struct sabus_ts ts = {
		.from = small_addr(fix_random(3), v6),
		.to = small_addr(fix_random(8), fix_random(20) ? v6 : !v6),
		.port_from = low[fix_random(COUNT(low))],
		.port_to = high[fix_random(COUNT(high))],
		.proto = protos[fix_random(COUNT(protos))],
	};

	return ts;
}

static struct sabus_sa random_sa(void)
{
	static const uint8_t modes[] = { SABUS_MODE_TRANSPORT, SABUS_MODE_TUNNEL, SABUS_MODE_BEET };
	struct sabus_sa sa = fix_sa();
	bool v6 = fix_random(8) == 0;

	sa.mode = modes[fix_random(3)];
	sa.n_ts = (uint8_t)fix_random(SABUS_TS_MAX + 1);
	for (uint8_t i = 0; i < sa.n_ts; i++)
		sa.ts[i] = (struct sabus_ts_pair){ random_ts(), random_ts() };
	sa.local.addr = small_addr(fix_random(3), v6);
	sa.remote.addr = small_addr(fix_random(3), v6);
	sa.set_mark_in = (struct sabus_mark){ .value = fix_random(4), .mask = fix_random(4) };
	sa.mark_out = (struct sabus_mark){ .value = fix_random(4), .mask = fix_random(4) };
	return sa;
}

static struct sabus_flow random_flow(void)
{
	static const uint16_t ports[] = { 0, 1700, 1701, 1701, 1702 };
	bool v6 = fix_random(8) == 0;

	return (struct sabus_flow){
		.local = { .addr = small_addr(fix_random(3), v6), .port = ports[fix_random(COUNT(ports))] },
		.remote = { .addr = small_addr(fix_random(3), v6), .port = ports[fix_random(COUNT(ports))] },
		.mark = fix_random(2) ? fix_random(4) : 0,
	};
}

/* Address and protocol of one end, on numbers, not on structs. */
static bool oracle_host(const struct sabus_ts *ts, const struct sabus_addr *a)
{
	uint32_t x = number(a), from = number(&ts->from), to = number(&ts->to);

	return (ts->proto == 17 || !ts->proto) && x >= from && x <= to && from / 1000 == to / 1000;
}

/* All packets that the flow may have: one port, or each of them where it is not known. */
static bool oracle_all(const struct sabus_ts *ts, const struct sabus_endpoint *e)
{
	uint32_t first = e->port, last = e->port ? e->port : 65535;
	bool all = oracle_host(ts, &e->addr);

	for (uint32_t port = first; all && port <= last; port++)
		all = port >= ts->port_from && port <= ts->port_to;
	return all;
}

static bool oracle_covers(const struct sabus_sa *sa, const struct sabus_flow *f)
{
	bool ends = number(&sa->local.addr) == number(&f->local.addr) && number(&sa->remote.addr) == number(&f->remote.addr);
	bool in = sa->set_mark_in.mask && !((sa->set_mark_in.value ^ f->mark) & sa->set_mark_in.mask);
	bool out = !sa->set_mark_in.mask && sa->mark_out.mask && !((sa->mark_out.value ^ f->mark) & sa->mark_out.mask);
	bool mark = in || out;
	bool any = false;

	for (uint8_t i = 0; i < sa->n_ts; i++)
		any |= oracle_all(&sa->ts[i].local, &f->local) && oracle_all(&sa->ts[i].remote, &f->remote);
	return any && (ends || sa->mode != SABUS_MODE_TRANSPORT) && (mark || !f->mark);
}

static void covers_like_oracle(void **state)
{
	unsigned int seen[2] = { 0 }, marked = 0, unknown_port = 0, transport = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct sabus_sa sa = random_sa();
		struct sabus_flow flow = random_flow();
		bool covered;

		if (fix_random(2)) {
			sa.local = flow.local;
			sa.remote = flow.remote;
		}
		covered = sabus_sa_covers(&sa, &flow);
		assert_int_equal(covered, oracle_covers(&sa, &flow));
		seen[covered]++;
		if (covered && sa.mode == SABUS_MODE_TRANSPORT)
			transport++;
		marked += covered && flow.mark;
		unknown_port += covered && !flow.local.port;
	}
	print_message("covered %u of %d: %u marked, %u with unknown port, %u transport\n", seen[1], ROUNDS, marked, unknown_port,
		      transport);
	assert_true(seen[0] > 1000 && seen[1] > 1000 && marked > 100 && unknown_port > 100 && transport > 100);
}

/* ---- find() ---- */

static void rekey_overlap(void **state)
{
	struct sabus_sa sas[3] = { fix_sa(), fix_sa(), fix_sa() };
	struct sabus_flow flow = fix_flow();
	size_t best = 99;

	(void)state;
	sas[0].id = 9; /* ids say nothing where links do */
	sas[1].id = 5;
	sas[1].replaces = 9;
	sas[2].id = 7;
	sas[2].replaces = 5;
	assert_int_equal(sabus_sa_find(sas, 3, &flow, &best), SABUS_FIND_ONE);
	assert_int_equal(best, 2);
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_ONE);
	assert_int_equal(best, 1);
	sas[2].state = SABUS_SA_PENDING; /* not in the kernel yet: the one before protects */
	assert_int_equal(sabus_sa_find(sas, 3, &flow, &best), SABUS_FIND_ONE);
	assert_int_equal(best, 1);
}

static void ambiguous_and_pending(void **state)
{
	struct sabus_sa sas[2] = { fix_sa(), fix_sa() };
	struct sabus_flow flow = fix_flow();
	size_t best = 99;

	(void)state;
	sas[1].id = 2;
	sas[1].reqid = 2;
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_AMBIGUOUS);
	sas[0].reqid = sas[1].reqid = 0;
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_AMBIGUOUS);
	sas[0].reqid = sas[1].reqid = 1;
	strcpy(sas[1].id_remote, "another client behind the same NAT");
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_AMBIGUOUS);
	sas[1] = sas[0];
	sas[1].id = 2;
	sas[1].remote.port++; /* the same name twice: group identities */
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_AMBIGUOUS);
	sas[1].replaces = sas[0].id; /* charon knows better */
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_ONE);
	assert_int_equal(best, 1);
	best = 99;
	sas[0].state = SABUS_SA_PENDING;
	sas[0].n_ts = 0; /* nothing of it is known but the peer */
	sas[1].state = SABUS_SA_REKEYED;
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_PENDING);
	sas[0].remote.addr = fix_addr("10.9.0.7");
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_NONE);
	assert_int_equal(sabus_sa_find(NULL, 0, &flow, &best), SABUS_FIND_NONE);
	assert_int_equal(best, 99);
}

/* Several clients behind one NAT: the same addresses and ports, told apart by the mark alone. */
static void marks_resolve_ambiguity(void **state)
{
	struct sabus_sa sas[2] = { fix_sa(), fix_sa() };
	struct sabus_flow flow = fix_flow();
	size_t best = 99;

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		sas[i].id = sas[i].reqid = i + 1;
		sas[i].set_mark_in = (struct sabus_mark){ .value = i + 1, .mask = UINT32_MAX };
	}
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_AMBIGUOUS);
	for (uint32_t i = 0; i < 2; i++) {
		flow.mark = i + 1;
		assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_ONE);
		assert_int_equal(best, i);
	}
	flow.mark = 3;
	assert_int_equal(sabus_sa_find(sas, 2, &flow, &best), SABUS_FIND_NONE);
}

static struct sabus_sa random_member(uint32_t id)
{
	static const enum sabus_sa_state states[] = { SABUS_SA_INSTALLED, SABUS_SA_INSTALLED, SABUS_SA_INSTALLED, SABUS_SA_PENDING,
						      SABUS_SA_REKEYED };
	struct sabus_sa sa = fix_sa();

	sa.id = id;
	sa.state = states[fix_random(COUNT(states))];
	sa.reqid = fix_random(8) ? 1 : fix_random(3);
	sa.replaces = fix_random(3) ? fix_random(6) : 0; /* also cycles, itself, and links to what is not there */
	sa.installed = fix_random(3);
	if (fix_random(4) == 0)
		sa.ts[0].local.port_from = 1702; /* does not cover */
	if (fix_random(3) == 0)
		sa.remote.addr = fix_addr("10.9.0.7");
	if (fix_random(8) == 0)
		strcpy(sa.id_eap, "carol");
	return sa;
}

static bool oracle_candidate(const struct sabus_sa *sa)
{
	struct sabus_flow flow = fix_flow();

	return sa->state == SABUS_SA_INSTALLED && oracle_covers(sa, &flow);
}

/* Every candidate's claim to be the newest as one number: not replaced, then age, then id. */
static uint64_t oracle_rank(const struct sabus_sa *sas, size_t n, size_t i)
{
	uint64_t free_of_successor = 1;

	for (size_t k = 0; k < n; k++)
		if (k != i && oracle_candidate(&sas[k]) && sas[k].replaces == sas[i].id)
			free_of_successor = 0;
	return free_of_successor << 40 | sas[i].installed << 20 | sas[i].id;
}

/* The random members differ in nothing else that names the peer. */
static bool oracle_one(const struct sabus_sa *a, const struct sabus_sa *b)
{
	bool linked = a->replaces == b->id || b->replaces == a->id;

	return a->reqid && a->reqid == b->reqid && (linked || !a->id_eap[0] == !b->id_eap[0]);
}

static enum sabus_find oracle_find(const struct sabus_sa *sas, size_t n, uint32_t *id)
{
	struct sabus_addr peer = fix_flow().remote.addr;
	size_t candidates = 0, same = 0, pending = 0;
	uint64_t top = 0;

	for (size_t i = 0; i < n; i++) {
		pending += sas[i].state == SABUS_SA_PENDING && number(&sas[i].remote.addr) == number(&peer);
		if (!oracle_candidate(&sas[i]))
			continue;
		candidates++;
		for (size_t k = 0; k < n; k++)
			same += k == i || (oracle_candidate(&sas[k]) && oracle_one(&sas[k], &sas[i]));
		if (oracle_rank(sas, n, i) > top) {
			top = oracle_rank(sas, n, i);
			*id = sas[i].id;
		}
	}
	if (!candidates)
		return pending ? SABUS_FIND_PENDING : SABUS_FIND_NONE;
	return same == candidates * candidates ? SABUS_FIND_ONE : SABUS_FIND_AMBIGUOUS;
}

/* The answer is the oracle's, and does not depend on the order of the table. */
static void find_like_oracle(void **state)
{
	unsigned int seen[4] = { 0 };

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct sabus_flow flow = fix_flow();
		size_t n = fix_random(6), best = 0;
		struct sabus_sa sas[6];
		enum sabus_find found;
		uint32_t id = 0;

		for (size_t i = 0; i < n; i++)
			sas[i] = random_member((uint32_t)i + 1);
		for (size_t i = 0; i + 1 < n; i++) {
			size_t k = i + fix_random((uint32_t)(n - i));
			struct sabus_sa swap = sas[i];

			sas[i] = sas[k];
			sas[k] = swap;
		}
		found = sabus_sa_find(sas, n, &flow, &best);
		assert_int_equal(found, oracle_find(sas, n, &id));
		if (found == SABUS_FIND_ONE)
			assert_int_equal(sas[best].id, id);
		seen[found]++;
	}
	for (size_t i = 0; i < COUNT(seen); i++)
		assert_true(seen[i] > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_case),
		cmocka_unit_test(c17_transport_is_end_to_end),
		cmocka_unit_test(one_pair_must_admit_both_ends),
		cmocka_unit_test(protocols),
		cmocka_unit_test(can_carry),
		cmocka_unit_test(marks),
		cmocka_unit_test(covers_like_oracle),
		cmocka_unit_test(rekey_overlap),
		cmocka_unit_test(ambiguous_and_pending),
		cmocka_unit_test(marks_resolve_ambiguity),
		cmocka_unit_test(find_like_oracle),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
