# SPDX-License-Identifier: GPL-2.0-or-later
# The commands of README.md that the journeys run.
EXTRA_DIST += tests/readme/test_readme.py
if PYTEST
TESTS += tests/readme/test_readme.py
endif
