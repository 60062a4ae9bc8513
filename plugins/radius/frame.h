/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - what every RADIUS packet has, whichever way it goes: lengths that fit, an authenticator, a Message-Authenticator (RFC 2865 section 3, RFC 3579 section 3.2).
 *
 * Pure functions; never block, no allocation, any thread.  secret: NUL-terminated.  auth: the RADIUS_AUTH octets that stand for the authenticator while the digest is made
 * (the request's for an answer; zeros for an Accounting-Request and for RFC 5176's requests; the packet's own for an Access-Request).
 */
#ifndef SABUS_RADIUS_FRAME_H
#define SABUS_RADIUS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rfc.h"

#define FRAME_MA_LEN (2 + RADIUS_AUTH) /* octets of a Message-Authenticator attribute */

extern const uint8_t frame_zeros[RADIUS_AUTH];

/* Do head and attributes fill exactly the packet's own length (which may be less than len octets, RFC 2865 section 3: padding)?  Writes that length to *whole. */
bool frame_whole(const uint8_t *p, size_t len, size_t *whole);

/* Writes the length into the head. */
void frame_set_len(uint8_t *p, size_t len);

/* Offset of the only Message-Authenticator of a whole packet; 0: none; -1: several, or one of a wrong length. */
int frame_find_ma(const uint8_t *p, size_t whole);

/* MD5(code, identifier, length, auth, attributes, secret) */
void frame_authenticator(const uint8_t *p, size_t whole, const uint8_t *auth, const char *secret, uint8_t out[RADIUS_AUTH]);

/* The value that the Message-Authenticator at offset ma must have: HMAC-MD5 over the packet with auth in its head and zeros in that value. */
void frame_mac(const uint8_t *p, size_t whole, const uint8_t *auth, size_t ma, const char *secret, uint8_t out[RADIUS_AUTH]);

/* Are they the same?  In a time that tells nothing of where they differ. */
bool frame_same(const uint8_t a[RADIUS_AUTH], const uint8_t b[RADIUS_AUTH]);

#endif
