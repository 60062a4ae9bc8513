# SPDX-License-Identifier: GPL-2.0-or-later
# The bus: codec (inside both ends), libsabus, and what broker/ and ctl/ add.

SABUS_CODEC_SOURCES = \
	plugins/bus/codec.c plugins/bus/codec.h \
	plugins/bus/codec_build.c \
	plugins/bus/codec_get.c \
	plugins/bus/codec_put.c \
	plugins/bus/codec_schema.c plugins/bus/codec_schema.h \
	plugins/bus/proto.h

SABUS_CLIENT_SOURCES = \
	plugins/bus/client.c plugins/bus/client.h \
	plugins/bus/client_event.c \
	plugins/bus/client_lookup.c \
	plugins/bus/client_send.c

# for sabusd and the tests, which need what libsabus hides
noinst_LTLIBRARIES += plugins/bus/libsabus-codec.la
plugins_bus_libsabus_codec_la_SOURCES = $(SABUS_CODEC_SOURCES)
plugins_bus_libsabus_codec_la_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
plugins_bus_libsabus_codec_la_LIBADD = $(MNL_LIBS)

# libsabus for what is started for each call: inside the program, see plugins/pppd/local.mk; needs libsabus-common beside it
noinst_LTLIBRARIES += plugins/bus/libsabus-client.la
plugins_bus_libsabus_client_la_SOURCES = $(SABUS_CLIENT_SOURCES)
plugins_bus_libsabus_client_la_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
plugins_bus_libsabus_client_la_LIBADD = plugins/bus/libsabus-codec.la

# Everything is compiled a second time with visible symbols; the version script says which of them are the interface.
lib_LTLIBRARIES += plugins/bus/libsabus.la
plugins_bus_libsabus_la_SOURCES = $(SABUS_CODEC_SOURCES) $(SABUS_CLIENT_SOURCES) \
	plugins/common/addr.c plugins/common/alg.c plugins/common/ikefail.c plugins/common/match.c plugins/common/reason.c
plugins_bus_libsabus_la_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS) -fvisibility=default
plugins_bus_libsabus_la_LIBADD = $(MNL_LIBS)
plugins_bus_libsabus_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -Wl,--version-script=$(top_srcdir)/plugins/bus/libsabus.map
EXTRA_plugins_bus_libsabus_la_DEPENDENCIES = plugins/bus/libsabus.map
EXTRA_DIST += plugins/bus/libsabus.map

sabusincludedir = $(includedir)/sabus
sabusinclude_HEADERS = plugins/bus/sabus.h plugins/common/alg.h plugins/common/ikefail.h plugins/common/overhead.h plugins/common/policy.h plugins/common/reason.h \
	plugins/common/reply.h plugins/common/sa.h plugins/common/session.h plugins/common/tunnel.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = plugins/bus/libsabus.pc

include plugins/bus/broker/local.mk
include plugins/bus/ctl/local.mk
