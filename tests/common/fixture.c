// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"
#include <string.h>

struct sabus_addr fix_addr(const char *text)
{
	struct sabus_addr a = { 0 };

	assert_int_equal(sabus_addr_parse(&a, text), 0);
	return a;
}

struct sabus_sa fix_sa(void)
{
	struct sabus_sa sa = {
		.id = 1,
		.reqid = 1,
		.state = SABUS_SA_INSTALLED,
		.proto = SABUS_PROTO_ESP,
		.mode = SABUS_MODE_TRANSPORT,
		.encr = GCM_16,
		.encr_bits = 128,
		.replay_window = 32,
		.n_ts = 1,
	};
	struct sabus_ts *local = &sa.ts[0].local, *remote = &sa.ts[0].remote;

	sa.local.addr = fix_addr("10.9.0.1");
	sa.remote.addr = fix_addr("10.9.0.2");
	memcpy(sa.id_remote, "alice", sizeof("alice"));
	*local = (struct sabus_ts){ .from = sa.local.addr, .to = sa.local.addr, .port_from = 1701, .port_to = 1701, .proto = 17 };
	*remote = (struct sabus_ts){ .from = sa.remote.addr, .to = sa.remote.addr, .port_from = 0, .port_to = 65535, .proto = 17 };
	return sa;
}

struct sabus_sa fix_suite(uint16_t encr, uint16_t bits, uint16_t integ)
{
	struct sabus_sa sa = fix_sa();

	sa.encr = encr;
	sa.encr_bits = bits;
	sa.integ = integ;
	return sa;
}

struct sabus_flow fix_flow(void)
{
	return (struct sabus_flow){
		.local = { .addr = fix_addr("10.9.0.1"), .port = 1701 },
		.remote = { .addr = fix_addr("10.9.0.2"), .port = 1701 },
	};
}

uint32_t fix_random(uint32_t n)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	/* xorshift64 */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % n;
}
