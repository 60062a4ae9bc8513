/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_format.c - lines of Prometheus' text format.
 */
#include "config.h"
#include <string.h>
#include "metrics.h"
#include "words.h"

void metrics_family(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Label values are UTF-8, with \\, \" and \n escaped.  Other control characters are legal there; they are '?' so that no log viewer is fooled. */
static void label_value(FILE *out, const char *text)
{
	char clean[1024];

	for (const char *p = utf8_text(text, clean, sizeof(clean)); *p; p++) {
		unsigned char ch = (unsigned char)*p;

		if (ch == '\\' || ch == '"')
			fputc('\\', out);
		if (ch == '\n')
			fputs("\\n", out);
		else
			fputc(ch < ' ' || ch == 0x7f ? '?' : ch, out);
	}
}

void metrics_sample(FILE *out, const char *name, const char *const *labels, uint64_t value)
{
	fputs(name, out);
	for (size_t i = 0; labels && labels[i]; i += 2) {
		fprintf(out, "%c%s=\"", i ? ',' : '{', labels[i]);
		label_value(out, labels[i + 1]);
		fputc('"', out);
	}
	fprintf(out, "%s %llu\n", labels && labels[0] ? "}" : "", (unsigned long long)value);
}
