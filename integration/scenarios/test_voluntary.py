# SPDX-License-Identifier: GPL-2.0-or-later
"""Voluntary tunnels: the client's own L2TP/IPsec, RFC 3193."""

import pytest

from lib import esp, xfrm
from lib.wire import Wire

SWANCTL = "/etc/swanctl/swanctl.conf"
PEER = {"lns": "client", "client": "lns"}

# what: IKE version, suite (lib/esp.py), NAT-T, sabus' words for it, the kernel's cipher
CASES = {
    "ikev2-gcm": (2, "gcm", False, "ESP AES_GCM_16-256", "rfc4106(gcm(aes))"),
    "ikev1-cbc-sha1-natt": (1, "cbc-sha1", True, "ESP AES_CBC-256/HMAC_SHA1_96", "cbc(aes)"),
    "ikev2-chacha": (2, "chacha", False, "ESP CHACHA20_POLY1305", "rfc7539esp(chacha20,poly1305)"),
    "ikev2-cbc-sha512": (2, "cbc-sha512", False, "ESP AES_CBC-256/HMAC_SHA2_512_256", "cbc(aes)"),
}


def test_voluntary_stock_ikev2_gcm(tunnel):
    """Stock daemons, IKEv2, AES-256-GCM: the tunnel works, all of it inside ESP."""
    t = tunnel(sabus=False).up()
    t.ping(count=5)
    sas = xfrm.states(t.lns.host)
    assert {s["aead"] for s in sas} == {"rfc4106(gcm(aes))"}
    assert {s["mode"] for s in sas} == {"transport"}
    carried = t.wire.esp_by_spi()
    assert {s["spi"] for s in sas} == set(carried)
    assert min(carried.values()) >= 5
    t.down()


def assert_both_ways(t, count=3):
    """Data passes in both directions, over the SAs: the kernel's counters and the
    wire tell the same, and nothing else is on it."""
    before = xfrm.used(t.lns.host)
    for origin in t.ends:
        t.ping(count=count, origin=origin)
    after = xfrm.used(t.lns.host)
    assert all(after[spi] - before[spi] >= 2 * count for spi in after), (before, after)
    carried = t.wire.esp_by_spi()
    assert set(carried) == set(after) and all(carried[s] >= after[s] for s in after), (carried, after)


def assert_decision(end, suite, natt):
    """The decision line: accepted, with the very SA that is in the kernel."""
    said = end.ppp().verdict()
    assert (said["verdict"], said["reason"]) == ("accept", "ok-protected"), said
    assert suite in said["suite"] and said["natt"] == natt and said["pin"] == "fence", said
    assert said["role"] == end.role and said["local"] == end.host.address + ":1701", said
    assert tuple(int(x, 16) for x in said["spi"].split("/")) == xfrm.own_pair(end.host), said
    return said


def assert_status(end):
    """sabusctl status, swanctl and the kernel tell of the same SA and session."""
    status = end.sabusd.status()
    (child,), (sa,), (session,) = end.charon.installed(), status["sas"], status["sessions"]
    spis = xfrm.own_pair(end.host)
    assert tuple(int(child[k], 16) for k in ("spi-in", "spi-out")) == spis
    assert (int(sa["spi_in"], 16), int(sa["spi_out"], 16)) == spis, sa
    assert (int(session["spi_in"], 16), int(session["spi_out"], 16)) == spis, session
    assert sa["id"] == int(child["uniqueid"]) and sa["reqid"] == int(child["reqid"]) and sa["encap"] == ("encap" in child), sa
    assert session["ifname"] == "ppp0" and session["mtu"] == end.host.mtu("ppp0"), session


@pytest.mark.parametrize("case", sorted(CASES))
def test_voluntary_sabus(tunnel, case):
    """sabus on both ends: protected by the SA, no MPPE inside, the MTU exact, all witnesses agree."""
    ike, suite, natt, name, cipher = CASES[case]
    t = tunnel(ike=ike, esp=esp.SUITES[suite].proposal, natt=natt).up()
    assert_both_ways(t)
    sas = xfrm.states(t.lns.host)
    assert {s.get("aead") or s.get("enc") for s in sas} == {cipher}
    assert [s["encap"] is not None for s in sas] == [natt, natt]
    for role, end in t.ends.items():
        said = assert_decision(end, name, "yes" if natt else "no")
        assert said["peer"] == t.ends[PEER[role]].host.address + ":1701"
        assert not end.ppp().mppe() and not end.ppp().find(proto="CCP", contains="mppe")
        assert t.mtu(role) == int(said["mtu"]) == esp.expected_mtu(suite, natt)
        assert_status(end)


@pytest.mark.parametrize("role", sorted(PEER))
def test_voluntary_one_end(tunnel, role):
    """sabus on one end only, the other stock: it judges and computes for itself, the peer notices nothing."""
    t = tunnel(sabus={role: True}).up()
    assert_both_ways(t)
    said = assert_decision(t.ends[role], "AES_GCM", "no")
    assert int(said["mru"]) == esp.expected_mtu("gcm")
    assert t.mtu(role) == 1400  # what the stock peer asks for
    assert not t.ends[PEER[role]].ppp().decisions()
    assert_status(t.ends[role])


@pytest.mark.clear_text_allowed(reason="in tunnel mode the kernel shows a receiver's capture each packet twice, as ESP and decrypted; asserted below")
def test_voluntary_tunnel_mode(tunnel, scene):
    """A tunnel mode SA is accepted; its second IP header is in the MTU, to the byte."""
    t = tunnel()
    far = Wire(t.client.host, scene.dir)
    for end in t.ends.values():
        end.edit(SWANCTL, "mode = transport", "mode = tunnel")
    t.up()
    assert {s["mode"] for s in xfrm.states(t.lns.host)} == {"tunnel"}
    assert_both_ways(t)
    mtu = esp.expected_mtu("gcm") - esp.IP[4]
    for role, end in t.ends.items():
        assert_decision(end, "AES_GCM", "no")
        assert t.mtu(role) == mtu
    t.ping(count=2, size=mtu - 28, df=True)
    assert t.wire.largest() in range(1497, 1501) and not t.wire.fragments()
    far.stop()
    for wire, end in ((t.wire, t.lns), (far, t.client)):
        assert not [p for p in wire.clear_l2tp() if p.src == end.host.address], "what " + end.role + " sent"
