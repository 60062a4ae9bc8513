/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rebuild.h - a decoded message back into bytes, for tests that compare encode(decode(x)) with x.
 */
#ifndef SABUS_TEST_REBUILD_H
#define SABUS_TEST_REBUILD_H

#include "codec.h"

/* Parses the packet, opens every nest, and writes it again into out.  Returns the new length, or the error that made it stop. */
int rebuild(const void *pkt, size_t len, void *out, size_t size, struct sabus_fault *fault);

#endif
