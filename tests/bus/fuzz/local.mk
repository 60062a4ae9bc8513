# SPDX-License-Identifier: GPL-2.0-or-later
BUS_FUZZ_SOURCES = tests/bus/fuzz/check_packet.c tests/bus/fuzz/check_packet.h tests/bus/codec/rebuild.c tests/bus/codec/rebuild.h

check_PROGRAMS += tests/bus/fuzz/corpus_test
TESTS += tests/bus/fuzz/corpus_test
tests_bus_fuzz_corpus_test_SOURCES = tests/bus/fuzz/corpus_test.c $(BUS_FUZZ_SOURCES)
tests_bus_fuzz_corpus_test_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_fuzz_corpus_test_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
tests_bus_fuzz_corpus_test_LDADD = plugins/bus/libsabus-codec.la $(MNL_LIBS)

# The codec is compiled once more, so that the fuzzer sees its branches.
if FUZZ
noinst_PROGRAMS += tests/bus/fuzz/fuzz_codec
tests_bus_fuzz_fuzz_codec_SOURCES = tests/bus/fuzz/fuzz_codec.c $(BUS_FUZZ_SOURCES) $(SABUS_CODEC_SOURCES)
tests_bus_fuzz_fuzz_codec_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_fuzz_fuzz_codec_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
tests_bus_fuzz_fuzz_codec_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
tests_bus_fuzz_fuzz_codec_LDADD = $(MNL_LIBS)
else
EXTRA_DIST += tests/bus/fuzz/fuzz_codec.c
endif
