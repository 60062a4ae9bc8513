# SPDX-License-Identifier: GPL-2.0-or-later
# sabus-dynauth: RFC 5176 for the sessions of this host.  Needs nothing of pppd's or radcli's to be built.
if DYNAUTH
DYNAUTH_CPPFLAGS = $(AM_CPPFLAGS) -Iplugins/freeradius -I$(top_srcdir)/plugins/radius/dynauth

# all but sockets, bus and main(), for the tests
DYNAUTH_CORE_SOURCES = \
	plugins/radius/frame.c plugins/radius/frame.h \
	plugins/radius/rfc.h \
	plugins/radius/dynauth/conf.c plugins/radius/dynauth/conf.h \
	plugins/radius/dynauth/dynauth.c plugins/radius/dynauth/dynauth.h \
	plugins/radius/dynauth/known.c plugins/radius/dynauth/known.h \
	plugins/radius/dynauth/log.c plugins/radius/dynauth/log.h \
	plugins/radius/dynauth/packet.c plugins/radius/dynauth/packet.h \
	plugins/radius/dynauth/request.c plugins/radius/dynauth/request.h \
	plugins/radius/dynauth/seen.c plugins/radius/dynauth/seen.h
noinst_LTLIBRARIES += plugins/radius/dynauth/libsabus-dynauth.la
plugins_radius_dynauth_libsabus_dynauth_la_SOURCES = $(DYNAUTH_CORE_SOURCES)
plugins_radius_dynauth_libsabus_dynauth_la_CPPFLAGS = $(DYNAUTH_CPPFLAGS)
plugins_radius_dynauth_libsabus_dynauth_la_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
plugins_radius_dynauth_libsabus_dynauth_la_LIBADD = plugins/common/libsabus-common.la $(NETTLE_LIBS)

sbin_PROGRAMS += sabus-dynauth
sabus_dynauth_SOURCES = \
	plugins/radius/dynauth/bus.c plugins/radius/dynauth/bus.h \
	plugins/radius/dynauth/main.c \
	plugins/radius/dynauth/net.c plugins/radius/dynauth/net.h
sabus_dynauth_CPPFLAGS = $(DYNAUTH_CPPFLAGS) -DDEFAULT_CONFIG='"$(sysconfdir)/sabus/dynauth.conf"' -DSABUS_USER='"$(SABUS_USER)"'
sabus_dynauth_LDADD = plugins/radius/dynauth/libsabus-dynauth.la plugins/bus/libsabus-client.la plugins/log/libsabus-log.la
dist_man_MANS += plugins/radius/dynauth/sabus-dynauth.8 plugins/radius/dynauth/sabus-dynauth.conf.5

# as sabusd's units, see plugins/bus/broker/local.mk
plugins/radius/dynauth/sabus-dynauth.service: plugins/radius/dynauth/sabus-dynauth.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) plugins/radius/dynauth && sed -e 's|[@]sbindir@|$(sbindir)|g' -e 's|[@]sysconfdir@|$(sysconfdir)|g' \
		-e 's|[@]SABUS_USER@|$(SABUS_USER)|g' '$(srcdir)/plugins/radius/dynauth/sabus-dynauth.service.in' >$@.tmp && mv $@.tmp $@
CLEANFILES += plugins/radius/dynauth/sabus-dynauth.service
if SYSTEMD_UNITS
systemdsystemunit_DATA += plugins/radius/dynauth/sabus-dynauth.service
endif
endif
EXTRA_DIST += plugins/radius/dynauth/sabus-dynauth.service.in
