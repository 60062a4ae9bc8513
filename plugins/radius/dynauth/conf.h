/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.h - dynauth.conf: who may ask, by which secret, and who we are.  sabus-dynauth.conf(5) describes it.
 *
 * Read once at the start.  The file holds secrets: it must be root's (or ours) and nobody else's to read.  What is wrong is told with file, line and remedy; nothing is guessed.
 */
#ifndef SABUS_DYNAUTH_CONF_H
#define SABUS_DYNAUTH_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sa.h"

#define CONF_CLIENTS_MAX 256
#define CONF_LISTEN_MAX	 16
#define CONF_NAS_MAX	 16
#define CONF_SECRET_MAX	 256 /* with NUL */
#define CONF_PORT	 3799
#define CONF_ERROR_MAX	 512

struct conf_client {
	struct sabus_addr net;
	unsigned int bits;
	char secret[CONF_SECRET_MAX];
	bool need_ma, need_timestamp;
};

struct conf {
	struct conf_client clients[CONF_CLIENTS_MAX];
	size_t n_clients;
	struct sabus_endpoint listen[CONF_LISTEN_MAX]; /* none: all addresses, CONF_PORT */
	size_t n_listen;
	char nas_ids[CONF_NAS_MAX][256]; /* none: the host's name */
	size_t n_nas_ids;
	struct sabus_addr nas_addrs[CONF_NAS_MAX]; /* none: the address that the request was sent to */
	size_t n_nas_addrs;
	unsigned int window; /* seconds that an Event-Timestamp may be off */
};

/*
 * Reads path into *c, which is completely written.  credential: it is one of systemd's (LoadCredential=), which are readable by root and the service however that shows in the mode.
 * 0, or -errno with a line for the user in error.
 */
int conf_read(const char *path, bool credential, struct conf *c, char error[CONF_ERROR_MAX]);

/* The same of text in memory, for tests; name: of the file, for errors. */
int conf_parse(const char *name, const char *text, struct conf *c, char error[CONF_ERROR_MAX]);

/* The client whose network is the narrowest around addr; NULL = nobody's. */
const struct conf_client *conf_client_of(const struct conf *c, const struct sabus_addr *addr);

void conf_wipe(struct conf *c);

#endif
