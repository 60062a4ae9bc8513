# SPDX-License-Identifier: GPL-2.0-or-later
# What a host needs around the daemons: the guard that is up before any of them, start scripts for hosts without systemd, AppArmor rules.
# init/, openrc/ and apparmor/ are for packages (integration/debian, integration/rpm, integration/alpine): only they know what fits.

SABUS_GUARD_UNIT = plugins/system/sabus-guard.service
EXTRA_DIST += $(SABUS_GUARD_UNIT).in plugins/system/init plugins/system/openrc plugins/system/apparmor
CLEANFILES += $(SABUS_GUARD_UNIT)

$(SABUS_GUARD_UNIT): plugins/system/sabus-guard.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) plugins/system && sed -e 's|[@]sysconfdir@|$(sysconfdir)|g' '$(srcdir)/$@.in' >$@.tmp && mv $@.tmp $@

if SYSTEMD_UNITS
systemdsystemunit_DATA += $(SABUS_GUARD_UNIT)
endif

# one text for the templates and for what gets installed
sabusconfdir = $(sysconfdir)/sabus
sabusconf_DATA = conf-templates/lns/sabus/guard.batch
