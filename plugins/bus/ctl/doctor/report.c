/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c - what the checks tell.
 */
#include "config.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doctor.h"

static struct finding *more(struct report *r, bool looked)
{
	struct finding *f;

	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 16;
		r->findings = realloc(r->findings, r->cap * sizeof(*r->findings));
	}
	if (!r->findings) {
		fputs("sabusctl: out of memory\n", stderr);
		exit(CTL_FAILED);
	}
	f = &r->findings[r->n++];
	memset(f, 0, sizeof(*f));
	f->check = r->check;
	f->weight = r->check->weight;
	f->looked = looked;
	return f;
}

void found(struct report *r, const char *fmt, ...)
{
	struct finding *f = more(r, true);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

void found_at(struct report *r, const struct conf_entry *e, const char *fmt, ...)
{
	struct finding *f = more(r, true);
	va_list ap;
	int n = snprintf(f->text, sizeof(f->text), "%.200s:%u: ", e->file, e->line);

	va_start(ap, fmt);
	vsnprintf(f->text + n, sizeof(f->text) - (size_t)n, fmt, ap);
	va_end(ap);
}

void only_advice(struct report *r)
{
	r->findings[r->n - 1].weight = WEIGHT_ADVICE;
}

void cannot_look(struct report *r, const char *fmt, ...)
{
	struct finding *f = more(r, false);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

void report_free(struct report *r)
{
	free(r->findings);
}
