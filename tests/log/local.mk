# SPDX-License-Identifier: GPL-2.0-or-later
# The journal's protocol against a socket of the test's own; a journal of cardboard for the plugins' tests.
stub_journal = tests/log/stub_journal.c tests/log/stub_journal.h
if CMOCKA
log_tests = tests/log/test_journal
check_PROGRAMS += $(log_tests)
TESTS += $(log_tests)

log_test_cppflags = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
log_test_libs = plugins/common/libsabus-common.la $(CMOCKA_LIBS)
fake_journal = tests/log/fake_journal.c tests/log/fake_journal.h

tests_log_test_journal_SOURCES = tests/log/test_journal.c $(fake_journal)
tests_log_test_journal_CPPFLAGS = $(log_test_cppflags)
tests_log_test_journal_LDADD = plugins/log/libsabus-log.la $(log_test_libs)
endif
