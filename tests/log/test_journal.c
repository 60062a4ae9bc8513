/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_journal.c - an entry has the line and a field for each key, whatever their values hold; sending never waits and never harms. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>
#include <cmocka.h>
#include "fake_journal.h"
#include "journal.h"

#define PATH "fake-journal"

static struct fake_entry entry;

static void parse(const struct logline *ln)
{
	char bytes[JOURNAL_ENTRY_MAX];

	fake_entry_parse(&entry, bytes, journal_entry(bytes, "pppd", LOG_NOTICE, ln));
}

static void refusal(struct logline *ln)
{
	logline_begin(ln, "sabus");
	logline_add(ln, "refuse reason=%s", "no-sa");
	logline_add(ln, " peer=%s:%u acct-session-id=%s text=\"%s\"", "10.9.0.2", 1701u, "a1", "No IPsec SA covers it");
}

static void fields(void **state)
{
	struct logline ln;

	(void)state;
	refusal(&ln);
	parse(&ln);
	assert_int_equal(entry.n, 9);
	assert_string_equal(fake_entry_get(&entry, "MESSAGE"), ln.text);
	assert_string_equal(fake_entry_get(&entry, "PRIORITY"), "5");
	assert_string_equal(fake_entry_get(&entry, "SYSLOG_IDENTIFIER"), "sabus");
	assert_string_equal(fake_entry_get(&entry, "SABUS_DAEMON"), "pppd");
	assert_string_equal(fake_entry_get(&entry, "SABUS_EVENT"), "refuse");
	assert_string_equal(fake_entry_get(&entry, "SABUS_REASON"), "no-sa");
	assert_string_equal(fake_entry_get(&entry, "SABUS_PEER"), "10.9.0.2:1701");
	assert_string_equal(fake_entry_get(&entry, "SABUS_ACCT_SESSION_ID"), "a1");
	assert_string_equal(fake_entry_get(&entry, "SABUS_TEXT"), "No IPsec SA covers it");
}

/* The value as the client had it, and no field of his own making. */
static void a_newline_forges_no_field(void **state)
{
	static const char name[] = "x\"\nSABUS_REASON=ok-protected\nMESSAGE=sabus: accept \\x41";
	struct logline ln;

	(void)state;
	logline_begin(&ln, "sabus");
	logline_add(&ln, "client-closed name=\"%s\" pid=%u", name, 7u);
	parse(&ln);
	assert_int_equal(entry.n, 7);
	assert_string_equal(fake_entry_get(&entry, "SABUS_NAME"), name);
	assert_string_equal(fake_entry_get(&entry, "SABUS_PID"), "7");
	assert_string_equal(fake_entry_get(&entry, "MESSAGE"), ln.text);
	assert_null(strchr(fake_entry_get(&entry, "MESSAGE"), '\n'));
	assert_null(fake_entry_get(&entry, "SABUS_REASON"));
}

/* Any bytes, any length: the entry is whole, and its values are what was given as far as the line has them. */
static void any_bytes(void **state)
{
	char a[600], b[600];

	(void)state;
	srand(1);
	for (int round = 0; round < 3000; round++) {
		struct logline ln;

		for (size_t i = 0; i < sizeof(a); i++) {
			a[i] = (char)(rand() % 4 ? 1 + rand() % 255 : "\n\"\\= "[rand() % 5]);
			b[i] = (char)(1 + rand() % 255);
		}
		a[rand() % (int)sizeof(a)] = 0;
		a[sizeof(a) - 1] = b[rand() % (int)sizeof(b)] = 0;
		b[sizeof(b) - 1] = 0;
		logline_begin(&ln, "sabus");
		logline_add(&ln, "drop user=\"%s\" name=%s", a, b);
		parse(&ln);
		assert_int_equal(strncmp(a, fake_entry_get(&entry, "SABUS_USER"), strlen(fake_entry_get(&entry, "SABUS_USER"))), 0);
		if (!ln.full) {
			assert_int_equal(entry.n, 7);
			assert_string_equal(a, fake_entry_get(&entry, "SABUS_USER"));
			assert_string_equal(b, fake_entry_get(&entry, "SABUS_NAME"));
		}
	}
}

static void the_largest_line_fits(void **state)
{
	struct logline ln;

	(void)state;
	logline_begin(&ln, "sabus");
	logline_add(&ln, "e");
	for (size_t i = 0; !ln.full && i < FAKE_FIELDS - 6; i++)
		logline_add(&ln, " k=%s", "\n");
	logline_add(&ln, " text=\"%s\"", "last");
	assert_false(ln.full);
	parse(&ln);
	assert_int_equal(entry.n, FAKE_FIELDS);
	assert_string_equal(fake_entry_get(&entry, "SABUS_TEXT"), "last");
}

static void sent_and_taken(void **state)
{
	int fd = fake_journal_open(PATH);
	struct logline ln;

	(void)state;
	refusal(&ln);
	errno = EXDEV;
	assert_true(journal_send(PATH, "charon", LOG_ERR, &ln));
	assert_int_equal(errno, EXDEV);
	assert_true(fake_journal_take(fd, &entry));
	assert_string_equal(fake_entry_get(&entry, "SABUS_DAEMON"), "charon");
	assert_string_equal(fake_entry_get(&entry, "PRIORITY"), "3");
	assert_false(fake_journal_take(fd, &entry));
	fake_journal_close(fd, PATH);
}

static int free_descriptor(void)
{
	int fd = dup(STDIN_FILENO);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

/* No socket, nobody behind it, a path that is too long: not sent, nothing left open, errno as it was. */
static void no_journal(void **state)
{
	char long_path[300];
	struct logline ln;
	int fd, before;

	(void)state;
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = 0;
	refusal(&ln);
	fd = fake_journal_open(PATH);
	close(fd); /* the file stays */
	before = free_descriptor();
	errno = EXDEV;
	assert_false(journal_send(PATH, "pppd", LOG_ERR, &ln));
	unlink(PATH);
	assert_false(journal_send("no/such/journal", "pppd", LOG_ERR, &ln));
	assert_false(journal_send(long_path, "pppd", LOG_ERR, &ln));
	assert_int_equal(free_descriptor(), before);
}

/* A journald that does not read: once its queue is full nothing is sent, and nobody waits (alarm() would end us). */
static void a_full_journal_is_not_waited_for(void **state)
{
	int fd = fake_journal_open(PATH), sent = 0, taken = 0;
	struct logline ln;

	(void)state;
	refusal(&ln);
	alarm(60);
	while (sent < 100000 && journal_send(PATH, "charon", LOG_ERR, &ln))
		sent++;
	assert_false(journal_send(PATH, "charon", LOG_ERR, &ln));
	alarm(0);
	while (fake_journal_take(fd, &entry))
		taken++;
	assert_true(sent > 0 && sent < 100000);
	assert_int_equal(taken, sent);
	fake_journal_close(fd, PATH);
}

static void whose_stderr(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_false(journal_has_stderr());
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_true(journal_has_stderr());
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_false(journal_has_stderr()); /* standard error was redirected */
	setenv("JOURNAL_STREAM", "nonsense", 1);
	assert_false(journal_has_stderr());
	unsetenv("JOURNAL_STREAM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(a_newline_forges_no_field),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(the_largest_line_fits),
		cmocka_unit_test(sent_and_taken),
		cmocka_unit_test(no_journal),
		cmocka_unit_test(a_full_journal_is_not_waited_for),
		cmocka_unit_test(whose_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
