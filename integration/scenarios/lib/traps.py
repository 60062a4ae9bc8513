# SPDX-License-Identifier: GPL-2.0-or-later
"""Traps for sabusctl doctor, on a host that runs.

A trap is a generator: it breaks one thing on t.lns, yields what the evidence must have (a regular expression), is told the finding, shows
what else the breakage does (daemons, pppd's log, the wire), and mends it as the finding's remedy says.  prove() holds it to that: silence
before and after, and exactly this check between."""

import os
import re

from lib import packages
from lib.doctor import assert_well, findings, synced
from lib.wait import wait_for

SWANCTL, XL2TPD, OPTIONS = "/etc/swanctl/swanctl.conf", "/etc/xl2tpd/xl2tpd.conf", "/etc/ppp/options.xl2tpd"
OURS = "id-1 = 10.9.0.1\n\t\tid-2 = 10.9.0.2\n\t\t"      # of the secret: whom it is for


def family(traps):
    """Decorator that adds a trap to the dictionary TRAPS by its name: the check's, with _ for -; what is after __ tells several of one check apart."""
    def register(f):
        traps[f.__name__] = f
        return f
    return register


def check_of(name):
    return name.split("__")[0].replace("_", "-")


def change(h, path, old, new):
    """One place of a file; its mode stays."""
    text, mode = h.read(path), os.stat(h.path(path)).st_mode & 0o777
    assert text.count(old) == 1, "%s has '%s' %d times" % (path, old, text.count(old))
    h.write(path, text.replace(old, new), mode)


def patch(h, path, old, new):
    """Bytes of a program, as a build for another release would have them; the original is returned."""
    with open(h.path(path), "rb") as f:
        data = f.read()
    assert data.count(old) == 1 and len(old) == len(new), (path, data.count(old))
    store(h, path, data.replace(old, new))
    return data


def store(h, path, data):
    """A new file: one that is mapped is not written to."""
    with open(h.path(path + ".new"), "wb") as f:
        f.write(data)
    os.chmod(h.path(path + ".new"), 0o755)
    os.rename(h.path(path + ".new"), h.path(path))


def restart(daemon):
    daemon.stop()
    daemon.start()


def dial(t):
    """Without what stock xl2tpd remembers of the last call.  Where in the LNS's logs of pppd and xl2tpd this one begins."""
    began = [len(t.lns.host.log(name)) for name in ("pppd", "xl2tpd")]
    t.redial()
    return began


def assert_refused(t, reason):
    before = len(t.lns.ppp().decisions())
    dial(t)
    wait_for("a decision", lambda: len(t.lns.ppp().decisions()) > before)
    said = t.lns.ppp().verdict()
    assert (said["verdict"], said["reason"]) == ("refuse", reason), said
    t.wait_down()


def good(tunnel):
    """Nothing is to be said of its LNS: a secret for one client, a guard from the next boot on."""
    t = tunnel()
    packages.own_files(t.lns.host)
    t.lns.host.run("systemctl enable sabus-guard")
    change(t.lns.host, SWANCTL, "ike-l2tp {\n\t\t", "ike-l2tp {\n\t\t" + OURS)
    t.start()
    synced(t.lns)
    return t


def prove(t, name, steps):
    assert_well(t.lns)
    evidence = next(steps)
    status, said = findings(t.lns)
    found = [f for f in said if f["looked"]]
    assert [f["check"] for f in found] == [check_of(name)], "found: %s" % found
    assert re.search(evidence, found[0]["evidence"]), "evidence: " + found[0]["evidence"]
    assert status == (0 if found[0]["weight"] == "advice" else 3), "status %d, weight %s" % (status, found[0]["weight"])
    try:
        steps.send(found[0])
    except StopIteration:
        assert_well(t.lns)
        return
    raise AssertionError("a trap yields once")


def prove_all(t, traps):
    """One after the other; then the host's link comes up."""
    for name, function in traps.items():
        t.note("check " + name)
        try:
            prove(t, name, function(t))
        except Exception as e:
            raise AssertionError("check '%s': %s" % (check_of(name), e)) from e
    dial(t)
    t.wait_up()
    t.ping()
    assert_well(t.lns)
