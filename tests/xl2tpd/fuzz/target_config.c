/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second fuzz target: the input is xl2tpd.conf.  The daemon starts with
 * it, or says why not; either way it has to get there.
 */
#include "daemon.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	script_begin_config();
	run((const char *)data, size, "* * secret\n");
	return 0;
}
