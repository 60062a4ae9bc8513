/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listen.h - the directory, its lock, and the three listening sockets: made here, or inherited from systemd.
 */
#ifndef SABUSD_LISTEN_H
#define SABUSD_LISTEN_H

#include <stdbool.h>
#include "options.h"

/* What a client may say is decided by the socket it came in by. */
enum role { ROLE_PUBLISHER, ROLE_SESSION, ROLE_READER, ROLE_COUNT };

struct listeners {
	int lock_fd; /* flock on DIR/sabusd.lock as long as we live */
	int fd[ROLE_COUNT];
	bool ours[ROLE_COUNT]; /* made here, so removed at the end */
};

const char *role_name(enum role r); /* "publisher" "session" "reader" */

/* Makes the directory, takes the lock, opens the sockets, drops privileges.  Logs what is wrong; false = do not go on. */
bool listen_setup(struct listeners *l, const struct options *o);
void listen_write_pid(const struct listeners *l); /* into the lock file, for people */
void listen_close(struct listeners *l, const struct options *o);

#endif
