# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for a condition, never for a time."""

import os
import time

# A guest may be slow (emulation): the rig says by how much.
SLOW = float(os.environ.get("RIG_SLOW", "1"))
# Seconds for what is prompt on an idle machine: a loaded one may stand still for some.  No promise is measured by it: a scenario that has one compares times.
PATIENCE = 25.0


class Timeout(AssertionError):
    pass


def wait_for(what, condition, timeout=PATIENCE, every=0.02):
    """Poll CONDITION until it is true; its value is returned.  After TIMEOUT
    seconds (times the guest's slowness) the failure says WHAT did not happen."""
    end = time.monotonic() + timeout * SLOW
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout("waited %g s in vain for: %s" % (timeout * SLOW, what))
        time.sleep(every)
