/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * abi.c - the two marks by which a build can be told, see abi.h.
 *
 * libcharon carries no version string or symbol.  The daemons do: they print "(strongSwan VERSION, ...)" at start, a string constant
 * in the executable.  Mediation shows in libcharon's symbols: mediation_manager_create exists only with it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "abi.h"

#define SELF   "/proc/self/exe"
#define REMEDY "build it with the headers of the installed release (integration/strongswan-headers)"

/* Is text somewhere in the file?  1, 0 or -errno. */
static int file_has(const char *path, const char *text)
{
	struct stat st;
	void *map;
	int r, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		r = -errno;
		goto out;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		r = -errno;
		goto out;
	}
	r = memmem(map, (size_t)st.st_size, text, strlen(text)) != NULL;
	munmap(map, (size_t)st.st_size);
out:
	close(fd);
	return r;
}

static bool version_fits(const char *version, char *why, size_t size, const char **remedy)
{
	char want[64];
	int r;

	snprintf(want, sizeof(want), "(strongSwan %s,", version);
	r = file_has(SELF, want);
	*remedy = REMEDY;
	if (r == 0)
		snprintf(why, size, "built for strongSwan %s, this daemon is of another release", version);
	if (r < 0) {
		snprintf(why, size, "cannot tell this daemon's version, reading " SELF ": %s", strerror(-r));
		*remedy = "allow the daemon to read its own executable";
	}
	return r > 0;
}

bool sabus_abi_check(const char *version, bool mediation, char *why, size_t size, const char **remedy)
{
	bool have = dlsym(RTLD_DEFAULT, "mediation_manager_create") != NULL;

	if (have != mediation) {
		snprintf(why, size, "built %s mediation, this libcharon is built %s it", mediation ? "with" : "without",
			 have ? "with" : "without");
		*remedy = REMEDY;
		return false;
	}
	return version_fits(version, why, size, remedy);
}
