# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests to charon: passed on with a number of sabusd's own, and each has exactly one RESULT, whoever fails meanwhile."""

import collections
import errno
import time

import pytest
import wire
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sabusd import Sabusd

A = "198.51.100.7"
REQUEST_SECONDS = 60        # SABUS_REQUEST_MS


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def synced(bus, **more):
    publisher = bus.publisher(**more).sync()
    publisher.expect(wire.HELLO)
    return publisher


def outcome(client):
    got = client.expect(wire.RESULT)
    return got.seq, got.number(wire.A_ERRNO), got.string(wire.A_ERRTEXT)


def test_there_and_back(bus):
    charon, one, two = synced(bus), bus.session(), bus.session()
    one.send(wire.request_delete(42, "last tunnel closed", seq=5))
    first = charon.expect(wire.REQUEST)
    two.send(wire.request_initiate(A, "road/l2tp", seq=5, mark=9))
    second = charon.expect(wire.REQUEST)
    assert first.seq != second.seq and 0 not in (first.seq, second.seq)
    assert (first.number(wire.A_OP), first.number(wire.A_SA_ID), first.string(wire.A_ERRTEXT)) == (wire.OP_DELETE, 42, "last tunnel closed")
    assert (second.number(wire.A_OP), second.string(wire.A_NAME)) == (wire.OP_INITIATE, "road/l2tp")
    assert second.nested(wire.A_FLOW, wire.FLOW) == dict(local_addr="192.0.2.1", local_port=1701, remote_addr=A, remote_port=1701, mark=9)
    charon.send(wire.result(second.seq, errno.ECONNREFUSED, "AUTHENTICATION_FAILED"))
    charon.send(wire.result(first.seq))
    assert outcome(two) == (5, errno.ECONNREFUSED, "AUTHENTICATION_FAILED")
    assert outcome(one) == (5, 0, "")
    stats = bus.reader().stats()
    assert (stats["requests"], stats["requests_waiting"], stats["requests_failed"]) == (2, 0, 1)


def test_an_answer_comes_once_and_only_to_who_asked(bus):
    charon, one, two = synced(bus), bus.session(), bus.session()
    one.send(wire.request_delete(1, seq=3))
    seq = charon.expect(wire.REQUEST).seq
    for number in (seq, seq, seq + 1, 0):
        charon.send(wire.result(number))
    assert outcome(one) == (3, 0, "")
    one.answer(A)
    two.answer(A)
    assert one.pending() == [] and two.pending() == []


def test_without_charon(bus):
    session = bus.session()
    session.send(wire.request_delete(1, seq=1))
    assert outcome(session)[:2] == (1, errno.ENOTCONN)
    publisher = bus.publisher()
    publisher.begin()
    session.send(wire.request_delete(1, seq=2))
    assert outcome(session)[:2] == (2, errno.ENOTCONN)      # not in sync yet
    publisher.end()
    session.send(wire.request_delete(1, seq=3))             # seen at once, like every publish
    publisher.expect(wire.REQUEST)


@pytest.mark.parametrize("how", ["close", "superseded"])
def test_charon_goes_away(bus, how):
    charon, session = synced(bus), bus.session()
    for i in range(1, 4):
        session.send(wire.request_delete(i, seq=i))
        charon.expect(wire.REQUEST)
    if how == "close":
        charon.close()
    else:
        synced(bus, epoch=2)
    assert [outcome(session)[:2] for _ in range(3)] == [(i, errno.EPIPE) for i in range(1, 4)]
    if how == "close":
        charon = synced(bus, epoch=2)
        session.send(wire.request_delete(9, seq=9))
        charon.send(wire.result(charon.expect(wire.REQUEST).seq))
        assert outcome(session) == (9, 0, "")


def test_the_asker_goes_away(bus):
    charon, session, other = synced(bus), bus.session(), bus.session()
    session.send(wire.request_delete(1, seq=1))
    request = charon.expect(wire.REQUEST)
    session.close()
    other.send(wire.request_delete(2, seq=1))
    charon.send(wire.result(request.seq))
    charon.send(wire.result(charon.expect(wire.REQUEST).seq, errno.ENOENT))
    assert outcome(other)[:2] == (1, errno.ENOENT)
    assert bus.reader().stats()["requests_waiting"] == 0


def test_last_words(bus):
    """xl2tpd asks to delete its SAs and ends at once, its answers unread: each request reaches charon, also those that did not fit at first."""
    charon, session, count = synced(bus), bus.session(), 1500
    session.send(wire.watch(sessions=True))
    for i in range(1, count + 1):
        if i % 300 == 0:
            session.answer(A)                       # all read until here; not by charon
        session.send(wire.request_delete(i, seq=i))
    session.close()
    for i in range(1, count + 1):
        request = charon.expect(wire.REQUEST)
        assert request.number(wire.A_SA_ID) == i
        charon.put(i, A)
        charon.send(wire.result(request.seq))
    reader = bus.reader()
    reader.answer(A)
    assert (reader.stats()["requests_waiting"], reader.stats()["requests_failed"]) == (0, 0)


def test_a_publisher_that_does_not_know_requests(bus):
    charon, session = synced(bus), bus.session(patience=REQUEST_SECONDS + 20)
    start = time.monotonic()
    session.send(wire.request_delete(1, seq=1))
    assert outcome(session)[:2] == (1, errno.ETIMEDOUT)
    assert REQUEST_SECONDS - 1 < time.monotonic() - start < REQUEST_SECONDS + 10
    charon.send(wire.result(charon.expect(wire.REQUEST).seq))   # too late: nobody is told
    session.answer(A)
    assert session.pending() == []


