/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ikefail.c - see ikefail.h: everything comes from its one list. */
#include "ikefail.h"

struct failure {
	const char *word, *text, *remedy;
};

static const struct failure failures[SABUS_IKEFAIL_END] = {
	[SABUS_IKEFAIL_NONE] = { "none", "", "" },
#define SABUS_IKEFAIL_ROW(e, w, t, r) [SABUS_IKEFAIL_##e] = { w, t, r },
	SABUS_IKE_FAILURES(SABUS_IKEFAIL_ROW)
#undef SABUS_IKEFAIL_ROW
};

static const struct failure *lookup(enum sabus_ike_failure f)
{
	return &failures[(unsigned int)f < SABUS_IKEFAIL_END ? f : SABUS_IKEFAIL_NONE];
}

const char *sabus_ike_failure_word(enum sabus_ike_failure f)
{
	return lookup(f)->word;
}

const char *sabus_ike_failure_text(enum sabus_ike_failure f)
{
	return lookup(f)->text;
}

const char *sabus_ike_failure_remedy(enum sabus_ike_failure f)
{
	return lookup(f)->remedy;
}
