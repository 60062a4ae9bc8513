// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oddpeer.so - a PPP peer that misbehaves, on order.  A pppd plugin of the scenarios only; it is loaded by the *other* end, never by the
 * end under test, and never installed by 'make install'.
 *
 * Options (all privileged; none given: an ordinary pppd):
 *   odd-ccp one-way    acknowledges our MPPE, asks for nothing itself: it would receive encrypted and send in the clear
 *   odd-ccp silent     never answers CCP and never starts it
 *   odd-ccp mppc       asks as Windows does over L2TP/IPsec: <mppe -H -M -S -L -D +C>, compression and no encryption bit
 *   odd-ccp twice      an ordinary peer but that its ConfReq comes twice, as when our answer is late
 *   odd-ecp            asks for ECP (3DESE, RFC 2420) once the network phase is reached
 *   odd-inject MS      MS milliseconds after the link runs writes an IP packet below the compressor: clear text although MPPE is up
 *   odd-lcp MS         MS milliseconds after the link runs negotiates LCP anew, and with it everything above: once
 *
 * Everything is applied at PHASE_NETWORK, the last moment that pppd honours for CCP and the first at which ECP may be sent (RFC 1968
 * section 2).  That phase is announced again on the way down; `armed` makes it happen once.  What a real peer does beyond this, pppd does.
 */
#include <arpa/inet.h>
#include <net/ppp_defs.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <pppd/pppd.h>
#include <pppd/options.h>
#include <pppd/fsm.h>
#include <pppd/ccp.h>
#include <pppd/ecp.h>
#include <pppd/ipcp.h>
#include <pppd/lcp.h>
#include <pppd/mppe.h>

#define CI_MPPE	    18		/* RFC 3078 */
#define CI_MPPE_LEN 6
#define CI_3DESE    2		/* RFC 2420 */
#define INJECT_TEXT "ODDPEER-IN-THE-CLEAR"

__attribute__((visibility("default"))) extern char pppd_version[];
char pppd_version[] = PPPD_VERSION;

/* Exported by pppd, declared in none of the headers that ppp-dev ships. */
extern int fd_ppp;
extern void ccp_flags_set(int unit, int isopen, int isup);

__attribute__((visibility("default"))) void plugin_init(void);

enum odd_ccp { CCP_USUAL, CCP_ONE_WAY, CCP_SILENT, CCP_MPPC, CCP_TWICE };

static enum odd_ccp odd_ccp;
static bool odd_ecp;
static int odd_inject, odd_lcp;
static bool armed;

/* ---- CCP: the Windows-like request, in place of pppd's own ---- */

static const unsigned char mppc_request[CI_MPPE_LEN] = { CI_MPPE, CI_MPPE_LEN, 0, 0, 0, MPPE_C_BIT };
static fsm_callbacks mppc_callbacks;
static bool mppc_wanted = true;

static void mppc_resetci(fsm *f)
{
	ccp_options none = { 0 };

	ccp_gotoptions[f->unit] = none;
	ccp_hisoptions[f->unit] = none;
}

static int mppc_cilen(fsm *f)
{
	(void)f;
	return mppc_wanted ? CI_MPPE_LEN : 0;
}

static void mppc_addci(fsm *f, unsigned char *p, int *len)
{
	*len = mppc_cilen(f);
	memcpy(p, mppc_request, (size_t)*len);
}

static int mppc_ackci(fsm *f, unsigned char *p, int len)
{
	return len == mppc_cilen(f) && !memcmp(p, mppc_request, (size_t)len);
}

/* Whatever is suggested instead, it does not want. */
static int mppc_nakci(fsm *f, unsigned char *p, int len, int treat_as_reject)
{
	(void)f, (void)p, (void)len, (void)treat_as_reject;
	mppc_wanted = false;
	return 1;
}

static int mppc_rejci(fsm *f, unsigned char *p, int len)
{
	return mppc_nakci(f, p, len, 1);
}

/* pppd's ccp_open() would wait in silence, because it wants nothing itself. */
static void mppc_open(int unit)
{
	ccp_flags_set(unit, 1, 0);
	ccp_fsm[unit].flags &= ~OPT_SILENT;
	fsm_open(&ccp_fsm[unit]);
}

static void mppc_setup(void)
{
	mppc_callbacks = *ccp_fsm[0].callbacks;
	mppc_callbacks.resetci = mppc_resetci;
	mppc_callbacks.cilen = mppc_cilen;
	mppc_callbacks.addci = mppc_addci;
	mppc_callbacks.ackci = mppc_ackci;
	mppc_callbacks.nakci = mppc_nakci;
	mppc_callbacks.rejci = mppc_rejci;
	ccp_fsm[0].callbacks = &mppc_callbacks;
	ccp_protent.open = mppc_open;
}

/* ---- CCP: the request comes twice ---- */

#define REQUEST_ROOM 64		/* pppd writes the key behind the MPPE option while it tries it out */

static void (*usual_input)(int unit, unsigned char *p, int len);
static bool repeated;

/* Our request has come: repeat ours, same id, before the answer, so that it is acknowledged twice. */
static void twice_input(int unit, unsigned char *p, int len)
{
	fsm *f = &ccp_fsm[unit];
	unsigned char request[REQUEST_ROOM];
	int n = f->callbacks->cilen(f);

	if (!repeated && len > 0 && p[0] == CONFREQ && (f->state == REQSENT || f->state == ACKRCVD)) {
		repeated = true;
		f->callbacks->addci(f, request, &n);
		fsm_sdata(f, CONFREQ, f->reqid, request, n);
	}
	usual_input(unit, p, len);
}

static void twice_setup(void)
{
	usual_input = ccp_protent.input;
	ccp_protent.input = twice_input;
}

