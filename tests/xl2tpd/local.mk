# SPDX-License-Identifier: GPL-2.0-or-later
# The plugin's own objects in an xl2tpd made of cardboard: see stub.h.
if XL2TPD
if CMOCKA
xl2tpd_tests = tests/xl2tpd/test_options tests/xl2tpd/test_request tests/xl2tpd/test_life
check_PROGRAMS += $(xl2tpd_tests)
TESTS += $(xl2tpd_tests)

xl2tpd_stub = tests/xl2tpd/stub.h tests/xl2tpd/stub_bus.c tests/xl2tpd/stub_host.c tests/xl2tpd/stub_kernel.c $(stub_journal)
xl2tpd_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/log $(CMOCKA_CFLAGS)
# of libsabus-xfrm only what is pure: the stub has the rest
xl2tpd_test_libs = plugins/xl2tpd/libsabus-xl2tpd.la plugins/xfrm/libsabus-xfrm.la $(CMOCKA_LIBS) $(MNL_LIBS)

tests_xl2tpd_test_options_SOURCES = tests/xl2tpd/test_options.c $(xl2tpd_stub)
tests_xl2tpd_test_options_CPPFLAGS = $(xl2tpd_test_cppflags)
tests_xl2tpd_test_options_LDADD = $(xl2tpd_test_libs)

tests_xl2tpd_test_request_SOURCES = tests/xl2tpd/test_request.c $(xl2tpd_stub)
tests_xl2tpd_test_request_CPPFLAGS = $(xl2tpd_test_cppflags)
tests_xl2tpd_test_request_LDADD = $(xl2tpd_test_libs)

tests_xl2tpd_test_life_SOURCES = tests/xl2tpd/test_life.c $(xl2tpd_stub)
tests_xl2tpd_test_life_CPPFLAGS = $(xl2tpd_test_cppflags)
tests_xl2tpd_test_life_LDADD = $(xl2tpd_test_libs)
endif
endif

# what the patches promise, by the patched daemon itself: XL2TPD_PATCHED=/path/to/xl2tpd
xl2tpd_pytests = tests/xl2tpd/test_patched.py
EXTRA_DIST += $(xl2tpd_pytests) tests/xl2tpd/conftest.py tests/xl2tpd/patched_peer.py tests/xl2tpd/patched_probe.c
if PYTEST
TESTS += $(xl2tpd_pytests)
endif

include tests/xl2tpd/fuzz/local.mk
