# SPDX-License-Identifier: GPL-2.0-or-later
"""What the bus tells, and when: known before the first packet (IKEv2), pending before
it (IKEv1), never late because somebody is slow, and never a key.

The reader is lib/bus.py: Python, written from the wire format alone."""

import glob
import itertools
import os
import signal
import socket
import sys
import threading
import time

import pytest

from lib import bus, inject, xfrm
from lib.wait import SLOW, wait_for

LNS, CLIENT = "10.9.0.1", "10.9.0.2"
SHA1 = "aes256-sha1"


class Sender:
    """A client that cannot wait: L2TP from its port 1701 all the time, held back by a
    trap policy until there is an SA."""

    def __init__(self, host):
        self.sock = inject.socket_in(host, socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((CLIENT, 1701))
        self.going = True
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while self.going:
            try:
                self.sock.sendto(inject.control_message(0, 0, 1), (LNS, 1701))
            except OSError:
                pass    # held back
            time.sleep(0.002)

    def stop(self):
        self.going = False
        self.thread.join()
        self.sock.close()


class Recorder:
    """A watching client in a thread of its own, so that the time of each event is its own. It and sabusd run before all others
    (real-time priority): else an event is seen late, or only the next one, which says nothing about when it was told."""

    def __init__(self, host):
        for pid in host.pids("sabusd"):
            os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(10))
        self.interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-4)
        self.client = bus.Client(host).watch()
        self.going = True
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(9))
        while self.going:
            self.client.read(0.05)

    def stop(self):
        self.going = False
        self.thread.join()
        sys.setswitchinterval(self.interval)
        return self.client.seen


def states_seen(events):
    """(time, state, spi_in) of each SA that was told, in order."""
    return [(e.time, s["state"], s["spi_in"]) for e in events if e.type == bus.SA_PUT for s in bus.sas(e)]


@pytest.mark.parametrize("ike", (1, 2))
def test_bus_before_first_packet(tunnel, ike):
    """The client sends as soon as it can; the LNS' bus has told of the SA before its first packet (IKEv1: that it is pending)."""
    t = tunnel(ike=ike, esp=SHA1, values={"client": {"START_ACTION": "trap"}})
    t.start(xl2tpd=False)
    recorder, sender = Recorder(t.lns.host), Sender(t.client.host)
    try:
        wait_for("ESP on the wire", lambda: [p for p in t.wire.packets() if p.kind == "esp"], 15)
        wait_for("an installed SA on the bus", lambda: any(
            s == bus.INSTALLED for _, s, _ in states_seen(recorder.client.seen)))
    finally:
        sender.stop()
        seen = states_seen(recorder.stop())
    first = min(p.time for p in t.wire.packets() if p.kind == "esp" and p.src == CLIENT)
    told = {state: min(at for at, s, _ in seen if s == state) for state in {s for _, s, _ in seen}}
    t.note("first ESP packet at %f, told at %s" % (first, told))
    assert told[bus.INSTALLED if ike == 2 else bus.PENDING] < first
    assert told[bus.PENDING] <= told[bus.INSTALLED]


@pytest.mark.parametrize("ike", (1, 2))
def test_bus_stopped_broker(tunnel, ike):
    """sabusd is stopped while the SA comes: charon does not wait, and who asked meanwhile gets the SA in the answer."""
    t = tunnel(ike=ike, esp=SHA1).start(xl2tpd=False)
    t.ike()
    t.client.charon.terminate(ike="l2tp")
    asker = bus.Client(t.lns.host)
    asker.wait(bus.HELLO)
    took = []
    for stopped in (False, True):
        if stopped:
            t.lns.sabusd.pause()
            asker.send(bus.message(bus.LOOKUP, bus.flow(LNS, CLIENT), seq=7))
        began = time.monotonic()
        t.ike()
        took.append(time.monotonic() - began)
        if not stopped:
            t.client.charon.terminate(ike="l2tp")
            wait_for("the SA is gone", lambda: asker.lookup(LNS, CLIENT)[0] == bus.ABSENT)
    t.note("IKE took %.3f s, with sabusd stopped %.3f s" % tuple(took))
    assert took[1] < took[0] * 2 + 0.2 * SLOW
    assert asker.read(0.2) is None
    t.lns.sabusd.resume()
    event = asker.wait(bus.LOOKUP_ACK)
    assert bus.number(event.attrs[bus.A_ANSWER][0]) == bus.PRESENT
    assert [(s["state"], s["spi_in"], s["spi_out"]) for s in bus.sas(event)] == [(bus.INSTALLED,) + xfrm.own_pair(t.lns.host)]


