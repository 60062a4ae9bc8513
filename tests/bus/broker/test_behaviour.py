# SPDX-License-Identifier: GPL-2.0-or-later
"""What sabusd says, case by case; the state machine (test_machine.py) mixes them."""

import errno
import os

import pytest
import wire
from sabusd import Sabusd
from wire import ABSENT, PRESENT, UNKNOWN

A, B, C = "198.51.100.1", "198.51.100.2", "2001:db8::c"


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def test_visible_when_send_has_returned(bus):
    """A publish is known to whoever asks after send() returned, also when the publisher's connection is still in the accept queue, and
    when sabusd sees the reader's socket first: it has an older question in it."""
    reader = bus.reader()
    reader.expect(wire.HELLO)
    for _ in range(20):
        bus.pause()
        reader.send(wire.message(wire.STATS))
        publisher = bus.publisher().sync((1, A))
        publisher.delete(1)
        publisher.put(2, B)
        for peer in (A, B):
            reader.send(wire.lookup(peer))
        bus.resume()
        first, second = reader.expect(wire.LOOKUP_ACK), reader.expect(wire.LOOKUP_ACK)
        assert first.number(wire.A_ANSWER) == ABSENT and not first.sas
        assert second.number(wire.A_ANSWER) == PRESENT and [sa["id"] for sa in second.sas] == [2]
        publisher.close()


def test_watch_begins_with_what_was_sent(bus):
    """The same for a watch: the snapshot has it."""
    reader = bus.reader()
    reader.expect(wire.HELLO)
    publisher = bus.publisher().sync()
    assert reader.answer(A) == (ABSENT, [])
    bus.pause()
    reader.send(wire.message(wire.STATS))
    publisher.put(1, A)
    reader.send(wire.watch(A))
    bus.resume()
    reader.expect(wire.STATS)
    assert reader.expect(wire.SA_PUT).sas[0]["id"] == 1
    reader.expect(wire.DONE)


def test_answers(bus):
    reader = bus.reader()
    assert reader.answer(A) == (UNKNOWN, [])
    publisher = bus.publisher()
    assert reader.answer(A) == (UNKNOWN, [])
    publisher.begin()
    publisher.put(1, A)
    assert reader.answer(A) == (UNKNOWN, [1])
    publisher.end()
    assert reader.answer(A) == (PRESENT, [1])
    assert reader.answer(B) == (ABSENT, [])
    assert reader.answer(A, local="192.0.2.99") == (ABSENT, [])
    publisher.put(2, C, local="2001:db8::1")
    assert reader.answer(C, local="2001:db8::1") == (PRESENT, [2])
    publisher.delete(77)
    assert reader.answer(A) == (PRESENT, [1])


def test_blob_unchanged(bus):
    """What the publisher said comes back whole, and its own ORPHAN flag is not believed."""
    publisher, reader = bus.publisher().sync(), bus.reader()
    sent = wire.l2tp_sa(5, A, flags=0x11 | wire.ORPHAN, id_eap="alice", set_mark_in=3, set_mark_in_mask=0xff, expires_at=1 << 40)
    publisher.send(wire.sa_put(**sent))
    (got,) = reader.lookup(A).sas
    assert got == dict(sent, flags=0x11)


def test_publisher_lost_and_back(bus):
    publisher, reader, watcher = bus.publisher().sync((1, A), (2, B)), bus.reader(), bus.watcher().snapshot()
    assert sorted(watcher.sas) == [1, 2] and watcher.publisher == wire.SYNCED
    publisher.close()
    watcher.until(lambda w: w.publisher == wire.NONE)
    ack = reader.lookup(A)
    assert ack.number(wire.A_ANSWER) == UNKNOWN and ack.sas[0]["flags"] & wire.ORPHAN
    assert reader.answer("203.0.113.1") == (UNKNOWN, [])
    late = bus.watcher().snapshot()
    assert all(sa["flags"] & wire.ORPHAN for sa in late.sas.values())
    bus.publisher(epoch=2).sync((1, A))
    watcher.until(lambda w: w.publisher == wire.SYNCED and sorted(w.sas) == [1])
    late.until(lambda w: w.publisher == wire.SYNCED and sorted(w.sas) == [1])
    assert not late.sas[1].get("flags", 0) & wire.ORPHAN
    (gone,) = [m for m in watcher.seen if m.type == wire.SA_DEL]
    assert (gone.number(wire.A_SA_ID), gone.number(wire.A_CAUSE)) == (2, wire.CAUSE_RESYNC)
    assert reader.answer(A) == (PRESENT, [1]) and reader.answer(B) == (ABSENT, [])


