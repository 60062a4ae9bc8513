# SPDX-License-Identifier: GPL-2.0-or-later
# sabusd, its man page, units and the user it runs as.

sbin_PROGRAMS += sabusd
sabusd_SOURCES = \
	plugins/bus/broker/bucket.c \
	plugins/bus/broker/changelog.c \
	plugins/bus/broker/client.c \
	plugins/bus/broker/failures.c plugins/bus/broker/failures.h \
	plugins/bus/broker/listen.c plugins/bus/broker/listen.h \
	plugins/bus/broker/log.c plugins/bus/broker/log.h \
	plugins/bus/broker/lookup.c \
	plugins/bus/broker/main.c \
	plugins/bus/broker/notify.c plugins/bus/broker/notify.h \
	plugins/bus/broker/options.c plugins/bus/broker/options.h \
	plugins/bus/broker/publisher.c \
	plugins/bus/broker/reader.c \
	plugins/bus/broker/request.c plugins/bus/broker/request.h \
	plugins/bus/broker/server.c plugins/bus/broker/server.h \
	plugins/bus/broker/table.c plugins/bus/broker/table.h \
	plugins/bus/broker/tunnels.c \
	plugins/bus/broker/watch.c
sabusd_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
sabusd_LDADD = plugins/log/libsabus-log.la plugins/bus/libsabus-codec.la plugins/common/libsabus-common.la $(MNL_LIBS)
dist_man_MANS += plugins/bus/broker/sabusd.8

# Paths are known to make only: installation directories may be given on its command line.
SABUSD_UNITS = plugins/bus/broker/sabusd.service plugins/bus/broker/sabusd.socket plugins/bus/broker/sabusd-session.socket \
	plugins/bus/broker/sabusd-read.socket
SABUSD_SNIPPETS = plugins/bus/broker/sabus.sysusers plugins/bus/broker/sabus.tmpfiles
EXTRA_DIST += $(SABUSD_UNITS:=.in) $(SABUSD_SNIPPETS:=.in)
CLEANFILES += $(SABUSD_UNITS) $(SABUSD_SNIPPETS)

$(SABUSD_UNITS) $(SABUSD_SNIPPETS): Makefile
	$(AM_V_GEN)$(MKDIR_P) plugins/bus/broker && sed -e 's|[@]sbindir@|$(sbindir)|g' -e 's|[@]sysconfdir@|$(sysconfdir)|g' \
		-e 's|[@]SABUS_USER@|$(SABUS_USER)|g' '$(srcdir)/$@.in' >$@.tmp && mv $@.tmp $@
plugins/bus/broker/sabusd.service: plugins/bus/broker/sabusd.service.in
plugins/bus/broker/sabusd.socket: plugins/bus/broker/sabusd.socket.in
plugins/bus/broker/sabusd-session.socket: plugins/bus/broker/sabusd-session.socket.in
plugins/bus/broker/sabusd-read.socket: plugins/bus/broker/sabusd-read.socket.in
plugins/bus/broker/sabus.sysusers: plugins/bus/broker/sabus.sysusers.in
plugins/bus/broker/sabus.tmpfiles: plugins/bus/broker/sabus.tmpfiles.in

if SYSTEMD_UNITS
systemdsystemunit_DATA = $(SABUSD_UNITS)
noinst_DATA = $(SABUSD_SNIPPETS)
INSTALL_HOOKS += install-sabusd-snippets
UNINSTALL_HOOKS += uninstall-sabusd-snippets
endif

.PHONY: install-sabusd-snippets uninstall-sabusd-snippets
install-sabusd-snippets: $(SABUSD_SNIPPETS)
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) plugins/bus/broker/sabus.sysusers '$(DESTDIR)$(sysusersdir)/sabus.conf'
	$(INSTALL_DATA) plugins/bus/broker/sabus.tmpfiles '$(DESTDIR)$(tmpfilesdir)/sabus.conf'
uninstall-sabusd-snippets:
	rm -f '$(DESTDIR)$(sysusersdir)/sabus.conf' '$(DESTDIR)$(tmpfilesdir)/sabus.conf'
