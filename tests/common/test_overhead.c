// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_overhead.c - the MTU sum (C14): the published tables to the byte, and a property over every algorithm and path.
 *
 * The property needs an oracle that is not the code: packet_size() builds the packet outwards from the PPP payload, as the kernel does,
 * with sizes listed here a second time; the product solves the same equation inwards.
 */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "alg.h"
#include "overhead.h"

#define NONE -1 /* this cell of a table does not exist */

struct row {
	const char *name;
	uint8_t proto;
	uint16_t encr, bits, integ;
	int v4, v4_natt, pppoe, pppoe_natt, v6, v6_natt;
};

#define ESP SABUS_PROTO_ESP
#define AH  SABUS_PROTO_AH

/* clang-format off */
/* MTU 1500; PPPoE: 1492.  Measured against kernel packets (IPv4, not 3DES), the others by formula. */
static const struct row rows[] = {
	{ "AES-GCM-16", ESP, GCM_16, 128, 0, 1428, 1420, 1420, 1412, 1408, 1400 },
	{ "ChaCha20-Poly1305", ESP, CHACHA, 256, 0, 1428, 1420, 1420, 1412, 1408, 1400 },
	{ "AES-GMAC", ESP, GMAC, 256, 0, 1428, 1420, 1420, 1412, 1408, 1400 },
	{ "AES-CTR + sha256-128", ESP, AES_CTR, 128, SHA256_128, 1428, 1420, 1420, 1412, 1408, 1400 },
	{ "AES-GCM-8", ESP, GCM_8, 128, 0, 1436, 1428, 1428, 1420, 1416, 1408 },
	{ "AES-CCM-8", ESP, CCM_8, 128, 0, 1436, 1428, 1428, 1420, 1416, 1408 },
	{ "AES-CBC + sha256-128", ESP, AES_CBC, 256, SHA256_128, 1420, 1404, 1404, 1404, 1388, 1388 },
	{ "AES-CBC + sha1-96", ESP, AES_CBC, 256, SHA1_96, 1420, 1404, 1404, 1404, 1404, 1388 },
	{ "AES-CBC + sha512-256", ESP, AES_CBC, 256, SHA512_256, 1404, 1388, 1388, 1388, 1372, 1372 },
	{ "3DES-CBC + sha1-96", ESP, DES3, 0, SHA1_96, 1428, 1420, 1420, 1412, 1412, 1404 },
	{ "NULL + sha256-128", ESP, NULL_ENC, 0, SHA256_128, 1436, 1428, 1428, 1420, 1416, 1408 },
	{ "NULL + sha1-96", ESP, NULL_ENC, 0, SHA1_96, 1440, 1432, 1432, 1424, 1420, 1412 },
	{ "AH sha256-128", AH, 0, 0, SHA256_128, 1434, NONE, 1426, NONE, 1410, NONE },
};
/* clang-format on */

static void set_family(struct sabus_sa *sa, uint8_t family)
{
	sa->local.addr = fix_addr(family == AF_INET ? "10.9.0.1" : "2001:db8::1");
	sa->remote.addr = fix_addr(family == AF_INET ? "10.9.0.2" : "2001:db8::2");
}

static void check_cell(const struct row *r, uint8_t family, bool natt, uint16_t path, int want)
{
	struct sabus_sa sa = fix_suite(r->encr, r->bits, r->integ);
	struct sabus_mtu_in in = sabus_mtu_defaults(path);
	struct sabus_mtu m;
	int err;

	sa.proto = r->proto;
	sa.flags = natt ? SABUS_SAF_ENCAP : 0;
	set_family(&sa, family);
	err = sabus_mtu_compute(&sa, family, &in, &m);
	if (want == NONE)
		assert_int_equal(err, -ENOTSUP);
	else if (err || m.mtu != want)
		fail_msg("%s v%d natt %d path %u: %d, mtu %u, not %d", r->name, family == AF_INET ? 4 : 6, natt, path, err, m.mtu, want);
}

