# SPDX-License-Identifier: GPL-2.0-or-later
# The journal's protocol against a socket of the test's own; a journal of cardboard for the plugins' tests.
stub_journal = tests/log/stub_journal.c tests/log/stub_journal.h
if CMOCKA
log_tests = tests/log/test_journal tests/log/test_sabusd_log tests/log/test_dynauth_log
check_PROGRAMS += $(log_tests)
TESTS += $(log_tests)

log_test_cppflags = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
log_test_libs = plugins/common/libsabus-common.la $(CMOCKA_LIBS)
fake_journal = tests/log/fake_journal.c tests/log/fake_journal.h

tests_log_test_journal_SOURCES = tests/log/test_journal.c $(fake_journal)
tests_log_test_journal_CPPFLAGS = $(log_test_cppflags)
tests_log_test_journal_LDADD = plugins/log/libsabus-log.la $(log_test_libs)

# the daemons' own log.c, for a journal at another path
log_daemon_sources = tests/log/daemon_log.c tests/log/daemon_log.h $(fake_journal) plugins/log/journal.c plugins/log/journal.h
tests_log_test_sabusd_log_SOURCES = tests/log/test_sabusd_log.c $(log_daemon_sources) plugins/bus/broker/log.c plugins/bus/broker/log.h
tests_log_test_sabusd_log_CPPFLAGS = $(log_test_cppflags) -I$(top_srcdir)/plugins/bus/broker -DJOURNAL_SOCKET='"fake-journal-sabusd"'
tests_log_test_sabusd_log_LDADD = $(log_test_libs)

tests_log_test_dynauth_log_SOURCES = tests/log/test_dynauth_log.c $(log_daemon_sources) plugins/radius/dynauth/log.c plugins/radius/dynauth/log.h
tests_log_test_dynauth_log_CPPFLAGS = $(log_test_cppflags) -I$(top_srcdir)/plugins/radius/dynauth -DJOURNAL_SOCKET='"fake-journal-dynauth"'
tests_log_test_dynauth_log_LDADD = $(log_test_libs)
endif
