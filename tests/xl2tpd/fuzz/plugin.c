/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test plugin: answers as the script says, and does at any time, from its
 * descriptor, a timer or any hook, what the interface allows.
 *
 * It also holds xl2tpd to the interface's promises: tunnel_down once for each
 * tunnel_request, call_down once for each call_request or call_start, strings
 * that end, descriptors that are open.
 */
#include "daemon.h"
#include "world.h"

#include <poll.h>
#include <string.h>

void *world_dlopen(const char *name, int flags);
void *world_dlsym(void *handle, const char *name);
char *world_dlerror(void);
int world_dlclose(void *handle);

enum hook { TUNNEL_REQUEST, TUNNEL_UP, TUNNEL_DOWN, CALL_REQUEST, CALL_START, CALL_UP, CALL_DOWN, AVP_IN, AVP_OUT, SECRET, SOCKET, HOOKS };
enum { TIMERS = 8, ORDERS = 8, KNOWN = 256 };

static struct {
	const struct xl2tpd_host *host;
	int fd;
	bool quiet;
	struct {
		uint8_t verdict, action;
	} hook[HOOKS];
	struct plugin_order order[ORDERS];
	unsigned int orders, depth;
	struct timer {
		int handle;
		uint8_t action;
	} timer[TIMERS];
	struct {
		uint16_t tid, cid; /* cid 0: the tunnel */
	} known[KNOWN];
	unsigned int nknown;
	uint16_t last_tid, last_cid;
} plugin;

static void act(struct plugin_order o);

static void know(uint16_t tid, uint16_t cid, bool again_is_fine)
{
	for (unsigned int i = 0; i < plugin.nknown; i++)
		if (plugin.known[i].tid == tid && plugin.known[i].cid == cid) {
			if (!again_is_fine)
				world_bug("the plugin is asked twice about tunnel %u, call %u", tid, cid);
			return;
		}
	if (plugin.nknown == KNOWN)
		world_bug("the plugin knows too many tunnels and calls");
	plugin.known[plugin.nknown].tid = tid;
	plugin.known[plugin.nknown++].cid = cid;
	plugin.last_tid = tid;
	plugin.last_cid = cid ? cid : plugin.last_cid;
}

static void forget(uint16_t tid, uint16_t cid)
{
	for (unsigned int i = 0; i < plugin.nknown; i++)
		if (plugin.known[i].tid == tid && plugin.known[i].cid == cid) {
			plugin.known[i] = plugin.known[--plugin.nknown];
			return;
		}
	world_bug("the plugin hears of the end of tunnel %u, call %u, that it does not know", tid, cid);
}

static void look(const char *s)
{
	for (; *s; s++)
		world.sum += (unsigned char)*s;
}

static void look_tunnel(const struct xl2tpd_tunnel_info *t)
{
	look(t->section);
	look(t->peer_hostname);
	look(t->peer_vendor);
	if (!t->our_tid)
		world_bug("a tunnel without an id");
}

static void look_call(const struct xl2tpd_call_info *c)
{
	look(c->called);
	look(c->calling);
	look(c->subaddress);
	if (!c->our_cid)
		world_bug("a call without an id");
	if (c->session_fd >= 0 && world_kind(c->session_fd) != WORLD_PPPOX)
		world_bug("a session's descriptor %d is not its socket", c->session_fd);
}

/* What a hook does besides answering. */
static void hooked(enum hook h)
{
	struct plugin_order o = { .action = plugin.hook[h].action, .tunnel = 1, .call = 1, .arg = (uint8_t)h };

	if (!plugin.hook[h].action || plugin.quiet || plugin.depth)
		return;
	plugin.depth++;
	plugin.hook[h].action = 0;
	act(o);
	plugin.depth--;
}

static int on_tunnel_request(const struct xl2tpd_tunnel_info *t, struct xl2tpd_cause *k)
{
	int verdict = plugin.hook[TUNNEL_REQUEST].verdict % 3 - 1;

	look_tunnel(t);
	know(t->our_tid, 0, false);
	hooked(TUNNEL_REQUEST);
	k->error = 6;
	memset(k->msg, 'm', sizeof(k->msg) - 1);
	return plugin.quiet ? XL2TPD_OK : plugin.hook[TUNNEL_REQUEST].verdict ? verdict : XL2TPD_OK;
}

static void on_tunnel_up(const struct xl2tpd_tunnel_info *t)
{
	look_tunnel(t);
	know(t->our_tid, 0, true);
	hooked(TUNNEL_UP);
}

static void on_tunnel_down(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_cause *k)
{
	look_tunnel(t);
	look(k->msg);
	forget(t->our_tid, 0);
	hooked(TUNNEL_DOWN);
}