@pytest.mark.seconds(150)
def test_bus_full_broker(tunnel):
    """sabusd is stopped until its socket is full: charon goes on, says it in one line, and sends everything again later."""
    t = tunnel().start(xl2tpd=False)
    t.ike()
    t.lns.sabusd.pause()
    cycle = "for i in 1 2 3 4 5 6 7 8 9 10; do swanctl --rekey --child l2tp; done"

    def gave_up():
        t.client.host.run(cycle, check=False)
        return "sabusd does not read, will resync" in t.lns.host.log("charon")

    wait_for("charon gives up on sabusd", gave_up, 120)
    began = time.monotonic()
    t.client.charon.rekey()
    assert time.monotonic() - began < 2 * SLOW
    t.lns.sabusd.resume()
    asker = bus.Client(t.lns.host)
    wait_for("all is known again", lambda: len(xfrm.states(t.lns.host)) == 2 and [
        (s["spi_in"], s["spi_out"]) for s in asker.lookup(LNS, CLIENT)[1] if s["state"] == bus.INSTALLED] == [xfrm.own_pair(t.lns.host)], 15)
    assert t.lns.host.log("charon").count("sabusd does not read") == 1


def with_state(nest, state):
    """The bytes of an SA with another state."""
    out, at = b"", 0
    while at < len(nest):
        size = int.from_bytes(nest[at:at + 2], "little")
        kind = int.from_bytes(nest[at + 2:at + 4], "little")
        out += bus.attr(bus.SA_STATE, state) if kind & 0x3fff == bus.SA_STATE else nest[at:at + (size + 3 & ~3)]
        at += (size + 3) & ~3
    return out


class SlowCharon:
    """charon stopped in the middle of an IKEv1 quick mode, as sabusd sees it: charon
    itself is stopped once it has its SA, and the test speaks for it."""

    def __init__(self, t):
        self.end = t.lns
        watcher = bus.Client(t.lns.host).watch()
        wait_for("charon has its SA", lambda: [s for e in watcher.drain() for s in bus.sas(e) if s["state"] == bus.INSTALLED])
        told = [e for e in watcher.seen if e.type == bus.SA_PUT]
        self.sa = told[-1].attrs[bus.A_SA][0]
        t.lns.host.kill("charon-out", signal.SIGSTOP)
        self.client = bus.Client(t.lns.host, bus.SA_SOCK, greet=False)
        self.client.send(bus.message(bus.HELLO, bus.attr(bus.A_VERSION, 1), bus.attr(bus.A_NAME, "slow charon"),
                                     bus.attr(bus.A_EPOCH, bytes(7) + b"\x01")))
        self.client.wait(bus.HELLO)
        self.client.send(bus.message(bus.SYNC_BEGIN))
        self.tell(bus.PENDING)
        self.client.send(bus.message(bus.SYNC_END))

    def tell(self, state):
        self.client.send(bus.message(bus.SA_PUT, bus.nest(bus.A_SA, with_state(self.sa, state))))

    def wake(self):
        self.client.close()
        self.end.host.kill("charon-out", signal.SIGCONT)


def test_bus_pending_defers(tunnel):
    """The SA is announced as pending while its first packets come (IKEv1): pppd waits, and accepts when it is installed."""
    t = tunnel(sabus={"lns": True}, ike=1, esp=SHA1).start()
    t.ike()
    charon = SlowCharon(t)
    t.dial()
    t.lns.host.wait_log("pppd", "Plugin sabus.so loaded")
    time.sleep(0.7 * SLOW)
    assert not t.lns.ppp().decisions()
    charon.tell(bus.INSTALLED)
    t.lns.host.wait_log("pppd", "^sabus: accept reason=ok-protected")
    t.wait_up()
    t.ping()
    charon.wake()


def test_bus_pending_never_installed(tunnel):
    """Announced and never installed: refused when the time is over, sa-pending."""
    t = tunnel(sabus={"lns": True}, ike=1, esp=SHA1, sabus_options=("sabus-wait 1000",)).start()
    t.ike()
    charon = SlowCharon(t)
    t.dial()
    t.lns.host.wait_log("pppd", "^sabus: refuse reason=sa-pending")
    t.lns.xl2tpd.wait_exit(101)
    charon.wake()