def test_orphan_grace():
    with Sabusd("--orphan-grace", "1") as bus:
        publisher, watcher = bus.publisher().sync((1, A)), bus.watcher().snapshot()
        publisher.close()
        watcher.until(lambda w: not w.sas)
        gone = watcher.seen[-1]
        assert gone.number(wire.A_CAUSE) == wire.PUBLISHER_LOST
        assert bus.reader().answer(A) == (UNKNOWN, [])


def test_newest_publisher_counts(bus):
    old, reader = bus.publisher().sync((1, A)), bus.reader()
    assert reader.answer(A) == (PRESENT, [1])
    new = bus.publisher(epoch=2)
    assert reader.answer(A) == (UNKNOWN, [1])
    old.expect_end(errno.ESTALE)
    new.sync((2, A))
    assert reader.answer(A) == (PRESENT, [2])


def test_older_connection_says_hello_late(bus):
    old = wire.Publisher(bus.path("sa"), greet=False)
    bus.publisher().sync((1, A))
    reader = bus.reader()
    assert reader.answer(A) == (PRESENT, [1])
    old.send(wire.hello("charon", 9))
    old.expect_end(errno.ESTALE)
    assert reader.answer(A) == (PRESENT, [1])


def test_resync_on_the_same_connection(bus):
    """Stale until put again; what is repeated unchanged is news to nobody."""
    publisher, watcher = bus.publisher().sync((1, A), (2, B)), bus.watcher().snapshot()
    reader = bus.reader()
    watcher.seen.clear()
    publisher.begin()
    assert reader.answer(B) == (UNKNOWN, [2])
    publisher.put(1, A)
    publisher.end()
    watcher.until(lambda w: sorted(w.sas) == [1] and w.publisher == wire.SYNCED)
    assert not [m for m in watcher.seen if m.type == wire.SA_PUT]
    assert reader.answer(B) == (ABSENT, [])


def test_pending_is_found_by_its_peer(bus):
    publisher, reader = bus.publisher().sync(), bus.reader()
    publisher.put(1, A, state=wire.PENDING, ts=None, mode=None, proto=None)
    assert reader.answer(A) == (PRESENT, [1])
    assert reader.answer(A, mark=7) == (PRESENT, [1])
    publisher.put(1, A)
    assert reader.answer(A) == (PRESENT, [1])
    publisher.delete(1, wire.FAILED)
    assert reader.answer(A) == (ABSENT, [])


def pair(remote_from, remote_to=None, local="10.0.0.1"):
    return dict(local_from=local, local_to=local, local_port_to=65535, remote_from=remote_from, remote_to=remote_to or remote_from,
                remote_port_to=65535)


def test_tunnel_mode_is_found_by_its_selectors(bus):
    """The peer of the flow is an inner address: one, or one of a range."""
    publisher, reader = bus.publisher().sync(), bus.reader()
    publisher.put(1, A, mode=wire.TUNNEL, ts=[pair("10.0.0.2")])
    publisher.put(2, B, mode=wire.TUNNEL, ts=[pair("10.1.0.0", "10.1.0.255")])
    assert reader.answer("10.0.0.2", local="10.0.0.1") == (PRESENT, [1])
    assert reader.answer("10.1.0.9", local="10.0.0.1") == (PRESENT, [2])
    assert reader.answer("10.2.0.9", local="10.0.0.1") == (ABSENT, [])
    assert reader.answer(A, local="10.0.0.1") == (ABSENT, [])
    watcher = bus.watcher("10.1.0.77").snapshot()
    assert sorted(watcher.sas) == [2]
    publisher.delete(2)
    watcher.until(lambda w: not w.sas)
    publisher.put(2, "10.1.0.9", mode=wire.TUNNEL, ts=[pair("10.1.0.0", "10.1.0.255")])
    assert reader.answer("10.1.0.9", local="10.0.0.1") == (PRESENT, [2])


