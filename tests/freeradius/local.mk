# SPDX-License-Identifier: GPL-2.0-or-later
# The generator as it is; rules, configurations and SQL on the real FreeRADIUS, where it is installed and its configuration can be read (root).
freeradius_pytests = tests/freeradius/test_both_ends.py tests/freeradius/test_coa.py tests/freeradius/test_generate.py tests/freeradius/test_policy.py tests/freeradius/test_sql.py tests/freeradius/test_templates.py
EXTRA_DIST += $(freeradius_pytests) tests/freeradius/conftest.py tests/freeradius/server.py
if PYTEST
TESTS += $(freeradius_pytests)
endif
