# SPDX-License-Identifier: GPL-2.0-or-later
"""Tunnels and calls of xl2tpd: shown to watchers that asked for sessions, one life with their connection, each change O(1)."""

import os
import time

import pytest
import wire
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sabusd import Sabusd

ME = os.getpid()
TUNNEL = dict(role=1, state=wire.UP, flow=dict(local_addr="192.0.2.1", local_port=1701, remote_addr="198.51.100.7", remote_port=1701, mark=5),
              tunnel_id=10, peer_tunnel_id=30, sa_id=7, peer_host="client", section="default", reason="ok-protected", calls=1, since=1000)
CALL = dict(pppd_pid=99, tunnel_id=10, call_id=20, peer_call_id=40, up=1, serial=3, calling="a", called="b", since=1001)


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def said(client):
    """When this returns, what `client` has sent so far was read."""
    client.answer("198.51.100.250")


def test_put_change_delete(bus):
    watcher, plain = bus.watcher(sessions=True).snapshot(), bus.watcher().snapshot()
    xl2tpd = bus.session()
    xl2tpd.send(wire.tunnel_put(**TUNNEL))
    xl2tpd.send(wire.call_put(**CALL))
    watcher.until(lambda w: w.calls)
    assert watcher.tunnels == {(ME, 10): dict(TUNNEL, pid=ME)}
    assert watcher.calls == {(ME, 10, 20): dict(CALL, pid=ME)}
    xl2tpd.send(wire.tunnel_put(**dict(TUNNEL, pid=1, state=wire.ENDING)))
    watcher.until(lambda w: w.tunnels[ME, 10]["state"] == wire.ENDING)
    assert watcher.tunnels[ME, 10]["pid"] == ME         # whatever it says
    late = bus.watcher(sessions=True).snapshot()
    assert (late.tunnels, late.calls) == (watcher.tunnels, watcher.calls)
    assert {k: v for k, v in bus.reader().stats().items() if k in ("tunnels", "calls")} == {"tunnels": 1, "calls": 1}
    xl2tpd.send(wire.call_del(10, 20))
    watcher.until(lambda w: not w.calls)
    xl2tpd.send(wire.tunnel_del(10))
    watcher.until(lambda w: not w.tunnels)
    xl2tpd.send(wire.tunnel_del(10))                    # once more does no harm
    xl2tpd.send(wire.call_del(10, 20))
    said(xl2tpd)
    assert not [m for m in plain.pending() if m.type != wire.HELLO]
    assert bus.watcher(sessions=True).snapshot().tunnels == {}


def test_what_is_the_same_tells_nobody(bus):
    watcher, xl2tpd = bus.watcher(sessions=True).snapshot(), bus.session()
    for _ in range(3):
        xl2tpd.send(wire.tunnel_put(**TUNNEL))
    xl2tpd.send(wire.tunnel_put(**dict(TUNNEL, tunnel_id=11)))
    watcher.until(lambda w: len(w.tunnels) == 2)
    assert [m.type for m in watcher.seen].count(wire.TUNNEL_PUT) == 2


def test_a_tunnel_takes_its_calls_along(bus):
    watcher, xl2tpd = bus.watcher(sessions=True).snapshot(), bus.session()
    for tunnel in (10, 11):
        xl2tpd.send(wire.tunnel_put(**dict(TUNNEL, tunnel_id=tunnel)))
        for call in (1, 2, 3):
            xl2tpd.send(wire.call_put(**dict(CALL, tunnel_id=tunnel, call_id=call)))
    watcher.until(lambda w: len(w.calls) == 6)
    xl2tpd.send(wire.tunnel_del(10))
    watcher.until(lambda w: len(w.tunnels) == 1)
    assert sorted(watcher.calls) == [(ME, 11, 1), (ME, 11, 2), (ME, 11, 3)]     # told before the tunnel itself


def test_all_end_with_the_connection(bus):
    watcher, one, two = bus.watcher(sessions=True).snapshot(), bus.session(), bus.session()
    one.send(wire.tunnel_put(**TUNNEL))
    one.send(wire.call_put(**CALL))
    two.send(wire.tunnel_put(**dict(TUNNEL, tunnel_id=11)))
    watcher.until(lambda w: len(w.tunnels) == 2 and w.calls)
    one.close()
    watcher.until(lambda w: len(w.tunnels) == 1 and not w.calls)
    assert list(watcher.tunnels) == [(ME, 11)]


