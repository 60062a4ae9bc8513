# SPDX-License-Identifier: GPL-2.0-or-later
BUS_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/bus/codec -I$(top_srcdir)/tests/bus/fuzz
BUS_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(MNL_CFLAGS)
BUS_TEST_LIBS = plugins/bus/libsabus-codec.la $(CMOCKA_LIBS) $(MNL_LIBS)

if CMOCKA
BUS_CODEC_TESTS = tests/bus/codec/codec_test tests/bus/codec/codec_refuse_test tests/bus/codec/golden_test tests/bus/codec/property_test \
	tests/bus/codec/client_test tests/bus/codec/client_request_test tests/bus/codec/client_fault_test
check_PROGRAMS += $(BUS_CODEC_TESTS)
TESTS += $(BUS_CODEC_TESTS)

tests_bus_codec_codec_test_SOURCES = tests/bus/codec/codec_test.c tests/bus/codec/packet.c tests/bus/codec/packet.h \
	tests/bus/codec/sample.c tests/bus/codec/sample.h
tests_bus_codec_codec_test_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_codec_codec_test_CFLAGS = $(BUS_TEST_CFLAGS)
tests_bus_codec_codec_test_LDADD = $(BUS_TEST_LIBS)

tests_bus_codec_codec_refuse_test_SOURCES = tests/bus/codec/codec_refuse_test.c tests/bus/codec/packet.c tests/bus/codec/packet.h
tests_bus_codec_codec_refuse_test_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_codec_codec_refuse_test_CFLAGS = $(BUS_TEST_CFLAGS)
tests_bus_codec_codec_refuse_test_LDADD = $(BUS_TEST_LIBS)

tests_bus_codec_golden_test_SOURCES = tests/bus/codec/golden_test.c tests/bus/codec/sample.c tests/bus/codec/sample.h \
	tests/bus/codec/rebuild.c tests/bus/codec/rebuild.h
tests_bus_codec_golden_test_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_codec_golden_test_CFLAGS = $(BUS_TEST_CFLAGS)
tests_bus_codec_golden_test_LDADD = $(BUS_TEST_LIBS)

tests_bus_codec_property_test_SOURCES = tests/bus/codec/property_test.c tests/bus/codec/rebuild.c tests/bus/codec/rebuild.h \
	tests/bus/fuzz/check_packet.c tests/bus/fuzz/check_packet.h
tests_bus_codec_property_test_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_codec_property_test_CFLAGS = $(BUS_TEST_CFLAGS)
tests_bus_codec_property_test_LDADD = $(BUS_TEST_LIBS)

# libsabus as its users get it; the codec only for the broker that the test plays
BUS_CLIENT_FIXTURE = tests/bus/codec/client_fixture.c tests/bus/codec/client_fixture.h tests/bus/codec/fake_broker.c \
	tests/bus/codec/fake_broker.h tests/bus/codec/sample.c tests/bus/codec/sample.h
tests_bus_codec_client_test_SOURCES = tests/bus/codec/client_test.c $(BUS_CLIENT_FIXTURE)
tests_bus_codec_client_test_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_codec_client_test_CFLAGS = $(BUS_TEST_CFLAGS)
tests_bus_codec_client_test_LDADD = plugins/bus/libsabus.la $(BUS_TEST_LIBS)

tests_bus_codec_client_request_test_SOURCES = tests/bus/codec/client_request_test.c $(BUS_CLIENT_FIXTURE)
tests_bus_codec_client_request_test_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_codec_client_request_test_CFLAGS = $(BUS_TEST_CFLAGS)
tests_bus_codec_client_request_test_LDADD = plugins/bus/libsabus.la $(BUS_TEST_LIBS)

tests_bus_codec_client_fault_test_SOURCES = tests/bus/codec/client_fault_test.c $(BUS_CLIENT_FIXTURE)
tests_bus_codec_client_fault_test_CPPFLAGS = $(BUS_TEST_CPPFLAGS)
tests_bus_codec_client_fault_test_CFLAGS = $(BUS_TEST_CFLAGS)
tests_bus_codec_client_fault_test_LDADD = plugins/bus/libsabus.la $(BUS_TEST_LIBS)
endif

# A program that only knows the installed tree.
EXTRA_DIST += tests/bus/codec/installed.c
installcheck-local: installcheck-libsabus
.PHONY: installcheck-libsabus
installcheck-libsabus:
	$(MKDIR_P) tests/bus/codec
	$(CC) $(CFLAGS) $(SAN_CFLAGS) -I'$(DESTDIR)$(includedir)' '$(top_srcdir)/tests/bus/codec/installed.c' -o tests/bus/codec/installed$(EXEEXT) \
		-L'$(DESTDIR)$(libdir)' -lsabus
	LD_LIBRARY_PATH='$(DESTDIR)$(libdir)' tests/bus/codec/installed$(EXEEXT)
CLEANFILES += tests/bus/codec/installed$(EXEEXT)
