# SPDX-License-Identifier: GPL-2.0-or-later
# The real sabusd and sabusctl, driven from Python with an encoder of its own (tests/bus/wire.py).

SABUSD_TESTS = \
	tests/bus/broker/test_bad_input.py \
	tests/bus/broker/test_behaviour.py \
	tests/bus/broker/test_ctl.py \
	tests/bus/broker/test_golden.py \
	tests/bus/broker/test_machine.py \
	tests/bus/broker/test_options.py \
	tests/bus/broker/test_requests.py \
	tests/bus/broker/test_session_requests.py \
	tests/bus/broker/test_tunnels.py
EXTRA_DIST += $(SABUSD_TESTS) tests/bus/broker/conftest.py tests/bus/broker/sabusd.py tests/bus/wire.py
if PYTEST
TESTS += $(SABUSD_TESTS)
endif
