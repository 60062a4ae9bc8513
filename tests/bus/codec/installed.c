// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a program of somebody else's does: include the installed header, link with -lsabus, ask.  Run by `make installcheck`.
 */
#include <errno.h>
#include <stdio.h>
#include <sabus/alg.h>
#include <sabus/reason.h>
#include <sabus/sabus.h>

int main(void)
{
	struct sabus_flow flow = { .local.port = SABUS_L2TP_PORT };
	struct sabus *s;
	int ret = sabus_open(&s, "/nonexistent/sabus.sock", "example", 0);

	printf("libsabus %s: open: %d, %s\n", sabus_version(), ret, sabus_reason_text(SABUS_R_BUS_DOWN));
	return ret == -ENOENT && sabus_addr_parse(&flow.remote.addr, "192.0.2.1") == 0 ? 0 : 1;
}
