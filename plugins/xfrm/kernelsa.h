/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernelsa.h - does the kernel itself still hold the SA?
 *
 * The bus tells what charon says.  While charon or sabusd is not there, the kernel goes on with the SAs that it has: a tunnel or session on a
 * living SA is protected and shall not end because a daemon restarts.
 */
#ifndef SABUS_XFRM_KERNELSA_H
#define SABUS_XFRM_KERNELSA_H

#include "sa.h"

/*
 * 1: both directions of sa are in the kernel's SAD; 0: at least one is not; -errno: the kernel could not be asked (-EPERM: not root).
 * Asks through a netlink socket of its own and waits for the kernel's answer (microseconds; at most 200 ms).
 */
int kernelsa_held(const struct sabus_sa *sa);

#endif
