/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.c - one connection: accepted, greeted, read, answered, closed.
 *
 * Trust: the socket gives the role, SO_PEERCRED the user at connect() time.  A setuid pppd shows uid 0 whoever started it, which is why
 * uid 0 alone makes nobody a publisher: that takes sa.sock, which pppd never opens for its user.
 *
 * A client that is refused or breaks the protocol is told why in one ERROR.  On a SEQPACKET socket an unread message of the peer's would make its
 * next recv() fail before it sees that ERROR; so what it sent is read and thrown away before close().
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>
#include "log.h"
#include "server.h"

static const char *client_name(const struct client *c)
{
	return c->name[0] ? c->name : "?";
}

int client_send(const struct client *c, const void *buf, size_t len)
{
	ssize_t n;

	do {
		n = send(c->source.fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

void client_answer(struct server *s, struct client *c, const void *buf, int len)
{
	int r = len < 0 ? len : client_send(c, buf, (size_t)len);

	/* It has closed: what it sent before is still to be read, and its end behind that. */
	if (r == 0 || r == -EPIPE)
		return;
	s->stats.dropped++;
	log_limited(LOG_WARNING, "client-closed kind=%s name=\"%s\" pid=%u uid=%u text=\"%s\"", role_name(c->role), client_name(c), c->pid,
		    (unsigned int)c->uid, r == -EAGAIN ? "does not read its answers" : strerror(-r));
	client_close(s, c);
}

static void send_error(const struct client *c, uint32_t seq, int err, const char *text)
{
	_Alignas(8) uint8_t buf[512];
	int len = sabus_codec_error(buf, sizeof(buf), seq, err, text);

	if (len > 0)
		client_send(c, buf, (size_t)len);
}

void client_fail(struct server *s, struct client *c, uint32_t seq, int err, const char *fmt, ...)
{
	char text[SABUS_CODEC_TEXT_MAX];
	va_list ap;

	if (c->closing)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->stats.refused++;
	log_limited(LOG_WARNING, "client-closed kind=%s name=\"%s\" pid=%u uid=%u text=\"%s (%s)\"", role_name(c->role), client_name(c),
		    c->pid, (unsigned int)c->uid, text, strerror(err));
	send_error(c, seq, err, text);
	client_close(s, c);
}

void client_poll_out(struct server *s, struct client *c, bool on)
{
	uint32_t in = c->held ? 0u : (uint32_t)EPOLLIN, out = on || c->held ? (uint32_t)EPOLLOUT : 0u;
	struct epoll_event ev = { .events = in | out, .data.ptr = &c->source };

	if (!c->closing)
		epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, c->source.fd, &ev);
}

/*
 * Half of the socket's room is for events, the rest for answers.  The kernel takes a packet as long as anything is free, so the answer to a
 * request that is read while this half is not full always finds room.  EPOLLOUT comes at a quarter: waiting for it does not spin.
 */
bool client_crowded(const struct client *c)
{
	int unread = 0;

	return ioctl(c->source.fd, SIOCOUTQ, &unread) == 0 && unread >= CLIENT_SNDBUF;
}

bool client_may_ask(struct server *s, struct client *c)
{
	if (c->closing || !c->watch.on || !client_crowded(c))
		return true;
	c->held = true;
	client_poll_out(s, c, true);
	return false;
}

void client_release(struct server *s, struct client *c)
{
	if (!c->held)
		return;
	c->held = false;
	client_poll_out(s, c, c->watch.blocked);
}

/* ---- end ---- */

static void count_reader(struct server *s, uid_t uid, int by)
{
	struct uid_count *u;

	HASH_FIND(hh, s->readers, &uid, sizeof(uid), u);
	if (!u) {
		u = must_calloc(1, sizeof(*u));
		u->uid = uid;
		HASH_ADD(hh, s->readers, uid, sizeof(u->uid), u);
	}
	u->n += (uint32_t)by;
	if (u->n)
		return;
	HASH_DEL(s->readers, u);
	free(u);
}

static uint32_t readers_of(const struct server *s, uid_t uid)
{
	struct uid_count *u;

	HASH_FIND(hh, s->readers, &uid, sizeof(uid), u);
	return u ? u->n : 0;
}

void client_close(struct server *s, struct client *c)
{
	if (c->closing)
		return;
	watch_stop(s, c);
	c->closing = true;
	if (!c->hello)
		DL_DELETE2(s->greeting, c, gprev, gnext);
	if (c->role == ROLE_PUBLISHER)
		publisher_gone(s, c);
	requests_forget(s, c);
	session_gone(s, c);
	tunnels_gone(s, c);
	if (c->counted)
		count_reader(s, c->uid, -1);
	DL_DELETE(s->clients, c);
	s->n_clients--;
	c->dead = s->dead;
	s->dead = c;
}

static void discard_and_close(struct server *s, int fd)
{
	shutdown(fd, SHUT_RD);
	for (int i = 0; i < SERVER_DRAIN_MAX && recv(fd, s->in, sizeof(s->in), MSG_DONTWAIT) > 0;)
		i++;
	close(fd);
}

void client_reap(struct server *s)
{
	while (s->dead) {
		struct client *c = s->dead;

		s->dead = c->dead;
		discard_and_close(s, c->source.fd);
		free(c);
	}
}

/* ---- beginning ---- */

static bool user_fits(const struct server *s, enum role role, uid_t uid)
{
	switch (role) {
	case ROLE_PUBLISHER: return uid == 0 || uid_list_has(&s->opt->publishers, uid);
	case ROLE_SESSION: return uid == 0 || uid == geteuid() || uid_list_has(&s->opt->session_users, uid); /* ours: it can do all that we can */
	default: return true; /* the mode and group of read.sock decide */
	}
}

static int free_publisher_place(const struct server *s)
{
	for (int i = 0; i < SERVER_PUBLISHERS_MAX; i++) {
		if (!s->publishers[i])
			return i;
	}
	return -1;
}

/* Why no more connections of this kind, or NULL.  Publishers do not count: readers must not keep them out. */
static const char *no_room(const struct server *s, enum role role, uid_t uid)
{
	if (role == ROLE_PUBLISHER)
		return free_publisher_place(s) < 0 ? "too many connections to sa.sock" : NULL;
	if (s->n_clients >= s->max_clients)
		return "too many clients (see sabusd --max-clients)";
	if (role == ROLE_READER && uid != 0 && readers_of(s, uid) >= s->opt->max_readers_per_uid)
		return "too many connections of this user (see sabusd --max-readers-per-uid)";
	return NULL;
}

static void welcome(struct server *s, int fd, enum role role, const struct ucred *cred)
{
	struct client *c = must_calloc(1, sizeof(*c));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &c->source };
	int size = CLIENT_SNDBUF;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	*c = (struct client){
		.source = { SOURCE_CLIENT, fd },
		.role = role,
		.pid = (uint32_t)cred->pid,
		.uid = cred->uid,
		.serial = ++s->serial,
		.hello_deadline = s->now + (int64_t)s->opt->hello_timeout * 1000,
	};
	c->denied = !user_fits(s, role, cred->uid);
	if (role == ROLE_PUBLISHER && !c->denied)
		s->publishers[free_publisher_place(s)] = c;
	c->counted = role == ROLE_READER && cred->uid != 0;
	if (c->counted)
		count_reader(s, cred->uid, 1);
	DL_APPEND(s->clients, c);
	DL_APPEND2(s->greeting, c, gprev, gnext);
	s->n_clients++;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		client_close(s, c);
}

static void turn_away(struct server *s, int fd, enum role role, const struct ucred *cred, const char *why)
{
	struct client c = { .source = { SOURCE_CLIENT, fd }, .role = role };

	s->stats.refused++;
	log_limited(LOG_WARNING, "client-refused kind=%s pid=%d uid=%u text=\"%s\"", role_name(role), (int)cred->pid,
		    (unsigned int)cred->uid, why);
	send_error(&c, 0, EUSERS, why);
	discard_and_close(s, fd);
}

/* No descriptor is left: without this the connection would stay in the queue and wake us for ever. */
static void shed_one(struct server *s, const struct listener *l)
{
	int fd;

	log_limited(LOG_ERR,
		    "client-refused kind=%s text=\"no file descriptor left; its connection is closed\" remedy=\"raise the limit of open "
		    "files\"",
		    role_name(l->role));
	s->stats.refused++;
	close(s->spare_fd);
	fd = accept4(l->source.fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	s->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

unsigned int client_accept(struct server *s, struct listener *l, unsigned int burst)
{
	unsigned int n;

	for (n = 0; n < burst; n++) {
		struct ucred cred = { .uid = (uid_t)-1 };
		socklen_t len = sizeof(cred);
		const char *why;
		int fd = accept4(l->source.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE))
			shed_one(s, l);
		if (fd < 0)
			break;
		why = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0 ? "its user is not known" : no_room(s, l->role, cred.uid);
		if (why)
			turn_away(s, fd, l->role, &cred, why);
		else
			welcome(s, fd, l->role, &cred);
	}
	return n;
}

/* ---- messages ---- */

static void greet(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	_Alignas(8) uint8_t buf[128];
	int len;

	if (v->type != SABUS_MSG_HELLO) {
		client_fail(s, c, v->seq, EPROTO, "%s before HELLO", sabus_codec_msg_name(v->type));
		return;
	}
	if (v->name)
		snprintf(c->name, sizeof(c->name), "%s", v->name);
	for (char *p = c->name; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?'; /* it goes into log lines */
	}
	if (c->denied) {
		client_fail(s, c, v->seq, EACCES, "uid %u may not be a %s (see sabusd --%s-uid)", (unsigned int)c->uid, role_name(c->role),
			    role_name(c->role));
		return;
	}
	if (v->version != SABUS_PROTO_VERSION) {
		client_fail(s, c, v->seq, EPROTONOSUPPORT, "HELLO: version %u, this sabusd speaks %u", v->version, SABUS_PROTO_VERSION);
		return;
	}
	c->hello = true;
	DL_DELETE2(s->greeting, c, gprev, gnext);
	sabus_codec_hello_ack(buf, sizeof(buf), v->seq, s->epoch, s->table.revision);
	len = sabus_codec_add_ops(buf, sizeof(buf), SABUS_TAKES_IKE_FAILED);
	if (c->role == ROLE_PUBLISHER) {
		/* It need not listen, and may have ended since: what it sent before that counts all the same. */
		client_send(c, buf, (size_t)len);
		publisher_hello(s, c);
	} else {
		client_answer(s, c, buf, len);
	}
}

static void dispatch(struct server *s, struct client *c, const struct sabus_msg_view *v)
{
	if (!c->hello)
		greet(s, c, v);
	else if (v->type == SABUS_MSG_HELLO)
		client_fail(s, c, v->seq, EPROTO, "HELLO comes once");
	else if (c->role == ROLE_PUBLISHER)
		publisher_message(s, c, v);
	else
		reader_message(s, c, v);
}

static void bad_message(struct server *s, struct client *c, const struct sabus_msg_view *v, const struct sabus_fault *fault)
{
	char text[SABUS_FAULT_STRLEN];

	s->stats.bad_messages++;
	client_fail(s, c, v->seq, EBADMSG, "%s", sabus_fault_text(fault, text));
}

/* A peer that ends with unread messages of ours is reported once as a reset, ahead of what it had sent before; that is still there. */
static ssize_t receive(struct server *s, const struct client *c)
{
	ssize_t n = recv(c->source.fd, s->in, sizeof(s->in), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && errno == ECONNRESET)
		n = recv(c->source.fd, s->in, sizeof(s->in), MSG_DONTWAIT | MSG_TRUNC);
	return n;
}

int client_read(struct server *s, struct client *c)
{
	struct sabus_fault fault = { 0 };
	struct sabus_msg_view v;
	ssize_t n;

	if (c->closing)
		return 0;
	n = receive(s, c);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		client_close(s, c);
		return 0;
	}
	if ((size_t)n > sizeof(s->in)) {
		s->stats.bad_messages++;
		client_fail(s, c, 0, EMSGSIZE, "a message of %zd bytes; %d are the limit", n, SABUS_PUT_MAX);
	} else if (sabus_codec_parse(s->in, (size_t)n, &v, &fault) < 0) {
		bad_message(s, c, &v, &fault);
	} else {
		dispatch(s, c, &v);
	}
	return 1;
}
