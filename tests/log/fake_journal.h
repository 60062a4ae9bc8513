/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_journal.h - the socket that journald would have, and a reader of its protocol that knows nothing of ours.
 */
#ifndef SABUS_TEST_FAKE_JOURNAL_H
#define SABUS_TEST_FAKE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#define FAKE_FIELDS 64

struct fake_field {
	char name[80];
	char value[4096];
	size_t len;
};

struct fake_entry {
	size_t n;
	struct fake_field fields[FAKE_FIELDS];
};

int fake_journal_open(const char *path);
void fake_journal_close(int fd, const char *path);
/* The next entry, false: there is none.  Fails the test when it is no entry. */
bool fake_journal_take(int fd, struct fake_entry *e);
void fake_entry_parse(struct fake_entry *e, const char *bytes, size_t len);
/* The value of a field, as text; NULL: there is none. */
const char *fake_entry_get(const struct fake_entry *e, const char *name);

#endif
