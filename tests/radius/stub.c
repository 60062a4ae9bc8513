// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub.c - see stub.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/ppp_defs.h>
#include "stub.h"
#include "stub_journal.h"

#define TIMERS	  16
#define NOTIFIERS 16

struct stub_host host;
struct stub_helper helper;
struct stub_sabus sabus;

/* ---- variables that pppd exports ---- */
bool persist;
int auth_done[NUM_PPP];
pap_check_hook_fn *pap_check_hook;
pap_auth_hook_fn *pap_auth_hook;
chap_check_hook_fn *chap_check_hook;
chap_verify_hook_fn *chap_verify_hook;
ip_choose_hook_fn *ip_choose_hook;
int (*allowed_address_hook)(uint32_t addr);
fsm ipcp_fsm[NUM_PPP];
ccp_options ccp_gotoptions[NUM_PPP], ccp_wantoptions[NUM_PPP];
ipcp_options ipcp_wantoptions[NUM_PPP], ipcp_allowoptions[NUM_PPP], ipcp_hisoptions[NUM_PPP];
ipv6cp_options ipv6cp_wantoptions[NUM_PPP], ipv6cp_hisoptions[NUM_PPP];

/* ---- log ---- */
static void say(const char *fmt, va_list ap)
{
	size_t n = strlen(host.log);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vsnprintf(host.log + n, sizeof(host.log) - n - 1, fmt, ap);
#pragma GCC diagnostic pop
	strcat(host.log, "\n");
}

#define LOGGER(name)                                                                                                                       \
	void name(const char *fmt, ...)                                                                                                    \
	{                                                                                                                                  \
		va_list ap;                                                                                                                \
		va_start(ap, fmt);                                                                                                         \
		say(fmt, ap);                                                                                                              \
		va_end(ap);                                                                                                                \
	}
LOGGER(notice)
LOGGER(info)
LOGGER(warn)
LOGGER(error)

void fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	fail_msg("fatal: %s", host.log);
}

