/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One life of the daemon: from main() with fresh variables to world_leave().
 *
 * build.sh puts all of the daemon's writable variables, those of functions
 * included, into one section.  Its first content is kept, and put back before
 * each run, so that runs know nothing of each other.
 */
#include "daemon.h"
#include "calls.h"
#include "world.h"

#include <stdlib.h>

extern char __start_xl2tpd_data[], __stop_xl2tpd_data[];

static char *saved;

/* Byte by byte: the redzones between the variables are no business of memcpy's. */
__attribute__((no_sanitize("address"), no_builtin)) static void copy(volatile char *to, const volatile char *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
}

static void restore_variables(void)
{
	size_t n = (size_t)(__stop_xl2tpd_data - __start_xl2tpd_data);

	if (saved) {
		copy(__start_xl2tpd_data, saved, n);
		return;
	}
	saved = malloc(n);
	if (!saved)
		abort();
	copy(saved, __start_xl2tpd_data, n);
}

void run(const char *config, size_t len, const char *secrets)
{
	char *argv[] = {(char[]){"xl2tpd"},  (char[]){"-D"},	    (char[]){"-l"}, (char[]){"-c"}, (char[]){WORLD_CONFIG}, (char[]){"-s"},
			       (char[]){WORLD_SECRETS}, (char[]){"-C"}, (char[]){WORLD_FIFO}, NULL};

	restore_variables();
	world_begin(config, len, secrets);
	plugin_reset();
	if (!setjmp(world.out)) {
		xl2tpd_main((int)(sizeof(argv) / sizeof(argv[0])) - 1, argv);
		world_bug("main() returned");
	}
	world_allocs_drop();
}