static int on_call_request(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, struct xl2tpd_cause *k)
{
	look_tunnel(t);
	look_call(c);
	look(k->msg);
	know(t->our_tid, c->our_cid, false);
	hooked(CALL_REQUEST);
	return plugin.hook[CALL_REQUEST].verdict & 1 ? XL2TPD_REFUSE : XL2TPD_OK;
}

static int on_call_start(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, void *opts, struct xl2tpd_cause *k)
{
	char word[130];

	look_tunnel(t);
	look_call(c);
	k->result = 4;
	know(t->our_tid, c->our_cid, true);
	memset(word, 'w', sizeof(word));
	word[plugin.hook[CALL_START].verdict & 0x80 ? 129 : 9] = 0;
	for (int i = 0; i < (plugin.hook[CALL_START].verdict & 0x7c); i++)
		plugin.host->add_option(opts, word);
	hooked(CALL_START);
	switch (plugin.hook[CALL_START].verdict & 3) {
	case 1: return XL2TPD_REFUSE;
	case 2: return XL2TPD_TAKE;
	default: return XL2TPD_OK;
	}
}

static void on_call_up(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c)
{
	look_tunnel(t);
	look_call(c);
	know(t->our_tid, c->our_cid, true);
	hooked(CALL_UP);
}

static void on_call_down(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, const struct xl2tpd_cause *k)
{
	look_tunnel(t);
	look_call(c);
	look(k->msg);
	forget(t->our_tid, c->our_cid);
	hooked(CALL_DOWN);
}

static int on_avp_in(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, int msgtype, uint16_t vendor, uint16_t attr,
		     const void *data, size_t len)
{
	look_tunnel(t);
	if (c)
		look_call(c);
	for (size_t i = 0; i < len; i++)
		world.sum += ((const unsigned char *)data)[i];
	hooked(AVP_IN);
	return (msgtype + vendor + attr + plugin.hook[AVP_IN].verdict) & 1;
}

static void on_avp_out(const struct xl2tpd_tunnel_info *t, const struct xl2tpd_call_info *c, int msgtype, void *msg)
{
	static const unsigned char data[1100];
	unsigned int v = plugin.hook[AVP_OUT].verdict;

	(void)msgtype;
	look_tunnel(t);
	if (c)
		look_call(c);
	for (unsigned int i = 0; i < (v & 7); i++)
		plugin.host->add_avp(msg, 0, 9, 1, data, v & 0x80 ? 1017 + (v & 1) : v);
	hooked(AVP_OUT);
}

static int on_secret(const struct xl2tpd_tunnel_info *t, const char *us, const char *them, char *buf, size_t size)
{
	look_tunnel(t);
	look(us);
	look(them);
	hooked(SECRET);
	if (!(plugin.hook[SECRET].verdict & 1))
		return 0;
	memset(buf, 's', size - 1);
	buf[size - 1] = 0;
	return 1;
}

static int on_socket(int fd, const struct xl2tpd_tunnel_info *t)
{
	if (world_kind(fd) != WORLD_UDP)
		world_bug("the plugin is shown descriptor %d, which is no socket", fd);
	if (!t)
		return 0;
	look_tunnel(t);
	hooked(SOCKET);
	return plugin.hook[SOCKET].verdict & 1;
}

static void on_timer(void *arg)
{
	struct timer *t = arg;
	struct plugin_order o = { .action = t->action, .tunnel = 1, .call = 1 };

	t->handle = 0;
	if (!plugin.quiet)
		act(o);
}

/* What made the descriptor ready. */
static void drain_own(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < world.queued; i++)
		if (world.queue[i].fd != plugin.fd) {
			if (n != i)
				world.queue[n] = world.queue[i];
			n++;
		}
	world.queued = n;
}

static void on_event(int fd, short revents, void *arg)
{
	struct plugin_order todo[ORDERS];
	unsigned int n = plugin.orders;

	(void)revents;
	(void)arg;
	if (world_kind(fd) != WORLD_EVENT)
		world_bug("the plugin is called for a descriptor that is not its own");
	drain_own();
	memcpy(todo, plugin.order, sizeof(todo));
	plugin.orders = 0;
	for (unsigned int i = 0; i < n; i++)
		act(todo[i]);
}

static void set_timer(uint8_t ms, uint8_t action)
{
	for (int i = 0; i < TIMERS; i++)
		if (!plugin.timer[i].handle) {
			plugin.timer[i].action = action;
			plugin.timer[i].handle = plugin.host->timer(ms * 100u, on_timer, &plugin.timer[i]);
			if (plugin.timer[i].handle < 0)
				plugin.timer[i].handle = 0;
			return;
		}
}

static void cancel_timer(unsigned int i)
{
	if (plugin.timer[i].handle)
		plugin.host->timer_cancel(plugin.timer[i].handle);
	plugin.timer[i].handle = 0;
}

