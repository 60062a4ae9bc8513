/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publisher.c - see publisher.h for the states and who may do what. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>
#include "publisher.h"

enum state { OFF, GREETING, SYNCING, LIVE, CUT };

#define BURST	       8  /* packets sent in one critical section while syncing: hooks wait for no more than these */
#define MISSING_MAX    64 /* more than that and it stays incomplete until charon is restarted */

struct publisher {
	struct publisher_config config;
	char *path, *name;
	int wake; /* eventfd: stop, or a hook cut the connection */

	pthread_mutex_t turn;  /* held by who waits for mutex next */
	pthread_mutex_t mutex; /* guards all below */
	struct shadow *shadow;
	struct sabus *bus;
	enum state state;
	bool stopping;
	bool begun;	      /* SYNC_BEGIN is sent on this connection */
	bool takes_failures;  /* sabusd on this connection does */
	int cut_error;	      /* why a hook cut */
	uint32_t connection;  /* number of this one, for results */
	uint32_t missing[MISSING_MAX]; /* ids of SAs that could not be kept */
	unsigned n_missing;
	bool missing_lost; /* there was one more */
	char peer_error[256]; /* what sabusd said before it closed */

	bool quiet;		  /* the absence was logged; run()'s thread only */
	struct sabus_event event; /* scratch, large; run()'s thread only */
};

static void say(struct publisher *p, int prio, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(struct publisher *p, int prio, const char *format, ...)
{
	struct logline line;
	va_list args;

	logline_begin(&line, "sabus");
	va_start(args, format);
	logline_vadd(&line, format, args);
	va_end(args);
	p->config.log(p->config.data, prio, &line);
}

/*
 * A mutex alone is not fair: the thread, between two bursts of a long sync, would have it again before a hook that it has woken is on
 * a CPU.  Here that hook holds the turn, and the thread waits for it.
 */
static void lock(struct publisher *p)
{
	pthread_mutex_lock(&p->turn);
	pthread_mutex_lock(&p->mutex);
	pthread_mutex_unlock(&p->turn);
}

int publisher_new(struct publisher **out, const struct publisher_config *config)
{
	struct publisher *p = calloc(1, sizeof(*p));
	int r = -ENOMEM;

	if (!p)
		return r;
	p->config = *config;
	p->wake = -1;
	pthread_mutex_init(&p->turn, NULL);
	pthread_mutex_init(&p->mutex, NULL);
	p->path = strdup(config->path);
	p->name = strdup(config->name);
	p->shadow = shadow_new();
	if (!p->path || !p->name || !p->shadow)
		goto out;
	p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->wake < 0) {
		r = -errno;
		goto out;
	}
	*out = p;
	return 0;
out:
	publisher_free(p);
	return r;
}

void publisher_free(struct publisher *p)
{
	if (!p)
		return;
	sabus_close(p->bus);
	shadow_free(p->shadow);
	if (p->wake >= 0)
		close(p->wake);
	pthread_mutex_destroy(&p->mutex);
	pthread_mutex_destroy(&p->turn);
	free(p->path);
	free(p->name);
	free(p);
}

static void wake(struct publisher *p)
{
	const uint64_t one = 1;

	/* It can only fail with EAGAIN, when the counter is full: then the thread is awake anyway. */
	if (write(p->wake, &one, sizeof(one)) < 0)
		return;
}

void publisher_stop(struct publisher *p)
{
	lock(p);
	p->stopping = true;
	pthread_mutex_unlock(&p->mutex);
	wake(p);
}

/* Sends the oldest dirty item; 1 = sent, 0 = nothing dirty, -errno. */
static int send_one(struct publisher *p)
{
	struct shadow_item item;
	int r;

	if (!shadow_next(p->shadow, &item))
		return 0;
	if (item.gone)
		r = sabus_sa_del(p->bus, item.id, item.cause);
	else
		r = sabus_sa_put_blob(p->bus, item.blob, item.len);
	if (r < 0)
		return r;
	shadow_sent(p->shadow);
	return 1;
}

/* From any thread: the end, which our own thread deals with. */
static void cut(struct publisher *p, int error)
{
	p->state = CUT;
	p->cut_error = error;
	shutdown(sabus_fd(p->bus), SHUT_RDWR);
	wake(p);
}

static bool is_whole(const struct publisher *p)
{
	return p->n_missing == 0 && !p->missing_lost;
}

static void note_missing(struct publisher *p, uint32_t id)
{
	for (unsigned i = 0; i < p->n_missing; i++) {
		if (p->missing[i] == id)
			return;
	}
	if (p->n_missing < MISSING_MAX)
		p->missing[p->n_missing++] = id;
	else
		p->missing_lost = true;
}

