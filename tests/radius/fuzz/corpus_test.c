// SPDX-License-Identifier: GPL-2.0-or-later
/* The fuzzer's corpus without the fuzzer: each file, and each file cut everywhere.  Files named good-* come through all of it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check_reply.h"

static int one(const char *folder, const char *name)
{
	static uint8_t b[65536];
	char path[1024];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (!f)
		return -1;
	n = fread(b, 1, sizeof(b), f);
	fclose(f);
	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *copy = malloc(cut + 1);

		memcpy(copy, b, cut);
		check_reply(copy, cut);
		free(copy);
	}
	return check_reply(b, n);
}

int main(void)
{
	const char *top = getenv("top_srcdir");
	char folder[512];
	struct dirent *e;
	int files = 0, bad = 0;
	DIR *d;

	snprintf(folder, sizeof(folder), "%s/tests/radius/fuzz/corpus", top ? top : ".");
	d = opendir(folder);
	while (d && (e = readdir(d))) {
		int far = e->d_name[0] == '.' ? 3 : one(folder, e->d_name);

		files += e->d_name[0] != '.';
		if (!strncmp(e->d_name, "good-", 5) ? far == 3 : far >= 0)
			continue;
		printf("%s came to %d\n", e->d_name, far);
		bad++;
	}
	if (d)
		closedir(d);
	printf("%d files\n", files);
	return bad || files < 5;
}
