/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_text.h - internal to policy.c: the sentence of a decision.
 */
#ifndef SABUS_POLICY_TEXT_H
#define SABUS_POLICY_TEXT_H

#include "policy.h"

/*
 * Fills in out->text from the other fields of *out and from what decided: sa (NULL: there is none) and policy.  uncounted: the SA
 * encrypts, but is not counted as the client's protection (compulsory tunnel).  Always terminated.
 */
void sabus_decision_describe(struct sabus_decision *out, const struct sabus_sa *sa, const struct sabus_policy *policy, bool uncounted);

#endif
