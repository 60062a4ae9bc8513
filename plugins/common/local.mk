# SPDX-License-Identifier: GPL-2.0-or-later
# Pure logic shared by all parts: linked into each plugin and tool, never installed.
noinst_LTLIBRARIES += plugins/common/libsabus-common.la
plugins_common_libsabus_common_la_SOURCES = \
	plugins/common/addr.c \
	plugins/common/alg.c plugins/common/alg.h \
	plugins/common/clock.h \
	plugins/common/identity.c plugins/common/identity.h \
	plugins/common/ikefail.c plugins/common/ikefail.h \
	plugins/common/logfacts.c plugins/common/logfacts.h \
	plugins/common/logline.c plugins/common/logline.h \
	plugins/common/match.c \
	plugins/common/overhead.c plugins/common/overhead.h \
	plugins/common/policy.c plugins/common/policy.h \
	plugins/common/policy_text.c plugins/common/policy_text.h \
	plugins/common/reason.c plugins/common/reason.h \
	plugins/common/reply.c plugins/common/reply.h \
	plugins/common/sa.h \
	plugins/common/session.h \
	plugins/common/terminate.c plugins/common/terminate.h \
	plugins/common/tokens.c plugins/common/tokens.h
# reason codes and keys of the logs, for people; a test compares it with reason.h and the sources
dist_man_MANS += plugins/common/sabus-log.7
