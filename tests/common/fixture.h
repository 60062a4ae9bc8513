/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture.h - SAs and flows for the tests of plugins/common: one plain good case each, which a test then changes in one point.
 */
#ifndef SABUS_TEST_FIXTURE_H
#define SABUS_TEST_FIXTURE_H

/* cmocka wants these four before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sa.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Ids by name, written down here a second time so that a slip in the product's table shows. */
enum { DES = 2, DES3 = 3, NULL_ENC = 11, AES_CBC = 12, AES_CTR = 13, CCM_8 = 14, GCM_8 = 18, GCM_16 = 20, GMAC = 21, CHACHA = 28 };
enum { MD5_96 = 1, SHA1_96 = 2, SHA256_128 = 12, SHA384_192 = 13, SHA512_256 = 14 };

struct sabus_addr fix_addr(const char *text);

/* ESP AES_GCM_16-128, transport mode, 10.9.0.1 <-> 10.9.0.2, selectors UDP 1701 <-> UDP any, id 1, reqid 1. */
struct sabus_sa fix_sa(void);
struct sabus_sa fix_suite(uint16_t encr, uint16_t bits, uint16_t integ);

/* 10.9.0.1:1701 <-> 10.9.0.2:1701, no mark; fix_sa() covers it. */
struct sabus_flow fix_flow(void);

/* A small generator with a fixed seed: failures repeat.  Returns 0..n-1. */
uint32_t fix_random(uint32_t n);

#endif
