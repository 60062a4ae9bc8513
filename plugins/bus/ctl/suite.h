/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * suite.h - an SA's algorithms from text, as people write them.
 *
 * Both spellings: strongSwan's proposals ("aes256gcm128", "aes128-sha256-modp2048", "3des-sha1"), of which key exchange and ESN parts are read and
 * not needed, and the names that `status` shows ("ESP AES_GCM_16-256", "AES_CBC-128/HMAC_SHA1_96", "AH HMAC_SHA2_256_128").
 */
#ifndef SABUSCTL_SUITE_H
#define SABUSCTL_SUITE_H

#include "sa.h"

/* Sets proto, encr, encr_bits, integ and, of flags, those that the suite decides.  0; or -EINVAL, *bad is the part (of at most 63 bytes) that is not known. */
int suite_parse(const char *text, struct sabus_sa *sa, char bad[64]);

#endif
