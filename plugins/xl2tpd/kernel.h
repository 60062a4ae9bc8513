/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.h - what the kernel is told, so that it holds when we are slow, wrong or dead: guard, socket policies, marks.
 */
#ifndef SABUS_XL2TPD_KERNEL_H
#define SABUS_XL2TPD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include "tunnels.h"

/* At start(): fence, and the guard where the options want it.  0, or -1 with a message in err.  BLOCKS for the kernel's answers. */
int kernel_start(char *err, size_t errlen);

/* At close(): takes the guard back. */
void kernel_stop(void);

/* A new socket, not bound yet: 0 or -errno.  The listening one, or the one of t, which has its answer already. */
int kernel_listen(int fd);
int kernel_tunnel_socket(int fd, const struct tun *t);

/*
 * The mark of what leaves for t from now on: its SA's, else the fence's where nothing may leave without an SA.  Before there is an
 * SA: the mark that the peer's datagram had, by which a refusal finds its way back.  0 or -errno.
 */
int kernel_mark(const struct tun *t);

/* The mark by which a refusal leaves on sa. */
int kernel_mark_as(const struct tun *t, const struct sabus_sa *sa);

/* Nothing leaves for t any more but by an SA without a mark: its own is gone. */
int kernel_block(const struct tun *t);

/* Can the kernel hold a tunnel to this SA? */
bool kernel_can_pin(const struct sabus_sa *sa);

/* Would the tunnel's socket need another mark or policy on b than on a? */
bool kernel_mark_differs(const struct sabus_sa *a, const struct sabus_sa *b);

#endif
