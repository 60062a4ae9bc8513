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

# templates, render and migrate, for hosts without a source tree; documentation may be left out of a host (containers do), these may not
sabustemplatesdir = $(datadir)/sabus/conf-templates

INSTALL_HOOKS += install-sabus-templates
UNINSTALL_HOOKS += uninstall-sabus-templates

install-sabus-templates:
	cd '$(srcdir)/conf-templates' && find . -type f ! -path '*/__pycache__/*' | while read -r f; do \
		$(MKDIR_P) "$(DESTDIR)$(sabustemplatesdir)/$${f%/*}" || exit 1; \
		if test -x "$$f"; then how="$(INSTALL_SCRIPT)"; else how="$(INSTALL_DATA)"; fi; \
		$$how "$$f" "$(DESTDIR)$(sabustemplatesdir)/$$f" || exit 1; \
	done
uninstall-sabus-templates:
	rm -rf '$(DESTDIR)$(sabustemplatesdir)'
.PHONY: install-sabus-templates uninstall-sabus-templates