static void published_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_cell(&rows[i], AF_INET, false, 1500, rows[i].v4);
		check_cell(&rows[i], AF_INET, true, 1500, rows[i].v4_natt);
		check_cell(&rows[i], AF_INET, false, 1492, rows[i].pppoe);
		check_cell(&rows[i], AF_INET, true, 1492, rows[i].pppoe_natt);
		check_cell(&rows[i], AF_INET6, false, 1500, rows[i].v6);
		check_cell(&rows[i], AF_INET6, true, 1500, rows[i].v6_natt);
	}
}

static uint16_t mtu_of(const struct sabus_sa *sa, struct sabus_mtu_in in)
{
	struct sabus_mtu m;

	assert_int_equal(sabus_mtu_compute(sa, AF_INET, &in, &m), 0);
	return m.mtu;
}

/* "-4 with L2TP sequence numbers; -4 with MPPE; -2 with the length bit"; IPComp and ESN change nothing; clear L2TP. */
static void variations(void **state)
{
	struct sabus_mtu_in in = sabus_mtu_defaults(1500);
	struct sabus_sa sa = fix_sa();

	(void)state;
	assert_int_equal(mtu_of(&sa, in), 1428);
	sa.flags = SABUS_SAF_IPCOMP | SABUS_SAF_ESN;
	assert_int_equal(mtu_of(&sa, in), 1428);
	assert_int_equal(mtu_of(NULL, in), 1500 - 20 - 8 - 6 - 4);
	in.l2tp_header = 10;
	assert_int_equal(mtu_of(&sa, in), 1424);
	in = sabus_mtu_defaults(1500);
	in.mppe = SABUS_MPPE_BYTES;
	assert_int_equal(mtu_of(&sa, in), 1424);
	in = sabus_mtu_defaults(1500);
	in.l2tp_header = 8;
	assert_int_equal(mtu_of(&sa, in), 1426);
	sa = fix_suite(AES_CBC, 128, SHA256_128);
	sa.flags = SABUS_SAF_SHA256_96;
	set_family(&sa, AF_INET6);
	assert_int_equal(mtu_of(&sa, sabus_mtu_defaults(1500)), 1404); /* 12 bytes of ICV, like sha1-96 */
}

/* ---- the property ---- */

struct wire {
	unsigned int iv, block, icv;
};

/* Sizes by id, listed again: { id, IV, block, ICV of an AEAD }. */
static const unsigned int ciphers[][4] = {
	{ 1, 8, 8, 0 },	  { 2, 8, 8, 0 },   { 3, 8, 8, 0 },   { 4, 8, 8, 0 },	 { 5, 8, 8, 0 },      { 6, 8, 8, 0 },	   { 7, 8, 8, 0 },
	{ 8, 8, 8, 0 },	  { 9, 4, 8, 0 },   { 11, 0, 4, 0 },  { 12, 16, 16, 0 }, { 13, 8, 4, 0 },     { 14, 8, 4, 8 },	   { 15, 8, 4, 12 },
	{ 16, 8, 4, 16 }, { 18, 8, 4, 8 },  { 19, 8, 4, 12 }, { 20, 8, 4, 16 },	 { 21, 8, 4, 16 },    { 23, 16, 16, 0 },   { 24, 8, 4, 0 },
	{ 25, 8, 4, 8 },  { 26, 8, 4, 12 }, { 27, 8, 4, 16 }, { 28, 8, 4, 16 },	 { 1026, 16, 16, 0 }, { 1027, 16, 16, 0 },
};

static const unsigned int macs[][2] = {
	{ 1, 12 },  { 2, 12 },	  { 5, 12 },	{ 6, 16 },    { 7, 20 },    { 8, 12 },	  { 12, 16 },	{ 13, 24 },
	{ 14, 32 }, { 1025, 16 }, { 1026, 12 }, { 1027, 32 }, { 1028, 48 }, { 1029, 64 }, { 1030, 12 },
};

static unsigned int ip_bytes(uint8_t family)
{
	return family == AF_INET ? 20 : 40;
}

static unsigned int round_up(unsigned int n, unsigned int to)
{
	while (n % to)
		n++;
	return n;
}

