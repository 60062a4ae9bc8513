# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the SA bus in Python, written from plugins/bus/proto.h and codec.h
without libsabus: what it reads is what is on the socket.

A message is a struct nlmsghdr and netlink attributes, integers in host byte order."""

import select
import socket
import struct
import time
from collections import namedtuple

from lib.wait import SLOW

SA_SOCK, SESSION_SOCK, READ_SOCK = ("/run/sabus/%s.sock" % n for n in ("sa", "session", "read"))

HELLO, ERROR, SYNC_BEGIN, SYNC_END, SA_PUT, SA_DEL, LOOKUP, LOOKUP_ACK, WATCH, DONE, SESSION_PUT, SESSION_DEL, \
    PUBLISHER, RESYNC, STATS, REQUEST, RESULT = range(16, 33)
A_VERSION, A_NAME, A_EPOCH, A_ERRNO, A_ERRTEXT, A_ANSWER, A_SA, A_SA_ID, A_CAUSE, A_FLOW, A_SESSION, A_SESSION_ID, A_SESSIONS, \
    A_PUBLISHER_STATE = 1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16
A_OP, A_REPLY = 19, 22
OP_CLOSE, OP_CHANGE = 3, 4
SA_ID, SA_STATE, SA_SPI_IN, SA_SPI_OUT = 1, 4, 15, 16
F_LOCAL_ADDR, F_LOCAL_PORT, F_REMOTE_ADDR, F_REMOTE_PORT = 1, 2, 3, 4
UNKNOWN, ABSENT, PRESENT = range(3)
PENDING, INSTALLED, REKEYED = 1, 2, 3
NESTED = 0x8000
HEADER = struct.Struct("=IHHII")

# time: seconds since the epoch when it was read.  raw: the packet as it came.
Event = namedtuple("Event", "time type seq attrs raw")


def attr(kind, payload=b""):
    if isinstance(payload, int):
        payload = struct.pack("=I", payload)
    elif isinstance(payload, str):
        payload = payload.encode() + b"\0"
    return struct.pack("=HH", 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def nest(kind, *attrs):
    return attr(kind | NESTED, b"".join(attrs))


def message(kind, *attrs, seq=0):
    body = b"".join(attrs)
    return HEADER.pack(HEADER.size + len(body), kind, 0, seq, 0) + body


def hello(name="scenario"):
    return message(HELLO, attr(A_VERSION, 1), attr(A_NAME, name))


def flow(local, remote, port=1701):
    return nest(A_FLOW, attr(F_LOCAL_ADDR, socket.inet_aton(local)), attr(F_LOCAL_PORT, struct.pack("=H", port)),
                attr(F_REMOTE_ADDR, socket.inet_aton(remote)), attr(F_REMOTE_PORT, struct.pack("=H", port)))


def parse(data):
    """Attributes as {type: [payload, ...]}; the nested flag is taken off."""
    found, at = {}, 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        found.setdefault(kind & 0x3fff, []).append(data[at + 4:at + size])
        at += max(4, (size + 3) & ~3)
    return found


def number(payload):
    return struct.unpack({1: "=B", 2: "=H", 4: "=I", 8: "=Q"}[len(payload)], payload)[0]


def sas(event):
    """The SAs of an event: dictionaries id, state, spi_in, spi_out."""
    found = []
    for nest in event.attrs.get(A_SA, ()):
        a = parse(nest)
        found.append({name: number(a[key][0]) if key in a else 0 for name, key in
                      (("id", SA_ID), ("state", SA_STATE), ("spi_in", SA_SPI_IN), ("spi_out", SA_SPI_OUT))})
    return found


class Client:
    """One connection; GREET says HELLO at once."""

    def __init__(self, host, path=READ_SOCK, greet=True):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.connect(host.path(path))
        self.seen = []
        if greet:
            self.send(hello())

    def send(self, data):
        self.sock.send(data)

    def read(self, timeout=0.0):
        """The next event within TIMEOUT seconds (times the guest's slowness), None
        when there was none; EOFError once sabusd has closed."""
        if not select.select([self.sock], [], [], timeout * SLOW)[0]:
            return None
        try:
            raw = self.sock.recv(1 << 17)
        except ConnectionResetError:
            raw = b""
        if not raw:
            raise EOFError("sabusd has closed")
        _, kind, _, seq, _ = HEADER.unpack_from(raw)
        event = Event(time.time(), kind, seq, parse(raw[HEADER.size:]), raw)
        self.seen.append(event)
        return event

    def wait(self, kind, timeout=5.0, match=lambda e: True):
        """Read until an event of KIND that MATCHes."""
        end = time.monotonic() + timeout * SLOW
        while time.monotonic() < end:
            event = self.read(0.1)
            if event and event.type == kind and match(event):
                return event
        raise AssertionError("no bus message of type %d within %g s" % (kind, timeout * SLOW))

    def drain(self):
        """Everything that is there now; all events seen so far."""
        while self.read():
            pass
        return self.seen

    def watch(self):
        """Subscribe to everything; returns after the snapshot."""
        self.send(message(WATCH, attr(A_SESSIONS)))
        self.wait(DONE)
        return self

    def lookup(self, local, remote, timeout=5.0):
        """(answer, SAs) for the tunnel between two addresses."""
        self.send(message(LOOKUP, flow(local, remote), seq=7))
        event = self.wait(LOOKUP_ACK, timeout)
        return number(event.attrs[A_ANSWER][0]), sas(event)

    def closed(self, timeout=5.0):
        """Does sabusd end the connection?"""
        end = time.monotonic() + timeout * SLOW
        try:
            while time.monotonic() < end:
                self.read(0.1)
        except EOFError:
            return True
        return False

    def close(self):
        self.sock.close()
