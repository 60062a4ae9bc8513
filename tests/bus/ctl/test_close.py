# SPDX-License-Identifier: GPL-2.0-or-later
"""close: the request reaches the pppd of that session, and no other; its answer is the exit status."""

import errno
import json
import os
import subprocess

import ctl
import pytest
import wire
from sabusd import SABUSCTL, Sabusd


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def start(bus, *args):
    return subprocess.Popen([SABUSCTL, "close", "-s", bus.path("session")] + list(args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def asked(session):
    return session.expect(wire.REQUEST)


def test_done(bus):
    _, pppd, other, _ = ctl.fill(bus)
    child = start(bus, "lo", "--why", "by order of the test")
    request = asked(pppd)
    assert request.number(wire.A_OP) == wire.OP_CLOSE and request.string(wire.A_ERRTEXT) == "by order of the test"
    pppd.send(wire.result(request.seq))
    out, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (0, "") and out == "lo (alice) is being closed\n"
    assert wire.REQUEST not in [m.type for m in other.pending()]


def test_json_and_the_default_reason(bus):
    _, pppd, _, _ = ctl.fill(bus)
    (alice,) = [s["id"] for s in ctl.data(bus, "status")["sessions"] if s["user"] == "alice"]
    child = start(bus, "session/%d" % alice, "--json")
    request = asked(pppd)
    assert request.string(wire.A_ERRTEXT) == "sabusctl close" and request.number(wire.A_SESSION_ID) == alice
    pppd.send(wire.result(request.seq))
    out, _ = child.communicate(timeout=30)
    assert json.loads(out) == dict(schema=1, closed="lo", session=alice)


def test_refused_by_pppd(bus):
    _, pppd, _, _ = ctl.fill(bus)
    child = start(bus, "lo")
    pppd.send(wire.result(asked(pppd).seq, errno.EBUSY, "not\x1b now"))
    out, err = child.communicate(timeout=30)
    assert child.returncode == 1 and not out and os.strerror(errno.EBUSY) in err and "not\\x1b now" in err


def test_a_pppd_that_cannot(bus):
    """bob's said nothing of requests."""
    ctl.fill(bus)
    (bob,) = [s["id"] for s in ctl.data(bus, "status")["sessions"] if s["user"] == "bob"]
    got = ctl.ctl(bus, "close", str(bob), which="session")
    assert got.returncode == 1 and os.strerror(errno.ENOTSUP) in got.stderr


def test_pppd_goes_away(bus):
    _, pppd, _, _ = ctl.fill(bus)
    child = start(bus, "lo")
    asked(pppd)
    pppd.close()
    out, err = child.communicate(timeout=30)
    assert child.returncode == 1 and not out and os.strerror(errno.EPIPE) in err


@pytest.mark.parametrize("name, status", [("ppp9", 1), ("sa/1", 2), ("tunnel/10", 2)])
def test_no_session(bus, name, status):
    _, pppd, other, _ = ctl.fill(bus)
    got = ctl.ctl(bus, "close", name, which="session")
    assert got.returncode == status and not got.stdout
    assert wire.REQUEST not in [m.type for m in pppd.pending() + other.pending()]


def test_reason_too_long(bus):
    assert ctl.ctl(bus, "close", "lo", "--why", "x" * 64, which="session").returncode == 2


def test_readers_may_not(bus):
    _, pppd, _, _ = ctl.fill(bus)
    got = ctl.ctl(bus, "close", "lo", which="read")
    assert got.returncode == 1 and "not for a reader" in got.stderr
    assert wire.REQUEST not in [m.type for m in pppd.pending()]


def test_the_socket_is_the_sessions(tmp_path):
    got = ctl.run("close", "lo")
    assert got.returncode == 1 and "session.sock" in got.stderr
