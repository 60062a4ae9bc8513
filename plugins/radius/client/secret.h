/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secret.h - attribute values that are hidden with the server's secret and the request's authenticator.
 *
 * All functions: pure, never block, any thread.  authenticator: RADIUS_AUTH octets of the request.  The plain text is the caller's to wipe.
 */
#ifndef SABUS_RADIUS_SECRET_H
#define SABUS_RADIUS_SECRET_H

#include "../rfc.h"
#include "../worker.h"

/*
 * Salt (2 octets, the highest bit set), then length and text in blocks of 16, each xored with MD5(secret, block before) (RFC 2868 section 3.5, RFC 2548 section 2.4.2).
 * out holds len octets.  Returns the length of the plain text, or -EINVAL.
 */
int secret_salted(const uint8_t *value, size_t len, const char *secret, const uint8_t *authenticator, uint8_t *out);

/*
 * MS-CHAP-MPPE-Keys (RFC 2548 section 2.4.1), 32 octets: hidden as User-Password.  -EINVAL for another length.
 */
int secret_chap_keys(const uint8_t *value, size_t len, const char *secret, const uint8_t *authenticator, uint8_t out[32]);

/*
 * Copies the attributes of a reply, the hidden ones (MS-MPPE-Send-Key, -Recv-Key, MS-CHAP-MPPE-Keys, Tunnel-Password) as plain text; the tag of a Tunnel-Password stays.
 * 0, or -EINVAL: *bad names the attribute that could not be read.
 */
int secret_reveal(const struct worker_list *in, const char *secret, const uint8_t *authenticator, struct worker_list *out,
		  const char **bad);

#endif