def failure(reader, peer):
    """What a LOOKUP_ACK says of IKE with this peer: (answer, failure, seconds since)."""
    reader.send(wire.lookup(peer))
    got = reader.expect(wire.LOOKUP_ACK)
    said = [got.number(k) for k in (wire.A_IKE_FAILURE, wire.A_FAILED_AGO) if got.has(k)]
    return (got.number(wire.A_ANSWER), *said)


def test_ike_failure(bus):
    """The last one of each peer is told where there is no SA, and forgotten when there is one."""
    publisher, reader = bus.publisher(), bus.reader()
    assert publisher.expect(wire.HELLO).number(wire.A_OPS) & wire.TAKES_IKE_FAILED
    publisher.sync()
    reader.expect(wire.HELLO)
    publisher.send(wire.ike_failed(A, wire.LOCAL_AUTH))
    publisher.send(wire.ike_failed(A, wire.PEER_AUTH))
    publisher.send(wire.ike_failed(C, wire.PEER_AUTH, local="2001:db8::1"))
    assert failure(reader, A)[:2] == failure(reader, C)[:2] == (ABSENT, wire.PEER_AUTH) and failure(reader, A)[2] < 20
    assert failure(reader, B) == (ABSENT,)
    publisher.put(1, A)
    assert failure(reader, A) == (PRESENT,)
    publisher.delete(1)
    assert failure(reader, A) == (ABSENT,)
    publisher.close()
    assert failure(reader, C)[:2] == (UNKNOWN, wire.PEER_AUTH)


def test_ike_failures_are_bounded(bus):
    """The oldest makes room: anybody can make IKE fail from any address."""
    publisher, reader = bus.publisher().sync(), bus.reader()
    reader.expect(wire.HELLO)
    for i in range(300):
        publisher.send(wire.ike_failed("198.18.%d.%d" % divmod(i, 256), wire.PEER_AUTH))
    told = [len(failure(reader, "198.18.%d.%d" % divmod(i, 256))) == 3 for i in range(300)]
    assert sum(told) == 256 and told[-1] and not told[0]


def test_ike_failed_is_for_publishers(bus):
    for client in (bus.session(), bus.reader()):
        client.expect(wire.HELLO)
        client.send(wire.ike_failed(A, wire.PEER_AUTH))
        assert client.expect(wire.ERROR).number(wire.A_ERRNO) == errno.EPERM
    assert bus.reader().answer(A) == (UNKNOWN, [])


def test_marks_behind_one_nat(bus):
    publisher, reader = bus.publisher().sync(), bus.reader()
    for i in range(1, 41):
        publisher.put(i, A, set_mark_in=i, set_mark_in_mask=0xffffffff)
    for i in (1, 17, 40):
        assert reader.answer(A, mark=i) == (PRESENT, [i])
    assert reader.answer(A, mark=41) == (ABSENT, [])


def test_truncated_answer_has_the_newest(bus):
    publisher, reader = bus.publisher().sync(), bus.reader()
    for i in range(1, 21):
        publisher.put(i, A, state=wire.INSTALLED if i <= 18 else wire.REKEYED)
    ack = reader.lookup(A)
    assert ack.has(wire.A_TRUNCATED) and [sa["id"] for sa in ack.sas] == list(range(18, 2, -1))
    for i in range(3, 21):
        publisher.delete(i)
    ack = reader.lookup(A)
    assert not ack.has(wire.A_TRUNCATED) and len(ack.sas) == 2


