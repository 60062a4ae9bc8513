# SPDX-License-Identifier: GPL-2.0-or-later
"""RFC 5176 packets, once more and independently of the C code: what a RADIUS server would send, and whether the answer is to be believed."""

import hashlib
import hmac
import ipaddress
import os
import socket
import struct
import time

DISCONNECT, DISCONNECT_ACK, DISCONNECT_NAK, COA, COA_ACK, COA_NAK = range(40, 46)
USER_NAME, NAS_IP, NAS_PORT, SERVICE_TYPE, FRAMED_IP, FILTER_ID, FRAMED_MTU, REPLY_MESSAGE, STATE = 1, 4, 5, 6, 8, 11, 12, 18, 24
CLASS, VSA, SESSION_TIMEOUT, IDLE_TIMEOUT, CALLED, CALLING, NAS_IDENTIFIER, PROXY_STATE = 25, 26, 27, 28, 30, 31, 32, 33
ACCT_SESSION_ID, TERMINATE_CAUSE, TIMESTAMP, MA, INTERIM, NAS_PORT_ID, NAS_IPV6, ERROR_CAUSE, FRAMED_IPV6 = 44, 49, 55, 80, 85, 87, 95, 101, 168
MICROSOFT, SABUS = 311, int(os.environ.get("SABUS_RADIUS_VENDOR", "32473"))
ENCRYPTION_POLICY, MANDATE, MIN_STRENGTH, IKE_IDENTITY, MTU_CAP = 64, 65, 66, 67, 68
ZEROS = bytes(16)


def attr(number, value=b""):
    if isinstance(value, int):
        value = struct.pack("!I", value)
    elif isinstance(value, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
        value = value.packed
    elif isinstance(value, str):
        value = value.encode()
    return bytes([number, 2 + len(value)]) + value


def vsa(vendor, *subs):
    return attr(VSA, struct.pack("!I", vendor) + b"".join(subs))


def sabus(number, value):
    return vsa(SABUS, attr(number, value))


def ip(text):
    return ipaddress.ip_address(text)


def sign(code, ident, body, secret):
    head = struct.pack("!BBH", code, ident, 20 + len(body))
    return head + hashlib.md5(head + ZEROS + body + secret.encode()).digest() + body


def request(code, *attrs, secret, ident=1, stamp=True, ma="first"):
    """stamp: True = now, None = none, or seconds; ma: first, last, None, or "bad"."""
    body = b"".join(attrs)
    if stamp is not None:
        body += attr(TIMESTAMP, int(time.time()) if stamp is True else stamp)
    if ma is None:
        return sign(code, ident, body, secret)
    at = 0 if ma in ("first", "bad") else len(body)
    body = body[:at] + attr(MA, ZEROS) + body[at:]
    head = struct.pack("!BBH", code, ident, 20 + len(body)) + ZEROS
    mac = hmac.new(secret.encode(), head + body, "md5").digest()
    if ma == "bad":
        mac = bytes(16 * [1])
    return sign(code, ident, body[:at + 2] + mac + body[at + 18:], secret)


class Answer:
    """Checks both authenticators against the request that it answers."""

    def __init__(self, packet, asked, secret):
        self.packet = packet
        self.code, self.ident, size = struct.unpack_from("!BBH", packet)
        assert size == len(packet) and self.ident == asked[1]
        assert hashlib.md5(packet[:4] + asked[4:20] + packet[20:] + secret.encode()).digest() == packet[4:20], "Response Authenticator"
        self.attrs, at = [], 20
        while at < size:
            assert packet[at + 1] >= 2 and at + packet[at + 1] <= size
            if packet[at] == MA:
                blank = packet[:4] + asked[4:20] + packet[20:at + 2] + ZEROS + packet[at + 18:]
                assert hmac.new(secret.encode(), blank, "md5").digest() == packet[at + 2:at + 18], "Message-Authenticator"
            self.attrs.append((packet[at], packet[at + 2:at + packet[at + 1]]))
            at += packet[at + 1]
        assert [n for n, _ in self.attrs].count(MA) == 1 and self.attrs[0][0] == MA

    def all(self, number):
        return [value for n, value in self.attrs if n == number]

    @property
    def cause(self):
        values = self.all(ERROR_CAUSE)
        return int.from_bytes(values[0], "big") if values else None

    @property
    def told(self):
        return self.code, self.cause


class Asker:
    """A RADIUS server's socket."""

    def __init__(self, to, secret, source=None, patience=15):
        self.to, self.secret, self.ident = to, secret, 0
        self.sock = socket.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET, socket.SOCK_DGRAM)
        if source:
            self.sock.bind((source, 0))
        self.sock.settimeout(patience)

    def build(self, code, *attrs, **more):
        self.ident = (self.ident + 1) % 256
        return request(code, *attrs, secret=self.secret, ident=self.ident, **more)

    def send(self, packet):
        self.sock.sendto(packet, self.to)
        return packet

    def answer(self, asked):
        packet, source = self.sock.recvfrom(65535)
        assert source[0] == self.to[0] and source[1] == self.to[1], "the answer comes from another address: %r" % (source,)
        return Answer(packet, asked, self.secret)

    def ask(self, code, *attrs, **more):
        return self.answer(self.send(self.build(code, *attrs, **more)))

    def silence(self, seconds=0.3):
        self.sock.settimeout(seconds)
        try:
            packet = self.sock.recv(65535)
        except socket.timeout:
            return True
        finally:
            self.sock.settimeout(15)
        raise AssertionError("an answer: " + packet.hex())

    def close(self):
        self.sock.close()
