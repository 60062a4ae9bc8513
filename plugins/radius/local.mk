# SPDX-License-Identifier: GPL-2.0-or-later
# sabus-radius.so (pppd's side), sabus-radius-client (RADIUS's side) and what both share.
if RADIUS
radius_cppflags = $(AM_CPPFLAGS) -Iplugins/freeradius -I$(top_srcdir)/plugins/radius -I$(top_srcdir)/plugins/pppd

noinst_LTLIBRARIES += plugins/radius/libsabus-radius-worker.la
plugins_radius_libsabus_radius_worker_la_SOURCES = plugins/radius/rfc.h plugins/radius/worker.c plugins/radius/worker.h

# the client but for its main(), for the tests
noinst_LTLIBRARIES += plugins/radius/libsabus-radius-client.la
plugins_radius_libsabus_radius_client_la_SOURCES = \
	plugins/radius/client/exchange.c plugins/radius/client/exchange.h \
	plugins/radius/client/packet.c plugins/radius/client/packet.h \
	plugins/radius/client/pairs.c plugins/radius/client/pairs.h \
	plugins/radius/client/queue.c plugins/radius/client/queue.h \
	plugins/radius/client/secret.c plugins/radius/client/secret.h \
	plugins/radius/client/setup.c plugins/radius/client/setup.h \
	plugins/radius/client/wire.c plugins/radius/client/wire.h \
	plugins/radius/frame.c plugins/radius/frame.h
nodist_plugins_radius_libsabus_radius_client_la_SOURCES = plugins/radius/client/base-dictionary.h
plugins_radius_libsabus_radius_client_la_CPPFLAGS = $(radius_cppflags) -Iplugins/radius/client
plugins_radius_libsabus_radius_client_la_CFLAGS = $(AM_CFLAGS) $(RADCLI_CFLAGS) $(NETTLE_CFLAGS)
plugins_radius_libsabus_radius_client_la_LIBADD = plugins/radius/libsabus-radius-worker.la $(RADCLI_LIBS) $(NETTLE_LIBS) -ldl

pkglibexec_PROGRAMS = plugins/radius/client/sabus-radius-client
plugins_radius_client_sabus_radius_client_SOURCES = plugins/radius/client/main.c
plugins_radius_client_sabus_radius_client_CPPFLAGS = $(radius_cppflags)
plugins_radius_client_sabus_radius_client_LDADD = plugins/radius/libsabus-radius-client.la plugins/log/libsabus-log.la \
	plugins/common/libsabus-common.la

noinst_LTLIBRARIES += plugins/radius/libsabus-radius-pppd.la
plugins_radius_libsabus_radius_pppd_la_SOURCES = \
	plugins/radius/acct.c plugins/radius/acct.h \
	plugins/radius/apply.c plugins/radius/apply.h \
	plugins/radius/facts.c plugins/radius/facts.h \
	plugins/radius/late.c plugins/radius/late.h \
	plugins/radius/limits.c plugins/radius/limits.h \
	plugins/radius/login.c plugins/radius/login.h \
	plugins/radius/plugin.c \
	plugins/radius/process.h \
	plugins/radius/radhost.h \
	plugins/radius/radsession.c plugins/radius/radsession.h \
	plugins/radius/reading.c plugins/radius/reading.h \
	plugins/radius/settings.c plugins/radius/settings.h \
	plugins/pppd/say.c plugins/pppd/say.h
plugins_radius_libsabus_radius_pppd_la_CPPFLAGS = $(radius_cppflags) -DSABUS_RADIUS_CLIENT='"$(pkglibexecdir)/sabus-radius-client"'
plugins_radius_libsabus_radius_pppd_la_CFLAGS = $(AM_CFLAGS) $(PPPD_CFLAGS)
plugins_radius_libsabus_radius_pppd_la_LIBADD = plugins/radius/libsabus-radius-worker.la plugins/common/libsabus-common.la -ldl

# apart, because the tests of the rest have one of cardboard
noinst_LTLIBRARIES += plugins/radius/libsabus-radius-process.la
plugins_radius_libsabus_radius_process_la_SOURCES = plugins/radius/process.c plugins/radius/process.h
plugins_radius_libsabus_radius_process_la_CPPFLAGS = $(radius_cppflags)

radiusplugindir = $(PPPD_PLUGINDIR)
radiusplugin_LTLIBRARIES = plugins/radius/sabus-radius.la
plugins_radius_sabus_radius_la_SOURCES =
plugins_radius_sabus_radius_la_LIBADD = plugins/radius/libsabus-radius-pppd.la plugins/radius/libsabus-radius-process.la \
	plugins/log/libsabus-log.la
SABUS_RADIUS_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex '^(plugin_init|pppd_version)$$'
plugins_radius_sabus_radius_la_LDFLAGS = $(SABUS_RADIUS_LDFLAGS)

# the standard's attributes for radcli, as text of a C program
BUILT_SOURCES += plugins/radius/client/base-dictionary.h
CLEANFILES += plugins/radius/client/base-dictionary.h
plugins/radius/client/base-dictionary.h: plugins/freeradius/base.radiusclient
	$(AM_V_GEN)$(MKDIR_P) plugins/radius/client && { echo '/* made from base.radiusclient */' && echo '#define RADIUS_BASE_DICTIONARY \' && \
		sed -e '/^#/d' -e '/^$$/d' -e 's/	/ /g' -e 's/.*/	"&\\n" \\/' $(srcdir)/plugins/freeradius/base.radiusclient && echo '	""'; } > $@.tmp && mv $@.tmp $@
endif