/* The sync that was held back may end when it was the last one. */
static void note_found(struct publisher *p, uint32_t id)
{
	for (unsigned i = 0; i < p->n_missing; i++) {
		if (p->missing[i] != id)
			continue;
		p->missing[i] = p->missing[--p->n_missing];
		wake(p);
		return;
	}
}

/* The hook's part: tell it now if the connection is live.  It stays dirty if that fails, and the thread does the rest. */
static void publish_now(struct publisher *p)
{
	int r = 1;

	if (p->state != LIVE)
		return;
	while (r > 0)
		r = send_one(p);
	if (r == 0)
		return;
	cut(p, -r);
}

int publisher_put(struct publisher *p, const struct sabus_sa *sa)
{
	int r;

	lock(p);
	r = shadow_put(p->shadow, sa);
	if (r < 0)
		note_missing(p, sa->id);
	else
		note_found(p, sa->id);
	if (r < 0 && p->state == LIVE)
		cut(p, -r);
	publish_now(p);
	pthread_mutex_unlock(&p->mutex);
	return r;
}

bool publisher_del(struct publisher *p, uint32_t id, enum sabus_cause cause)
{
	bool was;

	lock(p);
	was = shadow_del(p->shadow, id, cause);
	note_found(p, id);
	publish_now(p);
	pthread_mutex_unlock(&p->mutex);
	return was;
}

bool publisher_has(struct publisher *p, uint32_t id)
{
	bool has;

	lock(p);
	has = shadow_has(p->shadow, id);
	pthread_mutex_unlock(&p->mutex);
	return has;
}

bool publisher_get(struct publisher *p, uint32_t id, struct sabus_sa *sa)
{
	bool has;

	lock(p);
	has = shadow_get(p->shadow, id, sa);
	pthread_mutex_unlock(&p->mutex);
	return has;
}

uint32_t publisher_predecessor(struct publisher *p, const struct sabus_sa *sa)
{
	uint32_t id;

	lock(p);
	id = shadow_predecessor(p->shadow, sa);
	pthread_mutex_unlock(&p->mutex);
	return id;
}

bool publisher_find(struct publisher *p, const struct sabus_flow *flow, struct sabus_sa *sa)
{
	bool found;

	lock(p);
	found = shadow_find(p->shadow, flow, sa);
	pthread_mutex_unlock(&p->mutex);
	return found;
}

void publisher_ike_failed(struct publisher *p, const struct sabus_flow *flow, enum sabus_ike_failure what)
{
	int r = 0;

	lock(p);
	if (p->state == LIVE && p->takes_failures)
		r = sabus_ike_failed(p->bus, flow, what);
	if (r < 0 && r != -EAGAIN) /* no room: the next change of an SA deals with that */
		cut(p, -r);
	pthread_mutex_unlock(&p->mutex);
}

void publisher_result(struct publisher *p, uint32_t connection, uint32_t seq, int error, const char *text)
{
	int r;

	lock(p);
	if (p->connection == connection && (p->state == SYNCING || p->state == LIVE)) {
		r = sabus_result(p->bus, seq, error, text);
		if (r < 0)
			cut(p, -r);
	}
	pthread_mutex_unlock(&p->mutex);
}

/* ---- the thread ---- */

/* Takes what sabusd says; 0, 1 = a request is in p->event, or -errno when the connection is over.  Mutex held. */
static int listen_to(struct publisher *p)
{
	int r;

	while ((r = sabus_recv(p->bus, &p->event)) > 0) {
		if (p->event.type == SABUS_EV_HELLO && p->state == GREETING) {
			p->state = SYNCING;
			p->begun = false;
			p->takes_failures = p->event.takes_failures;
			shadow_restart(p->shadow);
		} else if (p->event.type == SABUS_EV_ERROR) {
			snprintf(p->peer_error, sizeof(p->peer_error), "%s", p->event.text);
		} else if (p->event.type == SABUS_EV_REQUEST && p->config.request) {
			return 1;
		}
	}
	return r;
}

/* Sends a burst of the sync; goes LIVE when nothing is left.  0, -EAGAIN (wait for room) or an error.  Mutex held. */
static int sync_some(struct publisher *p)
{
	int r = 1;

	if (!p->begun) {
		r = sabus_sync_begin(p->bus);
		if (r < 0)
			return r;
		p->begun = true;
		r = 1;
	}
	for (int i = 0; i < BURST && r > 0; i++)
		r = send_one(p);
	if (r != 0)
		return r < 0 ? r : 0;
	if (!is_whole(p))
		return 0;
	r = sabus_sync_end(p->bus);
	if (r < 0)
		return r;
	p->state = LIVE;
	return 0;
}

