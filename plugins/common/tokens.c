// SPDX-License-Identifier: GPL-2.0-or-later
/* tokens.c - see tokens.h.  What is counted is what was taken, so that a struct of zeros but for burst and pause is a full bucket. */
#include "tokens.h"

static void refill(struct tokens *t, int64_t now)
{
	int64_t n = (now - t->since) / t->pause_ms;

	if (n >= t->used) { /* full: time beyond that is not saved up */
		t->used = 0;
		t->since = now;
	} else if (n > 0) {
		t->used -= (unsigned int)n;
		t->since += n * t->pause_ms;
	}
}

bool tokens_take(struct tokens *t, int64_t now, unsigned int *suppressed)
{
	*suppressed = 0;
	if (!t->burst)
		return true;
	refill(t, now);
	if (t->used >= t->burst) {
		t->suppressed++;
		return false;
	}
	t->used++;
	*suppressed = t->suppressed;
	t->suppressed = 0;
	return true;
}

void tokens_return(struct tokens *t, unsigned int suppressed)
{
	if (!t->burst)
		return;
	t->used--;
	t->suppressed = suppressed + 1;
}
