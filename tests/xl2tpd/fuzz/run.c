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

/* Leaks are counted in check.c; what is freed need not stay poisoned for long, a run is short. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0:detect_stack_use_after_return=0:malloc_context_size=8:quarantine_size_mb=16";
}

/* The sanitizer's memcpy() would complain of the redzones between the variables. */
static void copy(char *to, const char *from, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
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
	char *argv[] = {
		(char[]){ "xl2tpd" }, (char[]){ "-D" },		 (char[]){ "-l" }, (char[]){ "-c" },	   (char[]){ WORLD_CONFIG },
		(char[]){ "-s" },     (char[]){ WORLD_SECRETS }, (char[]){ "-C" }, (char[]){ WORLD_FIFO }, NULL
	};

	restore_variables();
	world_begin(config, len, secrets);
	plugin_reset();
	if (!setjmp(world.out)) {
		xl2tpd_main((int)(sizeof(argv) / sizeof(argv[0])) - 1, argv);
		world_bug("main() returned");
	}
	world_allocs_drop();
}
