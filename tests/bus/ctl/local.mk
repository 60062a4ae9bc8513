# SPDX-License-Identifier: GPL-2.0-or-later
# sabusctl on the real sabusd: what each command says, to people and to programs.

SABUSCTL_TESTS = \
	tests/bus/ctl/test_close.py \
	tests/bus/ctl/test_doctor.py \
	tests/bus/ctl/test_explain.py \
	tests/bus/ctl/test_look.py \
	tests/bus/ctl/test_metrics.py \
	tests/bus/ctl/test_monitor.py \
	tests/bus/ctl/test_mtu.py \
	tests/bus/ctl/test_schema.py \
	tests/bus/ctl/test_show.py
EXTRA_DIST += $(SABUSCTL_TESTS) tests/bus/ctl/conftest.py tests/bus/ctl/ctl.py
if PYTEST
TESTS += $(SABUSCTL_TESTS)
endif
