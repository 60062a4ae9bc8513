# SPDX-License-Identifier: GPL-2.0-or-later
# sabus.so for the pppd whose headers configure found: pppd loads plugins of exactly its own version only.
if PPPD
#
# Loading is the largest part of what the plugin costs a call: pppd is a new process each time and binds every symbol at once (RTLD_NOW),
# looking through all that it has loaded itself.  So libsabus is inside, with its symbols hidden: a library and half of the lookups less.
# libmnl is not: Debian's security support is for the shared one.
noinst_LTLIBRARIES += plugins/pppd/libsabus-pppd.la
plugins_pppd_libsabus_pppd_la_SOURCES = \
	plugins/bus/answer.c plugins/bus/answer.h \
	plugins/pppd/ask.c plugins/pppd/ask.h \
	plugins/pppd/bind.c plugins/pppd/bind.h \
	plugins/pppd/ccp.c plugins/pppd/ccp.h \
	plugins/pppd/close.c plugins/pppd/close.h \
	plugins/pppd/ecp.c plugins/pppd/ecp.h \
	plugins/pppd/grant.c plugins/pppd/grant.h \
	plugins/pppd/host.h \
	plugins/pppd/join.c plugins/pppd/join.h \
	plugins/pppd/lcp.c plugins/pppd/lcp.h \
	plugins/pppd/link.h \
	plugins/pppd/linkapi.c plugins/pppd/linkapi.h plugins/pppd/sabus-link.h \
	plugins/pppd/markfilter.c plugins/pppd/markfilter.h \
	plugins/pppd/mppeopt.h \
	plugins/pppd/options.c plugins/pppd/options.h \
	plugins/pppd/pathmtu.c plugins/pppd/pathmtu.h \
	plugins/pppd/pin.c plugins/pppd/pin.h \
	plugins/pppd/report.c plugins/pppd/report.h \
	plugins/pppd/request.c plugins/pppd/request.h \
	plugins/pppd/sabus.c \
	plugins/pppd/say.c plugins/pppd/say.h \
	plugins/pppd/stockradius.c plugins/pppd/stockradius.h \
	plugins/pppd/tunnel.c plugins/pppd/tunnel.h \
	plugins/pppd/verdict.c plugins/pppd/verdict.h \
	plugins/pppd/watch.c plugins/pppd/watch.h
plugins_pppd_libsabus_pppd_la_CPPFLAGS = $(AM_CPPFLAGS) -Iplugins/freeradius
plugins_pppd_libsabus_pppd_la_CFLAGS = $(AM_CFLAGS) $(PPPD_CFLAGS) $(MNL_CFLAGS)
plugins_pppd_libsabus_pppd_la_LIBADD = plugins/xfrm/libsabus-xfrm.la plugins/common/libsabus-common.la $(MNL_LIBS)

pppdplugindir = $(PPPD_PLUGINDIR)
pppdplugin_LTLIBRARIES = plugins/pppd/sabus.la
plugins_pppd_sabus_la_SOURCES =
plugins_pppd_sabus_la_LIBADD = plugins/pppd/libsabus-pppd.la plugins/bus/libsabus-client.la plugins/log/libsabus-log.la
SABUS_PPPD_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex '^(plugin_init|pppd_version|sabus_link_api)$$'
plugins_pppd_sabus_la_LDFLAGS = $(SABUS_PPPD_LDFLAGS)

dist_man_MANS += plugins/pppd/pppd-sabus.8
endif
EXTRA_DIST += plugins/pppd/pppd-sabus.8