def test_truncated_by_size(bus):
    """Sixteen of the largest SAs do not fit into one packet: cut, said so, and the rest is whole."""
    publisher, reader = bus.publisher().sync(), bus.reader()
    long = dict(id_local="l" * 255, id_remote="r" * 255, id_eap="e" * 255, name="n" * 63, auth="a" * 63)
    pairs = [pair(A, local="192.0.2.1")] * 8
    sent = [wire.l2tp_sa(i, A, ts=pairs, **long) for i in range(1, 17)]
    for sa in sent:
        publisher.send(wire.sa_put(**sa))
    ack = reader.lookup(A)
    assert ack.sas == list(reversed(sent))[:len(ack.sas)]
    assert ack.has(wire.A_TRUNCATED) == (len(ack.sas) < 16)


def test_watch_filter(bus):
    publisher = bus.publisher().sync((1, A), (2, B))
    watcher = bus.watcher(A).snapshot()
    assert sorted(watcher.sas) == [1]
    publisher.put(3, B)
    publisher.put(4, A)
    publisher.delete(1)
    watcher.until(lambda w: sorted(w.sas) == [4])
    assert not [m for m in watcher.seen if m.type == wire.SA_PUT and m.sas[0]["remote_addr"] != A]
    assert not [m for m in bus.watcher().snapshot().seen if m.type == wire.SA_DEL]      # a newcomer hears nothing of the dead


def test_watcher_is_told_when_its_sa_moves(bus):
    """MOBIKE: whoever watches the old address must not believe in the SA for ever."""
    publisher = bus.publisher().sync((1, A))
    old, new, everything = bus.watcher(A).snapshot(), bus.watcher(B).snapshot(), bus.watcher().snapshot()
    publisher.put(1, B)
    for watcher in (old, new, everything):
        watcher.until(lambda w: w.sas.get(1, {}).get("remote_addr") == B)
    assert len([m for m in everything.seen if m.type == wire.SA_PUT]) == 2
    publisher.delete(1)
    new.until(lambda w: not w.sas)
    everything.until(lambda w: not w.sas)
    publisher.put(1, A)
    old.until(lambda w: w.sas[1]["remote_addr"] == A)


def test_id_used_again_elsewhere(bus):
    """charon counts from 1 after a restart: a slow watcher of the first SA's peer learns that it is gone."""
    publisher, watcher = bus.publisher().sync((1, A)), bus.watcher(A).snapshot()
    bus.pause()
    publisher.delete(1)
    publisher.put(1, B)
    bus.resume()
    watcher.until(lambda w: w.sas.get(1, {}).get("remote_addr") != A)


def storm(publisher, first, count):
    for i in range(first, first + count):
        publisher.put(i, B)
        publisher.delete(i)


def test_slow_watcher_sees_last_states_only(bus):
    publisher, watcher = bus.publisher().sync((1, A)), bus.watcher().snapshot()
    watcher.seen.clear()
    for i in range(3000):
        publisher.put(1, A, expires_at=i + 1)
    reader = bus.reader()
    assert reader.answer(A) == (PRESENT, [1])
    watcher.until(lambda w: w.sas[1].get("expires_at") == 3000)
    assert len(watcher.seen) < 2000


def test_watcher_that_missed_deletions_is_resynced(bus):
    publisher, watcher = bus.publisher().sync((1, A), (2, B)), bus.watcher().snapshot()
    reader = bus.reader()
    storm(publisher, 100, 1000)             # its socket is full after that
    assert reader.answer(A) == (PRESENT, [1])
    publisher.delete(2)
    storm(publisher, 2000, 5000)            # more tombstones than are kept
    assert reader.answer(A) == (PRESENT, [1])
    watcher.until(lambda w: w.done and sorted(w.sas) == [1])
    assert reader.stats()["resyncs"] == 1
    publisher.put(3, A)
    watcher.until(lambda w: sorted(w.sas) == [1, 3])


def test_storm_elsewhere_is_none_of_its_business(bus):
    """A watcher that has read everything is up to date, however many deletions in other buckets are forgotten meanwhile."""
    publisher, watcher, reader = bus.publisher().sync((1, A)), bus.watcher(A).snapshot(), bus.reader()
    storm(publisher, 100, 5000)
    assert reader.answer(A) == (PRESENT, [1])
    publisher.put(2, A)
    watcher.until(lambda w: sorted(w.sas) == [1, 2])
    assert reader.stats()["resyncs"] == 0


