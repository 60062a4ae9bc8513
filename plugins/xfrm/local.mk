# SPDX-License-Identifier: GPL-2.0-or-later
# What the plugins of pppd and xl2tpd ask of the kernel's IPsec.  Linked into each plugin, never installed.
noinst_LTLIBRARIES += plugins/xfrm/libsabus-xfrm.la
plugins_xfrm_libsabus_xfrm_la_SOURCES = \
	plugins/xfrm/fence.c plugins/xfrm/fence.h \
	plugins/xfrm/guard.c plugins/xfrm/guard.h plugins/xfrm/guard_list.c \
	plugins/xfrm/kernelsa.c plugins/xfrm/kernelsa.h \
	plugins/xfrm/sockpolicy.c plugins/xfrm/sockpolicy.h \
	plugins/xfrm/spd.c plugins/xfrm/spd.h
plugins_xfrm_libsabus_xfrm_la_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