def test_a_call_without_its_tunnel_is_left_out(bus):
    watcher, xl2tpd = bus.watcher(sessions=True).snapshot(), bus.session()
    xl2tpd.send(wire.call_put(**CALL))
    said(xl2tpd)
    assert watcher.pending() == [] and bus.reader().stats()["calls"] == 0
    assert "tunnel=10 call=20 text=\"a call of a tunnel that it has not put\"" in bus.said()


def test_a_new_connection_takes_over(bus):
    """xl2tpd's plugin connects again while the end of its old connection is not seen yet: the old one's last words and its end change nothing."""
    watcher, old = bus.watcher(sessions=True).snapshot(), bus.session()
    old.send(wire.tunnel_put(**TUNNEL))
    old.send(wire.call_put(**CALL))
    watcher.until(lambda w: w.calls)
    new = bus.session()
    new.send(wire.tunnel_put(**dict(TUNNEL, calls=5)))
    new.send(wire.call_put(**dict(CALL, serial=5)))
    said(new)
    old.send(wire.tunnel_put(**dict(TUNNEL, calls=77)))
    old.send(wire.call_del(10, 20))
    old.send(wire.tunnel_del(10))
    said(old)
    old.close()
    new.send(wire.tunnel_put(**dict(TUNNEL, tunnel_id=99)))
    watcher.until(lambda w: (ME, 99) in w.tunnels)
    assert watcher.tunnels[ME, 10]["calls"] == 5 and watcher.calls[ME, 10, 20]["serial"] == 5
    assert bus.watcher(sessions=True).snapshot().tunnels == watcher.tunnels
    new.close()
    watcher.until(lambda w: not w.tunnels and not w.calls)


def test_the_limit_is_told_and_nobody_is_closed():
    with Sabusd("--max-tunnels", "3") as bus:
        xl2tpd = bus.session()
        for ident in range(1, 6):
            xl2tpd.send(wire.tunnel_put(**dict(TUNNEL, tunnel_id=ident)))
        said(xl2tpd)
        xl2tpd.send(wire.tunnel_put(**dict(TUNNEL, tunnel_id=2, calls=9)))      # what is there may change
        xl2tpd.send(wire.tunnel_del(1))
        xl2tpd.send(wire.call_put(**dict(CALL, tunnel_id=2)))                   # and what ends makes room
        said(xl2tpd)
        seen = bus.watcher(sessions=True).snapshot()
        assert sorted(seen.tunnels) == [(ME, 2), (ME, 3)] and list(seen.calls) == [(ME, 2, 20)]
        assert seen.tunnels[ME, 2]["calls"] == 9
        assert "sabus: left-out name=\"pppd\" pid=%d tunnel=4 call=0 limit=3 " % ME in bus.said()
        assert bus.reader().stats()["dropped"] == 2


@pytest.mark.parametrize("packet, text", [
    (wire.tunnel_put(**dict(TUNNEL, tunnel_id=0)), "TUNNEL_PUT: TUNNEL.TUNNEL_ID: is 0"),
    (wire.tunnel_put(**dict(TUNNEL, state=4)), "TUNNEL_PUT: TUNNEL.STATE: value out of range"),
    (wire.message(wire.CALL_PUT), "CALL_PUT: CALL: missing"),
    (wire.call_put(**dict(CALL, up=2)), "CALL_PUT: CALL.UP: value out of range")])
def test_nonsense_ends_the_connection(bus, packet, text):
    xl2tpd = bus.session()
    xl2tpd.send(packet)
    assert xl2tpd.expect_end(74) == text            # EBADMSG


@pytest.mark.parametrize("which", ["sa", "read"])
@pytest.mark.parametrize("packet", [wire.tunnel_put(**TUNNEL), wire.tunnel_del(10), wire.call_put(**CALL), wire.call_del(10, 20)])
def test_not_for_others(bus, which, packet):
    client = bus.keep(wire.Client(bus.path(which), "test", 1 if which == "sa" else 0))
    client.send(packet)
    assert "is not for a" in client.expect_end(1)       # EPERM


