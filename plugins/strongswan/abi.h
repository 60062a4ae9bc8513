/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * abi.h - may this build run in this process?
 *
 * charon checks nothing when it loads a plugin: libcharon's SONAME never changes, yet struct layouts change between patch releases and
 * with --enable-mediation.  A plugin of another build calls through the wrong member and aborts charon when a peer connects.  So nothing of
 * charon's structs may be touched before sabus_abi_check() has said yes; it uses the C library only.
 */
#ifndef SABUS_ABI_H
#define SABUS_ABI_H

#include <stdbool.h>
#include <stddef.h>

/*
 * version and mediation: what this plugin was built for.  True when the process is a charon of the same release and the same mediation setting.
 * Else false, *why says what differs and *remedy, a constant, what to do.  Reads /proc/self/exe; called once, from the constructor.
 */
bool sabus_abi_check(const char *version, bool mediation, char *why, size_t size, const char **remedy);

#endif
