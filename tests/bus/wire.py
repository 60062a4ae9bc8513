# SPDX-License-Identifier: GPL-2.0-or-later
"""The wire format of the bus (plugins/bus/proto.h), once more and independently.

Nothing here comes from the C codec: the tests of sabusd use this as a second
witness. Messages are bytes; attributes are (number, payload) pairs."""

import errno
import ipaddress
import socket
import struct
import time

VERSION = 1
HELLO, ERROR, SYNC_BEGIN, SYNC_END, SA_PUT, SA_DEL, LOOKUP, LOOKUP_ACK, WATCH, DONE, SESSION_PUT, \
    SESSION_DEL, PUBLISHER, RESYNC, STATS, REQUEST, RESULT, TUNNEL_PUT, TUNNEL_DEL, CALL_PUT, CALL_DEL, IKE_FAILED = range(16, 38)
NAMES = dict(zip(range(16, 38), ("HELLO ERROR SYNC_BEGIN SYNC_END SA_PUT SA_DEL LOOKUP LOOKUP_ACK WATCH DONE "
                                 "SESSION_PUT SESSION_DEL PUBLISHER RESYNC STATS REQUEST RESULT TUNNEL_PUT TUNNEL_DEL "
                                 "CALL_PUT CALL_DEL IKE_FAILED").split()))

A_VERSION, A_NAME, A_EPOCH, A_REVISION, A_ERRNO, A_ERRTEXT, A_ANSWER, A_TRUNCATED, A_SA, A_SA_ID, A_CAUSE, \
    A_FLOW, A_SESSION, A_SESSION_ID, A_SESSIONS, A_PUBLISHER_STATE, A_STAT, A_VALUE, A_OP, A_TUNNEL, A_CALL, \
    A_REPLY, A_OPS, A_IKE_FAILURE, A_FAILED_AGO = range(1, 26)

UNKNOWN, ABSENT, PRESENT = range(3)
NONE, SYNCING, SYNCED = range(3)
PENDING, INSTALLED, REKEYED = 1, 2, 3
TRANSPORT, TUNNEL = 1, 2
DELETED, EXPIRED, CAUSE_REKEYED, FAILED, CAUSE_RESYNC, PUBLISHER_LOST = range(1, 7)
ORPHAN = 0x80
OP_DELETE, OP_INITIATE, OP_CLOSE, OP_CHANGE = 1, 2, 3, 4
TAKES_IKE_FAILED = 1
PEER_AUTH, LOCAL_AUTH = 1, 2
TAKES_ALL = 1 << OP_CLOSE | 1 << OP_CHANGE
ASKED, UP, ENDING = 1, 2, 3
UDP = 17

NESTED = 0x8000
HEADER = struct.Struct("=IHHII")
U8, U16, U32, U64 = (struct.Struct(f).pack for f in ("=B", "=H", "=I", "=Q"))

# name -> (number, how it is packed)
SA = {name: (i, pack) for i, (name, pack) in enumerate([
    ("id", U32), ("ike_id", U32), ("replaces", U32), ("state", U32), ("flags", U32), ("name", str), ("ike_name", str),
    ("ike_version", U8), ("proto", U8), ("mode", U8), ("encr", U16), ("encr_bits", U16), ("integ", U16), ("replay_window", U16),
    ("spi_in", U32), ("spi_out", U32), ("cpi_in", U16), ("cpi_out", U16), ("reqid", U32), ("if_id_in", U32), ("if_id_out", U32),
    ("mark_in", U32), ("mark_in_mask", U32), ("mark_out", U32), ("mark_out_mask", U32), ("set_mark_in", U32),
    ("set_mark_in_mask", U32), ("local_addr", "addr"), ("local_port", U16), ("remote_addr", "addr"), ("remote_port", U16),
    ("ts_dropped", U8), ("ts", "ts"), ("id_local", str), ("id_remote", str), ("id_eap", str), ("auth", str), ("installed", U64),
    ("rekey_at", U64), ("expires_at", U64)], 1)}
