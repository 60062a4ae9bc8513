# SPDX-License-Identifier: GPL-2.0-or-later
# sabusd, its man page, units and the user it runs as.

sbin_PROGRAMS += sabusd
sabusd_SOURCES = \
	plugins/bus/broker/bucket.c \
	plugins/bus/broker/changelog.c \
	plugins/bus/broker/client.c \
	plugins/bus/broker/listen.c plugins/bus/broker/listen.h \
	plugins/bus/broker/log.c plugins/bus/broker/log.h \
	plugins/bus/broker/lookup.c \
	plugins/bus/broker/main.c \
	plugins/bus/broker/notify.c plugins/bus/broker/notify.h \
	plugins/bus/broker/options.c plugins/bus/broker/options.h \
	plugins/bus/broker/publisher.c \
	plugins/bus/broker/reader.c \
	plugins/bus/broker/server.c plugins/bus/broker/server.h \
	plugins/bus/broker/table.c plugins/bus/broker/table.h \
	plugins/bus/broker/watch.c
sabusd_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
sabusd_LDADD = plugins/bus/libsabus-codec.la plugins/common/libsabus-common.la $(MNL_LIBS)
