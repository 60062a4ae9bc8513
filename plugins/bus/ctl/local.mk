# SPDX-License-Identifier: GPL-2.0-or-later
# sabusctl, which knows the bus only through libsabus.

sbin_PROGRAMS += sabusctl
sabusctl_SOURCES = \
	plugins/bus/ctl/connection.c \
	plugins/bus/ctl/ctl.h \
	plugins/bus/ctl/grid.c plugins/bus/ctl/grid.h \
	plugins/bus/ctl/main.c \
	plugins/bus/ctl/monitor.c \
	plugins/bus/ctl/stats.c \
	plugins/bus/ctl/status.c \
	plugins/bus/ctl/status_json.c \
	plugins/bus/ctl/status_l2tp.c \
	plugins/bus/ctl/view.c \
	plugins/bus/ctl/words.c
sabusctl_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
sabusctl_LDADD = plugins/bus/libsabus.la $(JSON_C_LIBS)
dist_man_MANS += plugins/bus/ctl/sabusctl.8
