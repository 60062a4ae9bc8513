// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer: answers of RADIUS servers. */
#include "check_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_reply(data, size);
	return 0;
}
