/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_input.h - what must hold for any bytes that come to sabus-dynauth.  Aborts when it does not.
 */
#ifndef SABUS_TEST_DYNAUTH_CHECK_INPUT_H
#define SABUS_TEST_DYNAUTH_CHECK_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* Returns 1 when the bytes, signed, are a request that asks for something that can be had. */
int check_input(const uint8_t *data, size_t len);

#endif