def test_a_publisher_that_does_not_read(bus):
    """More than its socket takes wait in sabusd, in order; more than that is EBUSY; lookups are answered all the while."""
    charon, session = synced(bus), bus.session()
    limit, busy = 8192, 20
    for i in range(1, limit + busy + 1):
        session.send(wire.request_delete(i, seq=i))
    assert [outcome(session)[:2] for _ in range(busy)] == [(limit + i, errno.EBUSY) for i in range(1, busy + 1)]
    assert session.answer(A) == (wire.ABSENT, [])
    assert bus.reader().stats()["requests_waiting"] == limit
    for i in range(1, limit + 1):
        request = charon.expect(wire.REQUEST)
        assert request.number(wire.A_SA_ID) == i
        charon.send(wire.result(request.seq))
        if i % 50 == 0:
            assert [outcome(session)[:2] for _ in range(50)] == [(n, 0) for n in range(i - 49, i + 1)]
    assert bus.reader().stats()["requests_waiting"] == limit - i == 0


def test_a_session_that_does_not_read_its_results(bus):
    charon, deaf, other = synced(bus), bus.session(), bus.session()
    for i in range(1, 2001):
        deaf.send(wire.request_delete(i, seq=i))
    for _ in range(2000):
        charon.send(wire.result(charon.expect(wire.REQUEST).seq, errno.EINVAL, "x" * 200))
        if deaf_closed(bus):
            break
    else:
        pytest.fail("2,000 unread results and still connected")
    other.send(wire.request_delete(9999, seq=1))
    request = charon.expect(wire.REQUEST)
    while request.number(wire.A_SA_ID) != 9999:     # what the deaf one has left behind
        request = charon.expect(wire.REQUEST)
    charon.send(wire.result(request.seq))
    assert outcome(other)[:2] == (1, 0)


def deaf_closed(bus):
    return "does not read its answers" in bus.said()


@pytest.mark.parametrize("packet, err, text", [
    (wire.message(wire.REQUEST), errno.EBADMSG, "REQUEST: OP: missing"),
    (wire.message(wire.REQUEST, wire.attr(wire.A_OP, wire.U32(1))), errno.EBADMSG, "REQUEST: SA_ID: missing"),
    (wire.message(wire.REQUEST, wire.attr(wire.A_OP, wire.U32(5))), errno.EBADMSG, "REQUEST: OP: value out of range"),
    (wire.message(wire.REQUEST, wire.attr(wire.A_FLOW | wire.NESTED), wire.attr(wire.A_OP, wire.U32(2))), errno.EINVAL,
     "REQUEST: FLOW without a remote address"),
    (wire.request_initiate(A, "x" * 128), errno.EBADMSG, "REQUEST: NAME: string is too long"),
    (wire.request_delete(1, "x" * 64), errno.EBADMSG, "REQUEST: ERRTEXT: string is too long")])
def test_nonsense_ends_the_connection(bus, packet, err, text):
    synced(bus)
    session = bus.session()
    session.send(packet)
    assert session.expect_end(err) == text


@pytest.mark.parametrize("which", ["sa", "read"])
def test_only_sessions_may_ask(bus, which):
    synced(bus)
    client = bus.keep(wire.Client(bus.path(which), "test", 5 if which == "sa" else 0))
    client.send(wire.request_delete(1))
    assert "REQUEST (31) is not for a" in client.expect_end(errno.EPERM)


class Machine(RuleBasedStateMachine):
    """Sessions ask, charon answers when it likes, comes and goes: each session gets one RESULT for each number it has used, never another's."""

    @initialize()
    def begin(self):
        self.bus = Sabusd().start()
        self.charon, self.unanswered, self.sessions, self.asked, self.epoch = None, [], [], {}, 0

    def teardown(self):
        if not hasattr(self, "bus"):
            return
        self.charon_goes()
        for session in self.sessions:
            want, seen = self.asked[session], collections.Counter()
            while sum(seen.values()) < len(want):
                seq, err, text = outcome(session)
                seen[seq] += 1
                assert err in (want[seq], errno.EPIPE, errno.ENOTCONN) and (err != want[seq] or text in (str(seq), ""))
            assert set(seen.values()) <= {1} and set(seen) == set(want)
            session.answer(A)
            assert session.pending() == []
        assert self.bus.reader().stats()["requests_waiting"] == 0
        self.bus.__exit__(None, None, None)

    @precondition(lambda self: not self.charon)
    @rule()
    def charon_comes(self):
        self.epoch += 1
        self.charon = synced(self.bus, epoch=self.epoch)
        self.unanswered = []

    @rule()
    def charon_goes(self):
        if self.charon:
            self.charon.close()
        self.charon = None

    @rule()
    def session_comes(self):
        session = self.bus.session()
        session.expect(wire.HELLO)
        self.sessions.append(session)
        self.asked[session] = {}

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def session_goes(self, data):
        session = data.draw(st.sampled_from(self.sessions))
        self.sessions.remove(session)
        session.close()

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), err=st.sampled_from([0, errno.ENOENT, errno.ECONNREFUSED]))
    def ask(self, data, err):
        session = data.draw(st.sampled_from(self.sessions))
        seq = len(self.asked[session]) + 1
        self.asked[session][seq] = err
        session.send(wire.request_delete(1 + err, str(seq), seq=seq))

    @precondition(lambda self: self.charon)
    @rule(reverse=st.booleans())
    def answer(self, reverse):
        requests = [m for m in self.charon.pending() if m.type == wire.REQUEST]
        for request in reversed(requests) if reverse else requests:
            self.charon.send(wire.result(request.seq, request.number(wire.A_SA_ID) - 1, request.string(wire.A_ERRTEXT)))


Machine.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
TestMachine = Machine.TestCase