def occurrences(secret, data):
    """Does DATA have SECRET, as bytes or as hex digits?"""
    return secret in data or secret.hex().encode() in data.lower()


@pytest.mark.parametrize("ike", (1, 2))
def test_bus_no_keys(tunnel, scene, ike):
    """No key of the kernel's SAs in what the bus says or in any log, over set-up, rekey and end."""
    t = tunnel(ike=ike, esp=SHA1)
    t.start()
    watchers = [bus.Client(e.host).watch() for e in t.ends.values()]
    keys, spis = set(), set()

    def collect():
        keys.update(xfrm.keys(t.lns.host), xfrm.keys(t.client.host))
        spis.update(s["spi"] for s in xfrm.states(t.lns.host))

    t.ike()
    t.dial()
    t.wait_up()
    collect()
    t.client.charon.rekey()
    wait_for("rekeyed", lambda: t.lns.ppp().said("rekey"))
    collect()
    t.client.charon.terminate()
    t.wait_down()
    traffic = b"".join(e.raw for w in watchers for e in w.drain())
    logs = [p for p in glob.glob(os.path.join(glob.escape(scene.dir), "**", "*.log"), recursive=True)]
    assert len(keys) >= 8 and len(logs) >= 8
    assert all(spi.to_bytes(4, "little") in traffic for spi in spis)     # the search finds what is there
    for key in keys:
        assert not occurrences(key, traffic)
        for path in logs:
            with open(path, "rb") as f:
                assert not occurrences(key, f.read()), path


ORDERS = [o for o in itertools.permutations(("sabusd", "charon", "xl2tpd"))]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_bus_start_order(tunnel, order):
    """sabusd, charon and xl2tpd in any order: the link comes up."""
    t = tunnel()
    for daemon in order:
        for end in t.ends.values():
            getattr(end, daemon).start()
    t.ike()
    for end in t.ends.values():
        end.host.wait_log("charon", "sabus: bus-up ")
    t.dial()
    t.wait_up()
    t.ping()


def test_bus_broker_restarts(tunnel):
    """sabusd dies and comes back three times: each time all SAs and sessions are told again, as they are in the kernel."""
    t = tunnel().up()
    for _ in range(3):
        t.lns.sabusd.stop(signal.SIGKILL)
        t.lns.sabusd.start()
        asker = bus.Client(t.lns.host)
        wait_for("the SA is known", lambda: asker.lookup(LNS, CLIENT)[0] == bus.PRESENT)
        assert [(s["spi_in"], s["spi_out"]) for s in asker.lookup(LNS, CLIENT)[1]] == [xfrm.own_pair(t.lns.host)]
        watcher = bus.Client(t.lns.host).watch()
        if not [e for e in watcher.seen if e.type == bus.SESSION_PUT]:
            watcher.wait(bus.SESSION_PUT)
    t.ping()


def test_bus_status_is_the_kernels(tunnel):
    """sabusctl status through the life of a link: nothing, an SA, a session on it, another SA after a rekey, nothing."""
    t = tunnel().start()
    status = t.lns.sabusd.status
    assert status()["sas"] == [] and status()["sessions"] == []

    def told():
        s = status()
        return ([(int(x["spi_in"], 16), int(x["spi_out"], 16)) for x in s["sas"]],
                [(int(x["spi_in"], 16), int(x["spi_out"], 16)) for x in s["sessions"]])

    t.ike()
    assert told() == ([xfrm.own_pair(t.lns.host)], [])
    t.dial()
    t.wait_up()
    assert told() == ([xfrm.own_pair(t.lns.host)], [xfrm.own_pair(t.lns.host)])
    t.client.charon.rekey()
    wait_for("the rekey is over", lambda: len(xfrm.states(t.lns.host)) == 2 and t.lns.ppp().said("rekey"))
    assert told() == ([xfrm.own_pair(t.lns.host)], [xfrm.own_pair(t.lns.host)])
    t.client.charon.terminate()
    t.wait_down()
    wait_for("nothing left", lambda: told() == ([], []))


def test_bus_gmac_is_integrity_only(tunnel):
    """AES-GMAC is an AEAD that encrypts nothing: under 'require' MPPE runs in both directions."""
    t = tunnel(esp="aes256gmac").up()
    for end in t.ends.values():
        said = end.ppp().verdict()
        assert said["reason"] == "ok-mppe-required" and said["mppe"] == "required" and "GMAC" in said["suite"], said
        assert end.ppp().mppe()
    t.ping(count=5)
    assert not t.wire.readable()
