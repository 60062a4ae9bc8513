/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake_journal.c - see fake_journal.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include "fake_journal.h"

int fake_journal_open(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

void fake_journal_close(int fd, const char *path)
{
	close(fd);
	unlink(path);
}

/* One field from at on; where it ends. */
static const char *parse_field(struct fake_field *f, const char *at, const char *end)
{
	size_t n = strcspn(at, "=\n");
	uint64_t len = 0;

	assert_true(at + n < end && n > 0 && n < sizeof(f->name));
	memcpy(f->name, at, n);
	f->name[n] = 0;
	assert_true(f->name[0] >= 'A' && f->name[0] <= 'Z'); /* '_' would be journald's own */
	assert_int_equal(strspn(f->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), n);
	at += n;
	if (*at == '=') {
		at++;
		len = strcspn(at, "\n");
	} else {
		assert_true(end - at > 9);
		for (int i = 7; i >= 0; i--)
			len = len << 8 | (unsigned char)at[1 + i];
		at += 9;
	}
	assert_true(len < (uint64_t)(end - at) && len < sizeof(f->value));
	memcpy(f->value, at, len);
	f->value[len] = 0;
	f->len = len;
	assert_int_equal(at[len], '\n');
	return at + len + 1;
}

void fake_entry_parse(struct fake_entry *e, const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len;

	for (e->n = 0; at < end; e->n++) {
		assert_true(e->n < FAKE_FIELDS);
		at = parse_field(&e->fields[e->n], at, end);
	}
}

bool fake_journal_take(int fd, struct fake_entry *e)
{
	static char bytes[65536 + 1];
	ssize_t n = recv(fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	if (n < 0)
		return false;
	bytes[n] = 0;
	fake_entry_parse(e, bytes, (size_t)n);
	return true;
}

const char *fake_entry_get(const struct fake_entry *e, const char *name)
{
	for (size_t i = 0; i < e->n; i++)
		if (!strcmp(e->fields[i].name, name))
			return e->fields[i].value;
	return NULL;
}
