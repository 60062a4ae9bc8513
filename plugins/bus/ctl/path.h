/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path.h - options that describe an SA and the path below it; `mtu` and `explain` have them both.
 */
#ifndef SABUSCTL_PATH_H
#define SABUSCTL_PATH_H

#include <json-c/json.h>
#include "ctl.h"
#include "overhead.h"

/* clang-format off */
#define PATH_OPTIONS \
	{ "nat-t", NULL, "the SA has UDP encapsulation (NAT traversal)" }, \
	{ "mode", "MODE", "of the SA: transport (default) or tunnel" }, \
	{ "ipv6", NULL, "L2TP and ESP over IPv6" }, \
	{ "path-mtu", "BYTES", "of the way to the peer (1500)" }, \
	{ "l2tp-header", "BYTES", "6 as Linux sends it (default); 10 with sequence numbers, 2 more with a length" }
/* clang-format on */

struct path {
	struct sabus_mtu_in in;
	uint8_t family; /* AF_INET, AF_INET6 */
};

/* The options above, into *sa (mode, encapsulation, address family) and *p.  CTL_OK, or CTL_USAGE and a message. */
int path_given(const struct ctl *c, struct sabus_sa *sa, struct path *p);
/* A suite into *sa, with a replay window as charon has it.  CTL_OK, or CTL_USAGE and a message. */
int path_suite(const struct ctl *c, const char *option, const char *text, struct sabus_sa *sa);

/* The sum as an object. */
struct json_object *path_json(const struct sabus_mtu *m);

#endif
