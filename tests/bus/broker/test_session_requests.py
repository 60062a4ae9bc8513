# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests to a session: passed on to the connection that put it, and each has exactly one RESULT, whoever fails meanwhile."""

import collections
import errno
import time

import pytest
import wire
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sabusd import Sabusd
from test_requests import outcome

SESSION_REQUEST_SECONDS = 10        # SABUS_SESSION_REQUEST_MS
CHANGE = dict(encryption=1, mandate=0, mtu_cap=1300, filter_id="quarantine", identities=["*@example.org", ""])


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def pppd(bus, user="alice", ops=wire.TAKES_ALL, **more):
    """A session, and the id that watchers know it by."""
    session = bus.session(**more)
    session.send(wire.session_put(ops, ifname="ppp0", user=user, flow={}))
    watcher = bus.watcher(sessions=True).until(lambda w: w.done and user in [s.get("user") for s in w.sessions.values()])
    (ident,) = [i for i, s in watcher.sessions.items() if s.get("user") == user]
    watcher.close()
    session.expect(wire.HELLO)
    return session, ident


def waiting(bus):
    return bus.reader().stats()["requests_waiting"]


def test_close_there_and_back(bus):
    (one, first), (two, second), asker = pppd(bus, "alice"), pppd(bus, "bob"), bus.session()
    asker.send(wire.request_close(second, "Disconnect-Request", seq=5))
    request = two.expect(wire.REQUEST)
    assert (request.number(wire.A_OP), request.number(wire.A_SESSION_ID)) == (wire.OP_CLOSE, second)
    assert request.string(wire.A_ERRTEXT) == "Disconnect-Request" and not request.has(wire.A_REPLY) and request.seq
    two.send(wire.result(request.seq))
    assert outcome(asker) == (5, 0, "")
    assert one.pending() == []
    stats = bus.reader().stats()
    assert (stats["requests"], stats["requests_waiting"], stats["requests_failed"]) == (1, 0, 0)


def test_change_arrives_whole(bus):
    (session, ident), asker = pppd(bus), bus.session()
    full = dict(CHANGE, ms_policy=7, ms_types=0xffffffff, min_strength=99, framed_mtu=1, session_timeout=2, idle_timeout=0, interim=4,
                filter_id="f" * 253, identities=["i" * 255] * 8)
    for members in (CHANGE, full, {}):
        asker.send(wire.request_change(ident, "CoA-Request", seq=6, **members))
        request = session.expect(wire.REQUEST)
        assert request.number(wire.A_OP) == wire.OP_CHANGE
        assert request.nested(wire.A_REPLY, wire.REPLY) == wire.reply(**members)
        session.send(wire.result(request.seq, errno.EINVAL, "no"))
        assert outcome(asker) == (6, errno.EINVAL, "no")


def test_no_such_session(bus):
    (session, ident), asker = pppd(bus), bus.session()
    asker.send(wire.request_close(ident + 1, seq=1))
    assert outcome(asker)[:2] == (1, errno.ENOENT)
    session.close()
    for seq in range(2, 1000):
        asker.send(wire.request_close(ident, seq=seq))
        error = outcome(asker)[1]
        if error != errno.EPIPE:  # until sabusd has read its end
            break
    assert error == errno.ENOENT


@pytest.mark.parametrize("ops, op, err", [
    (None, "close", errno.ENOTSUP), (None, "change", errno.ENOTSUP), (0, "close", errno.ENOTSUP),
    (1 << wire.OP_CLOSE, "close", 0), (1 << wire.OP_CLOSE, "change", errno.ENOTSUP), (0xffffffff, "change", 0)])
def test_an_old_pppd_is_not_sent_what_it_does_not_know(bus, ops, op, err):
    (session, ident), asker = pppd(bus, ops=ops), bus.session()
    asker.send(wire.request_close(ident, seq=1) if op == "close" else wire.request_change(ident, seq=1, **CHANGE))
    if err:
        assert outcome(asker)[:2] == (1, err)
        session.answer("198.51.100.7")
        assert session.pending() == []
    else:
        session.send(wire.result(session.expect(wire.REQUEST).seq))
        assert outcome(asker) == (1, 0, "")