/* The size of the outer IP packet for `ppp` bytes of PPP information. */
static unsigned int packet_size(const struct sabus_sa *sa, uint8_t family, const struct wire *w, unsigned int ppp)
{
	unsigned int size = ppp + 4 + 6 + 8; /* PPP, L2TP, UDP */

	if (sa->mode == SABUS_MODE_TUNNEL)
		size += ip_bytes(family);
	if (sa->proto == AH) {
		size += round_up(12 + w->icv, sa->remote.addr.family == AF_INET ? 4 : 8);
	} else {
		size = 8 + w->iv + round_up(size + 2, w->block) + w->icv;
		if (sa->flags & SABUS_SAF_ENCAP)
			size += 8;
	}
	return size + ip_bytes(sa->remote.addr.family);
}

static void check_sum(const struct sabus_mtu *m)
{
	int sum =
		m->ip + m->udp_encap + m->esp + m->iv + m->icv + m->waste + m->trailer + m->tunnel_ip + m->udp + m->l2tp + m->ppp + m->mppe;

	if (sum + m->mtu != m->path_mtu || m->waste >= m->align)
		fail_msg("terms %d + mtu %u != path %u, or waste %u >= align %u", sum, m->mtu, m->path_mtu, m->waste, m->align);
}

static void check_paths(const struct sabus_sa *sa, uint8_t family, const struct wire *w)
{
	for (uint16_t path = 576; path <= 1600; path++) {
		struct sabus_mtu_in in = sabus_mtu_defaults(path);
		struct sabus_mtu m;

		if (sabus_mtu_compute(sa, family, &in, &m) != 0)
			fail_msg("encr %u integ %u path %u: no result", sa->encr, sa->integ, path);
		if (packet_size(sa, family, w, m.mtu) > path || packet_size(sa, family, w, m.mtu + 1u) <= path)
			fail_msg("encr %u integ %u mode %u flags %x path %u: mtu %u makes %u, %u makes %u", sa->encr, sa->integ, sa->mode,
				 sa->flags, path, m.mtu, packet_size(sa, family, w, m.mtu), m.mtu + 1u,
				 packet_size(sa, family, w, m.mtu + 1u));
		check_sum(&m);
	}
}

/* Encapsulation x outer family x mode; tunnel mode with both inner families. */
static void check_carriers(struct sabus_sa sa, const struct wire *w)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	static const uint8_t modes[] = { SABUS_MODE_TRANSPORT, SABUS_MODE_BEET, SABUS_MODE_TUNNEL };

	for (size_t i = 0; i < 24; i++) {
		uint8_t outer = families[i / 2 % 2], inner = families[i / 4 % 2];

		sa.flags = i % 2 ? SABUS_SAF_ENCAP : 0;
		sa.mode = modes[i / 8];
		set_family(&sa, outer);
		if (sa.mode != SABUS_MODE_TUNNEL && inner != outer)
			continue; /* nothing in between has another family */
		if (sa.proto == AH && sa.flags)
			continue;
		check_paths(&sa, inner, w);
	}
}

static void exact_for_every_cipher(void **state)
{
	(void)state;
	for (size_t c = 0; c < COUNT(ciphers); c++) {
		for (size_t k = 0; k < COUNT(macs); k++) {
			unsigned int aead = ciphers[c][3];
			struct sabus_sa sa = fix_suite((uint16_t)ciphers[c][0], 0, aead ? 0 : (uint16_t)macs[k][0]);
			struct wire w = { ciphers[c][1], ciphers[c][2], aead ? aead : macs[k][1] };

			check_carriers(sa, &w);
			if (aead)
				break;
		}
	}
}

static void exact_for_every_ah(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(macs); k++) {
		struct sabus_sa sa = fix_suite(0, 0, (uint16_t)macs[k][0]);
		struct wire w = { 0, 1, macs[k][1] };

		sa.proto = AH;
		check_carriers(sa, &w);
	}
}

/* ---- errors ---- */

static int error_of(const struct sabus_sa *sa, uint8_t family, uint16_t path)
{
	struct sabus_mtu_in in = sabus_mtu_defaults(path);
	struct sabus_mtu m, zero = { 0 };
	int err;

	memset(&m, 0xee, sizeof(m));
	err = sabus_mtu_compute(sa, family, &in, &m);
	if (err)
		assert_memory_equal(&m, &zero, sizeof(m));
	return err;
}

