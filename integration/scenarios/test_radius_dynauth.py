# SPDX-License-Identifier: GPL-2.0-or-later
"""Policy changes mid-session (RFC 5176): Disconnect-Request and CoA-Request from the RADIUS host to sabus-dynauth on the
LNS end or tighten the session, or are refused with an Error-Cause.  The answer on the wire, the link, and accounting tell the same."""

import struct
import time

import pytest

from lib import radpkt
from lib.radius import ETC, SECRET
from lib.wait import SLOW, wait_for

OK, NOT_FOUND, MISSING, UNSUPPORTED, INVALID = "ack", 503, 402, 401, 407
ENCRYPTION_POLICY, MIN_STRENGTH, MTU_CAP = 64, 66, 68
SESSION_TIMEOUT = 27


def session(t, stamp=True, **more):
    """Attributes that name the session, as bytes."""
    start = t.radius.wait_accounting("Start")
    text = radpkt.attribute(radpkt.USER_NAME, more.get("user", start.get("User-Name")).encode())
    text += radpkt.attribute(radpkt.ACCT_SESSION_ID, more.get("ident", start.get("Acct-Session-Id")).encode())
    return text + (radpkt.attribute(radpkt.EVENT_TIMESTAMP, struct.pack("!I", int(more.get("at", time.time())))) if stamp else b"")


def number(kind, value):
    return radpkt.vsa(kind, struct.pack("!I", value))


@pytest.fixture
def up(radius):
    def make(**options):
        t = radius(dynauth=True, **options).up()
        t.ping()
        t.radius.wait_accounting("Start")
        return t
    return make


def test_radius_disconnect(up):
    """A Disconnect-Request ends the session: ACK, admin-reset, the Stop says Admin-Reset."""
    t = up()
    answer = t.radius.dynauth(radpkt.DISCONNECT_REQUEST, session(t))
    assert answer and answer.code == radpkt.DISCONNECT_ACK, answer
    t.wait_down()
    stop = t.radius.wait_accounting("Stop")
    assert stop.get("Acct-Terminate-Cause") == "Admin-Reset" and stop.get("Sabus-Reason") == "admin-reset"
    assert any("admin-reset" in r for r in t.client.ppp().terminate_reasons())


def test_radius_coa_ends(up):
    """A CoA that the link cannot meet (minimum strength above its SA's) ends it: policy-changed."""
    t = up(esp="aes256-sha1")
    answer = t.radius.dynauth(radpkt.COA_REQUEST, session(t) + number(MIN_STRENGTH, 3))
    assert answer and answer.code == radpkt.COA_ACK, answer
    t.wait_down()
    stop = t.radius.wait_accounting("Stop")
    assert stop.get("Sabus-Reason") == "policy-changed"


def test_radius_coa_fits(up):
    """The counterpart: over a strong SA the same CoA changes nothing but the policy from now on, and the link lives."""
    t = up()
    answer = t.radius.dynauth(radpkt.COA_REQUEST, session(t) + number(MIN_STRENGTH, 3))
    assert answer and answer.code == radpkt.COA_ACK, answer
    t.ping()
    assert t.is_up() and t.radius.wait_accounting("Interim-Update").get("Sabus-Event") == "policy"


def test_radius_coa_tightens(up):
    """A CoA caps the MTU of the running link."""
    t = up()
    before = t.mtu("lns")
    answer = t.radius.dynauth(radpkt.COA_REQUEST, session(t) + number(MTU_CAP, 1200))
    assert answer and answer.code == radpkt.COA_ACK, answer
    wait_for("the smaller MTU", lambda: t.mtu("lns") == 1200)
    assert before > 1200
    t.ping(size=1200 - 28, df=True, origin="lns")


def test_radius_coa_begins_mppe(up):
    """A CoA asks for encryption over an SA that has none: MPPE begins on the running link, and accounting is told at once."""
    t = up(esp="null-sha256", policy="allow")
    before = len(t.wire.readable())
    assert before and t.radius.wait_accounting("Start").get("Sabus-MPPE") == "Off"
    answer = t.radius.dynauth(radpkt.COA_REQUEST, session(t) + number(ENCRYPTION_POLICY, 1))
    assert answer and answer.code == radpkt.COA_ACK, answer
    told = wait_for("an Interim-Update for MPPE", lambda: [m for m in t.radius.accounting("Interim-Update") if m.get("Sabus-Event") == "mppe"])[0]
    assert told.get("Sabus-MPPE") == "On-128"
    seen = len(t.wire.readable())
    t.ping()
    assert len(t.wire.readable()) == seen


