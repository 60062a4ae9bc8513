# SPDX-License-Identifier: GPL-2.0-or-later
# sabusctl, which knows the bus only through libsabus; how an answer is read, and what is decided, it has from the very code that pppd's plugin has.

sbin_PROGRAMS += sabusctl
sabusctl_SOURCES = \
	plugins/bus/ctl/close.c \
	plugins/bus/ctl/command.h \
	plugins/bus/ctl/commands.c \
	plugins/bus/ctl/connection.c \
	plugins/bus/ctl/ctl.h \
	plugins/bus/ctl/doctor/charon.c \
	plugins/bus/ctl/doctor/check_access.c \
	plugins/bus/ctl/doctor/check_confined.c \
	plugins/bus/ctl/doctor/check_guard.c \
	plugins/bus/ctl/doctor/check_ipsec.c \
	plugins/bus/ctl/doctor/check_kernel.c \
	plugins/bus/ctl/doctor/check_ppp.c \
	plugins/bus/ctl/doctor/check_radius.c \
	plugins/bus/ctl/doctor/check_setup.c \
	plugins/bus/ctl/doctor/check_versions.c \
	plugins/bus/ctl/doctor/check_weak.c \
	plugins/bus/ctl/doctor/check_xl2tpd.c \
	plugins/bus/ctl/doctor/checks.c \
	plugins/bus/ctl/doctor/conf.c plugins/bus/ctl/doctor/conf.h \
	plugins/bus/ctl/doctor/conf_ipsec.c \
	plugins/bus/ctl/doctor/conf_lines.c \
	plugins/bus/ctl/doctor/conf_ppp.c \
	plugins/bus/ctl/doctor/conf_strongswan.c \
	plugins/bus/ctl/doctor/doctor.c plugins/bus/ctl/doctor/doctor.h \
	plugins/bus/ctl/doctor/files.c \
	plugins/bus/ctl/doctor/patient.c \
	plugins/bus/ctl/doctor/report.c \
	plugins/bus/ctl/doctor/spd_look.c \
	plugins/bus/ctl/doctor/swanctl.c plugins/bus/ctl/doctor/swanctl.h \
	plugins/bus/ctl/explain.c plugins/bus/ctl/explain.h \
	plugins/bus/ctl/explain_show.c \
	plugins/bus/ctl/facts.h \
	plugins/bus/ctl/facts_file.c \
	plugins/bus/ctl/facts_policy.c \
	plugins/bus/ctl/facts_reply.c \
	plugins/bus/ctl/facts_sa.c \
	plugins/bus/ctl/find.c plugins/bus/ctl/find.h \
	plugins/bus/ctl/given.c \
	plugins/bus/ctl/grid.c plugins/bus/ctl/grid.h \
	plugins/bus/ctl/ids.c \
	plugins/bus/ctl/json.c plugins/bus/ctl/json.h \
	plugins/bus/ctl/json_sa.c \
	plugins/bus/ctl/json_session.c \
	plugins/bus/ctl/main.c \
	plugins/bus/ctl/metrics.c plugins/bus/ctl/metrics.h \
	plugins/bus/ctl/metrics_count.c plugins/bus/ctl/metrics_count.h \
	plugins/bus/ctl/metrics_format.c \
	plugins/bus/ctl/metrics_http.c \
	plugins/bus/ctl/metrics_sessions.c \
	plugins/bus/ctl/monitor.c plugins/bus/ctl/monitor.h \
	plugins/bus/ctl/monitor_json.c \
	plugins/bus/ctl/monitor_text.c \
	plugins/bus/ctl/mtu.c \
	plugins/bus/ctl/path.c plugins/bus/ctl/path.h \
	plugins/bus/ctl/show.c \
	plugins/bus/ctl/show_sa.c plugins/bus/ctl/show_sa.h \
	plugins/bus/ctl/stats.c \
	plugins/bus/ctl/status.c plugins/bus/ctl/status.h \
	plugins/bus/ctl/status_l2tp.c \
	plugins/bus/ctl/status_sessions.c \
	plugins/bus/ctl/suite.c plugins/bus/ctl/suite.h \
	plugins/bus/ctl/traffic.c plugins/bus/ctl/traffic.h \
	plugins/bus/ctl/view.c plugins/bus/ctl/view.h \
	plugins/bus/ctl/words.c plugins/bus/ctl/words.h \
	plugins/bus/answer.c plugins/bus/answer.h
sabusctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/bus/ctl -DPKGDATADIR='"$(pkgdatadir)"'
sabusctl_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
sabusctl_LDADD = plugins/bus/libsabus.la plugins/xfrm/libsabus-xfrm.la plugins/common/libsabus-common.la $(MNL_LIBS) $(JSON_C_LIBS)
dist_man_MANS += plugins/bus/ctl/sabusctl.8
dist_man_MANS += plugins/bus/ctl/sabusctl-json.5

# completions have the name of the program where they are installed
EXTRA_DIST += plugins/bus/ctl/sabusctl.bash plugins/bus/ctl/sabusctl.zsh
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
install-data-local: install-sabusctl-completions
uninstall-local: uninstall-sabusctl-completions

.PHONY: install-sabusctl-completions uninstall-sabusctl-completions
install-sabusctl-completions:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)' '$(DESTDIR)$(zshcompletiondir)'
	$(INSTALL_DATA) '$(srcdir)/plugins/bus/ctl/sabusctl.bash' '$(DESTDIR)$(bashcompletiondir)/sabusctl'
	$(INSTALL_DATA) '$(srcdir)/plugins/bus/ctl/sabusctl.zsh' '$(DESTDIR)$(zshcompletiondir)/_sabusctl'
uninstall-sabusctl-completions:
	rm -f '$(DESTDIR)$(bashcompletiondir)/sabusctl' '$(DESTDIR)$(zshcompletiondir)/_sabusctl'

# a scrape is a process: see sabusctl(8)
SABUSCTL_UNITS = plugins/bus/ctl/sabus-metrics.socket plugins/bus/ctl/sabus-metrics@.service
EXTRA_DIST += plugins/bus/ctl/sabus-metrics.socket.in plugins/bus/ctl/sabus-metrics@.service.in
CLEANFILES += $(SABUSCTL_UNITS)
plugins/bus/ctl/sabus-metrics.socket: plugins/bus/ctl/sabus-metrics.socket.in Makefile
plugins/bus/ctl/sabus-metrics@.service: plugins/bus/ctl/sabus-metrics@.service.in Makefile
$(SABUSCTL_UNITS):
	$(AM_V_GEN)$(MKDIR_P) plugins/bus/ctl && sed -e 's|[@]sbindir@|$(sbindir)|g' -e 's|[@]sysconfdir@|$(sysconfdir)|g' \
		-e 's|[@]SABUS_USER@|$(SABUS_USER)|g' '$(srcdir)/$@.in' >$@.tmp && mv $@.tmp $@
if SYSTEMD_UNITS
systemdsystemunit_DATA += $(SABUSCTL_UNITS)
endif
