// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the fuzzer found worth keeping, once more, so that it is looked at without a fuzzer, too.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include "check_input.h"

static int check_file(const char *dir, const char *name)
{
	static uint8_t data[65536];
	char path[1100];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f) {
		perror(path);
		exit(1);
	}
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	return check_input(data, len);
}

int main(void)
{
	const char *top = getenv("top_srcdir");
	int files = 0, good = 0;
	char dir[800];
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/tests/radius/dynauth/corpus", top ? top : ".");
	d = opendir(dir);
	if (!d) {
		perror(dir);
		return 1;
	}
	for (const struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		files++;
		good += check_file(dir, e->d_name);
	}
	closedir(d);
	printf("%d files, %d of them requests\n", files, good);
	return files > 5 && good > 1 && good < files ? 0 : 1;
}
