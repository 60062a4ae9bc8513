// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * journal.c - see journal.h; the protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL
 *
 * A field is "NAME=value\n", or, when its value has a newline, "NAME\n", the value's length in 64 bits little-endian, the value, "\n".
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "journal.h"

#define NAME_MAX_BYTES 64 /* journald's own limit */

struct entry {
	char *bytes;
	size_t len;
};

/* All of it or nothing; that nothing is ever left out follows from JOURNAL_ENTRY_MAX. */
static void add_field(struct entry *e, const char *name, const char *value, size_t len)
{
	size_t name_len = strlen(name);
	char *at = e->bytes + e->len;

	if (e->len + name_len + 1 + sizeof(uint64_t) + len + 1 > JOURNAL_ENTRY_MAX)
		return;
	memcpy(at, name, name_len);
	at += name_len;
	if (memchr(value, '\n', len)) {
		*at++ = '\n';
		for (size_t i = 0; i < sizeof(uint64_t); i++)
			*at++ = (char)((uint64_t)len >> 8 * i & 0xff);
	} else {
		*at++ = '=';
	}
	memcpy(at, value, len);
	at[len] = '\n';
	e->len = (size_t)(at + len + 1 - e->bytes);
}

static void add_text(struct entry *e, const char *name, const char *value)
{
	add_field(e, name, value, strlen(value));
}

static void add_key(struct entry *e, const struct logline_field *f)
{
	static const char prefix[] = "SABUS_";
	char name[NAME_MAX_BYTES + 1], value[LOGLINE_MAX];
	size_t n = strlen(prefix), len;

	if (!f->key_len || n + f->key_len > NAME_MAX_BYTES)
		return;
	memcpy(name, prefix, n);
	for (size_t i = 0; i < f->key_len; i++)
		name[n++] = (char)(f->key[i] == '-' ? '_' : toupper((unsigned char)f->key[i]));
	name[n] = 0;
	len = logline_value(f, value);
	add_field(e, name, value, len);
}

size_t journal_entry(char out[JOURNAL_ENTRY_MAX], const char *daemon, int prio, const struct logline *ln)
{
	struct entry e = { .bytes = out };
	struct logline_field f;
	const char *event, *rest;
	char number[12];
	size_t len;

	snprintf(number, sizeof(number), "%d", prio);
	event = logline_event(ln->text, &len, &rest);
	add_text(&e, "MESSAGE", ln->text);
	add_text(&e, "PRIORITY", number);
	add_text(&e, "SYSLOG_IDENTIFIER", "sabus");
	add_text(&e, "SABUS_DAEMON", daemon);
	add_field(&e, "SABUS_EVENT", event, len);
	while (logline_next(&rest, &f))
		add_key(&e, &f);
	return e.len;
}

bool journal_send(const char *path, const char *daemon, int prio, const struct logline *ln)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char bytes[JOURNAL_ENTRY_MAX];
	int fd, err = errno;
	bool sent = false;
	size_t len;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || strlen(path) >= sizeof(sun.sun_path))
		goto out;
	strcpy(sun.sun_path, path);
	len = journal_entry(bytes, daemon, prio, ln);
	sent = sendto(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&sun, sizeof(sun)) == (ssize_t)len;
out:
	if (fd >= 0)
		close(fd);
	errno = err;
	return sent;
}

bool journal_has_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	       st.st_ino == ino;
}
