/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon_log.c - see daemon_log.h.  A line comes out once: in the journal when standard error is its stream, else on standard error; and there, too,
 * when the journal does not take it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon_log.h"
#include "fake_journal.h"

static struct fake_entry entry;
static int real_stderr = -1;
static FILE *file;

static void redirect(void)
{
	file = tmpfile();
	assert_non_null(file);
	real_stderr = dup(STDERR_FILENO);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
}

/* What has come on standard error since redirect(), which ends. */
static const char *restore(void)
{
	static char text[4096];
	size_t n;

	fflush(stderr);
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = 0;
	fclose(file);
	return text;
}

static void make_it_the_journals(void)
{
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

static void assert_one_line(const char *text)
{
	assert_int_equal(strncmp(text, "<4>sabus: ", 10), 0);
	assert_non_null(strstr(text, "name=\"two\\x0awords\""));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

void daemon_log_test(void (*say)(const char *name), const char *daemon, const char *path)
{
	int fd = fake_journal_open(path);

	/* a file, and a journal that has nothing to do with it */
	setenv("JOURNAL_STREAM", "1:1", 1);
	redirect();
	say("two\nwords");
	assert_one_line(restore());
	assert_false(fake_journal_take(fd, &entry));

	/* the journal's stream */
	redirect();
	make_it_the_journals();
	say("two\nwords");
	assert_string_equal(restore(), "");
	assert_true(fake_journal_take(fd, &entry));
	assert_string_equal(fake_entry_get(&entry, "SABUS_NAME"), "two\nwords");
	assert_string_equal(fake_entry_get(&entry, "SABUS_DAEMON"), daemon);
	assert_string_equal(fake_entry_get(&entry, "PRIORITY"), "4");
	assert_string_equal(fake_entry_get(&entry, "SYSLOG_IDENTIFIER"), "sabus");
	assert_false(fake_journal_take(fd, &entry));
	fake_journal_close(fd, path);

	/* the journal's stream, and no socket */
	redirect();
	make_it_the_journals();
	say("two\nwords");
	assert_one_line(restore());
	unsetenv("JOURNAL_STREAM");
}
