# SPDX-License-Identifier: GPL-2.0-or-later
"""RADIUS servers that are down, slow, lying, or answer what no server would: a clear outcome in each case, no link without a
valid answer, nobody else harmed.  lib/mangle.py stands between the LNS and the real server; everything else in its
answers is real, so only the mangling can be why they are not taken."""

import re
import time

import pytest

from lib import radpkt
from lib.radius import SECRET
from lib.traffic import Pings
from lib.wait import SLOW, wait_for

FAST = {"RADIUS_TIMEOUT": "1", "RADIUS_RETRIES": "1", "TIMEOUT": "8"}
NOT_TAKEN = "radius-(down|reply)"
SECOND_LAC = """
[lac second]
lns = 10.9.0.1
name = user
require authentication = no
length bit = yes
pppoptfile = /etc/ppp/options.xl2tpd
"""


def pair(radius, **options):
    """A tunnel that is up, pinged all the time, and a client with a second one to dial: (tunnel, pings)."""
    t = radius(lns=dict(FAST, **options.pop("lns", {})), **options)
    path = "/etc/xl2tpd/xl2tpd.conf"
    t.client.host.write(path, t.client.host.read(path) + SECOND_LAC)
    t.up()
    t.radius.wait_accounting("Start")
    return t, Pings(t)


def second(t):
    """Dials.  Stock xl2tpd may put the call on the last one's tunnel, which is just being closed, and forget it: then once more."""
    calls = lambda: t.lns.host.log("xl2tpd").count("Call established with")
    before, dialled = calls(), [0.0]

    def under_way():
        if calls() > before:
            return True
        if time.monotonic() - dialled[0] > 3 * SLOW:
            t.client.xl2tpd.connect("second")
            dialled[0] = time.monotonic()
        return False
    wait_for("a second call", under_way, 20, every=0.1)


def assert_first_unharmed(t, pings):
    pings.more(5)
    assert pings.stop() == 0
    assert t.is_up() and len(t.lns.ppp().said("accept")) >= 1 and t.lns.host.has_dev("ppp0")


def refused(t, regex, timeout=20):
    m = wait_for("%s in the LNS's pppd log" % regex, lambda: re.search(regex, t.lns.host.log("pppd")), timeout)
    wait_for("no ppp1", lambda: not t.lns.host.has_dev("ppp1") and not t.client.host.has_dev("ppp1"))
    return m


def test_radius_down(radius):
    """No server: the login is refused after its time, radius-down; a session that is up does not notice."""
    t, pings = pair(radius)
    t.radius.stop()
    began = time.monotonic()
    second(t)
    refused(t, "radius-down")
    t.note("refused after %.1f s" % (time.monotonic() - began))
    assert time.monotonic() - began < 8 + 4 * SLOW
    assert_first_unharmed(t, pings)


def test_radius_slow(radius):
    """A server that takes 5 s: the login works, 5 s later; meanwhile the other session runs on without a lost ping."""
    t, pings = pair(radius, lns={"RADIUS_TIMEOUT": "8", "TIMEOUT": "15"})
    t.radius.mangle("delay", 5)
    began = time.monotonic()
    second(t)
    wait_for("ppp1 with an address", lambda: t.client.host.has_dev("ppp1") and t.client.host.ifaddr("ppp1"), 30)
    assert time.monotonic() - began >= 5
    assert_first_unharmed(t, pings)


def test_radius_slow_too(radius):
    """Slower than the LNS waits: refused, radius-down, and the late answer opens nothing."""
    t, pings = pair(radius, lns={"TIMEOUT": "3"})
    t.radius.mangle("delay", 5)
    second(t)
    refused(t, "radius-down")
    time.sleep(3)
    assert not t.client.host.has_dev("ppp1")
    assert_first_unharmed(t, pings)


# Each is an answer that must not be taken: the login is refused as if none had come, or for a reply that cannot be used.
FORGED = ("lie", "badmac", "unsigned", "wrong-id", "short", "noise", "longer", "huge")
BROKEN = ("zero", "one", "beyond", "half")


