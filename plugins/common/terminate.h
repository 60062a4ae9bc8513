/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminate.h - Acct-Terminate-Cause (RFC 2866 section 5.10, RFC 3580) of a link that ended.
 *
 * Ours when sabus ended the link: its reason tells the truth.  Else pppd's exit status does.
 */
#ifndef SABUS_TERMINATE_H
#define SABUS_TERMINATE_H

#include "reason.h"

enum sabus_terminate {
	SABUS_TC_USER_REQUEST = 1,
	SABUS_TC_LOST_CARRIER = 2,	/* the SA below, or the peer, is gone */
	SABUS_TC_LOST_SERVICE = 3,
	SABUS_TC_IDLE_TIMEOUT = 4,
	SABUS_TC_SESSION_TIMEOUT = 5,
	SABUS_TC_ADMIN_RESET = 6,	/* Disconnect-Request, CoA, sabusctl */
	SABUS_TC_PORT_ERROR = 8,
	SABUS_TC_NAS_ERROR = 9,		/* pppd died */
	SABUS_TC_NAS_REQUEST = 10,	/* policy: SA weakened, MPPE refused, identity */
	SABUS_TC_NAS_REBOOT = 11,	/* xl2tpd was stopped */
	SABUS_TC_SERVICE_UNAVAILABLE = 15,
	SABUS_TC_USER_ERROR = 17,
};

/*
 * reason: why sabus ended the link, or an SABUS_R_OK_* where it did not; exit_status: pppd's (pppd(8), EXIT STATUS); 0 with a peer that hung up.
 * Pure; any thread.
 */
enum sabus_terminate sabus_terminate_cause(enum sabus_reason reason, int exit_status);

#endif
