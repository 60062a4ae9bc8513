/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mppeopt.h - what a list of CCP options says of MPPE (RFC 3078 section 2).  Pure.
 */
#ifndef SABUS_PPPD_MPPEOPT_H
#define SABUS_PPPD_MPPEOPT_H

#include <stdbool.h>
#include "host.h"

/* The MPPE option in len bytes of options, NULL if there is no well-formed one. */
static inline const unsigned char *mppeopt_find(const unsigned char *p, int len)
{
	while (len >= 2 && p[1] >= 2 && p[1] <= len) {
		if (p[0] == CI_MPPE && p[1] == CILEN_MPPE)
			return p;
		len -= p[1];
		p += p[1];
	}
	return NULL;
}

/* mppe may be NULL in each of these: no option, so no. */
static inline bool mppeopt_encrypts(const unsigned char *mppe)
{
	return mppe && (mppe[5] & (MPPE_S_BIT | MPPE_L_BIT | MPPE_M_BIT));
}

static inline bool mppeopt_128(const unsigned char *mppe)
{
	return mppe && (mppe[5] & MPPE_S_BIT);
}

static inline bool mppeopt_stateless(const unsigned char *mppe)
{
	return mppe && (mppe[2] & MPPE_H_BIT);
}

#endif
