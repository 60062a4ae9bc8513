# SPDX-License-Identifier: GPL-2.0-or-later
"""RADIUS packets as they are on the wire (RFC 2865 section 3, RFC 2869 section 5.14), read and made by hand: what the
capture of the cable is asked, and what lib/mangle.py sends.  Nothing here knows of our code."""

import hashlib
import hmac
import os
import struct

ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE, ACCESS_CHALLENGE = 1, 2, 3, 4, 5, 11
DISCONNECT_REQUEST, DISCONNECT_ACK, DISCONNECT_NAK, COA_REQUEST, COA_ACK, COA_NAK = 40, 41, 42, 43, 44, 45
USER_NAME, REPLY_MESSAGE, CLASS, VENDOR, NAS_IDENTIFIER, ACCT_STATUS_TYPE, ACCT_SESSION_ID = 1, 18, 25, 26, 32, 40, 44
ACCT_TERMINATE_CAUSE, EVENT_TIMESTAMP, MESSAGE_AUTHENTICATOR, ERROR_CAUSE = 49, 55, 80, 101
SABUS = 32473
START, STOP, INTERIM = 1, 2, 3
NO_AUTHENTICATOR = bytes(16)


class Radius:
    """One packet: code, id, authenticator, attributes [(type, value)] in order, and its bytes."""

    def __init__(self, code, ident, authenticator, attributes, raw=b"", when=0.0, src="", dst=""):
        self.code, self.id, self.authenticator, self.attributes = code, ident, authenticator, attributes
        self.raw, self.time, self.src, self.dst = raw, when, src, dst

    def get(self, kind, vendor=None):
        """Values of an attribute; with VENDOR, of that vendor's attribute of this number."""
        if vendor is None:
            return [v for t, v in self.attributes if t == kind]
        found = []
        for v in self.get(VENDOR):
            rest = v[4:] if int.from_bytes(v[:4], "big") == vendor else b""
            while len(rest) >= 2 and rest[1] >= 2:
                if rest[0] == kind:
                    found.append(rest[2:rest[1]])
                rest = rest[rest[1]:]
        return found

    def number(self, kind, vendor=None):
        """The first value as a number, None when there is none."""
        values = self.get(kind, vendor)
        return int.from_bytes(values[0], "big") if values else None

    def status(self):
        """Acct-Status-Type."""
        return self.number(ACCT_STATUS_TYPE)


def parse(raw, when=0.0, src="", dst=""):
    """The packet in RAW; None when it is none."""
    if len(raw) < 20 or not 20 <= int.from_bytes(raw[2:4], "big") <= len(raw):
        return None
    end, at, attributes = int.from_bytes(raw[2:4], "big"), 20, []
    while at < end:
        if at + 2 > end or raw[at + 1] < 2 or at + raw[at + 1] > end:
            return None
        attributes.append((raw[at], raw[at + 2:at + raw[at + 1]]))
        at += raw[at + 1]
    return Radius(raw[0], raw[1], raw[4:20], attributes, raw[:end], when, src, dst)


def attribute(kind, value):
    return bytes((kind, len(value) + 2)) + value


def vsa(kind, value, vendor=SABUS):
    return attribute(VENDOR, struct.pack("!I", vendor) + attribute(kind, value))


def body(attributes):
    return b"".join(attribute(t, v) for t, v in attributes)


def _header(code, ident, length, authenticator):
    return struct.pack("!BBH", code, ident, length) + authenticator


def sign(secret, code, ident, attributes, request=None, message_authenticator=True):
    """A packet of these ATTRIBUTES (bytes, well-formed or not), authentic.  REQUEST: the authenticator of what it answers; None: it is itself a
    request that is signed as accounting is (RFC 2866 section 3, RFC 5176 section 2.3)."""
    seed = NO_AUTHENTICATOR if request is None else request
    if message_authenticator:
        blank = attribute(MESSAGE_AUTHENTICATOR, bytes(16)) + attributes
        mac = hmac.new(secret, _header(code, ident, 20 + len(blank), seed) + blank, hashlib.md5).digest()
        attributes = attribute(MESSAGE_AUTHENTICATOR, mac) + attributes
    start = struct.pack("!BBH", code, ident, 20 + len(attributes))
    return start + hashlib.md5(start + seed + attributes + secret).digest() + attributes


def signature_ok(packet, secret, request=None):
    """Is the Message-Authenticator of PACKET right?  REQUEST: authenticator of what it answers."""
    values = packet.get(MESSAGE_AUTHENTICATOR)
    if len(values) != 1 or len(values[0]) != 16:
        return False
    seed = request if request is not None else \
        packet.authenticator if packet.code == ACCESS_REQUEST else NO_AUTHENTICATOR
    blank = body([(t, bytes(16) if t == MESSAGE_AUTHENTICATOR else v) for t, v in packet.attributes])
    mac = hmac.new(secret, _header(packet.code, packet.id, 20 + len(blank), seed) + blank, hashlib.md5).digest()
    return hmac.compare_digest(mac, values[0])


def new_request(secret, code, ident, attributes, message_authenticator=True):
    """A Disconnect-Request, a CoA-Request or accounting of our own making."""
    assert code != ACCESS_REQUEST
    return sign(secret, code, ident, body(attributes), None, message_authenticator)


def fresh_id():
    return os.urandom(1)[0]
