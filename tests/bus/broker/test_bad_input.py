# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that are broken, hostile or asleep. Each is told why and put out; sabusd goes on and answers everybody else."""

import errno
import os
import random
import resource
import socket
import struct

import pytest
import wire
from sabusd import Sabusd
from wire import PRESENT

A, B = "198.51.100.1", "198.51.100.2"
NOBODY = 65534
GOOD = wire.sa_put(**wire.l2tp_sa(1, A))


@pytest.fixture(scope="module")
def shared():
    with Sabusd() as b:
        b.good = b.publisher().sync((99, B))
        yield b


@pytest.fixture
def bus(shared):
    """After each test it still answers, and its publisher is still trusted unless the test took its place."""
    yield shared
    if not shared.good.pending() and shared.reader().stats()["publisher_state"] == wire.SYNCED:
        assert shared.reader().answer(B) == (PRESENT, [99])
    else:
        shared.good = shared.publisher().sync((99, B))
        assert shared.reader().answer(B) == (PRESENT, [99])


def ready(client):
    client.expect(wire.HELLO)
    return client


def corrupt(offset, value, packet=GOOD):
    return packet[:offset] + value + packet[offset + len(value):]


MALFORMED = {
    "short header": (b"\x08\0\0\0\x14\0\0\0", ""),
    "length too long": (corrupt(0, wire.U32(len(GOOD) + 4)), ""),
    "length too short": (corrupt(0, wire.U32(len(GOOD) - 4)), ""),
    "cut": (GOOD[:-8], ""),
    "no attributes": (wire.message(wire.SA_PUT), "SA"),
    "nest without its flag": (wire.message(wire.SA_PUT, wire.attr(wire.A_SA, wire.nest(wire.SA, wire.l2tp_sa(1, A)))), "SA"),
    "id 0": (wire.sa_put(**wire.l2tp_sa(0, A)), "ID"),
    "no id": (wire.sa_put(name="x"), "ID"),
    "state out of range": (wire.sa_put(id=1, state=9), "STATE"),
    "address of 5 bytes": (wire.message(wire.SA_PUT, wire.attr(wire.A_SA | wire.NESTED, wire.attr(1, wire.U32(1)) + wire.attr(30, b"12345"))),
                           "REMOTE_ADDR"),
    "string without end": (wire.message(wire.SA_PUT, wire.attr(wire.A_SA | wire.NESTED, wire.attr(1, wire.U32(1)) + wire.attr(6, b"abc"))), "NAME"),
    "string too long": (wire.sa_put(id=1, name="n" * 64), "NAME"),
    "nine selectors": (wire.sa_put(**wire.l2tp_sa(1, A, ts=[dict(local_proto=17)] * 9)), "TS"),
    "cause out of range": (wire.sa_del(1, 77), "CAUSE"),
    "two SAs": (wire.message(wire.SA_PUT, *[wire.attr(wire.A_SA | wire.NESTED, wire.nest(wire.SA, wire.l2tp_sa(i, A))) for i in (1, 2)]), "SA"),
}


@pytest.mark.parametrize("what", sorted(MALFORMED))
def test_malformed(bus, what):
    packet, names = MALFORMED[what]
    client = ready(bus.publisher(epoch=3))
    client.send(packet)
    assert names in client.expect_end(errno.EBADMSG)


def test_oversized(bus):
    for size in (8193, 9000, 60000):
        client = ready(bus.reader())
        client.send(bytes(size))
        assert str(size) in client.expect_end(errno.EMSGSIZE)
    client = ready(bus.publisher(epoch=4))
    client.send(wire.message(wire.SA_PUT, wire.attr(wire.A_SA | wire.NESTED, wire.nest(wire.SA, wire.l2tp_sa(1, A)) + wire.attr(900, bytes(5000)))))
    assert "4096" in client.expect_end(errno.EMSGSIZE)


def test_unknown_attribute_is_ignored(bus):
    """The format is append only: what a newer client adds is none of an older sabusd's business."""
    client = ready(bus.reader())
    client.send(wire.message(wire.LOOKUP, wire.flow(B), wire.attr(999, b"from the future"), seq=7))
    assert client.expect(wire.LOOKUP_ACK).number(wire.A_ANSWER) == PRESENT


def test_empty_packet_is_the_end(bus):
    client = ready(bus.reader())
    client.send(b"")
    client.expect_end()


@pytest.mark.parametrize("packet", [wire.lookup(A), wire.message(wire.STATS), wire.message(4711), b"\0" * 16, b"x"])
def test_hello_must_come_first(bus, packet):
    client = bus.keep(wire.Client(bus.path("read"), greet=False))
    client.send(packet)
    client.expect_end(errno.EPROTO if len(packet) > 1 and packet[4] >= 16 or packet[4:6] == struct.pack("=H", 4711) else errno.EBADMSG)


