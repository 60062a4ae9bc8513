# SPDX-License-Identifier: GPL-2.0-or-later
# What knows no charon type is tested here as it is; the rest inside real charons (test_*.py).

if CMOCKA
strongswan_tests = \
	tests/strongswan/test_publisher \
	tests/strongswan/test_shadow \
	tests/strongswan/test_small

check_PROGRAMS += $(strongswan_tests)
TESTS += $(strongswan_tests)

strongswan_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/strongswan -I$(top_srcdir)/tests/common $(CMOCKA_CFLAGS)
strongswan_test_libs = plugins/bus/libsabus.la plugins/bus/libsabus-codec.la $(CMOCKA_LIBS)
strongswan_shadow = plugins/strongswan/shadow.c plugins/strongswan/shadow.h plugins/strongswan/cover.c plugins/strongswan/cover.h

tests_strongswan_test_publisher_SOURCES = tests/strongswan/test_publisher.c tests/strongswan/broker_stub.c tests/strongswan/broker_stub.h \
	$(common_fixture) $(strongswan_shadow) plugins/strongswan/publisher.c plugins/strongswan/publisher.h \
	plugins/common/logline.c plugins/common/logline.h
tests_strongswan_test_publisher_CPPFLAGS = $(strongswan_test_cppflags)
tests_strongswan_test_publisher_CFLAGS = $(AM_CFLAGS) -pthread
tests_strongswan_test_publisher_LDADD = $(strongswan_test_libs) -lpthread

tests_strongswan_test_shadow_SOURCES = tests/strongswan/test_shadow.c $(common_fixture) $(strongswan_shadow)
tests_strongswan_test_shadow_CPPFLAGS = $(strongswan_test_cppflags)
tests_strongswan_test_shadow_LDADD = $(strongswan_test_libs)

tests_strongswan_test_small_SOURCES = tests/strongswan/test_small.c $(common_fixture) plugins/strongswan/abi.c plugins/strongswan/hooktime.c \
	plugins/strongswan/options.c plugins/common/logline.c plugins/common/logline.h
tests_strongswan_test_small_CPPFLAGS = $(strongswan_test_cppflags)
tests_strongswan_test_small_LDADD = $(strongswan_test_libs)
endif

strongswan_pytests = tests/strongswan/test_abi.py tests/strongswan/test_failure.py tests/strongswan/test_headers.py tests/strongswan/test_request.py tests/strongswan/test_sa.py
EXTRA_DIST += $(strongswan_pytests) tests/strongswan/conftest.py tests/strongswan/fakekernel.c tests/strongswan/harness.py tests/strongswan/pair.py \
	tests/strongswan/stubbus.py
if STRONGSWAN
if PYTEST
TESTS += $(strongswan_pytests)
endif
endif

clean-local-strongswan:
	rm -rf tests/strongswan/headers
clean-local: clean-local-strongswan