/* What to do after one step of the thread. */
struct step {
	int error;     /* the connection is over */
	bool asked;    /* p->event is a request */
	bool live_now; /* has just become live */
	bool stop;
	bool whole; /* no SA is missing */
	short events; /* to poll for; 0 = do not wait */
	int fd;
	size_t count;
};

static void advance(struct publisher *p, struct step *step)
{
	int r = 0;

	*step = (struct step){ .events = POLLIN, .whole = true };
	lock(p);
	step->stop = p->stopping;
	step->fd = sabus_fd(p->bus);
	r = listen_to(p); /* also after a cut: sabusd may have said why it closed */
	step->asked = r > 0;
	step->error = p->state == CUT ? -p->cut_error : r < 0 ? r : 0;
	step->whole = is_whole(p);
	if (!step->error && !step->asked && p->state == SYNCING) {
		r = sync_some(p);
		step->live_now = p->state == LIVE;
		if (r == -EAGAIN)
			step->events = POLLIN | POLLOUT;
		else if (r < 0)
			step->error = r;
		else if (!step->live_now && (step->whole || shadow_dirty(p->shadow))) /* else it waits to be whole */
			step->events = 0;
	}
	step->count = shadow_count(p->shadow);
	pthread_mutex_unlock(&p->mutex);
}

static void clear_wake(struct publisher *p)
{
	uint64_t n;

	if (read(p->wake, &n, sizeof(n)) < 0)
		return; /* EAGAIN: nobody woke us */
}

/* Waits for the bus (fd -1: not), for wake(), or for ms milliseconds (-1: for ever). */
static void wait_for(struct publisher *p, int fd, short events, int ms)
{
	struct pollfd fds[2] = { { .fd = p->wake, .events = POLLIN }, { .fd = fd, .events = events } };

	if (poll(fds, 2, ms) > 0 && fds[0].revents)
		clear_wake(p);
}

static bool stopping(struct publisher *p)
{
	bool stop;

	lock(p);
	stop = p->stopping;
	pthread_mutex_unlock(&p->mutex);
	return stop;
}

/* Carries one connection from HELLO to its end; 0 = told to stop, else why it ended. */
static int converse(struct publisher *p)
{
	struct step step;

	for (;;) {
		advance(p, &step);
		if (step.stop || step.error)
			return step.stop ? 0 : step.error;
		if (step.live_now) {
			say(p, LOG_NOTICE, "bus-up path=\"%s\" sas=%zu text=\"connected to sabusd\"", p->path, step.count);
			p->quiet = false;
		}
		if (step.asked)
			p->config.request(p->config.request_data, p->connection, &p->event);
		else if (step.events)
			wait_for(p, step.fd, step.events, -1);
	}
}

static int connect_bus(struct publisher *p)
{
	struct sabus *bus = NULL;
	int r = sabus_open(&bus, p->path, p->name, p->config.epoch);

	if (r < 0)
		return r;
	lock(p);
	p->bus = bus;
	p->state = GREETING;
	p->connection++;
	p->peer_error[0] = '\0';
	pthread_mutex_unlock(&p->mutex);
	return 0;
}

static void disconnect(struct publisher *p)
{
	struct sabus *bus;

	lock(p);
	bus = p->bus;
	p->bus = NULL;
	p->state = OFF;
	pthread_mutex_unlock(&p->mutex);
	sabus_close(bus);
	clear_wake(p); /* a hook's cut is dealt with; it must not shorten the pause */
}

/* One line per change, however often it is tried. */
static void tell_loss(struct publisher *p, int error, bool was_connected)
{
	if (p->quiet)
		return;
	p->quiet = true;
	if (!was_connected)
		say(p, LOG_WARNING, "bus-down path=\"%s\" text=\"no sabusd there (%s), trying every %u ms\"", p->path, strerror(-error),
		    p->config.retry_ms);
	else if (p->peer_error[0])
		say(p, LOG_WARNING, "bus-down path=\"%s\" text=\"sabusd refused: %s; will resync\"", p->path, p->peer_error);
	else if (error == -EAGAIN)
		say(p, LOG_WARNING, "bus-down path=\"%s\" text=\"sabusd does not read, will resync\"", p->path);
	else
		say(p, LOG_WARNING, "bus-down path=\"%s\" text=\"connection to sabusd lost (%s), will resync\"", p->path, strerror(-error));
}

void publisher_run(struct publisher *p)
{
	int r;

	while (!stopping(p)) {
		bool connected = false;

		r = connect_bus(p);
		if (r == 0) {
			connected = true;
			r = converse(p);
			disconnect(p);
		}
		if (r < 0 && !stopping(p)) {
			tell_loss(p, r, connected);
			wait_for(p, -1, 0, (int)p->config.retry_ms);
		}
	}
}
