# SPDX-License-Identifier: GPL-2.0-or-later
if CMOCKA
common_tests = \
	tests/common/test_addr \
	tests/common/test_alg \
	tests/common/test_identity \
	tests/common/test_logline \
	tests/common/test_match \
	tests/common/test_overhead \
	tests/common/test_policy \
	tests/common/test_policy_space \
	tests/common/test_reply \
	tests/common/test_still_good \
	tests/common/test_terminate \
	tests/common/test_tokens

check_PROGRAMS += $(common_tests)
TESTS += $(common_tests)

common_test_cppflags = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
common_test_libs = plugins/common/libsabus-common.la $(CMOCKA_LIBS)
common_fixture = tests/common/fixture.c tests/common/fixture.h

tests_common_test_addr_SOURCES = tests/common/test_addr.c
tests_common_test_addr_CPPFLAGS = $(common_test_cppflags)
tests_common_test_addr_LDADD = $(common_test_libs)

tests_common_test_alg_SOURCES = tests/common/test_alg.c $(common_fixture)
tests_common_test_alg_CPPFLAGS = $(common_test_cppflags)
tests_common_test_alg_LDADD = $(common_test_libs)

tests_common_test_identity_SOURCES = tests/common/test_identity.c $(common_fixture)
tests_common_test_identity_CPPFLAGS = $(common_test_cppflags)
tests_common_test_identity_LDADD = $(common_test_libs)

tests_common_test_logline_SOURCES = tests/common/test_logline.c
tests_common_test_logline_CPPFLAGS = $(common_test_cppflags)
tests_common_test_logline_LDADD = $(common_test_libs)

tests_common_test_match_SOURCES = tests/common/test_match.c $(common_fixture)
tests_common_test_match_CPPFLAGS = $(common_test_cppflags)
tests_common_test_match_LDADD = $(common_test_libs)

tests_common_test_overhead_SOURCES = tests/common/test_overhead.c $(common_fixture)
tests_common_test_overhead_CPPFLAGS = $(common_test_cppflags)
tests_common_test_overhead_LDADD = $(common_test_libs)

tests_common_test_policy_SOURCES = tests/common/test_policy.c $(common_fixture)
tests_common_test_policy_CPPFLAGS = $(common_test_cppflags)
tests_common_test_policy_LDADD = $(common_test_libs)

tests_common_test_policy_space_SOURCES = tests/common/test_policy_space.c tests/common/sa_classes.c tests/common/sa_classes.h $(common_fixture)
tests_common_test_policy_space_CPPFLAGS = $(common_test_cppflags)
tests_common_test_policy_space_LDADD = $(common_test_libs)

tests_common_test_still_good_SOURCES = tests/common/test_still_good.c tests/common/sa_classes.c tests/common/sa_classes.h $(common_fixture)
tests_common_test_still_good_CPPFLAGS = $(common_test_cppflags)
tests_common_test_still_good_LDADD = $(common_test_libs)

tests_common_test_reply_SOURCES = tests/common/test_reply.c $(common_fixture)
tests_common_test_reply_CPPFLAGS = $(common_test_cppflags)
tests_common_test_reply_LDADD = $(common_test_libs)

tests_common_test_terminate_SOURCES = tests/common/test_terminate.c $(common_fixture)
tests_common_test_terminate_CPPFLAGS = $(common_test_cppflags)
tests_common_test_terminate_LDADD = $(common_test_libs)

tests_common_test_tokens_SOURCES = tests/common/test_tokens.c
tests_common_test_tokens_CPPFLAGS = $(common_test_cppflags)
tests_common_test_tokens_LDADD = $(common_test_libs)
endif

EXTRA_DIST += tests/common/test_log_page.py
if PYTEST
TESTS += tests/common/test_log_page.py
endif
