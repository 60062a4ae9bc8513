# SPDX-License-Identifier: GPL-2.0-or-later
# The charon plugin.  publisher, shadow, options, hooktime and abi know no charon type and are unit-tested as they are.

SABUS_CHARON_PURE = \
	plugins/strongswan/abi.c plugins/strongswan/abi.h \
	plugins/strongswan/cover.c plugins/strongswan/cover.h \
	plugins/strongswan/hooktime.c plugins/strongswan/hooktime.h \
	plugins/strongswan/options.c plugins/strongswan/options.h \
	plugins/strongswan/publisher.c plugins/strongswan/publisher.h \
	plugins/strongswan/shadow.c plugins/strongswan/shadow.h

SABUS_CHARON_HOST = \
	plugins/strongswan/charon.h \
	plugins/strongswan/choose.c plugins/strongswan/choose.h \
	plugins/strongswan/describe.c plugins/strongswan/describe.h \
	plugins/strongswan/failure.c plugins/strongswan/failure.h \
	plugins/strongswan/initiate.c plugins/strongswan/initiate.h \
	plugins/strongswan/listener.c plugins/strongswan/listener.h \
	plugins/strongswan/refresh.c plugins/strongswan/refresh.h \
	plugins/strongswan/report.c plugins/strongswan/report.h \
	plugins/strongswan/request.c plugins/strongswan/request.h \
	plugins/strongswan/sabus_plugin.c plugins/strongswan/sabus_plugin.h \
	plugins/strongswan/text.c plugins/strongswan/text.h

EXTRA_DIST += plugins/strongswan/README.md plugins/strongswan/sabus.opt plugins/strongswan/sabus.conf

if STRONGSWAN
charonplugindir = $(STRONGSWAN_PLUGINDIR)
charonplugin_LTLIBRARIES = plugins/strongswan/libstrongswan-sabus.la
# what libsabus keeps to itself is compiled in
plugins_strongswan_libstrongswan_sabus_la_SOURCES = $(SABUS_CHARON_PURE) $(SABUS_CHARON_HOST) $(SABUS_LOG_SOURCES) \
	plugins/common/logfacts.c plugins/common/logfacts.h
plugins_strongswan_libstrongswan_sabus_la_CPPFLAGS = $(AM_CPPFLAGS) $(STRONGSWAN_CFLAGS)
# now: no symbol is looked up inside a hook
plugins_strongswan_libstrongswan_sabus_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,now -module -avoid-version -shared -export-symbols-regex '^sabus_plugin_create$$'
plugins_strongswan_libstrongswan_sabus_la_LIBADD = plugins/bus/libsabus.la
charonconfdir = $(sysconfdir)/strongswan.d/charon
dist_charonconf_DATA = plugins/strongswan/sabus.conf
charontemplatedir = $(datadir)/strongswan/templates/config/plugins
dist_charontemplate_DATA = plugins/strongswan/sabus.conf
endif
