/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon.h - the one place where strongSwan's headers come in, and where its releases differ.
 *
 * They come in as system headers (-isystem), after the sabus-config.h that names the release.  strongSwan's printf specifiers (%Y, %H ...) are
 * unknown to the compiler; only text.c uses them.
 */
#ifndef SABUS_CHARON_H
#define SABUS_CHARON_H

#include <library.h>
#include <daemon.h>
#include <plugins/plugin.h>
#include <processing/jobs/callback_job.h>
#include <threading/thread.h>

#ifdef ME
#define SABUS_BUILT_WITH_MEDIATION true
#else
#define SABUS_BUILT_WITH_MEDIATION false
#endif

/*
 * Log group: DBG_DMN is 0 in every release, the others were renumbered in 6.0.2, and the guard must log before it knows the release.
 * Level 1 is what charon logs by default.
 */
#define sabus_log(format, ...) DBG1(DBG_DMN, format, ##__VA_ARGS__)

#endif
