# SPDX-License-Identifier: GPL-2.0-or-later
DYNAUTH_PYTEST = tests/radius/dynauth/test_dynauth.py
EXTRA_DIST += $(DYNAUTH_PYTEST) tests/radius/dynauth/conftest.py tests/radius/dynauth/daemon.py tests/radius/dynauth/radius.py \
	tests/radius/dynauth/corpus tests/radius/dynauth/fuzz_dynauth.c
if DYNAUTH
DYNAUTH_TEST_CPPFLAGS = $(DYNAUTH_CPPFLAGS) -I$(top_srcdir)/tests/radius/dynauth
DYNAUTH_TEST_LIBS = plugins/radius/dynauth/libsabus-dynauth.la plugins/log/libsabus-log.la $(NETTLE_LIBS)
DYNAUTH_CHECK_SOURCES = tests/radius/dynauth/check_input.c tests/radius/dynauth/check_input.h

if CMOCKA
DYNAUTH_CTESTS = tests/radius/dynauth/packet_test tests/radius/dynauth/core_test
check_PROGRAMS += $(DYNAUTH_CTESTS)
TESTS += $(DYNAUTH_CTESTS)
tests_radius_dynauth_packet_test_SOURCES = tests/radius/dynauth/packet_test.c tests/radius/dynauth/make.c tests/radius/dynauth/make.h
tests_radius_dynauth_packet_test_CPPFLAGS = $(DYNAUTH_TEST_CPPFLAGS)
tests_radius_dynauth_packet_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(NETTLE_CFLAGS)
tests_radius_dynauth_packet_test_LDADD = $(DYNAUTH_TEST_LIBS) $(CMOCKA_LIBS)
tests_radius_dynauth_core_test_SOURCES = tests/radius/dynauth/core_test.c tests/radius/dynauth/make.c tests/radius/dynauth/make.h
tests_radius_dynauth_core_test_CPPFLAGS = $(DYNAUTH_TEST_CPPFLAGS)
tests_radius_dynauth_core_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(NETTLE_CFLAGS)
tests_radius_dynauth_core_test_LDADD = $(DYNAUTH_TEST_LIBS) $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/radius/dynauth/corpus_test
TESTS += tests/radius/dynauth/corpus_test
tests_radius_dynauth_corpus_test_SOURCES = tests/radius/dynauth/corpus_test.c $(DYNAUTH_CHECK_SOURCES)
tests_radius_dynauth_corpus_test_CPPFLAGS = $(DYNAUTH_TEST_CPPFLAGS)
tests_radius_dynauth_corpus_test_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_radius_dynauth_corpus_test_LDADD = $(DYNAUTH_TEST_LIBS)

if PYTEST
TESTS += $(DYNAUTH_PYTEST)
endif

# compiled once more, so that the fuzzer sees its branches
if FUZZ
noinst_PROGRAMS += tests/radius/dynauth/fuzz_dynauth
tests_radius_dynauth_fuzz_dynauth_SOURCES = tests/radius/dynauth/fuzz_dynauth.c $(DYNAUTH_CHECK_SOURCES) $(DYNAUTH_CORE_SOURCES)
tests_radius_dynauth_fuzz_dynauth_CPPFLAGS = $(DYNAUTH_TEST_CPPFLAGS)
tests_radius_dynauth_fuzz_dynauth_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
tests_radius_dynauth_fuzz_dynauth_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
tests_radius_dynauth_fuzz_dynauth_LDADD = plugins/common/libsabus-common.la plugins/log/libsabus-log.la $(NETTLE_LIBS)
endif
endif
