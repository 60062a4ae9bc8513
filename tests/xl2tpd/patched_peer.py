# SPDX-License-Identifier: GPL-2.0-or-later
"""An L2TP peer in user space, for one tunnel at a time and word for word.

It knows just enough of RFC 2661 to be a LAC or an LNS: messages with AVPs,
Ns and Nr, ZLB acknowledgements.  It never repeats a message by itself, so a
test sees each datagram that it asked for, and no other.
"""
import socket
import struct
import sys

SCCRQ, SCCRP, SCCCN, STOPCCN, HELLO = 1, 2, 3, 4, 6
ICRQ, ICRP, ICCN, CDN = 10, 11, 12, 14
SO_MARK, SO_RCVMARK = 36, 75


def avp(attr, data, vendor=0, mandatory=True):
    return struct.pack("!HHH", (0x8000 if mandatory else 0) | (6 + len(data)), vendor, attr) + data


def u16(attr, value):
    return avp(attr, struct.pack("!H", value))


def u32(attr, value):
    return avp(attr, struct.pack("!I", value))


class Message:
    """A received control message; type 0 is a ZLB."""

    def __init__(self, data, source, mark):
        flags, _, self.tid, self.cid, self.ns, self.nr = struct.unpack("!HHHHHH", data[:12])
        assert flags & 0xC800 == 0xC800, "not a control message"
        self.source, self.mark, self.avps, self.type = source, mark, [], 0
        body = data[12:]
        while body:
            bits, vendor, attr = struct.unpack("!HHH", body[:6])
            length = bits & 0x3FF
            assert 6 <= length <= len(body)
            self.avps.append((vendor, attr, body[6:length]))
            body = body[length:]
        if self.avps:
            assert self.avps[0][:2] == (0, 0)
            self.type = struct.unpack("!H", self.avps[0][2])[0]

    def get(self, attr, vendor=0):
        for v, a, data in self.avps:
            if (v, a) == (vendor, attr):
                return data
        return None

    def number(self, attr):
        data = self.get(attr)
        return None if data is None else int.from_bytes(data, "big")

    @property
    def cause(self):
        """(result, error, message) of a StopCCN or CDN"""
        data = self.get(1)
        return struct.unpack("!HH", data[:4]) + (data[4:].decode(),)


class Peer:
    def __init__(self, local, remote, mark=0, tid=1000, port=0, share=None):
        self.remote, self.tid, self.peer_tid, self.ns, self.nr = remote, tid, 0, 0, 0
        if share:
            self.sock = share.sock
        else:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.sock.bind((local, port))
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVMARK, 1)  # loopback keeps the mark
        self.mark = mark

    def close(self):
        self.sock.close()

    @property
    def port(self):
        return self.sock.getsockname()[1]

    def send_raw(self, data, to=None):
        self.sock.setsockopt(socket.SOL_SOCKET, SO_MARK, self.mark)
        self.sock.sendto(data, to or self.remote)

    def build(self, kind, avps=b"", cid=0, tid=None, ns=None, nr=None):
        body = (u16(0, kind) if kind else b"") + avps
        return struct.pack("!HHHHHH", 0xC802, 12 + len(body), self.peer_tid if tid is None else tid, cid,
                           (self.ns if ns is None else ns) & 0xFFFF, self.nr if nr is None else nr) + body

    def send(self, kind, avps=b"", cid=0, tid=None, ns=None, to=None):
        self.send_raw(self.build(kind, avps, cid, tid, ns), to)
        if kind and ns is None:
            self.ns += 1

    def zlb(self):
        self.send(0)

    def receive(self, timeout=5):
        """The next control message, repetitions included; None when there is none."""
        self.sock.settimeout(timeout)
        try:
            data, control, _, source = self.sock.recvmsg(65536, 256)
        except (TimeoutError, socket.timeout):
            return None
        marks = [int.from_bytes(value[:4], sys.byteorder) for level, kind, value in control if (level, kind) == (socket.SOL_SOCKET, SO_MARK)]
        message = Message(data, source, marks[0] if marks else None)
        if message.type and message.ns == self.nr:
            self.nr = (self.nr + 1) & 0xFFFF
        return message

    def expect(self, kind, timeout=5):
        """The next message of this kind; acknowledgements and repetitions of others are skipped."""
        while True:
            message = self.receive(timeout)
            assert message is not None, f"no message of type {kind} came"
            if message.type == kind:
                return message
            assert message.type in (0, HELLO, SCCRP, ICRP, ICRQ), f"type {message.type} {message.avps} came, not {kind}"

    def sccrq(self, host=b"peer", extra=b"", ns=None):
        self.send(SCCRQ, u16(2, 0x0100) + u32(3, 3) + avp(7, host) + u16(9, self.tid) + u16(10, 4) + extra, tid=0, ns=ns)

    def stopccn(self, result=6, tid=None, message=b"", ns=None):
        self.send(STOPCCN, u16(9, self.tid) + avp(1, struct.pack("!HH", result, 0) + message), tid=tid, ns=ns)

    def connect(self, host=b"peer", extra=b""):
        """The whole of the tunnel's set-up, as the LAC."""
        self.sccrq(host, extra)
        reply = self.expect(SCCRP)
        self.peer_tid = reply.number(9)
        self.send(SCCCN)
        self.expect(0)
        return reply

    def call(self, cid=77, extra=b""):
        self.send(ICRQ, u16(14, cid) + u32(15, 1) + extra)
        reply = self.expect(ICRP)
        peer_cid = reply.number(14)
        self.send(ICCN, u32(24, 100000) + u32(19, 1), cid=peer_cid)
        return peer_cid

    def cdn(self, cid, peer_cid, result=3, message=b""):
        self.send(CDN, avp(1, struct.pack("!HH", result, 0) + message) + u16(14, cid), cid=peer_cid)
