# SPDX-License-Identifier: GPL-2.0-or-later
# sabus-radius-client as a process, against servers of Python and the real one; sabus-radius.so in a pppd made of cardboard (stub.h); what of both is pure.
radius_pytests = tests/radius/test_client.py tests/radius/test_server.py
EXTRA_DIST += $(radius_pytests) tests/radius/conftest.py tests/radius/fake.py tests/radius/helper.py tests/radius/fuzz/corpus tests/radius/fuzz/fuzz_reply.c
if RADIUS
include tests/radius/fuzz/local.mk
if PYTEST
TESTS += $(radius_pytests)
tests/radius/test_client.log: plugins/radius/client/sabus-radius-client
tests/radius/test_server.log: plugins/radius/client/sabus-radius-client
endif
if CMOCKA
radius_tests = tests/radius/test_acct tests/radius/test_plugin tests/radius/test_plain tests/radius/test_process tests/radius/test_units
check_PROGRAMS += $(radius_tests)
TESTS += $(radius_tests)

radius_stub = tests/radius/stub.c tests/radius/stub.h $(stub_journal)
radius_test_cppflags = $(radius_cppflags) -I$(top_srcdir)/tests/log $(CMOCKA_CFLAGS) $(PPPD_CFLAGS)
# visible: the plugin takes its surroundings from the program
radius_test_cflags = $(AM_CFLAGS) -fvisibility=default
radius_test_ldflags = $(AM_LDFLAGS) -export-dynamic -ldl
radius_test_libs = plugins/radius/libsabus-radius-worker.la plugins/common/libsabus-common.la $(CMOCKA_LIBS)

# sabus-radius.so without what starts and asks the helper.  -rpath: shared, though it is never installed
check_LTLIBRARIES += tests/radius/sabus-radius.la
tests_radius_sabus_radius_la_SOURCES =
tests_radius_sabus_radius_la_LIBADD = plugins/radius/libsabus-radius-pppd.la
tests_radius_sabus_radius_la_LDFLAGS = $(SABUS_RADIUS_LDFLAGS) -rpath /nowhere

tests_radius_test_acct_SOURCES = tests/radius/test_acct.c $(radius_stub)
tests_radius_test_acct_CPPFLAGS = $(radius_test_cppflags) -DSTUB_SABUS
tests_radius_test_acct_CFLAGS = $(radius_test_cflags)
tests_radius_test_acct_LDFLAGS = $(radius_test_ldflags)
tests_radius_test_acct_LDADD = $(radius_test_libs)
EXTRA_tests_radius_test_acct_DEPENDENCIES = tests/radius/sabus-radius.la

tests_radius_test_plugin_SOURCES = tests/radius/test_plugin.c $(radius_stub)
tests_radius_test_plugin_CPPFLAGS = $(radius_test_cppflags) -DSTUB_SABUS
tests_radius_test_plugin_CFLAGS = $(radius_test_cflags)
tests_radius_test_plugin_LDFLAGS = $(radius_test_ldflags)
tests_radius_test_plugin_LDADD = $(radius_test_libs)
EXTRA_tests_radius_test_plugin_DEPENDENCIES = tests/radius/sabus-radius.la

tests_radius_test_plain_SOURCES = tests/radius/test_plain.c $(radius_stub)
tests_radius_test_plain_CPPFLAGS = $(radius_test_cppflags)
tests_radius_test_plain_CFLAGS = $(radius_test_cflags)
tests_radius_test_plain_LDFLAGS = $(radius_test_ldflags)
tests_radius_test_plain_LDADD = $(radius_test_libs)
EXTRA_tests_radius_test_plain_DEPENDENCIES = tests/radius/sabus-radius.la

tests_radius_test_process_SOURCES = tests/radius/test_process.c
tests_radius_test_process_CPPFLAGS = $(radius_test_cppflags)
tests_radius_test_process_CFLAGS = $(AM_CFLAGS)
tests_radius_test_process_LDADD = plugins/radius/libsabus-radius-process.la plugins/radius/libsabus-radius-worker.la $(CMOCKA_LIBS)
EXTRA_tests_radius_test_process_DEPENDENCIES = plugins/radius/client/sabus-radius-client

tests_radius_test_units_SOURCES = tests/radius/test_units.c
tests_radius_test_units_CPPFLAGS = $(radius_test_cppflags) -Iplugins/radius/client
tests_radius_test_units_CFLAGS = $(AM_CFLAGS)
tests_radius_test_units_LDADD = plugins/radius/libsabus-radius-client.la plugins/common/libsabus-common.la $(CMOCKA_LIBS) $(NETTLE_LIBS)
endif
endif