/* ---- CCP: silent and one-way ---- */

static void swallow_packet(int unit, unsigned char *p, int len)
{
	(void)unit, (void)p, (void)len;
}

static void swallow_open(int unit)
{
	(void)unit;
}

static void ccp_setup(void)
{
	ccp_options none = { 0 };

	if (odd_ccp == CCP_TWICE)
		twice_setup();
	if (odd_ccp == CCP_USUAL || odd_ccp == CCP_TWICE)
		return;
	ccp_wantoptions[0] = none;
	ccp_allowoptions[0] = none;
	switch (odd_ccp) {
	case CCP_ONE_WAY:
		ccp_allowoptions[0].mppe = MPPE_OPT_128;
		break;
	case CCP_SILENT:
		ccp_protent.input = swallow_packet;
		ccp_protent.open = swallow_open;
		break;
	case CCP_MPPC: mppc_setup(); break;
	case CCP_TWICE:
	case CCP_USUAL: break;
	}
}

/* ---- ECP ---- */

/* Only the request: what comes back is in the log (Protocol-Reject, or nothing). */
static void ecp_request(void *unused)
{
	unsigned char option[] = { CI_3DESE, 10, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };

	(void)unused;
	info("oddpeer: sending an ECP ConfReq");
	fsm_sdata(&ecp_fsm[0], CONFREQ, 7, option, sizeof(option));
}

/* ---- clear text below the compressor ---- */

struct clear_frame {
	uint8_t proto[2];	/* as pppd writes to a channel: no FF 03 */
	struct iphdr ip;
	struct icmphdr icmp;
	char text[sizeof(INJECT_TEXT) - 1];
} __attribute__((packed));

/* RFC 1071, over len (even) bytes. */
static uint16_t checksum(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* A channel's fd lies below the ppp unit and so below its compressor: the kernel sends what is written as it is. */
static void inject(void *unused)
{
	struct clear_frame f;
	unsigned char copy[sizeof(struct clear_frame)];

	(void)unused;
	memset(&f, 0, sizeof(f));
	f.proto[1] = PPP_IP;
	f.ip.version = 4;
	f.ip.ihl = sizeof(f.ip) / 4;
	f.ip.tot_len = htons(sizeof(f) - sizeof(f.proto));
	f.ip.ttl = 64;
	f.ip.protocol = IPPROTO_ICMP;
	f.ip.saddr = ipcp_gotoptions[0].ouraddr;
	f.ip.daddr = ipcp_hisoptions[0].hisaddr;
	memcpy(copy, &f.ip, sizeof(f.ip));
	f.ip.check = checksum(copy, sizeof(f.ip));
	f.icmp.type = ICMP_ECHO;
	memcpy(f.text, INJECT_TEXT, sizeof(f.text));
	memcpy(copy, &f.icmp, sizeof(f.icmp) + sizeof(f.text));
	f.icmp.checksum = checksum(copy, sizeof(f.icmp) + sizeof(f.text));
	if (write(fd_ppp, &f, sizeof(f)) == (ssize_t)sizeof(f))
		info("oddpeer: injected a clear-text packet from %I to %I", f.ip.saddr, f.ip.daddr);
	else
		error("oddpeer: cannot inject: %m");
}

/* ---- LCP once more ---- */

static void lcp_again(void *arg)
{
	(void)arg;
	info("oddpeer: LCP once more");
	lcp_lowerdown(0);
	lcp_lowerup(0);
}

/* ---- options and phases ---- */

static int set_ccp(char **argv)
{
	static const struct {
		const char *word;
		enum odd_ccp value;
	} words[] = { { "one-way", CCP_ONE_WAY }, { "silent", CCP_SILENT }, { "mppc", CCP_MPPC }, { "twice", CCP_TWICE } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(*argv, words[i].word)) {
			odd_ccp = words[i].value;
			return 1;
		}
	}
	ppp_option_error("odd-ccp: '%s' is not one of one-way, silent, mppc, twice", *argv);
	return 0;
}

static option_t options[] = {
	{ .name = "odd-ccp", .type = o_special, .addr = (void *)set_ccp, .description = "How to misbehave in CCP", .flags = OPT_PRIV },
	{ .name = "odd-ecp", .type = o_bool, .addr = &odd_ecp, .description = "Ask for ECP", .flags = OPT_PRIV | 1 },
	{ .name = "odd-inject", .type = o_int, .addr = &odd_inject, .description = "Send clear text after so many ms",
	  .flags = OPT_PRIV | OPT_LIMITS, .upper_limit = 60000, .lower_limit = 1 },
	{ .name = "odd-lcp", .type = o_int, .addr = &odd_lcp, .description = "Negotiate LCP anew after so many ms",
	  .flags = OPT_PRIV | OPT_LIMITS, .upper_limit = 60000, .lower_limit = 1 },
	{ .name = NULL },
};

static void on_phase(void *ctx, int phase)
{
	(void)ctx;
	if (phase == PHASE_NETWORK && !armed) {
		armed = true;
		ccp_setup();
		if (odd_ecp)
			ppp_timeout(ecp_request, NULL, 0, 300000);
	}
	if (phase == PHASE_RUNNING && odd_inject) {
		ppp_timeout(inject, NULL, odd_inject / 1000, odd_inject % 1000 * 1000);
		odd_inject = 0;
	}
	if (phase == PHASE_RUNNING && odd_lcp) {
		ppp_timeout(lcp_again, NULL, odd_lcp / 1000, odd_lcp % 1000 * 1000);
		odd_lcp = 0;
	}
}

void plugin_init(void)
{
	ppp_add_options(options);
	ppp_add_notify(NF_PHASE_CHANGE, on_phase, NULL);
}
