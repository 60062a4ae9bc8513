# SPDX-License-Identifier: GPL-2.0-or-later
"""The server ends a session by itself: rule sabus_disconnect, and the Disconnect-Request as the LNS sees it."""
import hashlib
import hmac
import socket
import struct
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import server  # noqa: E402

if server.missing():
    pytest.skip(server.missing(), allow_module_level=True)

DISCONNECT_REQUEST, DISCONNECT_ACK = 40, 41
SECRET = b"another secret"
STRONG = [("Sabus-Protected", "Confidential"), ("Sabus-Strength", "Strong")]
LEGACY = [("Sabus-Protected", "Confidential"), ("Sabus-Strength", "Legacy")]
QUARANTINED = ("Class", "0x" + b"sabus-quarantine".hex())
USERS = """
penned Cleartext-Password := "pw", Sabus-Need-Strength := Good, Sabus-Quarantine := "pen"
good Cleartext-Password := "pw", Sabus-Need-Strength := Good
staff Cleartext-Password := "pw", Sabus-Need-Protected := Confidential
free Cleartext-Password := "pw"
"""


class Lns:
    """Port 3799 of an LNS: answers each Disconnect-Request, keeps them."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def wait(self, patience):
        """The next one, as {number: value}; None: none came."""
        self.socket.settimeout(patience)
        try:
            packet, peer = self.socket.recvfrom(4096)
        except socket.timeout:
            return None
        code, ident, length = struct.unpack(">BBH", packet[:4])
        assert code == DISCONNECT_REQUEST and length == len(packet)
        found, places, at = {}, {}, 20
        while at < length:
            kind, size = packet[at], packet[at + 1]
            found[kind], places[kind] = packet[at + 2:at + size], at + 2
            at += size
        zero = packet[:4] + bytes(16) + packet[20:]
        assert hashlib.md5(zero + SECRET).digest() == packet[4:20]
        # RFC 5176 section 3.3: over the packet with both authenticators at zero
        m = places[80]
        assert hmac.new(SECRET, zero[:m] + bytes(16) + zero[m + 16:], "md5").digest() == found[80]
        head = struct.pack(">BBH", DISCONNECT_ACK, ident, 20)
        self.socket.sendto(head + hashlib.md5(head + packet[4:20] + SECRET).digest(), peer)
        return found


@pytest.fixture(scope="module")
def lns():
    end = Lns()
    yield end
    end.socket.close()


@pytest.fixture(scope="module")
def radius(lns, tmp_path_factory):
    values = {"USERS_MORE": USERS, "CLIENT_MORE": "coa_server = sabus_dynauth", "ACCOUNTING_MORE": "files.authorize\nsabus_disconnect"}
    coa = {"DYNAUTH": "127.0.0.1", "DYNAUTH_PORT": str(lns.port), "DYNAUTH_SECRET": '"%s"' % SECRET.decode()}
    with server.Server(tmp_path_factory.mktemp("coa") / "s", values, {"freeradius-coa": coa}) as s:
        yield s


@pytest.mark.parametrize("status, user, said", [("Interim-Update", "good", LEGACY), ("Start", "good", LEGACY), ("Interim-Update", "good", []), ("Start", "staff", [("Sabus-Protected", "Integrity")])])
def test_a_session_below_its_users_needs_is_ended(radius, lns, status, user, said):
    """It names user and session, is authentic (Message-Authenticator, too) and of now; and the message is answered."""
    assert radius.acct(status, "c1", *said, user=user).code == "Accounting-Response"
    got = lns.wait(server.LIMIT)
    assert got and got[1] == user.encode() and got[44] == b"c1"
    assert abs(struct.unpack(">I", got[55])[0] - time.time()) < 10


@pytest.mark.parametrize("status, user, said", [("Interim-Update", "good", STRONG), ("Stop", "good", LEGACY), ("Interim-Update", "free", []), ("Start", "staff", LEGACY)])
def test_no_other_is(radius, lns, status, user, said):
    """Who has what he needs, needs nothing, or has ended, is left alone."""
    assert radius.acct(status, "c2", *said, user=user).code == "Accounting-Response"
    assert lns.wait(1.0) is None


def test_who_is_in_quarantine_stays(radius, lns):
    """The Accept into quarantine has a Class, which comes back: that session is not ended for what put it there; one that was let in as strong is."""
    r = radius.auth("penned", *LEGACY)
    assert r.accepted and r.get("Filter-Id") == "pen" and r.get("Class") == QUARANTINED[1], r
    assert radius.auth("penned", *STRONG).get("Class") is None
    for more in ([], [("Class", "0x6162")]):
        assert radius.acct("Interim-Update", "q1", *LEGACY, QUARANTINED, *more, user="penned").code == "Accounting-Response"
    assert radius.acct("Interim-Update", "q2", *LEGACY, ("Class", "0x6162"), QUARANTINED, user="penned").code == "Accounting-Response"
    assert lns.wait(1.0) is None
    assert radius.acct("Interim-Update", "q3", *LEGACY, ("Class", "0x6162"), user="penned").code == "Accounting-Response"
    assert lns.wait(server.LIMIT)[44] == b"q3"