@pytest.mark.seconds(150)
@pytest.mark.parametrize("modes", (FORGED, BROKEN), ids=("forged", "malformed"))
def test_radius_lying(radius, modes):
    """Bad authenticators, no Message-Authenticator, another id, noise, lengths that lie: each refused in time, and nobody else notices."""
    t, pings = pair(radius, lns={"TIMEOUT": "4"})
    for mode in modes:
        before = len(t.lns.host.log("pppd"))
        t.radius.mangle(mode)
        began = time.monotonic()
        second(t)
        wait_for("%s is refused" % mode, lambda: re.search(NOT_TAKEN, t.lns.host.log("pppd")[before:]), 12)
        t.note("%s: %s after %.1f s" % (mode, re.search(NOT_TAKEN, t.lns.host.log("pppd")[before:]).group(0), time.monotonic() - began))
        assert "mangle %s code=2" % mode in t.radius.host.log("mangle")
        wait_for("no second pppd", lambda: len(t.lns.host.pids("pppd")) == 1 and len(t.client.host.pids("pppd")) == 1, 15)
        assert not t.client.host.has_dev("ppp1")
        t.client.xl2tpd.disconnect("second")
    # The control: the same proxy, nothing mangled.
    t.radius.mangle("pass")
    second(t)
    wait_for("ppp1 with an address", lambda: t.client.host.has_dev("ppp1") and t.client.host.ifaddr("ppp1"), 20)
    assert_first_unharmed(t, pings)


ODD = ("vsa", "vsa-short", "int-short", "int-long", "value", "key", "full")


@pytest.mark.seconds(150)
def test_radius_odd_attributes(radius):
    """Authentic answers with attributes of the wrong length or value, or all the 4096 octets there can be: taken or refused for a reason, never a crash."""
    t, pings = pair(radius)
    for mode in ODD:
        before = len(t.lns.host.log("pppd"))
        t.radius.mangle(mode)
        second(t)
        said = wait_for("an outcome of " + mode, lambda: re.search("reason=(radius-\\S+|policy-\\S+|mppe-\\S+|sa-\\S+)|radius-reply", t.lns.host.log("pppd")[before:]) or
                        t.client.host.has_dev("ppp1") and t.client.host.ifaddr("ppp1"), 20)
        t.note("%s: %s" % (mode, said))
        wait_for("the answer was mangled", lambda: "mangle %s code=2" % mode in t.radius.host.log("mangle"))
        t.client.xl2tpd.disconnect("second")
        wait_for("no second pppd", lambda: len(t.lns.host.pids("pppd")) == 1 and len(t.client.host.pids("pppd")) == 1, 20)
    assert_first_unharmed(t, pings)


def test_radius_duplicate(radius):
    """Each answer comes four times, and once more a second later: one login, one Start, one Stop."""
    t = radius()
    t.radius.start()
    t.radius.mangle("duplicate")
    t.start()
    t.ike()
    t.dial()
    t.wait_up()
    t.radius.wait_accounting("Start")
    time.sleep(1.5)
    t.ping()
    t.down()
    t.radius.wait_accounting("Stop")
    assert [len(t.radius.accounting(s)) for s in ("Start", "Stop")] == [1, 1]


def test_radius_blast(radius):
    """BlastRADIUS: a wrong password's Access-Reject becomes an Access-Accept with a valid Response Authenticator; without a Message-Authenticator it is not taken."""
    t = radius(lns=FAST)
    t.client.host.write("/etc/ppp/chap-secrets", t.client.host.read("/etc/ppp/chap-secrets").replace("hello", "wrong"))
    t.radius.start()
    t.radius.mangle("forge")
    t.start()
    t.ike()
    t.dial()
    forged = wait_for("the forged Access-Accept", lambda: t.radius.packets(radpkt.ACCESS_ACCEPT))[0]
    assert not forged.get(radpkt.MESSAGE_AUTHENTICATOR)
    refused(t, NOT_TAKEN)
    assert not t.lns.ppp().find(proto="IPCP") and not t.radius.accounting("Start")


def test_radius_wrong_secret(radius):
    """The LNS has another secret than the server: no answer fits, refused; the server's log says why."""
    t = radius(lns=dict(FAST, SERVERS="10.7.0.1 another-secret-of-ours")).attempt()
    refused(t, NOT_TAKEN)
    assert "invalid Message-Authenticator" in t.radius.log() and not t.radius.messages("Access-Accept", "Sent")


def test_radius_failover(radius):
    """The first server does not answer, the second does."""
    t = radius(lns={"AUTH_SERVERS": "10.7.0.9:1812,10.7.0.1:1812", "ACCT_SERVERS": "10.7.0.9:1813,10.7.0.1:1813", "RADIUS_TIMEOUT": "1", "RADIUS_RETRIES": "1",
                    "SERVERS": "10.7.0.9 %s\n10.7.0.1 %s" % (SECRET, SECRET)}).attempt()
    t.wait_up(30)
    t.radius.wait_accounting("Start")
