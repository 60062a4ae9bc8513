# SPDX-License-Identifier: GPL-2.0-or-later
# test_guard: the list alone; test_guard_spd: an SPD made of cardboard; test_guard_kernel: the real one in a namespace of its own.
if CMOCKA
xfrm_tests = tests/xfrm/test_guard tests/xfrm/test_guard_spd tests/xfrm/test_guard_kernel
check_PROGRAMS += $(xfrm_tests)
TESTS += $(xfrm_tests)

xfrm_test_cppflags = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(MNL_CFLAGS)
xfrm_test_libs = plugins/xfrm/libsabus-xfrm.la plugins/common/libsabus-common.la $(CMOCKA_LIBS) $(MNL_LIBS)

tests_xfrm_test_guard_SOURCES = tests/xfrm/test_guard.c
tests_xfrm_test_guard_CPPFLAGS = $(xfrm_test_cppflags)
tests_xfrm_test_guard_LDADD = $(xfrm_test_libs)

tests_xfrm_test_guard_spd_SOURCES = tests/xfrm/test_guard_spd.c tests/xfrm/stub_spd.c tests/xfrm/stub_spd.h
tests_xfrm_test_guard_spd_CPPFLAGS = $(xfrm_test_cppflags)
tests_xfrm_test_guard_spd_LDADD = $(xfrm_test_libs)

tests_xfrm_test_guard_kernel_SOURCES = tests/xfrm/test_guard_kernel.c
tests_xfrm_test_guard_kernel_CPPFLAGS = $(xfrm_test_cppflags)
tests_xfrm_test_guard_kernel_LDADD = $(xfrm_test_libs)
endif
