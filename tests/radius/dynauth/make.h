/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make.h - requests as a RADIUS server makes them, for the C tests.
 */
#ifndef SABUS_TEST_DYNAUTH_MAKE_H
#define SABUS_TEST_DYNAUTH_MAKE_H

#include "packet.h"

#define MAKE_SECRET "a secret of 16 octets at least"

struct make {
	uint8_t p[RADIUS_MAX + 64];
	size_t len, ma; /* ma: offset, 0 = none */
};

void make_start(struct make *m, uint8_t code, uint8_t id);
void make_attr(struct make *m, uint8_t type, const void *value, size_t len);
void make_u32(struct make *m, uint8_t type, uint32_t value);
void make_vsa_u32(struct make *m, uint32_t vendor, uint8_t type, uint32_t value);
void make_ma(struct make *m); /* its place; filled in by make_sign() */
void make_sign(struct make *m, const char *secret);

/* A Disconnect-Request that is good in every respect, with its Event-Timestamp. */
void make_good(struct make *m, uint32_t timestamp);

#endif
