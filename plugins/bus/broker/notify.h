/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify.h - tells the service manager how we are (sd_notify(3)'s protocol, so that no libsystemd is needed).
 */
#ifndef SABUSD_NOTIFY_H
#define SABUSD_NOTIFY_H

/* state: lines such as "READY=1\nSTATUS=...".  Nothing happens without $NOTIFY_SOCKET.  Never blocks, errors are ignored: it is a courtesy. */
void notify(const char *state);

#endif