def test_hello_twice_and_wrong_version(bus):
    client = ready(bus.reader())
    client.send(wire.hello())
    client.expect_end(errno.EPROTO)
    client = bus.keep(wire.Client(bus.path("read"), greet=False))
    client.send(wire.hello(version=2))
    assert "version 2" in client.expect_end(errno.EPROTONOSUPPORT)


def test_hello_missing():
    with Sabusd("--hello-timeout", "1") as bus:
        silent = [bus.keep(wire.Client(bus.path(which), greet=False)) for which in ("read", "session", "sa")]
        friend = ready(bus.reader())
        for client in silent:
            client.expect_end(errno.ETIMEDOUT)
        assert friend.stats()["clients"] == 1


@pytest.mark.parametrize("kind", [wire.SYNC_BEGIN, wire.SYNC_END, wire.SA_PUT, wire.SA_DEL, wire.SESSION_PUT, wire.SESSION_DEL, 4711])
@pytest.mark.parametrize("which", ["read", "session"])
def test_role_by_socket(bus, which, kind):
    """A setuid pppd is root to SO_PEERCRED. That makes no publisher of it: the socket decides."""
    if which == "session" and kind in (wire.SESSION_PUT, wire.SESSION_DEL):
        kind = wire.PUBLISHER
    packet = {wire.SA_PUT: GOOD, wire.SA_DEL: wire.sa_del(99), wire.SESSION_PUT: wire.session_put(ifname="ppp0")}.get(kind, wire.message(kind))
    if kind == wire.PUBLISHER:
        packet = wire.message(kind, wire.attr(wire.A_PUBLISHER_STATE, wire.U32(0)))
    client = ready(bus.keep(wire.Client(bus.path(which))))
    client.send(packet)
    client.expect_end(errno.EPERM)
    assert bus.reader().answer(B) == (PRESENT, [99])


@pytest.mark.parametrize("packet", [wire.lookup(A), wire.watch(), wire.message(wire.STATS), wire.session_put(ifname="ppp0")])
def test_publisher_may_only_publish(bus, packet):
    client = ready(bus.publisher(epoch=5))
    client.send(packet)
    client.expect_end(errno.EPERM)


def test_sync_end_without_begin(bus):
    client = ready(bus.publisher(epoch=6))
    client.send(wire.message(wire.SYNC_END))
    client.expect_end(errno.EPROTO)


def test_flow_without_peer(bus):
    for kind in (wire.LOOKUP, wire.WATCH):
        client = ready(bus.reader())
        client.send(wire.message(kind, wire.attr(wire.A_FLOW | wire.NESTED, wire.nest(wire.FLOW, dict(local_port=1701)))))
        assert "remote address" in client.expect_end(errno.EINVAL)


def test_bad_publisher_leaves_orphans(bus):
    reader = ready(bus.reader())
    bad = bus.publisher(epoch=7).sync((50, A))
    assert reader.answer(A) == (PRESENT, [50])
    bad.send(wire.message(wire.SA_PUT))
    ack = reader.lookup(A)
    assert ack.number(wire.A_ANSWER) == wire.UNKNOWN and ack.sas[0]["flags"] & wire.ORPHAN


def other_uid(function):
    """Runs it where SO_PEERCRED shows a user that sabusd does not trust; returns what it says."""
    if os.getuid():
        return function()
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.write(into, function().encode())
        except BaseException as e:  # whatever it is, the parent must see it and not run on twice
            os.write(into, repr(e).encode())
        finally:
            os._exit(0)
    os.close(into)
    os.waitpid(pid, 0)
    with os.fdopen(out) as f:
        return f.read()


# Not root: all clients have the user that sabusd has, and that one may be a session.
@pytest.mark.parametrize("which", ["sa"] if os.getuid() else ["sa", "session"])
def test_wrong_uid(which):
    """Two fences: the mode of the socket and, where that was opened, SO_PEERCRED."""
    with Sabusd(me=False) as bus:
        publisher = bus.publisher() if not os.getuid() else None

        def try_it():
            try:
                return wire.Client(bus.path(which)).expect_end(errno.EACCES)
            except PermissionError as e:
                return repr(e)
        if not os.getuid():
            assert "Permission" in other_uid(try_it)
            os.chmod(bus.path(which), 0o666)
        assert "uid %d may not be a %s" % (os.getuid() or NOBODY, "publisher" if which == "sa" else "session") in other_uid(try_it)
        reader = bus.reader()
        assert reader.stats()["refused"] == 1
        if publisher:
            publisher.sync((1, A))
            assert reader.answer(A) == (PRESENT, [1])


