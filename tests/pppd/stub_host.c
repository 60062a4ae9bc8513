// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub_host.c - pppd's exports.  CCP's state machine is reduced to what the plugin touches: requests are copied from wishes, the peer's
 * request is checked by the rules of pppd's ccp_reqci for MPPE, and CCP is up when both directions are acknowledged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "stub.h"
#include "stub_journal.h"

#define TIMERS 16
#define NOTIFIERS 8

struct stub_host host;

/* ---- variables that pppd exports ---- */
bool persist, multilink, refuse_pap, refuse_chap, refuse_mschap_v2, refuse_mppe_stateful;
int auth_done[NUM_PPP], peer_mru[NUM_PPP];
fsm ccp_fsm[NUM_PPP], lcp_fsm[NUM_PPP], ecp_fsm[NUM_PPP], ipcp_fsm[NUM_PPP], ipv6cp_fsm[NUM_PPP];
ccp_options ccp_wantoptions[NUM_PPP], ccp_gotoptions[NUM_PPP], ccp_allowoptions[NUM_PPP], ccp_hisoptions[NUM_PPP];
lcp_options lcp_wantoptions[NUM_PPP], lcp_gotoptions[NUM_PPP], lcp_allowoptions[NUM_PPP], lcp_hisoptions[NUM_PPP];
ecp_options ecp_wantoptions[NUM_PPP], ecp_gotoptions[NUM_PPP], ecp_allowoptions[NUM_PPP], ecp_hisoptions[NUM_PPP];
ipcp_options ipcp_wantoptions[NUM_PPP], ipcp_gotoptions[NUM_PPP], ipcp_allowoptions[NUM_PPP], ipcp_hisoptions[NUM_PPP];
struct protent ccp_protent, ecp_protent;
struct channel *the_channel;
int pppol2tp_tunnel_id = 238;
struct host_filter pass_filter, active_filter;

/* ---- log ---- */
__attribute__((format(printf, 1, 0))) static void say(const char *fmt, va_list ap)
{
	size_t n = strlen(host.log);

	vsnprintf(host.log + n, sizeof(host.log) - n - 1, fmt, ap);
	strcat(host.log, "\n");
}

#define LOGGER(name) \
	__attribute__((format(printf, 1, 2))) void name(const char *fmt, ...) \
	{ \
		va_list ap; \
		va_start(ap, fmt); \
		say(fmt, ap); \
		va_end(ap); \
	}
LOGGER(fatal)
LOGGER(notice)
LOGGER(info)
LOGGER(warn)
LOGGER(error)
LOGGER(dbglog)

__attribute__((format(printf, 1, 2))) void ppp_option_error(char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void novm(const char *what)
{
	fail_msg("out of memory: %s", what);
}

__attribute__((format(printf, 3, 4))) int slprintf(char *buf, int size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, (size_t)size, fmt, ap);
	va_end(ap);
	return n;
}

void stub_forget_log(void)
{
	host.log[0] = '\0';
	stub_journal_reset();
}

bool stub_logged(const char *text)
{
	return strstr(host.log, text) != NULL;
}

int stub_count(const char *text)
{
	int n = 0;

	for (const char *p = strstr(host.log, text); p; p = strstr(p + 1, text))
		n++;
	return n;
}

/* ---- time ---- */
static struct {
	ppp_timer_cb func;
	void *arg;
	int64_t at;
} timers[TIMERS];
static int64_t now;

int64_t stub_now(void)
{
	return now;
}

void stub_sleep(int ms)
{
	now += ms;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = 1000 + now / 1000;
	ts->tv_nsec = now % 1000 * 1000000;
	return 0;
}

void ppp_timeout(ppp_timer_cb func, void *arg, int s, int us)
{
	for (int i = 0; i < TIMERS; i++) {
		if (timers[i].func)
			continue;
		timers[i].func = func;
		timers[i].arg = arg;
		timers[i].at = now + s * 1000 + us / 1000;
		return;
	}
	fail_msg("more than %d timers", TIMERS);
}

void ppp_untimeout(ppp_timer_cb func, void *arg)
{
	for (int i = 0; i < TIMERS; i++) {
		if (timers[i].func == func && timers[i].arg == arg) {
			timers[i].func = NULL;
			return;
		}
	}
}

bool stub_timers_left(void)
{
	for (int i = 0; i < TIMERS; i++)
		if (timers[i].func)
			return true;
	return false;
}

/* ---- descriptor callbacks: only in the programs that play pppd 2.5.3 ---- */
static struct {
	int fd; /* 0: none */
	void (*cb)(int fd, void *ctx);
	void *ctx;
} watched;