TS = {name: (i, pack) for i, (name, pack) in enumerate([
    (side + what, pack) for side in ("local_", "remote_")
    for what, pack in (("from", "addr"), ("to", "addr"), ("port_from", U16), ("port_to", U16), ("proto", U8))], 1)}
FLOW = {"local_addr": (1, "addr"), "local_port": (2, U16), "remote_addr": (3, "addr"), "remote_port": (4, U16), "mark": (5, U32)}
SESSION = {name: (i, pack) for i, (name, pack) in enumerate([
    ("pid", U32), ("role", U8), ("up", U8), ("ifname", str), ("user", str), ("flow", "flow"), ("tunnel_id", U16), ("session_id", U16),
    ("peer_tunnel_id", U16), ("peer_session_id", U16), ("sa_id", U32), ("spi_in", U32), ("spi_out", U32), ("reason", str),
    ("mppe", str), ("ccp", str), ("ecp", str), ("mtu", U16), ("mru", U16), ("mtu_sum", str), ("since", U64),
    ("acct_id", str), ("address", "addr")], 1)}

TUNNEL_INFO = {name: (i, pack) for i, (name, pack) in enumerate([
    ("pid", U32), ("role", U8), ("state", U8), ("flow", "flow"), ("tunnel_id", U16), ("peer_tunnel_id", U16), ("sa_id", U32),
    ("peer_host", str), ("section", str), ("reason", str), ("calls", U32), ("since", U64)], 1)}
CALL_INFO = {name: (i, pack) for i, (name, pack) in enumerate([
    ("pid", U32), ("pppd_pid", U32), ("tunnel_id", U16), ("call_id", U16), ("peer_call_id", U16), ("up", U8), ("serial", U32),
    ("calling", str), ("called", str), ("since", U64)], 1)}

REPLY = {name: (i, pack) for i, (name, pack) in enumerate([
    ("has", U32), ("encryption", U32), ("ms_policy", U32), ("ms_types", U32), ("mandate", U32), ("min_strength", U32), ("mtu_cap", U32),
    ("framed_mtu", U32), ("session_timeout", U32), ("idle_timeout", U32), ("interim", U32), ("filter_id", str), ("identities", "strings")], 1)}
REPLY_HAS = {name: 1 << i for i, name in enumerate(["encryption", "ms_policy", "ms_types", "mandate", "min_strength", "mtu_cap", "framed_mtu",
                                                   "session_timeout", "idle_timeout", "interim", "filter_id"])}


