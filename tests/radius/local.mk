# SPDX-License-Identifier: GPL-2.0-or-later
# sabus-radius-client as a process, against servers of Python and the real one; the parts of both sides that are pure.
radius_pytests = tests/radius/test_client.py tests/radius/test_server.py
EXTRA_DIST += $(radius_pytests) tests/radius/conftest.py tests/radius/fake.py tests/radius/helper.py
if RADIUS
if PYTEST
TESTS += $(radius_pytests)
tests/radius/test_client.log: plugins/radius/client/sabus-radius-client
tests/radius/test_server.log: plugins/radius/client/sabus-radius-client
endif
endif