#ifdef STUB_FD_CALLBACKS
void add_fd_callback(int fd, void (*cb)(int fd, void *ctx), void *ctx)
{
	assert_int_equal(watched.fd, 0);
	watched.fd = fd;
	watched.cb = cb;
	watched.ctx = ctx;
}

void remove_fd(int fd)
{
	assert_int_equal(watched.fd, fd);
	watched.fd = 0;
}
#endif

/* select() returns at once while there is something to read; it is also known to call back for nothing. */
static void call_back(void)
{
	for (int i = 0; watched.fd && i < 100; i++) {
		bool readable = stub_bus_readable();

		watched.cb(watched.fd, watched.ctx);
		if (!readable)
			return;
	}
	assert_int_equal(watched.fd, 0); /* else nobody reads it, and select() returns at once for ever */
}

static int next_timer(int64_t until)
{
	int best = -1;

	for (int i = 0; i < TIMERS; i++)
		if (timers[i].func && timers[i].at <= until && (best < 0 || timers[i].at < timers[best].at))
			best = i;
	return best;
}

void stub_run(int ms)
{
	int64_t until = now + ms;
	int i, steps = 0;

	call_back();
	while ((i = next_timer(until)) >= 0) {
		ppp_timer_cb func = timers[i].func;

		if (timers[i].at > now)
			now = timers[i].at;
		timers[i].func = NULL;
		func(timers[i].arg);
		call_back();
		assert_true(++steps < 100000); /* a timer of 0 ms that sets itself again */
	}
	now = until;
}

/* ---- notifiers, options, small services ---- */
static struct {
	ppp_notify_t type;
	ppp_notify_fn *func;
	void *ctx;
} notifiers[NOTIFIERS];
static int n_notifiers;
static struct option *options;

void ppp_add_notify(ppp_notify_t type, ppp_notify_fn *func, void *ctx)
{
	assert_true(n_notifiers < NOTIFIERS);
	notifiers[n_notifiers].type = type;
	notifiers[n_notifiers].func = func;
	notifiers[n_notifiers++].ctx = ctx;
}

static void tell(ppp_notify_t type, int arg)
{
	for (int i = n_notifiers - 1; i >= 0; i--)
		if (notifiers[i].type == type)
			notifiers[i].func(notifiers[i].ctx, arg);
}

void stub_phase(int phase)
{
	if (phase == PHASE_ESTABLISH)
		host.unit = 0;
	tell(NF_PHASE_CHANGE, phase);
}

void stub_exit(int status)
{
	tell(NF_EXIT, status);
}

void ppp_add_options(struct option *o)
{
	assert_null(options);
	options = o;
}

int stub_option(const char *name, const char *value)
{
	char *word = strdup(value ? value : "");
	char *argv[2] = { word, NULL };
	int ok = -1;

	for (struct option *o = options; o->name; o++) {
		if (strcmp(o->name, name) != 0)
			continue;
		assert_true(o->flags & OPT_PRIV);
		ok = 1;
		if (o->type == o_bool)
			*(bool *)o->addr = o->flags & OPT_VALUE;
		else
			ok = ((int (*)(char **))o->addr)(argv);
	}
	free(word);
	assert_int_not_equal(ok, -1);
	return ok;
}

int options_from_list(struct wordlist *words, int privileged)
{
	assert_true(privileged);
	assert_string_equal(words->word, "avpair");
	assert_null(words->next->next);
	assert_true(host.n_avpairs < 32);
	snprintf(host.avpairs[host.n_avpairs++], sizeof(host.avpairs[0]), "%s", words->next->word);
	return 1;
}

int set_filters(struct host_filter *pass, struct host_filter *active)
{
	assert_ptr_equal(active, &active_filter);
	if (host.no_filters)
		return 0;
	assert_in_range(pass->len, 0, 64);
	host.filters_set++;
	host.filter_len = pass->len;
	if (pass->len)
		memcpy(host.filter, pass->insns, pass->len * sizeof(host.filter[0])); /* as the kernel does */
	return 1;
}

void ppp_set_status(ppp_exit_code_t code)
{
	host.status = (int)code;
}

bool ppp_signaled(int sig)
{
	return sig == host.sigterm;
}

/* pppd.h declares these two without a prototype */
int ppp_ifunit(void);
const char *ppp_ifname(void);

int ppp_ifunit(void)
{
	return host.unit;
}

const char *ppp_ifname(void)
{
	return "ppp0";
}

const char *ppp_get_remote_number(void)
{
	return host.remote_number;
}

void ppp_set_remote_number(const char *number)
{
	snprintf(host.remote_number, sizeof(host.remote_number), "%s", number);
}

