/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - sabusd's command line, the only configuration it has.
 */
#ifndef SABUSD_OPTIONS_H
#define SABUSD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define OPTIONS_UIDS_MAX 16
#define OPTIONS_DIR_MAX	 90 /* bytes; with "/session.sock" it still fits sun_path */

struct uid_list {
	uid_t uid[OPTIONS_UIDS_MAX];
	size_t n;
};

struct options {
	const char *dir;	       /* points into argv */
	const char *user;	       /* NULL: stay who we are */
	struct uid_list publishers;    /* besides 0 */
	struct uid_list session_users; /* besides 0 */
	bool has_read_group;
	gid_t read_group;
	unsigned int max_sas, max_tunnels, max_clients, max_readers_per_uid;
	unsigned int orphan_grace, hello_timeout; /* seconds */
	bool foreground;
};

enum options_result { OPTIONS_RUN, OPTIONS_EXIT_OK, OPTIONS_EXIT_USAGE };

/* Fills *o; prints help, version or the error itself. */
enum options_result options_parse(int argc, char **argv, struct options *o);

bool uid_list_has(const struct uid_list *l, uid_t uid);

#endif
