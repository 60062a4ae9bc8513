# SPDX-License-Identifier: GPL-2.0-or-later
# Helper programs of the measurements.  Built and installed on demand only, by
# 'make install-integration DESTDIR=...' (the rig does it); never by 'make install'.
EXTRA_PROGRAMS += integration/bench/busload
integration_bench_busload_SOURCES = integration/bench/busload.c integration/bench/load.c integration/bench/load.h integration/bench/bare.c
integration_bench_busload_LDADD = plugins/bus/libsabus.la

# the charon plugin's own files: what knows no charon type
EXTRA_PROGRAMS += integration/bench/hookload
integration_bench_hookload_SOURCES = integration/bench/hookload.c integration/bench/load.c integration/bench/load.h \
	plugins/strongswan/publisher.c plugins/strongswan/publisher.h plugins/strongswan/shadow.c plugins/strongswan/shadow.h \
	plugins/strongswan/cover.c plugins/strongswan/cover.h plugins/common/logline.c plugins/common/logline.h
integration_bench_hookload_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/strongswan
integration_bench_hookload_CFLAGS = $(AM_CFLAGS) -pthread
integration_bench_hookload_LDADD = plugins/bus/libsabus.la -lpthread

EXTRA_PROGRAMS += integration/bench/lacload
integration_bench_lacload_SOURCES = integration/bench/lacload.c integration/bench/lac.c integration/bench/lac.h integration/bench/load.c \
	integration/bench/load.h
integration_bench_lacload_LDADD = plugins/bus/libsabus.la

sabusbenchdir = $(libexecdir)/sabus-bench
install-integration: install-integration-bench
install-integration-bench: integration/bench/busload integration/bench/hookload integration/bench/lacload
	$(MKDIR_P) '$(DESTDIR)$(sabusbenchdir)'
	$(LIBTOOL) --mode=install $(INSTALL_PROGRAM) integration/bench/busload '$(DESTDIR)$(sabusbenchdir)/busload'
	$(LIBTOOL) --mode=install $(INSTALL_PROGRAM) integration/bench/hookload '$(DESTDIR)$(sabusbenchdir)/hookload'
	$(LIBTOOL) --mode=install $(INSTALL_PROGRAM) integration/bench/lacload '$(DESTDIR)$(sabusbenchdir)/lacload'
.PHONY: install-integration-bench
