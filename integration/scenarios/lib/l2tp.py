# SPDX-License-Identifier: GPL-2.0-or-later
"""L2TP from the other end: a peer of our own making (RFC 2661), whose socket the
kernel protects like any other's, so that its messages go through the SA there is,
or in the clear where there is none; and what xl2tpd and its plugin say and hold."""

import os
import re
import select
import socket
import struct
import time
from collections import namedtuple

from lib import inject
from lib.wait import PATIENCE, SLOW, wait_for

SCCRQ, SCCRP, SCCCN, STOPCCN, HELLO, ICRQ, ICRP, ICCN, CDN = 1, 2, 3, 4, 6, 10, 11, 12, 14
ZLB = 0
A_RESULT, A_VERSION, A_FRAMING, A_HOST, A_TUNNEL, A_WINDOW, A_SESSION, A_SERIAL, A_FRAME, A_SPEED = \
    1, 2, 3, 7, 9, 10, 14, 15, 19, 24

# Lines of xl2tpd.conf without which xl2tpd does not log what it sends and gets.
DEBUG = ("debug state = yes", "debug avp = yes")

# kind: message type, ZLB for an acknowledgement, None for data.  avps: {type: value}.
# source: address and port that it came from.
Message = namedtuple("Message", "tunnel session ns nr kind avps source")


def avp(kind, value):
    if isinstance(value, str):
        value = value.encode()
    return struct.pack("!HHH", 0x8000 | 6 + len(value), 0, kind) + value


def u16(kind, value):
    return avp(kind, struct.pack("!H", value))


def u32(kind, value):
    return avp(kind, struct.pack("!I", value))


def request(tid, name="scenario"):
    """AVPs of an SCCRQ, all that RFC 2661 section 6.1 demands."""
    return avp(A_VERSION, b"\x01\x00") + u32(A_FRAMING, 3) + avp(A_HOST, name) + u16(A_TUNNEL, tid) + u16(A_WINDOW, 8)


def parse(data, source=None):
    flags, = struct.unpack_from("!H", data)
    if not flags & 0x8000:
        return Message(0, 0, 0, 0, None, {}, source)
    _, _, tunnel, session, ns, nr = struct.unpack_from("!HHHHHH", data)
    avps, at = {}, 12
    while at + 6 <= len(data):
        size, _, kind = struct.unpack_from("!HHH", data, at)
        avps.setdefault(kind, data[at + 6:at + (size & 0x3ff)])
        at += max(6, size & 0x3ff)
    return Message(tunnel, session, ns, nr, struct.unpack("!H", avps[0])[0] if 0 in avps else ZLB, avps, source)


def result(message):
    """(result code, error code, text) of a StopCCN or CDN."""
    value = message.avps[A_RESULT] + bytes(2)
    return struct.unpack_from("!HH", value) + (message.avps[A_RESULT][4:].decode(errors="replace"),)


def lines(options, role, *more):
    """OPTIONS of tunnel(), with lines for ROLE's xl2tpd.conf."""
    return dict(options, xl2tpd_options={r: DEBUG + (more if r == role else ()) for r in ("lns", "client")})


class Tunnel:
    """One tunnel of a Peer: numbers, acknowledges and repeats its messages."""

    def __init__(self, peer, tid):
        self.peer, self.tid, self.ns, self.nr, self.theirs, self.open = peer, tid, 0, 0, 0, None

    def send(self, kind, avps=b"", session=0):
        self.open = inject.control_message(self.theirs, session, kind, self.ns, self.nr, avps)
        self.ns += 1
        self.peer.send(self.open)

    def _acknowledge(self, message):
        if message.ns == self.nr:
            self.nr += 1
        self.peer.send(struct.pack("!HHHHHH", 0xc802, 12, self.theirs, 0, self.ns, self.nr))

    def expect(self, *kinds, timeout=8.0):
        """The next message of KINDS for this tunnel, our last one being repeated each second."""
        end = time.monotonic() + timeout * SLOW
        again = time.monotonic() + 1.0
        while time.monotonic() < end:
            if self.open and time.monotonic() > again:
                self.peer.send(self.open)
                again += 1.0
            m = self.peer.next(self.tid)
            if m is None:
                continue
            if m.nr == self.ns:
                self.open = None
            if A_TUNNEL in m.avps and m.kind in (SCCRP, STOPCCN):
                self.theirs, = struct.unpack("!H", m.avps[A_TUNNEL])
            if m.kind != ZLB:
                self._acknowledge(m)
            if m.kind in kinds:
                return m
        raise AssertionError("tunnel %d: none of the messages %s within %g s, got %s" % (
            self.tid, kinds, timeout * SLOW, [(m.kind, m.tunnel) for m in self.peer.seen]))

    def ask(self, name="scenario", timeout=8.0):
        """SCCRQ and its answer, SCCRP or StopCCN."""
        self.send(SCCRQ, request(self.tid, name))
        return self.expect(SCCRP, STOPCCN, timeout=timeout)

    def up(self):
        m = self.ask()
        assert m.kind == SCCRP, result(m)
        self.send(SCCCN)
        self.expect(ZLB)
        return self

    def call(self, session, serial=1):
        """ICRQ, ICRP, ICCN; the LNS' session id."""
        self.send(ICRQ, u16(A_SESSION, session) + u32(A_SERIAL, serial))
        m = self.expect(ICRP, CDN, STOPCCN)
        assert m.kind == ICRP, result(m)
        theirs, = struct.unpack("!H", m.avps[A_SESSION])
        self.send(ICCN, u32(A_SPEED, 10000000) + u32(A_FRAME, 1), theirs)
        return theirs

    def stop(self, code=1):
        """StopCCN, until it is acknowledged."""
        self.send(STOPCCN, u16(A_TUNNEL, self.tid) + avp(A_RESULT, struct.pack("!HH", code, 0)))
        self.expect(ZLB)