def attr(number, payload=b""):
    return struct.pack("=HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)


def text(string):
    return string.encode() + b"\0"


def pack_value(number, how, value):
    if how == "addr":
        return attr(number, ipaddress.ip_address(value).packed)
    if how == "ts":
        return b"".join(attr(number | NESTED, nest(TS, pair)) for pair in value)
    if how == "strings":
        return b"".join(attr(number, text(one)) for one in value)
    if how == "flow":
        return attr(number | NESTED, nest(FLOW, value))
    return attr(number, text(value) if how is str else how(value))


def nest(schema, values):
    return b"".join(pack_value(*schema[k], v) for k, v in sorted(values.items(), key=lambda item: schema[item[0]][0]))


def unpack_value(how, payload):
    if how == "addr":
        return str(ipaddress.ip_address(payload))
    if how == "ts":
        return unpack(TS, payload)
    if how == "flow":
        return unpack(FLOW, payload)
    if how is str:
        assert payload[-1:] == b"\0" and b"\0" not in payload[:-1], payload
        return payload[:-1].decode()
    return int.from_bytes(payload, "little" if struct.pack("=H", 1) == b"\1\0" else "big")


def walk(data):
    """(number without the nested flag, payload) of each attribute; they must tile exactly."""
    at = 0
    while at < len(data):
        size, number = struct.unpack_from("=HH", data, at)
        assert size >= 4 and at + size <= len(data), "attribute %d: bad length %d" % (number, size)
        yield number & 0x3fff, data[at + 4:at + size]
        at += (size + 3) & ~3
    assert at == len(data)


def unpack(schema, data):
    by_number = {number: (name, how) for name, (number, how) in schema.items()}
    out = {}
    for number, payload in walk(data):
        name, how = by_number[number]
        if how in ("ts", "strings"):
            out.setdefault(name, []).append(unpack_value(str if how == "strings" else how, payload))
        else:
            assert name not in out
            out[name] = unpack_value(how, payload)
    return out


def message(kind, *attrs, seq=0):
    body = b"".join(attrs)
    return HEADER.pack(HEADER.size + len(body), kind, 0, seq, 0) + body


def hello(name="test", epoch=0, version=VERSION):
    extra = [attr(A_EPOCH, U64(epoch))] if epoch else []
    return message(HELLO, attr(A_VERSION, U32(version)), attr(A_NAME, text(name)), *extra, seq=1)


def sa_put(**sa):
    return message(SA_PUT, attr(A_SA | NESTED, nest(SA, sa)))


def sa_del(ident, cause=DELETED):
    return message(SA_DEL, attr(A_SA_ID, U32(ident)), attr(A_CAUSE, U32(cause)))


def flow(remote, local="192.0.2.1", local_port=1701, remote_port=1701, **more):
    values = dict(local_addr=local, local_port=local_port, remote_addr=remote, remote_port=remote_port, **more)
    return attr(A_FLOW | NESTED, nest(FLOW, values))


def lookup(remote, seq=7, **more):
    return message(LOOKUP, flow(remote, **more), seq=seq)


def watch(remote=None, sessions=False):
    attrs = ([flow(remote)] if remote else []) + ([attr(A_SESSIONS)] if sessions else [])
    return message(WATCH, *attrs, seq=8)


def session_put(ops=None, **session):
    extra = [attr(A_OPS, U32(ops))] if ops is not None else []
    return message(SESSION_PUT, attr(A_SESSION | NESTED, nest(SESSION, session)), *extra)


def tunnel_put(kind=TUNNEL_PUT, **tunnel):
    tunnel.setdefault("flow", {})
    return message(kind, attr(A_TUNNEL | NESTED, nest(TUNNEL_INFO, tunnel)))


def tunnel_del(tunnel_id):
    return tunnel_put(TUNNEL_DEL, tunnel_id=tunnel_id)


def call_put(kind=CALL_PUT, **call):
    return message(kind, attr(A_CALL | NESTED, nest(CALL_INFO, call)))


def call_del(tunnel_id, call_id):
    return call_put(CALL_DEL, tunnel_id=tunnel_id, call_id=call_id)


def request_delete(ident, why=None, seq=0):
    extra = [attr(A_ERRTEXT, text(why))] if why else []
    return message(REQUEST, *extra, attr(A_SA_ID, U32(ident)), attr(A_OP, U32(OP_DELETE)), seq=seq)


def request_initiate(remote, name=None, seq=0, **more):
    extra = [attr(A_NAME, text(name))] if name else []
    return message(REQUEST, *extra, flow(remote, **more), attr(A_OP, U32(OP_INITIATE)), seq=seq)


def reply(**members):
    """The REPLY nest's members: those given are there, also when they are 0."""
    has = sum(REPLY_HAS[name] for name in members if name in REPLY_HAS)
    return dict({k: v for k, v in members.items() if v}, **({"has": has} if has else {}))


def request_close(session_id, why=None, seq=0):
    extra = [attr(A_ERRTEXT, text(why))] if why else []
    return message(REQUEST, *extra, attr(A_SESSION_ID, U32(session_id)), attr(A_OP, U32(OP_CLOSE)), seq=seq)


def request_change(session_id, why=None, seq=0, **members):
    extra = [attr(A_ERRTEXT, text(why))] if why else []
    return message(REQUEST, *extra, attr(A_SESSION_ID, U32(session_id)), attr(A_OP, U32(OP_CHANGE)),
                   attr(A_REPLY | NESTED, nest(REPLY, reply(**members))), seq=seq)


def ike_failed(remote, failure, **more):
    return message(IKE_FAILED, flow(remote, **more), attr(A_IKE_FAILURE, U32(failure)))


def result(seq, err=0, why=""):
    return message(RESULT, attr(A_ERRNO, U32(err)), attr(A_ERRTEXT, text(why)), seq=seq)


def l2tp_sa(ident, remote, state=INSTALLED, local="192.0.2.1", **more):
    """What charon publishes for a transport mode SA that covers UDP port 1701 at both ends."""
    pair = dict(local_from=local, local_to=local, local_port_from=1701, local_port_to=1701, local_proto=UDP, remote_from=remote,
                remote_to=remote, remote_port_from=1701, remote_port_to=1701, remote_proto=UDP)
    sa = dict(id=ident, state=state, name="l2tp", ike_name="road", ike_version=2, proto=50, mode=TRANSPORT, encr=20, encr_bits=256,
              replay_window=32, spi_in=0xc0000000 + ident, spi_out=0xd0000000 + ident, reqid=ident, local_addr=local, local_port=500,
              remote_addr=remote, remote_port=500, ts=[pair], id_local="lns", id_remote="peer", auth="psk")
    sa.update(more)
    return {k: v for k, v in sa.items() if v is not None}


class Message:
    def __init__(self, packet):
        size, self.type, flags, self.seq, pid = HEADER.unpack_from(packet)
        assert (size, flags, pid) == (len(packet), 0, 0)
        self.attrs = list(walk(packet[HEADER.size:]))
        self.sas = [unpack(SA, p) for n, p in self.attrs if n == A_SA]
        self.name = NAMES[self.type]

    def number(self, kind):
        (payload,) = [p for n, p in self.attrs if n == kind]
        return unpack_value(U64, payload)

    def has(self, kind):
        return any(n == kind for n, _ in self.attrs)

    def string(self, kind):
        (payload,) = [p for n, p in self.attrs if n == kind]
        return unpack_value(str, payload)

    def session(self):
        (payload,) = [p for n, p in self.attrs if n == A_SESSION]
        return unpack(SESSION, payload)

    def nested(self, kind, schema):
        (payload,) = [p for n, p in self.attrs if n == kind]
        return unpack(schema, payload)

    def tunnel(self):
        return self.nested(A_TUNNEL, TUNNEL_INFO)

    def call(self):
        return self.nested(A_CALL, CALL_INFO)

    def stats(self):
        out = {}
        for payload in (p for n, p in self.attrs if n == A_STAT):
            stat = dict(walk(payload))
            out[unpack_value(str, stat[A_NAME])] = unpack_value(U64, stat[A_VALUE])
        return out

    def __repr__(self):
        return "%s seq=%d %r" % (self.name, self.seq, self.attrs)


class Client:
    """One connection. Reading waits at most `patience` seconds; None from read() is the end of the stream."""

    def __init__(self, path, name="test", epoch=0, greet=True, patience=20.0):
        self.patience = patience
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(patience)
        self.sock.connect(path)
        if greet:
            self.send(hello(name, epoch))

    def send(self, packet):
        self.sock.send(packet)

    def close(self):
        self.sock.close()

    def read(self):
        try:
            packet = self.sock.recv(1 << 17)
        except ConnectionResetError:        # the kernel tells of unread bytes first, the ERROR is behind that
            packet = self.sock.recv(1 << 17)
        return Message(packet) if packet else None

    def pending(self):
        """What is there now, without waiting."""
        out = []
        self.sock.settimeout(0)
        try:
            while True:
                got = self.read()
                if got is None:
                    break
                out.append(got)
        except (BlockingIOError, ConnectionResetError):
            pass
        finally:
            self.sock.settimeout(self.patience)
        return out

    def expect(self, kind):
        """Reads on to the first message of that type."""
        while True:
            got = self.read()
            assert got is not None, "end of stream instead of " + NAMES[kind]
            assert got.type != ERROR or kind == ERROR, got
            if got.type == kind:
                return got

    def expect_end(self, err=None):
        """The connection ends, with ERROR(err) before that when given; returns its text."""
        said = self.expect(ERROR) if err else None
        try:
            while self.read() is not None:
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
        if said:
            assert said.number(A_ERRNO) == err, "%s (%s)" % (said.string(A_ERRTEXT), errno.errorcode.get(said.number(A_ERRNO)))
            return said.string(A_ERRTEXT)
        return None

    def lookup(self, remote, **more):
        self.send(lookup(remote, **more))
        return self.expect(LOOKUP_ACK)

    def answer(self, remote, **more):
        """(answer, sorted ids)"""
        ack = self.lookup(remote, **more)
        return ack.number(A_ANSWER), sorted(sa["id"] for sa in ack.sas)

    def stats(self):
        self.send(message(STATS, seq=9))
        return self.expect(STATS).stats()


class Publisher(Client):
    def __init__(self, path, epoch=1, **more):
        super().__init__(path, "charon", epoch, **more)

    def begin(self):
        self.send(message(SYNC_BEGIN))

    def end(self):
        self.send(message(SYNC_END))

    def put(self, ident, remote, **more):
        self.send(sa_put(**l2tp_sa(ident, remote, **more)))

    def delete(self, ident, cause=DELETED):
        self.send(sa_del(ident, cause))

    def sync(self, *pairs):
        self.begin()
        for ident, remote in pairs:
            self.put(ident, remote)
        self.end()
        return self


class Watcher(Client):
    """Keeps the table that a watcher believes in."""

    def __init__(self, path, remote=None, sessions=False, **more):
        super().__init__(path, **more)
        self.remote, self.with_sessions = remote, sessions
        self.forget()
        self.send(watch(remote, sessions))

    def forget(self):
        self.sas, self.sessions, self.publisher, self.done, self.seen = {}, {}, None, False, []
        self.tunnels, self.calls = {}, {}

    def apply(self, got):
        self.seen.append(got)
        if got.type == SA_PUT:
            self.sas[got.sas[0]["id"]] = got.sas[0]
        elif got.type == SA_DEL:
            self.sas.pop(got.number(A_SA_ID), None)
        elif got.type == SESSION_PUT:
            self.sessions[got.number(A_SESSION_ID)] = got.session()
        elif got.type == SESSION_DEL:
            self.sessions.pop(got.number(A_SESSION_ID), None)
        elif got.type in (TUNNEL_PUT, TUNNEL_DEL):
            tunnel = got.tunnel()
            key = tunnel["pid"], tunnel["tunnel_id"]
            if got.type == TUNNEL_PUT:
                self.tunnels[key] = tunnel
            else:
                self.tunnels.pop(key, None)
        elif got.type in (CALL_PUT, CALL_DEL):
            call = got.call()
            key = call["pid"], call["tunnel_id"], call["call_id"]
            if got.type == CALL_PUT:
                self.calls[key] = call
            else:
                self.calls.pop(key, None)
        elif got.type == PUBLISHER:
            self.publisher = got.number(A_PUBLISHER_STATE)
        elif got.type == RESYNC:
            self.forget()
        elif got.type == DONE:
            self.done = True
        else:
            assert got.type == HELLO, got

    def until(self, condition, patience=20.0):
        """Reads events until condition(self) holds."""
        limit = time.monotonic() + patience
        while not condition(self):
            assert time.monotonic() < limit, "did not converge: %r" % self.sas
            got = self.read()
            assert got is not None, "sabusd has closed a watcher"
            self.apply(got)
        return self

    def snapshot(self):
        return self.until(lambda w: w.done)
