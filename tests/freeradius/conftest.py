# SPDX-License-Identifier: GPL-2.0-or-later
"""A place for files that FreeRADIUS' own user can reach, and that no other pytest closes again (it does so with its common one).

A module that skips itself as a whole is, to pytest, a run without tests (5); to make check it is skipped (77).
"""
import os
import shutil
import tempfile

import pytest

SKIPPED_MODULES = []
PLACE = []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    if not config.option.basetemp:
        PLACE.append(tempfile.mkdtemp(prefix="sabus-freeradius-"))
        os.chmod(PLACE[0], 0o755)
        config.option.basetemp = os.path.join(PLACE[0], "t")
        # nothing of hypothesis' stays in the directory where make is run
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(PLACE[0], "hypothesis"))


def pytest_collectreport(report):
    if report.skipped:
        SKIPPED_MODULES.append(report.nodeid)


def pytest_sessionfinish(session, exitstatus):
    if exitstatus == 5 and SKIPPED_MODULES:
        session.exitstatus = 77
    # what has failed is worth a look
    if exitstatus in (0, 5):
        for place in PLACE:
            shutil.rmtree(place, ignore_errors=True)
