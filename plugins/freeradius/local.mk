# SPDX-License-Identifier: GPL-2.0-or-later
# What FreeRADIUS and radiusclient's readers need to know of sabus, made from attributes.tsv; the C header of it is made even where nothing else of this folder is used.
freeradius_src = $(srcdir)/plugins/freeradius
# config.status: the vendor number may be another one
freeradius_generate = $(freeradius_src)/generate $(freeradius_src)/attributes.tsv config.status
freeradius_run = $(AM_V_GEN)$(MKDIR_P) plugins/freeradius && \
	$(PYTHON3) $(freeradius_src)/generate --vendor '$(SABUS_RADIUS_VENDOR)'
freeradius_made = \
	plugins/freeradius/dictionary.sabus \
	plugins/freeradius/dictionary.sabus.radiusclient \
	plugins/freeradius/dictionary.radiusclient
freeradius_sql_made = plugins/freeradius/queries-postgresql.conf plugins/freeradius/queries-sqlite.conf

BUILT_SOURCES += plugins/freeradius/sabus-attributes.h
CLEANFILES += plugins/freeradius/sabus-attributes.h $(freeradius_made) $(freeradius_sql_made)

freeradiusdir = $(pkgdatadir)/freeradius
nodist_freeradius_DATA = $(freeradius_made)
freeradiuspolicydir = $(freeradiusdir)/policy.d
dist_freeradiuspolicy_DATA = plugins/freeradius/policy.d/sabus
freeradiussqldir = $(freeradiusdir)/sql
nodist_freeradiussql_DATA = $(freeradius_sql_made)
dist_freeradiussql_DATA = plugins/freeradius/sql/examples.sql
dist_freeradiussql_SCRIPTS = plugins/freeradius/sql/migrate
freeradiuspgdir = $(freeradiussqldir)/postgresql
dist_freeradiuspg_DATA = plugins/freeradius/sql/postgresql/001-columns.sql plugins/freeradius/sql/postgresql/002-views.sql
freeradiussqlitedir = $(freeradiussqldir)/sqlite
dist_freeradiussqlite_DATA = plugins/freeradius/sql/sqlite/001-columns.sql plugins/freeradius/sql/sqlite/002-views.sql

man_MANS += plugins/freeradius/sabus-radius.7
CLEANFILES += plugins/freeradius/sabus-radius.7

EXTRA_DIST += plugins/freeradius/sabus-radius.7.in plugins/freeradius/generate plugins/freeradius/attributes.tsv plugins/freeradius/base.radiusclient \
	plugins/freeradius/sql/queries-postgresql.conf.in plugins/freeradius/sql/queries-sqlite.conf.in

# written aside first: a generator that stops half-way leaves no half file
plugins/freeradius/sabus-attributes.h: $(freeradius_generate)
	$(freeradius_run) header $(freeradius_src)/attributes.tsv > $@.tmp && mv $@.tmp $@
plugins/freeradius/dictionary.sabus: $(freeradius_generate)
	$(freeradius_run) freeradius $(freeradius_src)/attributes.tsv > $@.tmp && mv $@.tmp $@
plugins/freeradius/dictionary.sabus.radiusclient: $(freeradius_generate)
	$(freeradius_run) radiusclient $(freeradius_src)/attributes.tsv > $@.tmp && mv $@.tmp $@
plugins/freeradius/dictionary.radiusclient: $(freeradius_generate) $(freeradius_src)/base.radiusclient
	$(freeradius_run) flat $(freeradius_src)/attributes.tsv $(freeradius_src)/base.radiusclient > $@.tmp && mv $@.tmp $@
plugins/freeradius/queries-postgresql.conf: $(freeradius_generate) $(freeradius_src)/sql/queries-postgresql.conf.in
	$(freeradius_run) postgresql $(freeradius_src)/attributes.tsv $(freeradius_src)/sql/queries-postgresql.conf.in > $@.tmp && mv $@.tmp $@
plugins/freeradius/queries-sqlite.conf: $(freeradius_generate) $(freeradius_src)/sql/queries-sqlite.conf.in
	$(freeradius_run) sqlite $(freeradius_src)/attributes.tsv $(freeradius_src)/sql/queries-sqlite.conf.in > $@.tmp && mv $@.tmp $@
plugins/freeradius/sabus-radius.7: $(freeradius_generate) $(freeradius_src)/sabus-radius.7.in
	$(freeradius_run) man $(freeradius_src)/attributes.tsv $(freeradius_src)/sabus-radius.7.in > $@.tmp && mv $@.tmp $@
