/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - the xl2tpd that has loaded us: its table of functions, set in plugin.c's open() and constant from then on.
 *
 * Everything in this folder runs in xl2tpd's only thread, nothing in it ever waits.
 */
#ifndef SABUS_XL2TPD_HOST_H
#define SABUS_XL2TPD_HOST_H

#include <syslog.h>
#include "xl2tpd-plugin.h"

extern const struct xl2tpd_host *xl2tpd;

#endif
