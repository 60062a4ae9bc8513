/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample.h - fixed contents for the tests of the bus.  The golden files hold their bytes: change nothing here.
 */
#ifndef SABUS_TEST_SAMPLE_H
#define SABUS_TEST_SAMPLE_H

#include "sabus.h"

#define SAMPLE_EPOCH	UINT64_C(0x1122334455667788)
#define SAMPLE_REVISION UINT64_C(0x0000000100000002)

void sample_sa_full(struct sabus_sa *sa);    /* every member differs from zero, two pairs of selectors (IPv4 and IPv6) */
void sample_sa_pending(struct sabus_sa *sa); /* what charon announces before it knows more */
void sample_flow(struct sabus_flow *flow);
void sample_session(struct sabus_session *session); /* every member but those for RADIUS differs from zero */
void sample_session_radius(struct sabus_session *session); /* those do, too */
void sample_reply(struct sabus_reply *reply); /* every member differs from zero, but for the mandate, which has come and is 0 */
void sample_tunnel(struct sabus_tunnel_info *tunnel); /* likewise */
void sample_call(struct sabus_call_info *call);	      /* likewise */

#endif
