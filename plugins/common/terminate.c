// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * terminate.c - two tables: of our reasons, and of pppd's exit statuses.
 *
 * A signal (status 5) is most often xl2tpd's, which passes on that the peer has ended the call; so it counts as the user's.  That xl2tpd itself was stopped
 * cannot be seen from here: who finds its parent gone may say NAS-Reboot.
 */
#include "terminate.h"

#define NOT_OURS 0

static int of_reason(enum sabus_reason reason)
{
	switch (reason) {
	case SABUS_R_OK_PROTECTED:
	case SABUS_R_OK_MPPE:
	case SABUS_R_OK_CLEAR:
	case SABUS_R_OK_UNPROTECTED:
	case SABUS_R_OK_CLEAR_PEER: return NOT_OURS;
	case SABUS_R_SA_GONE:
	case SABUS_R_SA_MOVED: return SABUS_TC_LOST_CARRIER;
	case SABUS_R_ADMIN_RESET:
	case SABUS_R_POLICY_CHANGED: return SABUS_TC_ADMIN_RESET;
	case SABUS_R_NO_SA:
	case SABUS_R_SA_PENDING:
	case SABUS_R_SA_UNKNOWN:
	case SABUS_R_BUS_DOWN:
	case SABUS_R_BUS_TIMEOUT:
	case SABUS_R_TUNNEL_UNKNOWN:
	case SABUS_R_SA_IMPOSSIBLE:
	case SABUS_R_TUNNEL_ENDING:
	case SABUS_R_RADIUS_DOWN:
	case SABUS_R_RADIUS_REPLY:
	case SABUS_R_RADIUS_NO_SABUS: return SABUS_TC_SERVICE_UNAVAILABLE;
	case SABUS_R_SA_AMBIGUOUS:
	case SABUS_R_NO_INTEGRITY:
	case SABUS_R_NO_REPLAY:
	case SABUS_R_AH_ONLY:
	case SABUS_R_SA_WEAK:
	case SABUS_R_POLICY_PROHIBIT:
	case SABUS_R_MODE_REFUSED:
	case SABUS_R_MPPE_REFUSED:
	case SABUS_R_MPPE_ONE_WAY:
	case SABUS_R_MPPE_TIMEOUT:
	case SABUS_R_MPPE_NO_KEYS:
	case SABUS_R_ECP_UNSUPPORTED:
	case SABUS_R_SA_WEAKENED:
	case SABUS_R_MULTILINK:
	case SABUS_R_SA_ALGORITHM:
	case SABUS_R_IDENTITY: return SABUS_TC_NAS_REQUEST;
	case SABUS_R_PIN_FAILED: return SABUS_TC_PORT_ERROR;
	case SABUS_R_BAD_OPTION:
	case SABUS_R_INTERNAL:
	case SABUS_R_COUNT: break;
	}
	return SABUS_TC_NAS_ERROR;
}

/* pppd(8), EXIT STATUS. */
static enum sabus_terminate of_status(int status)
{
	static const enum sabus_terminate causes[] = {
		[0] = SABUS_TC_USER_REQUEST,	     /* the peer has hung up */
		[1] = SABUS_TC_NAS_ERROR,	     /* fatal: a system call */
		[2] = SABUS_TC_NAS_ERROR,	     /* options */
		[3] = SABUS_TC_NAS_ERROR,	     /* not root */
		[4] = SABUS_TC_NAS_ERROR,	     /* the kernel has no PPP */
		[5] = SABUS_TC_USER_REQUEST,	     /* SIGTERM, SIGINT, SIGHUP */
		[6] = SABUS_TC_PORT_ERROR,	     /* lock */
		[7] = SABUS_TC_PORT_ERROR,	     /* open */
		[8] = SABUS_TC_LOST_CARRIER,	     /* connect */
		[9] = SABUS_TC_PORT_ERROR,	     /* pty command */
		[10] = SABUS_TC_SERVICE_UNAVAILABLE, /* negotiation: no network protocol */
		[11] = SABUS_TC_USER_ERROR,	     /* the peer did not authenticate itself */
		[12] = SABUS_TC_IDLE_TIMEOUT,
		[13] = SABUS_TC_SESSION_TIMEOUT,
		[14] = SABUS_TC_NAS_REQUEST,	     /* callback */
		[15] = SABUS_TC_LOST_CARRIER,	     /* no answer to LCP echoes */
		[16] = SABUS_TC_LOST_CARRIER,	     /* hangup of the channel */
		[17] = SABUS_TC_PORT_ERROR,	     /* loopback */
		[18] = SABUS_TC_PORT_ERROR,	     /* init script */
		[19] = SABUS_TC_SERVICE_UNAVAILABLE, /* we could not authenticate ourselves */
		[20] = SABUS_TC_NAS_REQUEST,	     /* octet limit */
		[21] = SABUS_TC_USER_ERROR,	     /* caller's number */
	};

	if (status < 0 || status >= (int)(sizeof(causes) / sizeof(causes[0])))
		return SABUS_TC_NAS_ERROR;
	return causes[status];
}

enum sabus_terminate sabus_terminate_cause(enum sabus_reason reason, int exit_status)
{
	int ours = of_reason(reason);

	return ours == NOT_OURS ? of_status(exit_status) : (enum sabus_terminate)ours;
}
