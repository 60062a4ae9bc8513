// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wire.c - see wire.h.
 *
 * radcli's loop is: send, poll, receive; an answer with another identifier makes it send again, and counts as one of its retries; any other answer is final, good or bad.  So
 * our recvfrom() waits for a good answer until the transmission's time is over and then returns an answer with another identifier: to radcli, a timeout.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include "clock.h"
#include "wire.h"

#define PUBLIC	     __attribute__((visibility("default")))
#define TLS_TIMEDOUT (-319) /* GNUTLS_E_TIMEDOUT */

static struct {
	bool active;
	const char *secret;
	bool tls;
	int attempt_ms;
	int64_t deadline;
	int64_t attempt_end;
	struct worker_list *reply;
	struct wire_end end;
	uint8_t head[RADIUS_HEAD]; /* of the good answer, for radcli */
} wire;

void wire_begin(const char *secret, bool tls, int attempt_ms, int64_t deadline, struct worker_list *reply)
{
	memset(&wire, 0, sizeof(wire));
	wire.active = true;
	wire.secret = secret;
	wire.tls = tls;
	wire.attempt_ms = attempt_ms;
	wire.deadline = deadline;
	wire.attempt_end = deadline;
	wire.reply = reply;
	worker_list_init(reply);
}

void wire_end(struct wire_end *out)
{
	*out = wire.end;
	memset(&wire, 0, sizeof(wire));
}

/* ---- out ---- */

/* Notes what is asked; *p and *len become what is to be sent. */
static int outgoing(const void **p, size_t *len, uint8_t signed_copy[RADIUS_MAX])
{
	const uint8_t *b = *p;
	int n;

	if (*len < RADIUS_HEAD)
		return -EBADMSG;
	if (b[0] == RC_ACCESS_REQUEST) {
		n = packet_sign(b, *len, wire.secret, signed_copy);
		if (n < 0)
			return n;
		*p = signed_copy;
		*len = (size_t)n;
	}
	wire.end.request.code = b[0];
	wire.end.request.id = b[1];
	memcpy(wire.end.request.authenticator, b + 4, RADIUS_AUTH);
	wire.end.sent = true;
	wire.attempt_end = now_ms() + wire.attempt_ms;
	if (wire.attempt_end > wire.deadline)
		wire.attempt_end = wire.deadline;
	return 0;
}

static void *library(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (!f)
		abort(); /* radcli is linked with it */
	return f;
}

PUBLIC ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
	static ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	uint8_t copy[RADIUS_MAX];

	if (!real)
		*(void **)&real = library("sendto");
	if (wire.active) {
		wire.end.error = outgoing(&buf, &len, copy);
		if (wire.end.error) {
			errno = -wire.end.error;
			return -1;
		}
	}
	return real(fd, buf, len, flags | MSG_NOSIGNAL, to, to_len);
}

/* A server that does not even answer the connection must not hold us longer than the deadline. */
PUBLIC int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	static int (*real)(int, const struct sockaddr *, socklen_t);
	int64_t left = wire.deadline - now_ms();
	struct timeval t;

	if (!real)
		*(void **)&real = library("connect");
	if (wire.active && to->sa_family != AF_UNIX) {
		if (left < 1)
			left = 1;
		t = (struct timeval){ .tv_sec = left / 1000, .tv_usec = left % 1000 * 1000 };
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	}
	return real(fd, to, len);
}

/* ---- in ---- */

static bool incoming(const uint8_t *p, size_t len)
{
	size_t whole;
	enum packet_verdict v = packet_verify(p, len, &wire.end.request, wire.secret, !wire.tls, &whole);

	if (!wire.end.sent)
		v = PACKET_OTHER;
	if (v != PACKET_GOOD) {
		wire.end.dropped[v]++;
		return false;
	}
	wire.end.code = p[0];
	wire.end.answered = true;
	worker_list_init(wire.reply);
	wire.end.error = packet_attributes(p, whole, wire.reply);
	packet_head(p, &wire.end.request, wire.secret, wire.head);
	return true;
}

static bool wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left = wire.attempt_end - now_ms();

	return left > 0 && poll(&p, 1, (int)left) > 0;
}

typedef ssize_t receive(int, void *, size_t, int, struct sockaddr *, socklen_t *);

static bool is_stream(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) && type == SOCK_STREAM;
}

/* One packet from a stream, whose parts may come one by one.  Its length; 0: the time is over; -1: errno */
static ssize_t from_stream(receive *real, int fd, uint8_t *b)
{
	size_t have = 0, want = RADIUS_HEAD;
	ssize_t n;

	while (have < want) {
		if (!wait_readable(fd))
			return 0;
		n = real(fd, b + have, want - have, 0, NULL, NULL);
		if (n <= 0) {
			errno = n ? errno : ECONNRESET;
			return -1;
		}
		have += (size_t)n;
		if (have == RADIUS_HEAD)
			want = (size_t)(b[2] << 8 | b[3]);
		if (want < RADIUS_HEAD || want > RADIUS_MAX) {
			errno = EBADMSG; /* where the next packet begins is not known any more */
			return -1;
		}
	}
	return (ssize_t)have;
}

static ssize_t to_radcli(void *buf, size_t len, bool good)
{
	uint8_t other[RADIUS_HEAD] = { 0, (uint8_t)(wire.end.request.id + 1), 0, RADIUS_HEAD };

	if (len < RADIUS_HEAD) {
		errno = ENOBUFS;
		return -1;
	}
	memcpy(buf, good ? wire.head : other, RADIUS_HEAD);
	return RADIUS_HEAD;
}

PUBLIC ssize_t recvfrom(int fd, void *restrict buf, size_t len, int flags, struct sockaddr *restrict from, socklen_t *restrict from_len)
{
	static receive *real;
	uint8_t b[RADIUS_MAX];
	bool stream, good = false;
	ssize_t n;

	if (!real)
		*(void **)&real = library("recvfrom");
	if (!wire.active)
		return real(fd, buf, len, flags, from, from_len);
	stream = is_stream(fd);
	while (!good && wait_readable(fd)) {
		n = stream ? from_stream(real, fd, b) : real(fd, b, sizeof(b), flags, NULL, NULL);
		if (n < 0)
			return n;
		good = n > 0 && incoming(b, (size_t)n);
	}
	return to_radcli(buf, len, good);
}

/* ---- TLS and DTLS; radcli takes a record for a packet ---- */
/* as gnutls.h has them, whose types nothing here needs */
ssize_t gnutls_record_send(void *session, const void *data, size_t size);
ssize_t gnutls_record_recv(void *session, void *data, size_t size);

PUBLIC ssize_t gnutls_record_send(void *session, const void *data, size_t size)
{
	static ssize_t (*real)(void *, const void *, size_t);
	uint8_t copy[RADIUS_MAX];

	if (!real)
		*(void **)&real = library("gnutls_record_send");
	if (wire.active) {
		wire.end.error = outgoing(&data, &size, copy);
		if (wire.end.error)
			return TLS_TIMEDOUT;
	}
	return real(session, data, size);
}

PUBLIC ssize_t gnutls_record_recv(void *session, void *data, size_t size)
{
	static ssize_t (*real)(void *, void *, size_t);
	ssize_t n;

	if (!real)
		*(void **)&real = library("gnutls_record_recv");
	if (!wire.active)
		return real(session, data, size);
	if (now_ms() >= wire.deadline)
		return TLS_TIMEDOUT; /* else radcli would ask for ever */
	n = real(session, data, size);
	if (n <= 0)
		return n;
	return to_radcli(data, size, incoming(data, (size_t)n));
}