def test_radius_coa_timeout(up):
    """A CoA sets a Session-Timeout: the session ends by it."""
    t = up()
    answer = t.radius.dynauth(radpkt.COA_REQUEST, session(t) + radpkt.attribute(SESSION_TIMEOUT, struct.pack("!I", 4)))
    assert answer and answer.code == radpkt.COA_ACK, answer
    assert t.radius.wait_accounting("Stop", timeout=15).get("Acct-Terminate-Cause") == "Session-Timeout"


def test_radius_dynauth_refused(up):
    """Unknown session, no session named, an attribute that cannot be changed, a value out of range: NAK with its Error-Cause, and the link stays as it is."""
    t = up()
    mtu = t.mtu("lns")
    cases = ((radpkt.DISCONNECT_REQUEST, session(t, ident="no-such-session"), {503}),
             (radpkt.DISCONNECT_REQUEST, session(t, user="somebody"), {503}),
             (radpkt.DISCONNECT_REQUEST, radpkt.attribute(radpkt.EVENT_TIMESTAMP, struct.pack("!I", int(time.time()))), {402, 403, 503, 404}),
             (radpkt.COA_REQUEST, session(t) + radpkt.attribute(14, bytes(4)), {401}),
             (radpkt.COA_REQUEST, session(t) + number(ENCRYPTION_POLICY, 99), {407, 404}))
    for code, attributes, causes in cases:
        answer = t.radius.dynauth(code, attributes)
        assert answer and answer.code == (radpkt.DISCONNECT_NAK if code == radpkt.DISCONNECT_REQUEST else radpkt.COA_NAK), (code, attributes, answer)
        assert answer.number(radpkt.ERROR_CAUSE) in causes, (attributes, answer.attributes)
    t.ping()
    assert t.mtu("lns") == mtu and not t.lns.ppp().said("close")


def test_radius_dynauth_unsigned(up):
    """No Message-Authenticator, a wrong secret, an old Event-Timestamp, a replay, noise: no answer, and nothing happens; the same request done right is obeyed."""
    t = up()
    good = session(t)
    assert t.radius.dynauth(radpkt.DISCONNECT_REQUEST, good, sign=False, timeout=1) is None
    assert t.radius.dynauth(radpkt.DISCONNECT_REQUEST, good, secret="another", timeout=1) is None
    assert t.radius.dynauth(radpkt.DISCONNECT_REQUEST, session(t, at=time.time() - 3600), timeout=1) is None
    assert t.radius.exchange(b"\x28\x01\x00\x14" + bytes(16), timeout=1) is None
    assert t.radius.exchange(b"noise", timeout=1) is None
    t.ping()
    assert not t.lns.ppp().said("close")
    cap = radpkt.sign(SECRET.encode(), radpkt.COA_REQUEST, 7, session(t) + number(MTU_CAP, 1200))
    assert t.radius.exchange(cap).code == radpkt.COA_ACK
    back = radpkt.sign(SECRET.encode(), radpkt.COA_REQUEST, 8, session(t) + number(MTU_CAP, 1250))
    assert t.radius.exchange(back).code == radpkt.COA_ACK
    t.radius.exchange(cap, timeout=1)
    wait_for("MTU 1250", lambda: t.mtu("lns") == 1250)
    time.sleep(0.5 * SLOW)
    assert t.mtu("lns") == 1250, "an old request was obeyed again"
    assert t.radius.dynauth(radpkt.DISCONNECT_REQUEST, session(t)).code == radpkt.DISCONNECT_ACK
    t.wait_down()


def test_radius_radclient(up):
    """FreeRADIUS' own radclient is understood: its Disconnect-Request ends the session."""
    t = up()
    start = t.radius.wait_accounting("Start")
    said = t.radius.host.run("echo 'User-Name=user,Acct-Session-Id=%s,Event-Timestamp=%d,Message-Authenticator=0x00' | "
                             "radclient -x -r 1 10.7.0.2:3799 disconnect %s" % (start.get("Acct-Session-Id"), time.time(), SECRET), check=False)
    assert "Disconnect-ACK" in said.stdout, said.stdout + said.stderr
    t.wait_down()


def test_radius_server_disconnects(radius):
    """What a user needs is raised while he is on: FreeRADIUS itself ends his session at the next interim update (rule sabus_disconnect)."""
    t = radius(coa=True, esp="aes256-sha1").up()
    t.radius.wait_accounting("Start")
    users = ETC + "/mods-config/files/authorize"
    text = t.radius.host.read(users)
    t.radius.host.write(users, text.replace('"user" Cleartext-Password := "hello"', '"user" Cleartext-Password := "hello", Sabus-Need-Strength := Strong'))
    t.radius.stop()
    t.radius.start()
    t.client.charon.rekey()
    t.wait_down()
    assert t.radius.messages("Disconnect-Request", "Sent") and t.radius.messages("Disconnect-ACK")
    stop = t.radius.wait_accounting("Stop")
    assert stop.get("Acct-Terminate-Cause") == "Admin-Reset"
