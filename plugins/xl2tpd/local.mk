# SPDX-License-Identifier: GPL-2.0-or-later
# xl2tpd-sabus.so.  xl2tpd's interface is one header (here, and identical in patches/xl2tpd), so nothing of xl2tpd is needed to build it.
# libsabus is inside, as in pppd's plugin.
if XL2TPD
noinst_LTLIBRARIES += plugins/xl2tpd/libsabus-xl2tpd.la
plugins_xl2tpd_libsabus_xl2tpd_la_SOURCES = \
	plugins/bus/answer.c plugins/bus/answer.h \
	plugins/xl2tpd/ask.c plugins/xl2tpd/ask.h \
	plugins/xl2tpd/bus.c plugins/xl2tpd/bus.h \
	plugins/xl2tpd/dial.c plugins/xl2tpd/dial.h \
	plugins/xl2tpd/events.c plugins/xl2tpd/events.h \
	plugins/xl2tpd/host.h \
	plugins/xl2tpd/join.c plugins/xl2tpd/join.h \
	plugins/xl2tpd/judge.c plugins/xl2tpd/judge.h \
	plugins/xl2tpd/kernel.c plugins/xl2tpd/kernel.h \
	plugins/xl2tpd/life.c plugins/xl2tpd/life.h \
	plugins/xl2tpd/limit.c plugins/xl2tpd/limit.h \
	plugins/xl2tpd/options.c plugins/xl2tpd/options.h \
	plugins/xl2tpd/plugin.c \
	plugins/xl2tpd/publish.c plugins/xl2tpd/publish.h \
	plugins/xl2tpd/release.c plugins/xl2tpd/release.h \
	plugins/xl2tpd/report.c plugins/xl2tpd/report.h \
	plugins/xl2tpd/request.c plugins/xl2tpd/request.h \
	plugins/xl2tpd/tunnels.c plugins/xl2tpd/tunnels.h \
	plugins/xl2tpd/xl2tpd-plugin.h
plugins_xl2tpd_libsabus_xl2tpd_la_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
plugins_xl2tpd_libsabus_xl2tpd_la_LIBADD = plugins/common/libsabus-common.la

xl2tpdplugindir = $(XL2TPD_PLUGINDIR)
xl2tpdplugin_LTLIBRARIES = plugins/xl2tpd/xl2tpd-sabus.la
plugins_xl2tpd_xl2tpd_sabus_la_SOURCES =
plugins_xl2tpd_xl2tpd_sabus_la_LIBADD = plugins/xl2tpd/libsabus-xl2tpd.la plugins/xfrm/libsabus-xfrm.la \
	plugins/bus/libsabus-client.la plugins/log/libsabus-log.la $(MNL_LIBS)
plugins_xl2tpd_xl2tpd_sabus_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex '^xl2tpd_plugin$$'

dist_man_MANS += plugins/xl2tpd/xl2tpd-sabus.8
endif
EXTRA_DIST += plugins/xl2tpd/xl2tpd-sabus.8