static void act(struct plugin_order o)
{
	struct xl2tpd_cause k = { .result = o.arg & 7, .error = o.arg >> 3, .msg = "the plugin says so" };
	struct tunnel *t = pick_tunnel(o.tunnel);
	struct call *c = pick_call(t, o.call);
	uint16_t tid = t ? (uint16_t)t->ourtid : plugin.last_tid, cid = c ? (uint16_t)c->ourcid : plugin.last_cid;
	struct xl2tpd_tunnel_info info;

	switch (o.action % 14) {
	case 1: plugin.host->decide(tid, NULL); break;
	case 2: plugin.host->decide(tid, &k); break;
	case 3: plugin.host->close_tunnel(tid, &k, 0); break;
	case 4: plugin.host->close_tunnel(tid, &k, XL2TPD_ABRUPT); break;
	case 5: plugin.host->close_call(tid, cid, &k); break;
	case 6: plugin.host->call(tid, o.arg); break;
	case 7: plugin.host->set_mark(tid, o.arg); break;
	case 8:
		if (!plugin.host->tunnel(tid, &info))
			look_tunnel(&info);
		break;
	case 9: set_timer(o.arg, o.call); break;
	case 10: cancel_timer(o.arg % TIMERS); break;
	case 11: plugin.host->watch(plugin.fd, POLLIN, on_event, NULL); break;
	case 12:
		plugin.host->watch(plugin.fd, POLLIN, NULL, NULL);
		plugin.host->watch(plugin.fd, POLLIN, on_event, NULL);
		break;
	case 13: plugin.host->log(6, "tunnel %u, call %u", tid, cid); break;
	default: break;
	}
}

static void on_close(void)
{
	plugin.fd = -1;
}

static int on_open(const struct xl2tpd_host *host, char *err, size_t errlen)
{
	(void)err;
	(void)errlen;
	plugin.host = host;
	return 0;
}

static int on_option(enum xl2tpd_section s, const char *section, const char *key, const char *value, char *err, size_t errlen)
{
	(void)s;
	look(section);
	look(key);
	look(value);
	memset(err, 'e', errlen - 1);
	err[errlen - 1] = 0;
	return strcmp(key, "bad") ? 0 : -1;
}

static int on_start(char *err, size_t errlen)
{
	(void)err;
	(void)errlen;
	/* A first timer, so that xl2tpd's table of them is there before anything is counted. */
	plugin.host->timer_cancel(plugin.host->timer(1, on_timer, &plugin.timer[0]));
	plugin.fd = world_fd(WORLD_EVENT);
	return plugin.host->watch(plugin.fd, POLLIN, on_event, NULL);
}

static const struct xl2tpd_plugin the_plugin = {
	.version = XL2TPD_API_VERSION,
	.name = "fuzz",
	.open = on_open,
	.option = on_option,
	.start = on_start,
	.close = on_close,
	.socket = on_socket,
	.tunnel_request = on_tunnel_request,
	.tunnel_up = on_tunnel_up,
	.tunnel_down = on_tunnel_down,
	.call_request = on_call_request,
	.call_start = on_call_start,
	.call_up = on_call_up,
	.call_down = on_call_down,
	.avp_in = on_avp_in,
	.avp_out = on_avp_out,
	.secret = on_secret,
};

void plugin_reset(void)
{
	memset(&plugin, 0, sizeof(plugin));
	plugin.fd = -1;
}

void plugin_order(struct plugin_order o)
{
	struct world_datagram *d;

	if (plugin.fd < 0 || plugin.orders == ORDERS)
		return;
	plugin.order[plugin.orders++] = o;
	d = world_datagram();
	if (d)
		d->fd = plugin.fd;
}

void plugin_verdict(uint8_t hook, uint8_t verdict, uint8_t action)
{
	plugin.hook[hook % HOOKS].verdict = verdict;
	plugin.hook[hook % HOOKS].action = action;
}

void plugin_quiet(void)
{
	plugin.quiet = true;
	for (unsigned int i = 0; i < TIMERS; i++)
		cancel_timer(i);
}

void plugin_check_end(void)
{
	if (plugin.nknown)
		world_bug("the plugin still knows tunnel %u, call %u when all is closed", plugin.known[0].tid, plugin.known[0].cid);
}

void *world_dlopen(const char *name, int flags)
{
	(void)flags;
	return strstr(name, "fuzz") ? &plugin : NULL;
}

void *world_dlsym(void *handle, const char *name)
{
	(void)handle;
	return strcmp(name, "xl2tpd_plugin") ? NULL : (void *)(uintptr_t)&the_plugin;
}

char *world_dlerror(void)
{
	static char why[] = "no such plugin";

	return why;
}

int world_dlclose(void *handle)
{
	(void)handle;
	return 0;
}
