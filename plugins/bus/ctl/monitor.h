/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor.h - an event as a line on standard output.  Events that say nothing to people (HELLO) give no line.
 */
#ifndef SABUSCTL_MONITOR_H
#define SABUSCTL_MONITOR_H

#include "view.h"

void monitor_text(const struct sabus_event *ev);
/* v has the event already. */
void monitor_json(const struct view *v, const struct sabus_event *ev);
/* The connection is lost and will be tried again. */
void monitor_lost_json(const char *why);
void monitor_lost(bool json, const char *why);

#endif
