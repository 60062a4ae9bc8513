/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sabus_plugin.h - the one symbol charon looks for. */
#ifndef SABUS_PLUGIN_H
#define SABUS_PLUGIN_H

#include "charon.h"

/* NULL: refused, one line in charon's log says why; charon goes on without us. */
plugin_t *sabus_plugin_create(void);

#endif