@pytest.mark.parametrize("how", ["close", "del"])
def test_the_session_ends_before_it_answers(bus, how):
    (session, ident), asker = pppd(bus), bus.session()
    for seq in (1, 2, 3):
        asker.send(wire.request_close(ident, seq=seq))
    seqs = [session.expect(wire.REQUEST).seq for _ in range(3)]
    session.send(wire.result(seqs[1]))
    if how == "del":
        session.send(wire.message(wire.SESSION_DEL))
        session.send(wire.result(seqs[0]))          # too late
    else:
        session.close()
    assert [outcome(asker)[:2] for _ in range(3)] == [(2, 0), (1, errno.EPIPE), (3, errno.EPIPE)]
    asker.answer("198.51.100.7")
    assert asker.pending() == [] and waiting(bus) == 0


def test_the_asker_ends(bus):
    (session, ident), asker, other = pppd(bus), bus.session(), bus.session()
    asker.send(wire.request_close(ident, seq=1))
    asker.close()
    first = session.expect(wire.REQUEST)
    other.send(wire.request_close(ident, seq=1))
    second = session.expect(wire.REQUEST)
    session.send(wire.result(first.seq, errno.EINVAL))
    session.send(wire.result(second.seq))
    assert outcome(other) == (1, 0, "")
    assert waiting(bus) == 0


def test_a_session_asks_itself(bus):
    session, ident = pppd(bus)
    session.send(wire.request_close(ident, seq=4))
    session.send(wire.result(session.expect(wire.REQUEST).seq))
    assert outcome(session) == (4, 0, "")
    session.send(wire.request_close(ident, seq=5))
    session.expect(wire.REQUEST)
    session.close()
    assert waiting(bus) == 0


def test_nobody_answers_for_another(bus):
    charon = bus.publisher().sync()
    charon.expect(wire.HELLO)
    (session, ident), (other, _), asker = pppd(bus), pppd(bus, "bob"), bus.session()
    asker.send(wire.request_close(ident, seq=1))
    to_session = session.expect(wire.REQUEST).seq
    asker.send(wire.request_delete(1, seq=2))
    to_charon = charon.expect(wire.REQUEST).seq
    for liar, seq in ((other, to_session), (charon, to_session), (session, to_charon), (asker, to_session), (asker, to_charon)):
        liar.send(wire.result(seq, errno.EIO))
    other.answer("198.51.100.7")
    charon.send(wire.result(to_charon))
    assert outcome(asker) == (2, 0, "")
    session.send(wire.result(to_session))
    assert outcome(asker) == (1, 0, "")


def test_a_session_that_does_not_answer(bus):
    (session, ident), asker = pppd(bus), bus.session()
    start = time.monotonic()
    asker.send(wire.request_close(ident, seq=1))
    assert outcome(asker)[:2] == (1, errno.ETIMEDOUT)
    assert SESSION_REQUEST_SECONDS - 1 < time.monotonic() - start < SESSION_REQUEST_SECONDS + 5
    session.send(wire.result(session.expect(wire.REQUEST).seq))     # too late: nobody is told
    asker.answer("198.51.100.7")
    assert asker.pending() == []


def test_too_many_wait_for_one_session(bus):
    (session, ident), (other, another), asker = pppd(bus), pppd(bus, "bob"), bus.session()
    for seq in range(1, 12):
        asker.send(wire.request_close(ident, seq=seq))
    assert [outcome(asker)[:2] for _ in range(3)] == [(seq, errno.EBUSY) for seq in (9, 10, 11)]
    asker.send(wire.request_close(another, seq=12))         # others are asked all the same
    other.send(wire.result(other.expect(wire.REQUEST).seq))
    assert outcome(asker) == (12, 0, "")
    for seq in range(1, 9):
        session.send(wire.result(session.expect(wire.REQUEST).seq))
        assert outcome(asker) == (seq, 0, "")


def test_a_session_that_does_not_read(bus):
    """Its socket is full of what it watches: it is not sent the request, and sabusd goes on."""
    charon = bus.publisher().sync()
    session, ident = pppd(bus)
    asker = bus.session()
    session.send(wire.watch())
    for i in range(1, 2001):
        charon.put(i, "198.51.100.%d" % (i % 250 + 1))
    asker.answer("198.51.100.1")
    asker.send(wire.request_close(ident, seq=1))
    assert outcome(asker)[:2] == (1, errno.EBUSY)