def test_second_watch_replaces_the_first(bus):
    bus.publisher().sync((1, A), (2, B))
    watcher = bus.watcher(A).snapshot()
    watcher.forget()
    watcher.send(wire.watch(B))
    watcher.snapshot()
    assert sorted(watcher.sas) == [2]


def test_sessions(bus):
    watcher, plain = bus.watcher(sessions=True).snapshot(), bus.watcher().snapshot()
    one, two = bus.session(), bus.session()
    said = dict(pid=1, up=1, ifname="ppp0", user="alice", flow=dict(local_addr="192.0.2.1", remote_addr=A), sa_id=1, mtu=1400)
    one.send(wire.session_put(**said))
    two.send(wire.session_put(**dict(said, ifname="ppp1")))
    watcher.until(lambda w: len(w.sessions) == 2)
    assert {s["ifname"]: s["pid"] for s in watcher.sessions.values()} == {"ppp0": os.getpid(), "ppp1": os.getpid()}
    one.send(wire.session_put(**dict(said, mtu=1300)))
    watcher.until(lambda w: sorted(s["mtu"] for s in w.sessions.values()) == [1300, 1400])
    one.send(wire.message(wire.SESSION_DEL))
    watcher.until(lambda w: len(w.sessions) == 1)
    one.send(wire.session_put(**said))
    watcher.until(lambda w: len(w.sessions) == 2)
    one.close()
    two.close()
    watcher.until(lambda w: not w.sessions)
    assert not plain.pending()
    assert bus.reader().stats()["sessions"] == 0


def test_table_full_is_never_absent():
    with Sabusd("--max-sas", "2") as bus:
        publisher, reader = bus.publisher().sync((1, A), (2, B)), bus.reader()
        assert reader.answer("203.0.113.1") == (ABSENT, [])
        publisher.put(3, "203.0.113.1")
        assert reader.answer("203.0.113.1") == (UNKNOWN, [])
        assert reader.answer(A) == (PRESENT, [1])
        assert reader.lookup(A).has(wire.A_TRUNCATED)   # what was turned away might cover it as well
        publisher.put(1, A, expires_at=9)       # what is in the table may change
        assert reader.lookup(A).sas[0]["expires_at"] == 9
        publisher.sync((3, "203.0.113.1"))
        assert reader.answer(B) == (ABSENT, [])
        assert reader.answer("203.0.113.1") == (PRESENT, [3]) and not reader.lookup("203.0.113.1").has(wire.A_TRUNCATED)
        assert reader.stats()["dropped"] == 1 and "--max-sas" in bus.said()


def test_restart_of_the_broker(bus):
    publisher, watcher = bus.publisher().sync((1, A)), bus.watcher().snapshot()
    epoch = bus.reader().expect(wire.HELLO).number(wire.A_EPOCH)
    bus.crash()
    watcher.expect_end()
    publisher.expect_end()
    bus.start()
    reader = bus.reader()
    assert reader.expect(wire.HELLO).number(wire.A_EPOCH) != epoch
    assert reader.answer(A) == (UNKNOWN, [])
    bus.publisher().sync((1, A))
    assert reader.answer(A) == (PRESENT, [1])


def test_many_clients_and_sas(bus):
    """2,000 SAs, 500 watchers of one peer each: each gets its own and nothing else, memory stays small."""
    peers = ["10.%d.%d.1" % divmod(i, 250) for i in range(500)]
    publisher = bus.publisher()
    publisher.sync(*[(i + 1, peers[i % 500]) for i in range(2000)])
    watchers = [wire.Watcher(bus.path("session"), peer) for peer in peers]
    for i, watcher in enumerate(watchers):
        assert sorted(watcher.snapshot().sas) == [i + 1, i + 501, i + 1001, i + 1501]
    publisher.delete(1)
    watchers[0].until(lambda w: 1 not in w.sas)
    assert not any(w.pending() for w in watchers[1:])
    stats = bus.reader().stats()
    assert stats["sas"] == 1999 and stats["watches"] == 500 and stats["clients"] == 502
    if "address" not in os.environ.get("SAN_CFLAGS", ""):
        assert bus.rss_kib() < 8192
