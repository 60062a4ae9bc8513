// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target (configure --enable-fuzz CC=clang):
 *   tests/bus/fuzz/fuzz_codec -max_len=8192 NEW-CORPUS tests/bus/fuzz/corpus
 */
#include "check_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_packet(data, size);
	return 0;
}
