# SPDX-License-Identifier: GPL-2.0-or-later
"""Between the LNS and the real FreeRADIUS: a proxy that is slow, lies, repeats itself, or answers what no server would.
Everything but what is mangled is the real server's: the reply keeps the request's id and authenticator, so that only the
mangling can be why it is not taken.

  python3 mangle.py CONTROL SECRET      listens on 2812 and 2813; CONTROL: a file 'MODE [ARGUMENT]', read for each reply

What it has done goes to stdout: 'mangle MODE code=C id=I'."""

import heapq
import os
import select
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lib import radpkt  # noqa: E402

PORTS = {2812: 1812, 2813: 1813}


def flipped(raw, at):
    return raw[:at] + bytes((raw[at] ^ 0xff,)) + raw[at + 1:]


def bare(p):
    """Its attributes, without the Message-Authenticator."""
    return radpkt.body([(t, v) for t, v in p.attributes if t != radpkt.MESSAGE_AUTHENTICATOR])


# Each gets the reply (bytes and parsed), the request, the secret; it gives the replies to send instead.
def lie(raw, p, q, secret):
    """A bad Response Authenticator."""
    return [flipped(raw, 4)]


def badmac(raw, p, q, secret):
    """A good Response Authenticator over a bad Message-Authenticator."""
    fake = radpkt.attribute(radpkt.MESSAGE_AUTHENTICATOR, bytes(16)) + bare(p)
    return [radpkt.sign(secret, p.code, p.id, fake, q.authenticator, False)]


def unsigned(raw, p, q, secret):
    """No Message-Authenticator."""
    return [radpkt.sign(secret, p.code, p.id, bare(p), q.authenticator, False)]


def forge(raw, p, q, secret):
    """BlastRADIUS: a rejection becomes an acceptance with a good Response Authenticator and no Message-Authenticator."""
    ok = radpkt.attribute(6, b"\0\0\0\2") + radpkt.attribute(7, b"\0\0\0\1")
    return [radpkt.sign(secret, radpkt.ACCESS_ACCEPT, p.id, ok, q.authenticator, False)]


def duplicate(raw, p, q, secret):
    return [raw] * 4


def wrong_id(raw, p, q, secret):
    return [flipped(raw, 1)]


def added(what):
    """The real attributes, and WHAT behind them; authentic."""
    def mode(raw, p, q, secret):
        return [radpkt.sign(secret, p.code, p.id, bare(p) + what, q.authenticator)]
    return mode


def longer(raw, p, q, secret):
    """The length field says more than there is."""
    signed = radpkt.sign(secret, p.code, p.id, bare(p), q.authenticator)
    return [signed[:2] + (len(signed) + 100).to_bytes(2, "big") + signed[4:]]


def short(raw, p, q, secret):
    return [raw[:n] for n in (0, 1, 4, 19)]


def noise(raw, p, q, secret):
    return [os.urandom(n) for n in (20, 60, 600)]


def huge(raw, p, q, secret):
    """A datagram beyond the 4096 octets of RFC 2865."""
    return [radpkt.sign(secret, p.code, p.id, bare(p) + radpkt.attribute(radpkt.REPLY_MESSAGE, b"x" * 253) * 30, q.authenticator)]


def full(raw, p, q, secret):
    """All of the 4096 octets, in the longest strings there can be."""
    room = (4096 - 20 - 18 - len(bare(p))) // 255
    return [radpkt.sign(secret, p.code, p.id, bare(p) + radpkt.attribute(radpkt.CLASS, b"%" * 253) * room, q.authenticator)]


VSA_BAD = radpkt.attribute(radpkt.VENDOR, radpkt.SABUS.to_bytes(4, "big") + bytes((64, 200)) + b"\0\0\0\1")
MODES = {
    "lie": lie, "badmac": badmac, "unsigned": unsigned, "forge": forge, "duplicate": duplicate, "wrong-id": wrong_id,
    "zero": added(bytes((radpkt.REPLY_MESSAGE, 0))), "one": added(bytes((radpkt.REPLY_MESSAGE, 1))),
    "beyond": added(bytes((radpkt.REPLY_MESSAGE, 255)) + b"abc"), "half": added(bytes((radpkt.REPLY_MESSAGE,))),
    "vsa": added(VSA_BAD), "vsa-short": added(radpkt.attribute(radpkt.VENDOR, b"\0\0")),
    "int-short": added(radpkt.vsa(64, b"\1")), "int-long": added(radpkt.vsa(66, b"\0" * 9)),
    "value": added(radpkt.vsa(64, b"\xff\xff\xff\xff")), "key": added(radpkt.vsa(17, b"\x80\0" + b"k" * 5, 311)),
    "longer": longer, "short": short, "noise": noise, "huge": huge, "full": full,
}


class Proxy:
    def __init__(self, control, secret):
        self.control, self.secret, self.due, self.count = control, secret, [], 0
        self.fronts = {self._bound("0.0.0.0", port): real for port, real in PORTS.items()}
        self.backs = {}         # socket to the server: (front, the LNS's address, request)

    @staticmethod
    def _bound(address, port):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((address, port))
        return s

    def _mode(self):
        with open(self.control) as f:
            words = f.read().split()
        return words[0], words[1:]

    def _later(self, seconds, front, peer, data):
        self.count += 1
        heapq.heappush(self.due, (time.monotonic() + seconds, self.count, front, peer, data))

    def request(self, front):
        data, peer = front.recvfrom(65536)
        q = radpkt.parse(data)
        if not q:
            return
        back = self._bound("127.0.0.1", 0)
        back.sendto(data, ("127.0.0.1", self.fronts[front]))
        self.backs[back] = (front, peer, q)

    def reply(self, back):
        front, peer, q = self.backs.pop(back)
        data = back.recv(65536)
        back.close()
        mode, arguments = self._mode()
        p = radpkt.parse(data)
        print("mangle %s code=%d id=%d" % (mode, p.code, p.id), flush=True)
        if mode == "drop":
            return
        if mode == "delay":
            self._later(float(arguments[0]), front, peer, data)
            return
        if mode == "duplicate":
            self._later(1.0, front, peer, data)
        for one in MODES[mode](data, p, q, self.secret) if mode != "pass" else [data]:
            front.sendto(one, peer)

    def run(self):
        print("mangle ready", flush=True)
        while True:
            wait = max(0.0, self.due[0][0] - time.monotonic()) if self.due else None
            for s in select.select(list(self.fronts) + list(self.backs), [], [], wait)[0]:
                (self.request if s in self.fronts else self.reply)(s)
            while self.due and self.due[0][0] <= time.monotonic():
                _, _, front, peer, data = heapq.heappop(self.due)
                front.sendto(data, peer)


if __name__ == "__main__":
    Proxy(sys.argv[1], sys.argv[2].encode()).run()
