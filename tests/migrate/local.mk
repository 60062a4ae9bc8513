# SPDX-License-Identifier: GPL-2.0-or-later
# conf-templates/migrate over roots in the shape of widespread set-ups.
EXTRA_DIST += tests/migrate/test_migrate.py tests/migrate/fixtures
if PYTEST
TESTS += tests/migrate/test_migrate.py
endif