void ppp_set_mtu(int unit, int mtu)
{
	(void)unit;
	host.mtu = mtu;
}

int ppp_get_mtu(int unit)
{
	(void)unit;
	return host.mtu;
}

const char *ppp_peer_authname(char *buf, size_t size)
{
	snprintf(buf, size, "%s", host.user ? host.user : "");
	return buf;
}

bool mppe_keys_isset(void)
{
	return host.keys;
}

void mppe_clear_keys(void)
{
	host.keys = false;
}

int sifnpmode(int unit, int proto, enum NPmode mode)
{
	(void)unit;
	if (proto == PPP_IP)
		host.np_ip = (int)mode;
	else if (proto == PPP_IPV6)
		host.np_ipv6 = (int)mode;
	else
		fail_msg("sifnpmode for protocol 0x%x", proto);
	return 1;
}

/* ---- LCP ---- */
static void lcp_down(fsm *f)
{
	(void)f;
	if (ccp_fsm[0].state == OPENED)
		stub_ccp_down();
	ccp_fsm[0].state = INITIAL;
}

static fsm_callbacks lcp_callbacks = { .down = lcp_down };

void lcp_close(int unit, char *reason)
{
	fsm *f = &lcp_fsm[unit];

	if (!host.closed++)
		snprintf(host.close_reason, sizeof(host.close_reason), "%s", reason);
	if (f->state == OPENED)
		f->callbacks->down(f);
	f->state = CLOSING;
}

void lcp_sprotrej(int unit, unsigned char *p, int len)
{
	(void)unit;
	host.protrej++;
	host.protrej_proto = (unsigned int)(p[2] << 8 | p[3]);
	host.protrej_len = len;
}

void stub_lcp_up(int mru)
{
	int mtu;

	lcp_fsm[0].state = OPENED;
	lcp_gotoptions[0] = lcp_wantoptions[0];
	lcp_hisoptions[0].neg_mru = mru != 0;
	lcp_hisoptions[0].mru = mru;
	mtu = mru ? mru : DEFMRU;
	/* pppol2tp.so's send_config has the last word */
	host.mtu = mtu < lcp_allowoptions[0].mru ? mtu : lcp_allowoptions[0].mru;
}

/* ---- CCP ---- */
static bool acked_ours, acked_his;

static void ccp_resetci(fsm *f)
{
	(void)f;
	ccp_gotoptions[0] = ccp_wantoptions[0];
	if (ccp_gotoptions[0].mppe)
		ccp_allowoptions[0].mppe = ccp_gotoptions[0].mppe;
}

static int ccp_reqci(fsm *f, unsigned char *p, int *len, int dont_nak)
{
	unsigned char bits = *len >= CILEN_MPPE && p[0] == CI_MPPE ? p[5] : 0;

	(void)f;
	(void)dont_nak;
	memset(&ccp_hisoptions[0], 0, sizeof(ccp_hisoptions[0]));
	if (*len == 0)
		return CONFACK;
	if (p[0] != CI_MPPE || !ccp_allowoptions[0].mppe)
		return CONFREJ;
	if (bits != MPPE_S_BIT) {
		p[5] = MPPE_S_BIT;
		return CONFNAK;
	}
	ccp_hisoptions[0].mppe = MPPE_OPT_128;
	host.mtu -= MPPE_PAD; /* each time, as pppd does */
	return CONFACK;
}

static int ccp_rejci(fsm *f, unsigned char *p, int len)
{
	(void)f;
	(void)p;
	(void)len;
	if (ccp_gotoptions[0].mppe)
		lcp_close(0, (char *)"MPPE required but peer refused");
	return 1;
}

static int ccp_nakci(fsm *f, unsigned char *p, int len, int treat_as_reject)
{
	(void)f;
	(void)p;
	(void)len;
	(void)treat_as_reject;
	return 1;
}

static void ccp_up(fsm *f)
{
	(void)f;
	if (!ccp_gotoptions[0].mppe)
		return;
	mppe_clear_keys();
	host.networks_opened++;
}

static void ccp_down(fsm *f)
{
	(void)f;
	if (!ccp_gotoptions[0].mppe)
		return;
	ccp_gotoptions[0].mppe = 0;
	if (lcp_fsm[0].state == OPENED)
		lcp_close(0, (char *)"MPPE disabled");
}

static fsm_callbacks ccp_callbacks = {
	.resetci = ccp_resetci,
	.reqci = ccp_reqci,
	.rejci = ccp_rejci,
	.nakci = ccp_nakci,
	.up = ccp_up,
	.down = ccp_down,
};