class Peer:
    """An L2TP host on HOST (address SOURCE, port 1701): whatever the kernel there does
    with its datagrams, protects them or not, is part of the scenario."""

    def __init__(self, host, lns, source=None):
        self.lns = lns
        self.sock = inject.socket_in(host, socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((source or host.address, 1701))
        self.seen, self.unread = [], []

    def send(self, data):
        try:
            self.sock.sendto(data, (self.lns, 1701))
        except OSError:
            pass    # no SA (any more), or nobody there: the datagram is lost, as on any wire

    def _receive(self, timeout):
        if select.select([self.sock], [], [], timeout)[0]:
            try:
                data, source = self.sock.recvfrom(4096)
            except OSError:
                return      # an ICMP error of what was sent
            m = parse(data, source)
            self.seen.append(m)
            self.unread.append(m)

    def next(self, tid, timeout=0.1):
        """The next control message for tunnel TID, None when there is none now."""
        for attempt in range(2):
            for m in self.unread:
                if m.tunnel == tid and m.kind is not None:
                    self.unread.remove(m)
                    return m
            if not attempt:
                self._receive(timeout)
        return None

    def tunnel(self, tid):
        return Tunnel(self, tid)

    def answered(self, seconds):
        """Everything that comes within SECONDS (times the guest's slowness)."""
        end = time.monotonic() + seconds * SLOW
        before = len(self.seen)
        while time.monotonic() < end:
            self._receive(0.05)
        return self.seen[before:]

    def close(self):
        self.sock.close()


def said(end, verbs):
    """The plugin's lines in xl2tpd's log that begin with one of VERBS (a regular expression), oldest first: dictionaries of their
    key=value pairs and 'verb'."""
    found = []
    for verb, rest in re.findall(r"sabus: (%s) (\S+=.*)$" % verbs, end.host.log("xl2tpd"), re.M):
        pairs = re.findall(r'([\w-]+)=("[^"]*"|\S*)', rest)
        found.append(dict(((k, v.strip('"')) for k, v in pairs), verb=verb))
    return found


def wait_said(end, verbs, timeout=PATIENCE, after=0, **pairs):
    """Wait for such a line with these key=value pairs, not among the first AFTER."""
    return wait_for("%s: xl2tpd says 'sabus: %s' with %s" % (end.host.name, verbs, pairs), lambda: [
        s for s in said(end, verbs)[after:] if all(s.get(k.replace("_", "-")) == v for k, v in pairs.items())], timeout)[-1]


def kernel_objects(host):
    """(tunnels, sessions) of kernel L2TP on HOST."""
    with open("/proc/%d/net/pppol2tp" % host.holder.pid) as f:
        lines = f.read().splitlines()
    return tuple(len([x for x in lines if x.strip().startswith(what + " '")]) for what in ("TUNNEL", "SESSION"))


def descriptors(host, name="xl2tpd"):
    """Open descriptors of a daemon of ours."""
    return len(os.listdir("/proc/%d/fd" % host.daemons[name].pid))


def tunnels(end):
    """What the bus tells: sabusctl status' tunnels, each with its calls."""
    return end.sabusd.status().get("tunnels", [])


def clean(end, descriptors_before=None):
    """What is left of tunnels on END: names of leaks, [] when nothing is."""
    left = []
    if end.host.pids("pppd"):
        left.append("pppd")
    if kernel_objects(end.host) != (0, 0):
        left.append("kernel L2TP %s" % (kernel_objects(end.host),))
    if any(end.host.has_dev("ppp%d" % n) for n in range(3)):
        left.append("ppp device")
    if "sabusd" in end.host.daemons and end.host.daemons["sabusd"].running():
        status = end.sabusd.status()
        left += ["bus: " + k for k in ("sessions", "tunnels", "calls") if status.get(k)]
    if descriptors_before is not None and descriptors(end.host) > descriptors_before:
        left.append("%d descriptors, %d before" % (descriptors(end.host), descriptors_before))
    return left


def wait_clean(end, descriptors_before=None, timeout=PATIENCE):
    """Until nothing is left."""
    state = []

    def nothing():
        state[:] = clean(end, descriptors_before)
        return not state

    try:
        wait_for("nothing left", nothing, timeout)
    except AssertionError:
        raise AssertionError("%s: left over: %s" % (end.host.name, ", ".join(state))) from None
