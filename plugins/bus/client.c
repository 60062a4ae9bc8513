// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsabus: the connection itself.
 *
 * One struct sabus owns one descriptor and two buffers, all allocated in sabus_open() and freed in sabus_close(); nothing is
 * allocated in between, and no call but sabus_lookup() waits.  Life: open (connect and HELLO sent), used, dead (a call failed for good),
 * closed.  There is no way back from dead: the caller opens a new one when it thinks fit, the library has no timers.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "client.h"

int sabus_fail(struct sabus *s, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->text, sizeof(s->text), format, args);
	va_end(args);
	return -err;
}

uint32_t sabus_next_seq(struct sabus *s)
{
	if (++s->seq == 0)
		s->seq = 1;
	return s->seq;
}

/* Never waits: a full accept queue is -EAGAIN on AF_UNIX. */
static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	if (len == 0)
		return -EINVAL;
	if (len >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, len + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

static struct sabus *new_connection(void)
{
	struct sabus *s = malloc(sizeof(*s));

	/* The buffers stay untouched, so that their pages are not resident before they are needed. */
	if (s)
		memset(s, 0, offsetof(struct sabus, tx));
	return s;
}

int sabus_open(struct sabus **out, const char *path, const char *name, uint64_t epoch)
{
	struct sabus *s = NULL;
	int ret;

	*out = NULL;
	if (!name || strnlen(name, SABUS_CODEC_NAME_MAX) == SABUS_CODEC_NAME_MAX)
		return -EINVAL;
	if (!path)
		path = epoch != 0 ? SABUS_SOCK_PUBLISH : SABUS_SOCK_READ;
	s = new_connection();
	if (!s)
		return -ENOMEM;
	s->fd = connect_to(path);
	if (s->fd < 0) {
		ret = s->fd;
		goto out;
	}
	ret = sabus_transmit(s, sabus_codec_hello(s->tx, sizeof(s->tx), sabus_next_seq(s), name, epoch), NULL);
	if (ret < 0)
		goto out;
	*out = s;
	s = NULL;
out:
	sabus_close(s);
	return ret;
}

void sabus_close(struct sabus *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

int sabus_fd(const struct sabus *s)
{
	return s->fd;
}

const char *sabus_strerror(const struct sabus *s)
{
	return s ? s->text : "no connection to sabusd";
}

const char *sabus_cause_name(enum sabus_cause c)
{
	static const char *const names[] = {
		[SABUS_CAUSE_DELETED] = "deleted", [SABUS_CAUSE_EXPIRED] = "expired", [SABUS_CAUSE_REKEYED] = "rekeyed",
		[SABUS_CAUSE_FAILED] = "failed",   [SABUS_CAUSE_RESYNC] = "resync",   [SABUS_CAUSE_PUBLISHER_LOST] = "publisher-lost",
	};

	return c >= SABUS_CAUSE_DELETED && c <= SABUS_CAUSE_PUBLISHER_LOST ? names[c] : "unknown";
}

const char *sabus_version(void)
{
	return PACKAGE_VERSION;
}