static void maybe_up(void)
{
	if (!acked_ours || !acked_his || ccp_fsm[0].state == INITIAL)
		return;
	ccp_fsm[0].state = OPENED;
	ccp_fsm[0].callbacks->up(&ccp_fsm[0]);
}

static void ccp_input(int unit, unsigned char *p, int len)
{
	fsm *f = &ccp_fsm[unit];

	assert_true(len >= HEADERLEN);
	if (p[0] != CONFREQ)
		return;
	if (f->state == STOPPED) {
		f->callbacks->resetci(f);
		f->state = REQSENT;
	}
	memcpy(host.answer, p + HEADERLEN, (size_t)(len - HEADERLEN));
	host.answer_len = len - HEADERLEN;
	host.code = f->callbacks->reqci(f, host.answer, &host.answer_len, f->nakloops >= 5);
	f->nakloops += host.code == CONFNAK;
	acked_his = host.code == CONFACK;
	maybe_up();
}

static void ccp_protrej(int unit)
{
	(void)unit;
	if (ccp_gotoptions[0].mppe)
		lcp_close(0, (char *)"MPPE required but peer negotiation failed");
}

/* fsm_open() with OPT_RESTART takes an open protocol down and up again; the new negotiation begins with new requests. */
static void ccp_open(int unit)
{
	fsm *f = &ccp_fsm[unit];
	bool restart = f->state == OPENED && (f->flags & OPT_RESTART);

	host.ccp_opens++;
	f->callbacks->resetci(f);
	if (restart) {
		acked_ours = acked_his = false;
		f->state = STARTING;
		f->callbacks->down(f);
		f->callbacks->resetci(f);
	}
	f->state = ccp_gotoptions[0].mppe || ccp_gotoptions[0].deflate ? REQSENT : STOPPED;
}

void stub_ccp_request(const unsigned char *opts, int len)
{
	unsigned char packet[64] = { 0xff, 0x03, 0x80, 0xfd, CONFREQ, 1, 0, (unsigned char)(len + HEADERLEN) };

	if (len)
		memcpy(packet + 8, opts, (size_t)len);
	ccp_protent.input(0, packet + 4, len + HEADERLEN);
}

void stub_ccp_ack(void)
{
	acked_ours = true;
	if (!acked_his)
		ccp_fsm[0].state = ACKRCVD;
	maybe_up();
}

void stub_ccp_reject(const unsigned char *opts, int len)
{
	unsigned char copy[32];

	memcpy(copy, opts, (size_t)len);
	ccp_fsm[0].callbacks->rejci(&ccp_fsm[0], copy, len);
}

void stub_ccp_nak(const unsigned char *opts, int len)
{
	unsigned char copy[32];

	memcpy(copy, opts, (size_t)len);
	ccp_fsm[0].callbacks->nakci(&ccp_fsm[0], copy, len, 0);
}

void stub_ccp_down(void)
{
	acked_ours = acked_his = false;
	ccp_fsm[0].state = STOPPED;
	ccp_fsm[0].callbacks->down(&ccp_fsm[0]);
}

/* ---- the channel, and the whole ---- */
static int channel_connect(void)
{
	host.connects++;
	return STUB_FD;
}

static struct channel channel;
static void *plugin;

