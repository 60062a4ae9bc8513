# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the scenarios, and the hygiene that holds for every one of them:

  * no clear-text L2TP packet on the wire, but in a negative control that says so
    by @pytest.mark.clear_text_allowed(reason="...")
  * no report of a sanitizer in any log
  * no daemon that ended without being told to

These are checked as part of the test itself, after its last line.
"""

import glob
import json
import os
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lib import sanitize, shell  # noqa: E402
from lib.stage import Stage  # noqa: E402
from lib.wait import SLOW  # noqa: E402

RESULTS = os.environ.get("RIG_RESULTS", "/host/results")
TEST_SECONDS = 90
_STATE = pytest.StashKey()


class Scene(Stage):
    """What one test has built up, and what went wrong in it unseen."""

    def __init__(self, item):
        self.name = item.name.replace("/", "_")[5:]
        self.shown = False      # 'rig shell' has had its shell
        super().__init__(os.path.join(RESULTS, self.name))

    def faults(self, clear_text_allowed, crash_allowed=False):
        found = [] if crash_allowed else sanitize.reports(self.dir)
        for h in self.hosts:
            found += h.faults()
        for t in self.tunnels:
            found += t.faults()
            clear = len(t.wire.clear_l2tp())
            if clear and not clear_text_allowed:
                found.append("%d clear-text L2TP packets on the wire, see %s" % (clear, t.wire.path))
        return found


def pytest_configure(config):
    config.addinivalue_line("markers", "clear_text_allowed(reason): a negative control, L2TP in the clear is its point")
    config.addinivalue_line("markers", "crash_allowed(reason): a negative control, a crash of somebody else's code is its point")
    config.addinivalue_line("markers", "kernel(name): needs that kernel (riglib/guests.py, KERNELS), whatever the others run on")
    config.addinivalue_line("markers", "seconds(n): time limit of this test, default %d" % TEST_SECONDS)


def pytest_collection_modifyitems(items):
    for item in items:
        for name in ("clear_text_allowed", "crash_allowed"):
            for mark in item.iter_markers(name):
                if not mark.kwargs.get("reason"):
                    raise pytest.UsageError("%s: %s needs reason=" % (item.nodeid, name))


def _orders():
    """Node ids as the rig hands them out, 'end' is the last.  One file each,
    never changed: a guest may cache what it has read of a file."""
    number = 0
    while True:
        path = os.path.join(os.environ["RIG_QUEUE"], str(number))
        if not os.path.exists(path):
            time.sleep(0.05)
            continue
        with open(path) as f:
            order = f.read()
        if order == "end":
            return
        yield order
        number += 1


def pytest_runtestloop(session):
    """Under the rig this guest is one of several: run what we are told to."""
    if not os.environ.get("RIG_QUEUE") or session.config.option.collectonly:
        return None
    if session.testsfailed:
        raise session.Interrupted("%d errors during collection" % session.testsfailed)
    items = {i.nodeid: i for i in session.items}
    for nodeid in _orders():
        item = items[nodeid]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return True


@pytest.fixture
def scene(request):
    s = request.node.stash[_STATE] = Scene(request.node)
    if os.environ.get("RIG_SHELL"):
        shell.offer(s)
    yield s
    s.clear()


@pytest.fixture
def tunnel(scene):
    """Factory: tunnel(**options) builds both hosts; nothing runs until .up()."""
    return scene.tunnel


@pytest.fixture
def nat(scene):
    """Factory: nat(clients=2, **options) builds an LNS, a NAT and clients behind it."""
    return scene.nat


@pytest.fixture
def radius(scene):
    """Factory: radius(**options) builds a tunnel whose LNS asks a RADIUS server on a third host."""
    return scene.radius


@pytest.fixture
def cluster(scene):
    """Factory: cluster(**options) builds two LNS with a client each, two RADIUS servers and one database."""
    return scene.cluster


@pytest.fixture
def host(scene):
    """Factory: host(name), a single host without daemons."""
    return scene.host


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    mark = pyfuncitem.get_closest_marker("seconds")
    limit = int((mark.args[0] if mark else TEST_SECONDS) * SLOW)

    def too_long(_signum, _frame):
        raise TimeoutError("the test took more than %d s" % limit)

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(limit)
    try:
        try:
            result = yield
        finally:
            if os.environ.get("RIG_SHELL"):
                shell.open_for(pyfuncitem.stash.get(_STATE, None), "the test's code is over")
        s = pyfuncitem.stash.get(_STATE, None)
        faults = s.faults(*map(pyfuncitem.get_closest_marker, ("clear_text_allowed", "crash_allowed"))) if s else []
        assert not faults, "; ".join(faults)
        return result
    finally:
        signal.alarm(0)


def _tails(directory):
    """Ends of all logs of a test; names come first."""
    for path in sorted(glob.glob(os.path.join(directory, "**", "*.log"), recursive=True)):
        with open(path, errors="replace") as f:
            lines = f.read().splitlines()
        if lines:
            yield "--- %s" % path
            yield from lines[-12:]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    s = item.stash.get(_STATE, None)
    if report.failed and s:
        for t in s.tunnels:
            for e in t.ends.values():
                e.host.run("{ ip addr; ip xfrm state; ip xfrm policy; cat /proc/net/xfrm_stat; ss -uanp; ps ax; }"
                           " >/var/log/kernel.log 2>&1", check=False) if call.when == "call" else None
        subprocess.run("dmesg | tail -n 50 >%s/dmesg.log" % s.dir, shell=True, check=False)
        report.sections.append(("logs", "\n".join(_tails(s.dir))))
    _progress(item, report)
    return report


_outcome = {}


def _progress(item, report):
    """One line for the rig per finished test: it is shown while the guest runs."""
    state = _outcome.setdefault(item.nodeid, {"outcome": "passed", "seconds": 0.0, "text": ""})
    state["seconds"] += report.duration
    if report.failed:
        state["outcome"] = "failed"
        state["text"] += str(report.longrepr)[-6000:]
    elif report.skipped and state["outcome"] == "passed":
        state["outcome"] = "skipped"
        state["text"] = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if report.when == "teardown":
        with open(os.path.join(RESULTS, "progress.jsonl"), "a") as f:
            f.write(json.dumps(dict(state, test=item.name[5:], at=time.time())) + "\n")