static void errors(void **state)
{
	struct sabus_sa unknown = fix_suite(999, 0, SHA256_128), open = fix_suite(AES_CBC, 128, 0), other = fix_sa(), sa = fix_sa();

	(void)state;
	other.proto = 108;
	assert_int_equal(error_of(&unknown, AF_INET, 1500), -ENOTSUP);
	assert_int_equal(error_of(&open, AF_INET, 1500), -ENOTSUP);
	assert_int_equal(error_of(&other, AF_INET, 1500), -ENOTSUP);
	assert_int_equal(error_of(&sa, AF_UNIX, 1500), -EAFNOSUPPORT);
	assert_int_equal(error_of(NULL, 0, 1500), -EAFNOSUPPORT);
	sa.remote.addr.family = 77;
	assert_int_equal(error_of(&sa, AF_INET, 1500), -EAFNOSUPPORT);
	sa.remote.addr.family = 0; /* not known: the flow's own */
	assert_int_equal(error_of(&sa, AF_INET, 1500), 0);
}

/* 1500 - 1428 = 72 bytes of overhead: 200 is the first path that leaves the 128. */
static void too_small_paths(void **state)
{
	struct sabus_sa sa = fix_sa();

	(void)state;
	for (uint16_t path = 0; path < 200; path++)
		assert_int_equal(error_of(&sa, AF_INET, path), -ERANGE);
	assert_int_equal(error_of(&sa, AF_INET, 200), 0);
	assert_int_equal(error_of(&sa, AF_INET, 65535), 0);
	assert_int_equal(error_of(NULL, AF_INET, 165), -ERANGE);
	assert_int_equal(error_of(NULL, AF_INET, 166), 0);
}

/* ---- text ---- */

static void sum_as_text(void **state)
{
	struct sabus_mtu_in in = sabus_mtu_defaults(1500);
	struct sabus_sa sa = fix_suite(AES_CBC, 256, SHA1_96);
	char buf[SABUS_MTU_STRLEN];
	struct sabus_mtu m;

	(void)state;
	sa.flags = SABUS_SAF_ENCAP;
	assert_int_equal(sabus_mtu_compute(&sa, AF_INET, &in, &m), 0);
	assert_string_equal(sabus_mtu_text(&m, buf), "1500-20ip-8natt-8esp-16iv-12icv-12waste-2trailer-8udp-6l2tp-4ppp=1404");
	in.mppe = 4;
	sa.proto = AH;
	sa.flags = 0;
	sa.mode = SABUS_MODE_TUNNEL;
	assert_int_equal(sabus_mtu_compute(&sa, AF_INET, &in, &m), 0);
	assert_string_equal(sabus_mtu_text(&m, buf), "1500-20ip-12ah-12icv-20tunnel-8udp-6l2tp-4ppp-4mppe=1414");
	assert_int_equal(sabus_mtu_compute(NULL, AF_INET6, &in, &m), 0);
	assert_string_equal(sabus_mtu_text(&m, buf), "1500-40ip-8udp-6l2tp-4ppp-4mppe=1438");
}

/* Whatever is in the struct, the text stays in its buffer and is whole. */
static void text_never_overflows(void **state)
{
	char buf[SABUS_MTU_STRLEN + 1];
	struct sabus_mtu m;

	(void)state;
	memset(&m, 0xff, sizeof(m));
	buf[SABUS_MTU_STRLEN] = 0x55;
	assert_non_null(strstr(sabus_mtu_text(&m, buf), "=65535"));
	assert_int_equal(buf[SABUS_MTU_STRLEN], 0x55);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_tables),
		cmocka_unit_test(variations),
		cmocka_unit_test(exact_for_every_cipher),
		cmocka_unit_test(exact_for_every_ah),
		cmocka_unit_test(errors),
		cmocka_unit_test(too_small_paths),
		cmocka_unit_test(sum_as_text),
		cmocka_unit_test(text_never_overflows),
	};

	return cmocka_run_group_tests_name("overhead", tests, NULL, NULL);
}