static void reset_variables(void)
{
	memset(&host, 0, sizeof(host));
	host.unit = -1;
	host.np_ip = host.np_ipv6 = -1;
	persist = true;
	multilink = refuse_pap = refuse_chap = refuse_mschap_v2 = refuse_mppe_stateful = false;
	auth_done[0] = 0x808; /* CHAP, MS-CHAPv2, the peer to us */
	host.user = "alice";
	host.keys = true;
	memset(ccp_fsm, 0, sizeof(ccp_fsm));
	memset(lcp_fsm, 0, sizeof(lcp_fsm));
	memset(ecp_gotoptions, 0, sizeof(ecp_gotoptions));
	memset(ccp_wantoptions, 0, sizeof(ccp_wantoptions));
	memset(ccp_allowoptions, 0, sizeof(ccp_allowoptions));
	memset(ccp_gotoptions, 0, sizeof(ccp_gotoptions));
	memset(ccp_hisoptions, 0, sizeof(ccp_hisoptions));
	memset(lcp_wantoptions, 0, sizeof(lcp_wantoptions));
	memset(lcp_allowoptions, 0, sizeof(lcp_allowoptions));
	ccp_wantoptions[0].deflate = ccp_allowoptions[0].deflate = true;
	ccp_allowoptions[0].predictor_1 = true;
	ipcp_wantoptions[0].neg_vj = ipcp_allowoptions[0].neg_vj = true;
	lcp_wantoptions[0].mru = DEFMRU;
	lcp_allowoptions[0].mru = MAXMRU;
	lcp_allowoptions[0].chap_mdtype = MDTYPE_MICROSOFT_V2 | MDTYPE_MD5;
	ccp_fsm[0].callbacks = &ccp_callbacks;
	lcp_fsm[0].callbacks = &lcp_callbacks;
	memset(ipcp_fsm, 0, sizeof(ipcp_fsm));
	memset(ipv6cp_fsm, 0, sizeof(ipv6cp_fsm));
	memset(ipcp_hisoptions, 0, sizeof(ipcp_hisoptions));
	lcp_fsm[0].timeouttime = 3; /* seconds, whatever fsm.h says */
	lcp_fsm[0].maxtermtransmits = 2;
	ccp_protent = (struct protent){ .input = ccp_input, .protrej = ccp_protrej, .open = ccp_open };
	memset(&ecp_protent, 0, sizeof(ecp_protent));
	channel = (struct channel){ .connect = channel_connect };
	the_channel = &channel;
	memset(&pass_filter, 0, sizeof(pass_filter));
	memset(&active_filter, 0, sizeof(active_filter));
	acked_ours = acked_his = false;
	memset(timers, 0, sizeof(timers));
	n_notifiers = 0;
	options = NULL;
	now = 0;
}

int stub_setup(void **state)
{
	const char *top = getenv("top_builddir");
	char path[512];
	void (*init)(void);

	(void)state;
	reset_variables();
	stub_journal_reset();
	kernel = (struct stub_kernel){ .pppox = true, .mtu = 1500, .held = 1 };
	memset(&bus, 0, sizeof(bus));
	bus.answer = SABUS_ABSENT;
	snprintf(path, sizeof(path), "%s/tests/pppd/.libs/sabus.so", top ? top : ".");
	plugin = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	if (!plugin) {
		print_error("%s\n", dlerror());
		return -1;
	}
	*(void **)&init = dlsym(plugin, "plugin_init");
	assert_string_equal(dlsym(plugin, "pppd_version"), PPPD_VERSION);
	init();
	return 0;
}

/* Not RTLD_DEFAULT, as real plugins do: that would tie the object to this program, and it could not be loaded anew. */
const struct sabus_link_api *stub_api(void)
{
	return dlsym(plugin, SABUS_LINK_SYMBOL);
}

void stub_load_again(void)
{
	void (*init)(void);

	*(void **)&init = dlsym(plugin, "plugin_init");
	init();
}

/* Whatever a test did: at the end of pppd nothing is left behind. */
int stub_teardown(void **state)
{
	(void)state;
	stub_phase(PHASE_DISCONNECT);
	stub_phase(PHASE_DEAD);
	stub_run(0);
	stub_exit(host.status);
	assert_false(stub_bus_open());
	assert_int_equal(watched.fd, 0);
	assert_int_equal(dlclose(plugin), 0);
	assert_true(stub_journal_is(host.log, "pppd"));
	return 0;
}

int stub_dial(void)
{
	int fd;

	stub_phase(PHASE_SERIALCONN);
	fd = the_channel->connect();
	if (fd < 0)
		assert_int_not_equal(host.status, 0);
	return fd;
}

void stub_authenticate(void)
{
	if (!host.user)
		auth_done[0] = 0;
	tell(NF_AUTH_UP, 0);
}

void stub_network_up(void)
{
	static const unsigned char address[4] = { 10, 8, 0, 2 };

	memcpy(&ipcp_hisoptions[0].hisaddr, address, 4);
	ipcp_fsm[0].state = OPENED;
	host.np_ip = NPMODE_PASS; /* ipcp_up() */
	stub_phase(PHASE_RUNNING);
	tell(NF_IP_UP, 0);
}

void stub_to_network(void)
{
	stub_phase(PHASE_ESTABLISH);
	stub_lcp_up(0);
	stub_phase(PHASE_AUTHENTICATE);
	stub_authenticate();
	stub_phase(PHASE_NETWORK);
	set_filters(&pass_filter, &active_filter); /* start_networks() does, right then */
	ccp_protent.open(0);
}

void stub_link_up(void)
{
	bus.answer = SABUS_PRESENT;
	if (!bus.n_sas) {
		bus.sas[0] = stub_sa(3);
		bus.n_sas = 1;
	}
	if (stub_dial() != STUB_FD)
		fail_msg("refused: %s", host.log);
	stub_to_network();
	stub_run(300);
	assert_int_equal(host.closed, 0);
}