void ppp_option_error(char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

int slprintf(char *buf, int size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = vsnprintf(buf, (size_t)size, fmt, ap);
#pragma GCC diagnostic pop
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

/* ---- time ---- */
static int64_t now_s;
static struct {
	ppp_timer_cb func;
	void *arg;
	int64_t at;
} timers[TIMERS];

int clock_gettime(clockid_t clock, struct timespec *t)
{
	*t = (struct timespec){ .tv_sec = 1000 + now_s };
	(void)clock;
	return 0;
}

void ppp_timeout(ppp_timer_cb func, void *arg, int s, int us)
{
	assert_int_equal(us, 0);
	for (int i = 0; i < TIMERS; i++) {
		if (timers[i].func)
			continue;
		timers[i].func = func;
		timers[i].arg = arg;
		timers[i].at = now_s + s;
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

static int next_timer(int64_t until)
{
	int best = -1;

	for (int i = 0; i < TIMERS; i++)
		if (timers[i].func && timers[i].at <= until && (best < 0 || timers[i].at < timers[best].at))
			best = i;
	return best;
}

void stub_run(int seconds)
{
	int64_t until = now_s + seconds;
	int i, steps = 0;

	while ((i = next_timer(until)) >= 0) {
		ppp_timer_cb func = timers[i].func;

		if (timers[i].at > now_s)
			now_s = timers[i].at;
		timers[i].func = NULL;
		func(timers[i].arg);
		assert_true(++steps < 100000);
	}
	now_s = until;
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

void stub_notify(ppp_notify_t type)
{
	tell(type, type == NF_EXIT ? host.status : 0);
}

void stub_phase(int phase)
{
	if (phase == PHASE_ESTABLISH)
		host.unit = 3;
	tell(NF_PHASE_CHANGE, phase);
}

void ppp_add_options(struct option *o)
{
	options = o;
}

int stub_option(const char *name, const char *value)
{
	char *argv[2] = { (char *)value, NULL };

	for (struct option *o = options; o->name; o++) {
		if (strcmp(o->name, name) != 0)
			continue;
		assert_true(o->flags & OPT_PRIV);
		if (o->type != o_bool)
			return ((int (*)(char **))o->addr)(argv);
		*(bool *)o->addr = o->flags & OPT_VALUE;
		return 1;
	}
	fail_msg("no option %s", name);
	return 0;
}

void ppp_set_status(ppp_exit_code_t code)
{
	host.status = (int)code;
}

ppp_exit_code_t ppp_status(void)
{
	return (ppp_exit_code_t)host.status;
}

int ppp_ifunit(void)
{
	return host.unit;
}

const char *ppp_ifname(void)
{
	return "ppp3";
}

const char *ppp_devnam(void)
{
	return "/dev/ttyS17";
}

const char *ppp_ipparam(void)
{
	return "198.51.100.9";
}

const char *ppp_get_remote_number(void)
{
	return "";
}

const char *ppp_peer_authname(char *buf, size_t size)
{
	snprintf(buf, size, "%s", host.authname ? host.authname : "");
	return buf;
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

bool ppp_bad_ip_addr(uint32_t addr)
{
	return ntohl(addr) >> 24 == 127 || ntohl(addr) >= 0xe0000000u || !addr;
}

void ppp_set_session_limit(unsigned int octets)
{
	host.octets = octets;
}

void ppp_set_session_limit_dir(unsigned int direction)
{
	host.octets_dir = direction;
}

void ppp_script_unsetenv(char *name)
{
	for (int i = 0; i < host.n_env; i++)
		if (!strcmp(host.env[i].name, name))
			host.env[i] = host.env[--host.n_env];
}

void ppp_script_setenv(char *name, char *value, int iskey)
{
	(void)iskey;
	ppp_script_unsetenv(name);
	assert_true(host.n_env < STUB_ENV);
	snprintf(host.env[host.n_env].name, sizeof(host.env[0].name), "%s", name);
	snprintf(host.env[host.n_env++].value, sizeof(host.env[0].value), "%s", value);
}

const char *stub_env(const char *name)
{
	for (int i = 0; i < host.n_env; i++)
		if (!strcmp(host.env[i].name, name))
			return host.env[i].value;
	return NULL;
}

void lcp_close(int unit, char *reason)
{
	(void)unit;
	if (!host.closed++)
		snprintf(host.close_reason, sizeof(host.close_reason), "%s", reason);
}

int get_ppp_stats(int unit, struct pppd_stats *stats)
{
	(void)unit;
	if (host.no_stats)
		return 0;
	*stats = (struct pppd_stats){ host.bytes_in, host.bytes_out, 11, 12 };
	return 1;
}

int get_idle_time(int unit, struct ppp_idle *idle)
{
	(void)unit;
	idle->xmit_idle = idle->recv_idle = (long)host.idle;
	return 1;
}

/* ---- MPPE ---- */
void mppe_clear_keys(void)
{
	host.keys = host.v1_keys = false;
}

void mppe_set_keys(unsigned char *send, unsigned char *recv, int len)
{
	assert_int_equal(len, 16);
	memcpy(host.send_key, send, 16);
	memcpy(host.recv_key, recv, 16);
	memset(send, 0, 16);
	memset(recv, 0, 16);
	host.keys = true;
}

void mppe_set_chapv1(unsigned char *challenge, unsigned char *hash)
{
	assert_non_null(challenge);
	memcpy(host.send_key, hash, 16);
	host.v1_keys = true;
}

void mppe_set_enc_types(int policy, int types)
{
	(void)policy;
	(void)types;
	host.enc_types++;
}

/* ---- the helper ---- */
static void (*the_done)(enum worker_op, uint32_t, enum worker_result, uint32_t, const char *, const char *);

int process_start(struct process *p, const struct settings *s)
{
	assert_non_null(s);
	the_done = p->done;
	if (!helper.start_error)
		p->fd = 100;
	return helper.start_error;
}

enum worker_result process_auth(struct process *p, const struct worker_list *request, int timeout_ms, struct worker_list *reply,
				uint32_t *ms, char *text, size_t size)
{
	assert_int_equal(p->fd, 100);
	assert_int_equal(timeout_ms, 15000);
	assert_false(request->overflow);
	helper.asked++;
	helper.request = *request;
	*reply = helper.reply;
	*ms = helper.ms;
	snprintf(text, size, "%s", helper.text ? helper.text : "");
	return helper.result;
}

uint32_t process_acct(struct process *p, uint32_t status, const struct worker_list *request)
{
	assert_int_equal(p->fd, 100);
	assert_false(request->overflow);
	if (helper.refuses)
		return 0;
	assert_true(helper.n_sent < STUB_SENT);
	helper.sent[helper.n_sent].status = status;
	helper.sent[helper.n_sent++].list = *request;
	if (status == RV_ACCT_STOP)
		helper.kept = 0;
	return (uint32_t)helper.n_sent;
}

bool process_keep(struct process *p, const struct worker_list *stop, uint32_t seconds)
{
	assert_int_equal(p->fd, 100);
	helper.kept++;
	helper.keep = *stop;
	helper.keep_seconds = seconds;
	return true;
}

int process_run(char *const argv[], int timeout_ms)
{
	assert_int_equal(timeout_ms, 5000);
	host.programs++;
	for (int i = 0; i < 4; i++)
		snprintf(host.program[i], sizeof(host.program[i]), "%s", argv[i]);
	assert_null(argv[4]);
	return host.program_status;
}

void process_poll(struct process *p)
{
	(void)p;
}

void process_end(struct process *p)
{
	p->fd = -1;
	helper.ended = true;
}

/* ---- sabus.so: in one of the programs ---- */
#ifdef STUB_SABUS
static void facts(struct sabus_link_facts *out)
{
	*out = sabus.facts;
}

static void watch(void (*changed)(void *, unsigned int), void *data)
{
	sabus.changed = changed;
	sabus.changed_data = data;
}

static int authorize(const struct sabus_reply *reply, enum sabus_reason *why)
{
	sabus.authorized++;
	sabus.reply = *reply;
	if (sabus.deny == SABUS_R_COUNT)
		return 0;
	*why = sabus.deny;
	return -1;
}

static void close_link(enum sabus_reason reason, const char *detail)
{
	sabus.closed++;
	sabus.close_reason = reason;
	snprintf(sabus.close_text, sizeof(sabus.close_text), "%s", detail ? detail : "");
	sabus.facts.closing = true;
	sabus.facts.reason = reason;
}

static void account(const char *user, const char *acct_id, const struct sabus_addr *addr)
{
	snprintf(sabus.user, sizeof(sabus.user), "%s", user);
	snprintf(sabus.acct_id, sizeof(sabus.acct_id), "%s", acct_id);
	memset(&sabus.addr, 0, sizeof(sabus.addr));
	if (addr)
		sabus.addr = *addr;
}

static void serve(int (*change)(void *, const struct sabus_reply *, bool, const char **), void *data)
{
	sabus.change = change;
	sabus.change_data = data;
}

/* what the plugin finds with dlsym(), or not */
extern struct sabus_link_api sabus_link_api;
struct sabus_link_api sabus_link_api = { SABUS_LINK_VERSION, sizeof(sabus_link_api), facts, watch, authorize, close_link, account, serve };

#endif

/* ---- the whole ---- */
static void *plugin;

static void facts_of_a_link(void)
{
	struct sabus_link_facts *f = &sabus.facts;

	f->judged = f->have_tunnel = f->have_sa = true;
	sabus_addr_parse(&f->flow.local.addr, "192.0.2.1");
	sabus_addr_parse(&f->flow.remote.addr, "198.51.100.2");
	f->flow.local.port = f->flow.remote.port = 1701;
	f->tunnel_id = 238;
	snprintf(f->peer_host, sizeof(f->peer_host), "client");
	snprintf(f->local_host, sizeof(f->local_host), "lns");
	f->serial = 7;
	f->sa = (struct sabus_sa){ .id = 3,
				   .state = SABUS_SA_INSTALLED,
				   .ike_version = 2,
				   .proto = SABUS_PROTO_ESP,
				   .mode = SABUS_MODE_TRANSPORT,
				   .encr = 20,
				   .encr_bits = 256,
				   .replay_window = 32,
				   .spi_in = 0xc1,
				   .spi_out = 0xc2,
				   .id_remote = "CN=alice",
				   .auth = "pubkey" };
	f->sa.remote = f->flow.remote;
	f->reason = SABUS_R_OK_PROTECTED;
	snprintf(f->ccp, sizeof(f->ccp), "none");
	f->mtu = 1400;
}

static void reset(void)
{
	memset(&host, 0, sizeof(host));
	memset(&helper, 0, sizeof(helper));
	memset(&sabus, 0, sizeof(sabus));
	memset(timers, 0, sizeof(timers));
	n_notifiers = 0;
	options = NULL;
	now_s = 0;
	pap_check_hook = NULL;
	pap_auth_hook = NULL;
	chap_check_hook = NULL;
	chap_verify_hook = NULL;
	ip_choose_hook = NULL;
	allowed_address_hook = NULL;
	memset(ccp_wantoptions, 0, sizeof(ccp_wantoptions));
	memset(ipcp_fsm, 0, sizeof(ipcp_fsm));
	memset(ipcp_wantoptions, 0, sizeof(ipcp_wantoptions));
	memset(ipcp_allowoptions, 0, sizeof(ipcp_allowoptions));
	memset(ipcp_hisoptions, 0, sizeof(ipcp_hisoptions));
	memset(ipv6cp_wantoptions, 0, sizeof(ipv6cp_wantoptions));
	memset(ipv6cp_hisoptions, 0, sizeof(ipv6cp_hisoptions));
	ipcp_wantoptions[0].ouraddr = htonl(0x0a000001);
	ipcp_wantoptions[0].hisaddr = htonl(0x0a000042);
	host.unit = -1;
	host.mtu = 1400;
	auth_done[0] = 0;
	persist = true;
	sabus.deny = SABUS_R_COUNT;
	facts_of_a_link();
}

int stub_setup(void **state)
{
	const char *top = getenv("top_builddir");
	char path[512];
	void (*init)(void);

	(void)state;
	reset();
	stub_journal_reset();
	snprintf(path, sizeof(path), "%s/tests/radius/.libs/sabus-radius.so", top ? top : ".");
	plugin = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	if (!plugin) {
		print_error("%s\n", dlerror());
		return -1;
	}
	*(void **)&init = dlsym(plugin, "plugin_init");
	init();
	return 0;
}

int stub_teardown(void **state)
{
	(void)state;
	stub_phase(PHASE_DISCONNECT);
	stub_phase(PHASE_DEAD);
	stub_notify(NF_EXIT);
	for (int i = 0; i < TIMERS; i++)
		assert_true(!timers[i].func || host.closed);
	assert_int_equal(dlclose(plugin), 0);
	assert_true(stub_journal_is(host.log, "pppd"));
	return 0;
}

void stub_link(void)
{
	stub_phase(PHASE_SERIALCONN);
	stub_phase(PHASE_ESTABLISH);
	stub_phase(PHASE_AUTHENTICATE);
}

void stub_accept(void)
{
	helper.result = WORKER_OK;
	helper.ms = 5;
	worker_list_init(&helper.reply);
	worker_put_text(&helper.reply, WORKER_PRIVATE, WORKER_SERVER, "10.7.0.1");
	worker_put_text(&helper.reply, RA_MICROSOFT, RA_MS_CHAP2_SUCCESS, "\007S=407A5589115FD0D6209F510FE9C04566932CDA56");
	worker_put(&helper.reply, RA_MICROSOFT, RA_MS_MPPE_SEND_KEY, "ssssssssssssssss", 16);
	worker_put(&helper.reply, RA_MICROSOFT, RA_MS_MPPE_RECV_KEY, "rrrrrrrrrrrrrrrr", 16);
}

int stub_mschap2(const char *user, char message[256])
{
	struct chap_digest_type digest = { .code = CHAP_MICROSOFT_V2 };
	unsigned char challenge[17] = { 16, 1, 2, 3 }, response[50] = { 49, 9, 8, 7 };
	char name[256], text[256];
	int ok;

	snprintf(name, sizeof(name), "%s", user);
	response[49] = 4; /* flags */
	ok = chap_verify_hook(name, (char *)"lns", 7, &digest, challenge, response, message ? message : text, 256);
	if (ok)
		auth_done[0] = 0x808;
	return ok;
}

void stub_ip_up(void)
{
	ipcp_fsm[0].state = OPENED;
	if (ip_choose_hook)
		ip_choose_hook(&ipcp_wantoptions[0].hisaddr);
	ipcp_hisoptions[0].hisaddr = ipcp_wantoptions[0].hisaddr;
	stub_notify(NF_IP_UP);
}

void stub_up(void)
{
	stub_link();
	stub_accept();
	assert_int_equal(stub_mschap2("alice", NULL), 1);
	stub_notify(NF_AUTH_UP);
	stub_phase(PHASE_NETWORK);
	stub_ip_up();
	stub_phase(PHASE_RUNNING);
}

/* ---- looking at messages ---- */
bool stub_has(const struct worker_list *l, uint32_t vendor, uint16_t number)
{
	return worker_find(l, vendor, number, NULL);
}

const char *stub_text(const struct worker_list *l, uint32_t vendor, uint16_t number)
{
	static char text[WORKER_VALUE_MAX + 1];
	struct worker_attr a;

	if (!worker_find(l, vendor, number, &a))
		fail_msg("no attribute %u of %u", number, vendor);
	return worker_text(&a, text, sizeof(text));
}

const char *stub_sent_text(int i, uint32_t vendor, uint16_t number)
{
	assert_in_range(i, 0, helper.n_sent - 1);
	return stub_text(&helper.sent[i].list, vendor, number);
}

uint32_t stub_sent_u32(int i, uint32_t vendor, uint16_t number)
{
	struct worker_attr a;
	uint32_t v = 0;

	assert_in_range(i, 0, helper.n_sent - 1);
	if (!worker_find(&helper.sent[i].list, vendor, number, &a) || worker_u32(&a, &v))
		fail_msg("no number %u of %u", number, vendor);
	return v;
}
