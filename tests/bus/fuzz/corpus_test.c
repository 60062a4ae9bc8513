// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs the fuzzer's corpus (tests/bus/fuzz/corpus) without a fuzzer, in every `make check`, with any compiler.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include "check_packet.h"

static bool run_file(const char *path, size_t *messages)
{
	static uint8_t data[1 << 17];
	FILE *f = fopen(path, "rb");
	size_t len;

	if (!f) {
		perror(path);
		return false;
	}
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	*messages += (size_t)check_packet(data, len);
	return true;
}

int main(void)
{
	const char *top = getenv("top_srcdir");
	size_t files = 0, messages = 0;
	char dir[512], path[1024];
	const struct dirent *e;
	bool ok = true;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/tests/bus/fuzz/corpus", top ? top : ".");
	d = opendir(dir);
	if (!d) {
		perror(dir);
		return 1;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		ok = run_file(path, &messages) && ok;
		files++;
	}
	closedir(d);
	printf("%zu files, %zu of them messages\n", files, messages);
	/* A corpus that went missing, or in which nothing is a message any more, tests nothing. */
	return ok && files >= 25 && messages >= 20 ? 0 : 1;
}
