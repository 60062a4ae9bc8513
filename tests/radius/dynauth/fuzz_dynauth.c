// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target (configure --enable-fuzz CC=clang):
 *   tests/radius/dynauth/fuzz_dynauth -max_len=4096 NEW-CORPUS tests/radius/dynauth/corpus
 */
#include "check_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_input(data, size);
	return 0;
}
