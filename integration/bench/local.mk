# SPDX-License-Identifier: GPL-2.0-or-later
# Helper programs of the measurements.  Built and installed on demand only, by
# 'make install-integration DESTDIR=...' (the rig does it); never by 'make install'.
EXTRA_PROGRAMS += integration/bench/busload
integration_bench_busload_SOURCES = integration/bench/busload.c integration/bench/load.c integration/bench/load.h integration/bench/bare.c
integration_bench_busload_LDADD = plugins/bus/libsabus.la

sabusbenchdir = $(libexecdir)/sabus-bench
install-integration: install-integration-bench
install-integration-bench: integration/bench/busload
	$(MKDIR_P) '$(DESTDIR)$(sabusbenchdir)'
	$(LIBTOOL) --mode=install $(INSTALL_PROGRAM) integration/bench/busload '$(DESTDIR)$(sabusbenchdir)/busload'
.PHONY: install-integration-bench