def test_the_user_of_sabusd_may_be_a_session():
    """sabus-dynauth runs as the same user; a publisher it is not."""
    options = [] if os.getuid() else ["--user", "nobody"]
    with Sabusd(*options, me=False) as bus:
        def session():
            client = wire.Client(bus.path("session"))
            client.expect(wire.HELLO)
            client.send(wire.session_put(user="alice", flow={}))
            return repr(client.answer(A))

        def publisher():
            return wire.Client(bus.path("sa")).expect_end(errno.EACCES)
        assert other_uid(session) == repr((wire.UNKNOWN, []))
        assert "may not be a publisher" in other_uid(publisher)


def test_readers_per_uid():
    """One user cannot take all places; root, and users on other sockets, do not count."""
    with Sabusd("--max-readers-per-uid", "3") as bus:
        os.chmod(bus.path("read"), 0o666)

        def many():
            clients = [wire.Client(bus.path("read")) for _ in range(3)]
            for client in clients:
                client.expect(wire.HELLO)
            said = wire.Client(bus.path("read"), greet=False).expect_end(errno.EUSERS)
            clients.pop().close()
            while True:
                try:
                    wire.Client(bus.path("read")).expect(wire.HELLO)
                    return said
                except (AssertionError, BrokenPipeError, ConnectionResetError):
                    continue
        assert "--max-readers-per-uid" in other_uid(many)
        if not os.getuid():
            for client in [bus.reader() for _ in range(5)]:
                ready(client)


def test_too_many_clients():
    """The limit is told; publishers still find room."""
    with Sabusd("--max-clients", "16") as bus:
        clients = [ready(bus.session()) for _ in range(16)]
        assert "--max-clients" in bus.keep(wire.Client(bus.path("read"), greet=False)).expect_end(errno.EUSERS)
        bus.publisher().sync((1, A))
        assert clients[0].answer(A) == (PRESENT, [1])
        assert "too many connections to sa.sock" in [bus.keep(wire.Client(bus.path("sa"), greet=False)) for _ in range(16)][-1].expect_end(errno.EUSERS)


def test_a_thousand_clients_that_never_read():
    """They ask and ask, or watch, and never read. Askers are put out; watchers cost nothing but their socket's buffer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with Sabusd("--max-sas", "5000") as bus:
        publisher = bus.publisher().sync(*[(i, A) for i in range(1, 41)])
        deaf = [bus.session() for _ in range(1000)]
        for i, client in enumerate(deaf):
            if i % 2:
                client.send(wire.watch(sessions=True))
                continue
            client.sock.settimeout(0)
            try:
                for _ in range(200):
                    client.send(wire.lookup(A))
            except (BlockingIOError, BrokenPipeError, ConnectionResetError):
                pass
        for i in range(1000):
            publisher.put(1000 + i % 200, A, expires_at=i)
        reader = ready(bus.reader())
        assert reader.answer(B) == (wire.ABSENT, [])
        stats = reader.stats()
        assert stats["sas"] == 240 and stats["dropped"] >= 400, stats
        if "address" not in os.environ.get("SAN_CFLAGS", ""):
            assert bus.rss_kib() < 16384
        assert bus.said().count("does not read its answers") < 100
        watcher = bus.watcher().snapshot()
        assert len(watcher.sas) == 240
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_stopped_publisher(bus):
    """It holds its connection and says nothing: sabusd does not wait for it."""
    bus.publisher(epoch=8).begin()
    assert bus.reader().answer(B)[0] == wire.UNKNOWN


def test_random_bytes(bus):
    """Bytes that mean nothing, and good packets with one byte changed, on every socket."""
    chance = random.Random(1)
    for i in range(600):
        which = chance.choice(["sa", "session", "read"])
        client = wire.Client(bus.path(which))
        if i % 3:
            packet = bytearray(chance.choice([GOOD, wire.lookup(A), wire.watch(A), wire.session_put(ifname="ppp0"), wire.sa_del(7)]))
            packet[chance.randrange(len(packet))] = chance.randrange(256)
        else:
            packet = chance.randbytes(chance.randrange(1, 400))
        try:
            client.send(bytes(packet))
        except (BrokenPipeError, ConnectionResetError):
            pass
        client.close()
    assert bus.process.poll() is None


def test_connections_without_a_word(bus):
    """Connect and go, a lot of it."""
    for _ in range(300):
        for which in ("sa", "session", "read"):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.connect(bus.path(which))
            s.close()


def test_publisher_behind_many_dead_ones(bus):
    """More ended connections in the accept queue than sa.sock has places: the living one at the end of the queue gets one."""
    bus.pause()
    for epoch in range(40):
        wire.Publisher(bus.path("sa"), epoch=100 + epoch).close()
    bus.publisher(epoch=9).sync((7, A))
    reader = bus.keep(wire.Client(bus.path("read")))
    reader.send(wire.lookup(A))
    bus.resume()
    assert reader.expect(wire.LOOKUP_ACK).number(wire.A_ANSWER) == PRESENT
