# SPDX-License-Identifier: GPL-2.0-or-later
# A misbehaving pppd for the scenarios.  Built and installed on demand only, by
# 'make install-integration DESTDIR=...' (the rig does it); never by 'make install'.
if PPPD
EXTRA_LTLIBRARIES += integration/oddpeer/oddpeer.la
integration_oddpeer_oddpeer_la_SOURCES = integration/oddpeer/oddpeer.c
integration_oddpeer_oddpeer_la_CFLAGS = $(AM_CFLAGS) $(PPPD_CFLAGS)
integration_oddpeer_oddpeer_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath $(PPPD_PLUGINDIR)

install-integration: integration/oddpeer/oddpeer.la
	$(MKDIR_P) '$(DESTDIR)$(PPPD_PLUGINDIR)'
	$(INSTALL_DATA) integration/oddpeer/.libs/oddpeer.so '$(DESTDIR)$(PPPD_PLUGINDIR)/oddpeer.so'
else
install-integration:
endif
.PHONY: install-integration
