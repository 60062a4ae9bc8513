/* SPDX-License-Identifier: GPL-2.0-or-later */
/* failures.c - see failures.h.  Rows are in no order; a walk over all of them costs less than a lookup's packet. */
#include <stddef.h>
#include "failures.h"

/* f->n: there is none. */
static unsigned int row_of(const struct failures *f, const struct sabus_addr *peer)
{
	unsigned int i = 0;

	while (i < f->n && !sabus_addr_equal(&f->row[i].peer, peer))
		i++;
	return i;
}

static struct failure *oldest(struct failures *f)
{
	struct failure *old = &f->row[0];

	for (unsigned int i = 1; i < f->n; i++) {
		if (f->row[i].when < old->when)
			old = &f->row[i];
	}
	return old;
}

void failures_add(struct failures *f, const struct sabus_addr *peer, uint32_t what, int64_t now)
{
	unsigned int i = row_of(f, peer);
	struct failure *r;

	if (i < f->n)
		r = &f->row[i];
	else
		r = f->n < FAILURES_MAX ? &f->row[f->n++] : oldest(f);
	*r = (struct failure){ .peer = *peer, .what = what, .when = now };
}

void failures_forget(struct failures *f, const struct sabus_addr *peer)
{
	unsigned int i = row_of(f, peer);

	if (i < f->n)
		f->row[i] = f->row[--f->n];
}

const struct failure *failures_find(const struct failures *f, const struct sabus_addr *peer, int64_t now)
{
	unsigned int i = row_of(f, peer);

	return i < f->n && now - f->row[i].when <= FAILURES_KEEP_MS ? &f->row[i] : NULL;
}