def test_thousands_on_one_connection(bus):
    """Ten thousand entries; then a change costs what it costs with ten, and the end of the connection is not slow either."""
    def changes(count):
        start = time.monotonic()
        for i in range(count):
            xl2tpd.send(wire.tunnel_put(**dict(TUNNEL, tunnel_id=1 + i % 10, since=len(costs) * 100000 + i)))
        said(xl2tpd)
        return time.monotonic() - start

    xl2tpd, costs = bus.session(), []
    costs.append(changes(2000))
    for ident in range(1, 5001):
        xl2tpd.send(wire.tunnel_put(**dict(TUNNEL, tunnel_id=ident)))
        xl2tpd.send(wire.call_put(**dict(CALL, tunnel_id=ident)))
    said(xl2tpd)
    stats = bus.reader().stats()
    assert (stats["tunnels"], stats["calls"]) == (5000, 5000)
    costs.append(changes(2000))
    print("2,000 changes: %.3f s with 10, %.3f s with 10,000 entries; sabusd has %d KiB" % (*costs, bus.rss_kib()))
    assert costs[1] < 5 * costs[0] + 0.2
    watcher = bus.watcher(sessions=True).snapshot()
    assert (len(watcher.tunnels), len(watcher.calls)) == (5000, 5000)
    other = bus.watcher("198.51.100.7").snapshot()
    xl2tpd.close()
    watcher.until(lambda w: w.done and not w.tunnels and not w.calls)
    assert not [m for m in other.pending() if m.type == wire.RESYNC]    # it has not asked for any of this
    stats = bus.reader().stats()
    assert (stats["tunnels"], stats["calls"]) == (0, 0)


class Machine(RuleBasedStateMachine):
    """Two xl2tpds (connections of one process, with ids of their own) do anything; watchers that come whenever see the same in the end."""

    @initialize()
    def begin(self):
        self.bus = Sabusd().start()
        self.watchers = [self.bus.watcher(sessions=True)]
        self.sides, self.tunnels, self.calls = [None, None], {}, {}

    def teardown(self):
        if not hasattr(self, "bus"):
            return
        for side in self.sides:
            if side:
                said(side)
        for watcher in self.watchers:
            watcher.until(lambda w: w.done and w.tunnels == self.tunnels and w.calls == self.calls)
        self.bus.__exit__(None, None, None)

    def side(self, which):
        if not self.sides[which]:
            self.sides[which] = self.bus.session()
        return self.sides[which]

    tunnel_ids = st.integers(1, 3)

    @rule(which=st.integers(0, 1), ident=tunnel_ids, state=st.integers(1, 3))
    def put(self, which, ident, state):
        ident += 100 * which
        tunnel = dict(TUNNEL, tunnel_id=ident, state=state)
        self.side(which).send(wire.tunnel_put(**tunnel))
        self.tunnels[ME, ident] = dict(tunnel, pid=ME)

    @rule(which=st.integers(0, 1), ident=tunnel_ids, call=st.integers(1, 2), serial=st.integers(1, 3))
    def call(self, which, ident, call, serial):
        ident += 100 * which
        info = dict(CALL, tunnel_id=ident, call_id=call, serial=serial)
        self.side(which).send(wire.call_put(**info))
        if (ME, ident) in self.tunnels:
            self.calls[ME, ident, call] = dict(info, pid=ME)

    @rule(which=st.integers(0, 1), ident=tunnel_ids, call=st.integers(1, 2))
    def call_ends(self, which, ident, call):
        ident += 100 * which
        self.side(which).send(wire.call_del(ident, call))
        self.calls.pop((ME, ident, call), None)

    @rule(which=st.integers(0, 1), ident=tunnel_ids)
    def tunnel_ends(self, which, ident):
        ident += 100 * which
        self.side(which).send(wire.tunnel_del(ident))
        self.tunnels.pop((ME, ident), None)
        self.calls = {k: v for k, v in self.calls.items() if k[1] != ident}

    @precondition(lambda self: any(self.sides))
    @rule(which=st.integers(0, 1))
    def side_ends(self, which):
        if not self.sides[which]:
            return
        self.sides[which].close()
        self.sides[which] = None
        self.tunnels = {k: v for k, v in self.tunnels.items() if k[1] // 100 != which}
        self.calls = {k: v for k, v in self.calls.items() if k[1] // 100 != which}

    @rule()
    def watcher_comes(self):
        self.watchers.append(self.bus.watcher(sessions=True))


Machine.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
TestMachine = Machine.TestCase
