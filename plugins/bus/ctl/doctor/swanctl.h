/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swanctl.h - the CHILD_SAs of swanctl.conf.
 */
#ifndef SABUSCTL_DOCTOR_SWANCTL_H
#define SABUSCTL_DOCTOR_SWANCTL_H

#include "doctor.h"

/* The next section connections.X.children.Y that has a value of any kind, from *at on; each once.  Its first entry; NULL = no more. */
const struct conf_entry *next_child(const struct conf *c, size_t *at);
/* Is the section one of a child? */
bool is_child(const char *section);
/* The value of key in a child, or otherwise. */
const char *child_value(const struct conf *c, const char *section, const char *key, const char *otherwise);
/* Does it carry L2TP at all: do its selectors name the port, or UDP, or nothing? */
bool child_for_l2tp(const struct conf *c, const char *section);
/* Does a list of selectors (local_ts, remote_ts) admit this UDP port? */
bool ts_admits(const char *list, unsigned int port);
/* Calls each() for the parts of "a,b , c", without blanks. */
void each_part(const char *list, void (*each)(void *data, const char *part), void *data);

#endif
