# SPDX-License-Identifier: GPL-2.0-or-later
"""What sabusctl doctor says on a host (an End of a tunnel)."""

import json
import os

from lib.wait import wait_for


def findings(end, *args):
    """(exit status, list of what it says, as its JSON has it)"""
    r = end.host.run(["sabusctl", "doctor", "--json"] + list(args), check=False)
    assert r.returncode in (0, 3), r
    return r.returncode, json.loads(r.stdout)["findings"]


def look(end, *args):
    """(exit status, {check: evidence} of what was found, checks that could not look)"""
    status, said = findings(end, *args)
    return status, {f["check"]: f["evidence"] for f in said if f["looked"]}, {f["check"] for f in said if not f["looked"]}


def synced(end):
    """charon's plugin has told sabusd all: a moment after both have started."""
    wait_for("charon's SAs are known", lambda: end.sabusd.status()["publisher"] == "synced")


def assert_well(end, advice=frozenset()):
    """Nothing is found but that ADVICE."""
    status, found, blind = look(end)
    assert status == 0 and set(found) == advice, found
    # a guest kernel may have no modules at all
    assert blind <= (set() if os.path.exists("/lib/modules/%s/modules.dep" % os.uname().release) else {"modules"}), blind
