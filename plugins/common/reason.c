// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reason.c - the stable reason codes as words, sentences, remedies and exit statuses.
 *
 * Everything comes from the one list in reason.h, so that a code cannot exist in one place and be missing in another.  A number out
 * of range is answered as "internal": the caller is about to tell a person why a link ended and must not crash while doing so.
 */
#include "reason.h"

struct reason {
	const char *word;
	int exit;
	const char *text;
	const char *remedy;
};

static const struct reason reasons[SABUS_R_COUNT] = {
#define SABUS_REASON_ROW(e, w, x, t, r) [SABUS_R_##e] = { .word = (w), .exit = (x), .text = (t), .remedy = (r) },
	SABUS_REASONS(SABUS_REASON_ROW)
#undef SABUS_REASON_ROW
};

static const struct reason *lookup(enum sabus_reason r)
{
	/* The cast also catches negative values, whatever type the compiler gave the enum. */
	return &reasons[(unsigned int)r < SABUS_R_COUNT ? r : SABUS_R_INTERNAL];
}

const char *sabus_reason_word(enum sabus_reason r)
{
	return lookup(r)->word;
}

const char *sabus_reason_text(enum sabus_reason r)
{
	return lookup(r)->text;
}

const char *sabus_reason_remedy(enum sabus_reason r)
{
	return lookup(r)->remedy;
}

int sabus_reason_exit(enum sabus_reason r)
{
	return lookup(r)->exit;
}
