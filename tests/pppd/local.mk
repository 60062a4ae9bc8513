# SPDX-License-Identifier: GPL-2.0-or-later
# The real plugin in a pppd made of cardboard: see stub.h.
if PPPD
if CMOCKA
pppd_tests = tests/pppd/test_bind tests/pppd/test_gate tests/pppd/test_grant tests/pppd/test_join tests/pppd/test_life tests/pppd/test_life_fd tests/pppd/test_markfilter \
	tests/pppd/test_negotiation tests/pppd/test_request tests/pppd/test_stockradius
check_PROGRAMS += $(pppd_tests)
TESTS += $(pppd_tests)

pppd_stub = tests/pppd/stub.h tests/pppd/stub_bus.c tests/pppd/stub_host.c tests/pppd/stub_kernel.c $(stub_journal)
pppd_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/log $(CMOCKA_CFLAGS) $(PPPD_CFLAGS) $(MNL_CFLAGS)
# visible: the plugin takes its surroundings from the program
pppd_test_cflags = $(AM_CFLAGS) -fvisibility=default
pppd_test_ldflags = $(AM_LDFLAGS) -export-dynamic -ldl
pppd_test_libs = plugins/common/libsabus-common.la $(CMOCKA_LIBS) $(MNL_LIBS)
pppd_test_dependencies = tests/pppd/sabus.la

# sabus.so without libsabus inside: the program has one of cardboard.  -rpath: shared, though it is never installed
check_LTLIBRARIES += tests/pppd/sabus.la
tests_pppd_sabus_la_SOURCES =
tests_pppd_sabus_la_LIBADD = plugins/pppd/libsabus-pppd.la
tests_pppd_sabus_la_LDFLAGS = $(SABUS_PPPD_LDFLAGS) -rpath /nowhere

tests_pppd_test_bind_SOURCES = tests/pppd/test_bind.c $(pppd_stub)
tests_pppd_test_bind_CPPFLAGS = $(pppd_test_cppflags)
tests_pppd_test_bind_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_bind_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_bind_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_bind_DEPENDENCIES = $(pppd_test_dependencies)

tests_pppd_test_gate_SOURCES = tests/pppd/test_gate.c $(pppd_stub)
tests_pppd_test_gate_CPPFLAGS = $(pppd_test_cppflags)
tests_pppd_test_gate_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_gate_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_gate_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_gate_DEPENDENCIES = $(pppd_test_dependencies)

tests_pppd_test_join_SOURCES = tests/pppd/test_join.c $(pppd_stub)
tests_pppd_test_join_CPPFLAGS = $(pppd_test_cppflags)
tests_pppd_test_join_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_join_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_join_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_join_DEPENDENCIES = $(pppd_test_dependencies)

tests_pppd_test_life_SOURCES = tests/pppd/test_life.c $(pppd_stub)
tests_pppd_test_life_CPPFLAGS = $(pppd_test_cppflags)
tests_pppd_test_life_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_life_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_life_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_life_DEPENDENCIES = $(pppd_test_dependencies)

# the same on a pppd with descriptor callbacks, as 2.5.3 has them
tests_pppd_test_life_fd_SOURCES = tests/pppd/test_life.c $(pppd_stub)
tests_pppd_test_life_fd_CPPFLAGS = $(pppd_test_cppflags) -DSTUB_FD_CALLBACKS
tests_pppd_test_life_fd_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_life_fd_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_life_fd_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_life_fd_DEPENDENCIES = $(pppd_test_dependencies)

tests_pppd_test_markfilter_SOURCES = tests/pppd/test_markfilter.c $(pppd_stub)
tests_pppd_test_markfilter_CPPFLAGS = $(pppd_test_cppflags)
tests_pppd_test_markfilter_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_markfilter_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_markfilter_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_markfilter_DEPENDENCIES = $(pppd_test_dependencies)

tests_pppd_test_negotiation_SOURCES = tests/pppd/test_negotiation.c $(pppd_stub)
tests_pppd_test_negotiation_CPPFLAGS = $(pppd_test_cppflags)
tests_pppd_test_negotiation_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_negotiation_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_negotiation_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_negotiation_DEPENDENCIES = $(pppd_test_dependencies)

tests_pppd_test_grant_SOURCES = tests/pppd/test_grant.c $(pppd_stub)
tests_pppd_test_grant_CPPFLAGS = $(pppd_test_cppflags)
tests_pppd_test_grant_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_grant_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_grant_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_grant_DEPENDENCIES = $(pppd_test_dependencies)

tests_pppd_test_request_SOURCES = tests/pppd/test_request.c $(pppd_stub)
tests_pppd_test_request_CPPFLAGS = $(pppd_test_cppflags)
tests_pppd_test_request_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_request_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_request_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_request_DEPENDENCIES = $(pppd_test_dependencies)

tests_pppd_test_stockradius_SOURCES = tests/pppd/test_stockradius.c tests/pppd/stub_radius.c $(pppd_stub)
tests_pppd_test_stockradius_CPPFLAGS = $(pppd_test_cppflags) -Iplugins/freeradius
tests_pppd_test_stockradius_CFLAGS = $(pppd_test_cflags)
tests_pppd_test_stockradius_LDFLAGS = $(pppd_test_ldflags)
tests_pppd_test_stockradius_LDADD = $(pppd_test_libs)
EXTRA_tests_pppd_test_stockradius_DEPENDENCIES = $(pppd_test_dependencies)
endif
endif