@pytest.mark.parametrize("packet, text", [
    (wire.message(wire.REQUEST, wire.attr(wire.A_OP, wire.U32(3))), "REQUEST: SESSION_ID: missing"),
    (wire.message(wire.REQUEST, wire.attr(wire.A_SESSION_ID, wire.U32(3)), wire.attr(wire.A_OP, wire.U32(4))), "REQUEST: REPLY: missing"),
    (wire.request_close(3, "x" * 64), "REQUEST: ERRTEXT: string is too long"),
    (wire.request_change(3, identities=["x"] * 9), "REQUEST: REPLY.IDENTITY: comes too often"),
    (wire.request_change(3, filter_id="x" * 254), "REQUEST: REPLY.FILTER_ID: string is too long")])
def test_nonsense_ends_the_connection(bus, packet, text):
    asker = bus.session()
    asker.send(packet)
    assert asker.expect_end(errno.EBADMSG) == text


def test_readers_may_not(bus):
    _, ident = pppd(bus)
    reader = bus.reader()
    reader.send(wire.request_close(ident))
    assert "REQUEST (31) is not for a reader" in reader.expect_end(errno.EPERM)
    reader = bus.reader()
    reader.send(wire.result(1))
    assert "RESULT (32) is not for a reader" in reader.expect_end(errno.EPERM)


def test_what_accounting_knows_is_told(bus):
    session = bus.session()
    session.send(wire.session_put(wire.TAKES_ALL, user="alice", flow={}, acct_id="a-1", address="2001:db8::5"))
    watcher = bus.watcher(sessions=True).snapshot()
    (seen,) = watcher.sessions.values()
    assert (seen["acct_id"], seen["address"]) == ("a-1", "2001:db8::5")
    assert [m.has(wire.A_OPS) for m in watcher.seen if m.type == wire.SESSION_PUT] == [False]


class Machine(RuleBasedStateMachine):
    """Sessions come, go, and answer when they like: each asker gets one RESULT for each number it has used, never another's."""

    @initialize()
    def begin(self):
        self.bus = Sabusd().start()
        self.sessions, self.askers, self.asked, self.names = {}, [], {}, 0

    def teardown(self):
        if not hasattr(self, "bus"):
            return
        for ident in list(self.sessions):
            self.sessions.pop(ident).close()
        for asker in self.askers:
            want, seen = self.asked[asker], collections.Counter()
            while sum(seen.values()) < len(want):
                seq, err, _ = outcome(asker)
                seen[seq] += 1
                assert err in (want[seq], errno.EPIPE, errno.EBUSY, errno.ENOENT)
            assert set(seen.values()) <= {1} and set(seen) == set(want)
            asker.answer("198.51.100.7")
            assert asker.pending() == []
        assert waiting(self.bus) == 0
        self.bus.__exit__(None, None, None)

    @rule()
    def session_comes(self):
        self.names += 1
        session, ident = pppd(self.bus, "user%d" % self.names)
        self.sessions[ident] = session

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def session_goes(self, data):
        self.sessions.pop(data.draw(st.sampled_from(sorted(self.sessions)))).close()

    @rule()
    def asker_comes(self):
        asker = self.bus.session()
        asker.expect(wire.HELLO)
        self.askers.append(asker)
        self.asked[asker] = {}

    @precondition(lambda self: self.askers)
    @rule(data=st.data())
    def asker_goes(self, data):
        asker = data.draw(st.sampled_from(self.askers))
        self.askers.remove(asker)
        asker.close()

    @precondition(lambda self: self.askers and self.sessions)
    @rule(data=st.data(), err=st.sampled_from([0, errno.EPERM, errno.EINVAL]), change=st.booleans())
    def ask(self, data, err, change):
        asker = data.draw(st.sampled_from(self.askers))
        ident = data.draw(st.sampled_from(sorted(self.sessions)))
        seq = len(self.asked[asker]) + 1
        self.asked[asker][seq] = err
        asker.send(wire.request_change(ident, str(err), seq=seq, **CHANGE) if change else wire.request_close(ident, str(err), seq=seq))

    @rule(reverse=st.booleans())
    def answer(self, reverse):
        for session in self.sessions.values():
            requests = [m for m in session.pending() if m.type == wire.REQUEST]
            for request in reversed(requests) if reverse else requests:
                session.send(wire.result(request.seq, int(request.string(wire.A_ERRTEXT))))


Machine.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
TestMachine = Machine.TestCase
