# SPDX-License-Identifier: GPL-2.0-or-later
"""monitor: over restarts of sabusd, as text and as JSON."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time

import ctl
import pytest
import wire
from ctl import A
from sabusd import SABUSCTL, Sabusd


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


class Monitor:
    def __init__(self, bus, *options):
        self.process = subprocess.Popen([SABUSCTL, "-s", bus.path("read"), "monitor"] + list(options), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def line(self):
        return self.process.stdout.readline()

    def event(self):
        return json.loads(self.line())

    def end(self, sig=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.communicate(timeout=30)


@contextlib.contextmanager
def monitor(bus, *options):
    m = Monitor(bus, *options)
    try:
        yield m
    finally:
        m.end()


def test_goes_on_after_a_restart(bus):
    publisher = bus.publisher().sync()
    publisher.put(1, A)
    with monitor(bus) as m:
        assert [m.line().split()[0] for _ in range(3)] == ["publisher", "sa-put", "done"]
        for _ in range(2):
            bus.stop()
            publisher.close()
            lost = m.line()
            while not lost.startswith("lost "):         # the publisher's end may be told before sabusd's
                assert lost == "publisher state=none\n" or lost.startswith("sa-"), lost
                lost = m.line()
            assert "text='" in lost
            time.sleep(0.2)
            bus.start()
            assert [m.line().split()[0] for _ in range(3)] == ["resync", "publisher", "done"]
            publisher = bus.publisher().sync()
            seen = []
            publisher.put(2, A)
            while not seen or not seen[-1].startswith("sa-put "):
                seen.append(m.line())
            assert "id=2" in seen[-1]
        assert m.process.poll() is None


def test_crash(bus):
    with monitor(bus) as m:
        m.line(), m.line()
        bus.crash()
        assert m.line().startswith("lost ")
        bus.start()
        assert m.line() == "resync\n"


def test_json_is_the_same_over_a_restart(bus):
    with monitor(bus, "--json") as m:
        assert [m.event()["event"] for _ in range(2)] == ["publisher", "done"]
        xl2tpd = bus.session()
        before = time.time() * 1000
        xl2tpd.send(wire.tunnel_put(state=wire.UP, flow=ctl.SESSION["flow"], tunnel_id=10))
        put = m.event()
        assert (put["event"], put["tunnel"]["tunnel_id"], put["schema"]) == ("tunnel-put", 10, 1)
        assert before - 1 <= put["time"] <= time.time() * 1000 + 1
        xl2tpd.close()
        gone = m.event()
        assert (gone["event"], gone["pid"], gone["tunnel_id"]) == ("tunnel-del", os.getpid(), 10)
        bus.stop()
        assert m.event()["event"] == "lost"
        bus.start()
        assert [m.event()["event"] for _ in range(3)] == ["resync", "publisher", "done"]


def test_first_connection_must_come_about(bus):
    bus.stop()
    got = ctl.ctl(bus, "monitor")
    assert got.returncode == 1 and "sabusd" in got.stderr and not got.stdout


def test_what_waiting_does_not_heal(bus):
    """sabusd speaks another language: no use to try again."""
    path = os.path.join(bus.top, "liar")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.bind(path)
        s.listen(1)
        m = subprocess.Popen([SABUSCTL, "-s", path, "monitor"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        peer, _ = s.accept()
        peer.recv(1000)
        peer.send(b"nonsense")
        out, err = m.communicate(timeout=30)
        peer.close()
    assert m.returncode == 1 and "nonsense" in err and "lost" not in out


def test_nobody_reads(bus):
    """A closed pipe ends it, with the next line."""
    m = Monitor(bus)
    m.line(), m.line()
    m.process.stdout.close()
    bus.publisher().sync().put(1, A)
    assert m.process.wait(30) != 0
    m.process.stderr.close()
