# SPDX-License-Identifier: GPL-2.0-or-later
# The journal.  Linked into each program and plugin last: their tests have a journal of cardboard in its place.
noinst_LTLIBRARIES += plugins/log/libsabus-log.la
plugins_log_libsabus_log_la_SOURCES = plugins/log/journal.c plugins/log/journal.h

# all of it for who does not link libsabus-common
SABUS_LOG_SOURCES = plugins/log/journal.c plugins/log/journal.h plugins/common/logline.c plugins/common/logline.h \
	plugins/common/tokens.c plugins/common/tokens.h
