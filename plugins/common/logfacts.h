/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logfacts.h - what several daemons say of the same thing, in the same keys.  Pure.
 */
#ifndef SABUS_LOGFACTS_H
#define SABUS_LOGFACTS_H

#include "logline.h"
#include "sa.h"

/* " KEY=10.9.0.2:1701" or " KEY=[2001:db8::2]:1701". */
void logfacts_endpoint(struct logline *ln, const char *key, const struct sabus_endpoint *e);

/* sa=, spi=, suite=, natt=; sa NULL: "sa=none". */
void logfacts_sa(struct logline *ln, const struct sabus_sa *sa);

#endif
