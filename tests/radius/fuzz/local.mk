# SPDX-License-Identifier: GPL-2.0-or-later
RADIUS_FUZZ_SOURCES = tests/radius/fuzz/check_reply.c tests/radius/fuzz/check_reply.h plugins/radius/reading.c plugins/radius/reading.h
radius_fuzz_cppflags = $(radius_cppflags) -I$(top_srcdir)/plugins/radius

check_PROGRAMS += tests/radius/fuzz/corpus_test
TESTS += tests/radius/fuzz/corpus_test
tests_radius_fuzz_corpus_test_SOURCES = tests/radius/fuzz/corpus_test.c $(RADIUS_FUZZ_SOURCES)
tests_radius_fuzz_corpus_test_CPPFLAGS = $(radius_fuzz_cppflags)
tests_radius_fuzz_corpus_test_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_radius_fuzz_corpus_test_LDADD = plugins/radius/libsabus-radius-client.la plugins/radius/libsabus-radius-worker.la $(NETTLE_LIBS)

# compiled once more, so that the fuzzer sees its branches
if FUZZ
noinst_PROGRAMS += tests/radius/fuzz/fuzz_reply
tests_radius_fuzz_fuzz_reply_SOURCES = tests/radius/fuzz/fuzz_reply.c $(RADIUS_FUZZ_SOURCES) plugins/radius/worker.c \
	plugins/radius/client/packet.c plugins/radius/client/secret.c plugins/radius/frame.c
tests_radius_fuzz_fuzz_reply_CPPFLAGS = $(radius_fuzz_cppflags)
tests_radius_fuzz_fuzz_reply_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
tests_radius_fuzz_fuzz_reply_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
tests_radius_fuzz_fuzz_reply_LDADD = $(NETTLE_LIBS)
endif
