// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dial.c - the request to charon, and the route lookup before it.
 *
 * RFC 3193 section 4.2.2: no retransmission while IKE runs.  xl2tpd has sent nothing yet and its timers do not run, so that comes for free.
 * A charon that is not there (or went away) is no failure: it may come before the time is over, and then it is asked again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bus.h"
#include "dial.h"
#include "request.h"
#include "sockpolicy.h"

static unsigned int wanted, running;

/* The guard would refuse the connect(), and a trap policy would start IKE: this socket sends nothing, and need not be protected. */
static int without_ipsec(int fd, uint8_t family)
{
	struct sockpolicy p;

	sockpolicy_init(&p, family, XFRM_POLICY_OUT);
	return sockpolicy_set(fd, &p);
}

static int route(int fd, const struct sockaddr_storage *to, size_t len, struct sabus_endpoint *e)
{
	struct sockaddr_storage ss;
	socklen_t got = sizeof(ss);
	int err = without_ipsec(fd, (uint8_t)to->ss_family);

	if (err)
		return err;
	if (connect(fd, (const struct sockaddr *)to, (socklen_t)len) || getsockname(fd, (struct sockaddr *)&ss, &got))
		return -errno;
	return sabus_endpoint_from_sockaddr(e, (const struct sockaddr *)&ss, got);
}

int dial_local_address(struct sabus_flow *flow)
{
	struct sabus_endpoint e;
	struct sockaddr_storage ss;
	size_t len;
	int fd, err;

	if (!sabus_addr_is_any(&flow->local.addr))
		return 0;
	err = sabus_endpoint_to_sockaddr(&flow->remote, &ss, &len);
	if (err)
		return err;
	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = route(fd, &ss, len, &e);
	close(fd);
	if (!err)
		flow->local.addr = e.addr;
	return err;
}

static void set_state(struct tun *t, enum tun_dial dial)
{
	wanted -= t->dial == DIAL_WANTED;
	running -= t->dial == DIAL_RUNNING;
	t->dial = dial;
	wanted += t->dial == DIAL_WANTED;
	running += t->dial == DIAL_RUNNING;
}

void dial_initiate(struct tun *t)
{
	set_state(t, DIAL_WANTED);
	dial_pump();
}

void dial_pump(void)
{
	struct sabus *bus = bus_live();

	for (struct tun *t = tunnels_first(); bus && wanted && t; t = tunnels_next(t)) {
		int err;

		if (t->dial != DIAL_WANTED)
			continue;
		err = sabus_request_initiate(bus, &t->flow, t->opt.connection[0] ? t->opt.connection : NULL, &t->dial_seq);
		if (err) {
			bus_full(err);
			return;
		}
		set_state(t, DIAL_RUNNING);
	}
}

static struct tun *find(uint32_t seq)
{
	for (struct tun *t = tunnels_first(); running && t; t = tunnels_next(t))
		if (t->dial == DIAL_RUNNING && t->dial_seq == seq)
			return t;
	return NULL;
}

/* Nobody was there to answer: worth asking again. */
static bool nobody(int error)
{
	return error == ENOTCONN || error == EPIPE;
}

bool dial_result(const struct sabus_event *ev)
{
	struct tun *t = find(ev->seq);

	if (!t)
		return false;
	t->dial_error = ev->error;
	snprintf(t->dial_text, sizeof(t->dial_text), "charon: %.110s", ev->text[0] ? ev->text : strerror(ev->error));
	if (!ev->error)
		set_state(t, DIAL_DONE);
	else
		set_state(t, nobody(ev->error) ? DIAL_NONE : DIAL_FAILED);
	if (t->phase == TUN_ASKED)
		request_dialled(t);
	return true;
}

void dial_forget(struct tun *t)
{
	set_state(t, DIAL_NONE);
}

void dial_lost(void)
{
	for (struct tun *t = tunnels_first(); (wanted || running) && t; t = tunnels_next(t))
		if (t->dial == DIAL_WANTED || t->dial == DIAL_RUNNING)
			set_state(t, DIAL_NONE);
}
