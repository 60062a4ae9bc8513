# SPDX-License-Identifier: GPL-2.0-or-later
"""xl2tpd's plugin in the client's role, whose PPP user may use which SA, and clients
that are not strongSwan with swanctl: libreswan, NetworkManager-l2tp."""

import signal
import time

import pytest

from lib import clients, l2tp, xfrm
from lib.wait import SLOW, wait_for

SWANCTL, XL2TPD_CONF = "/etc/swanctl/swanctl.conf", "/etc/xl2tpd/xl2tpd.conf"
PATCHED = "1.3.18"
ONLY_LNS = {"lns": True, "client": False}
ONLY_CLIENT = {"lns": False, "client": True}
LNS = dict(xl2tpd_options=l2tp.DEBUG, sabus={"lns": True}, xl2tpd={"lns": PATCHED, "client": "stock"}, xl2tpd_sabus={"lns": True})
CLIENT = dict(xl2tpd_options=l2tp.DEBUG, sabus={"client": True}, xl2tpd={"lns": "stock", "client": PATCHED}, xl2tpd_sabus={"client": True})
BOTH = dict(xl2tpd_options=l2tp.DEBUG, xl2tpd=PATCHED, xl2tpd_sabus=True)
SENDING = "sending SCCRQ"


def requests_heard(end):
    return end.host.log("xl2tpd").count("message type 1 (Start-Control-Connection-Request)")


# -- the client dials: first the SA, then the tunnel (RFC 3193 section 4.2.2) ---------------------

DIALS = {
    "1.3.18": dict(CLIENT),
    "1.3.20": dict(CLIENT, xl2tpd={"lns": "stock", "client": "1.3.20"}),
    "both-ikev1": dict(BOTH, ike=1, esp="aes256-sha1"),
    "named": dict(CLIENT, section_options={"client": ("sabus connection = l2tp/l2tp",)}),
}


@pytest.mark.parametrize("case", sorted(DIALS))
def test_xl2tpd_autodial(tunnel, case):
    """'autodial': nobody brings the SA up by hand; the plugin has charon do it, and the first SCCRQ leaves inside it, once."""
    options = dict(DIALS[case])
    more = options.pop("section_options", {}).get("client", ())
    t = tunnel(section_options={"client": ("autodial = yes",) + more}, **options).start()
    t.wait_up()
    t.ping()
    assert t.client.host.log("xl2tpd").count(SENDING) == 1 and requests_heard(t.lns) == 1
    said = l2tp.said(t.client, "accept")[-1]
    assert said["role"] == "client" and said["reason"] == "ok-protected", said
    assert {int(x, 16) for x in said["spi"].split("/")} == set(t.wire.esp_by_spi())
    t.down()
    wait_for("the SA was given back", lambda: not xfrm.states(t.client.host) and not t.client.charon.sas())


def test_xl2tpd_dial_no_credentials(tunnel):
    """Wrong PSK: the dial fails with a line that says so, and not one SCCRQ leaves; with the right PSK the next dial works."""
    t = tunnel(psk={"client": "wrong", "lns": "sesame"}, **CLIENT).start()
    t.dial()
    said = l2tp.wait_said(t.client, "refuse", timeout=20, reason="sa-impossible")
    assert said["text"] and said["remedy"], said
    assert SENDING not in t.client.host.log("xl2tpd") and not t.client.host.pids("pppd")
    assert not [p for p in t.wire.packets() if p.kind in ("l2tp", "esp")]
    t.client.edit(SWANCTL, '"wrong"', '"sesame"')
    t.client.host.run(["swanctl", "--load-creds", "--clear", "--noprompt"])
    t.dial()
    t.wait_up()
    t.ping()


def test_xl2tpd_dial_no_answer(tunnel):
    """No IKE peer at all: refused when 'sabus wait' is over, not one SCCRQ leaves."""
    t = tunnel(**l2tp.lines(CLIENT, "client", "sabus wait = 1500")).start(charon=ONLY_CLIENT)
    began = time.monotonic()
    t.dial()
    l2tp.wait_said(t.client, "refuse", reason="sa-impossible")
    assert time.monotonic() - began < 5 * SLOW
    assert SENDING not in t.client.host.log("xl2tpd")
    assert not [p for p in t.wire.packets() if p.kind in ("l2tp", "esp")]


def test_xl2tpd_dial_slow_ike(tunnel):
    """The LNS's charon sleeps in the middle of IKE: no SCCRQ leaves meanwhile, and one, not several, after (C29)."""
    t = tunnel(**l2tp.lines(CLIENT, "client", "sabus wait = 60000")).start()
    t.lns.host.kill("charon-out", signal.SIGSTOP)
    t.dial()
    wait_for("IKE requests, one of them repeated", lambda: len([p for p in t.wire.packets() if p.kind == "ike"]) >= 2, 15)
    assert SENDING not in t.client.host.log("xl2tpd")
    assert not [p for p in t.wire.packets() if p.kind in ("l2tp", "esp")]
    t.lns.host.kill("charon-out", signal.SIGCONT)
    t.wait_up(40)
    assert t.client.host.log("xl2tpd").count(SENDING) == 1 and requests_heard(t.lns) == 1


def test_xl2tpd_dial_no_bus(tunnel):
    """Neither sabusd nor an SA: the client's dial is refused with bus-down, nothing leaves."""
    t = tunnel(sabusd=False, **l2tp.lines(CLIENT, "client", "sabus wait = 1000")).start()
    t.dial()
    l2tp.wait_said(t.client, "refuse", reason="bus-down")
    assert not [p for p in t.wire.packets() if p.kind in ("l2tp", "esp", "ike")]


def test_xl2tpd_ours_under_negotiation(tunnel):
    """The SA is there already: the dial uses it, charon is not asked for another."""
    t = tunnel(**BOTH).start()
    t.ike()
    (before,) = t.client.charon.installed()
    t.dial()
    t.wait_up()
    assert [c["uniqueid"] for c in t.client.charon.installed()] == [before["uniqueid"]]
    assert l2tp.said(t.client, "accept")[-1]["sa"].endswith("{%s}" % before["uniqueid"])


# -- the SA goes with its last tunnel (RFC 3193 section 3.1) -----------------------------------------

def ike_deletes(t, since):
    """IKE messages on the wire since then: the deletes are the only ones after a tunnel's end."""
    return [p for p in t.wire.packets(since) if p.kind == "ike"]


@pytest.mark.parametrize("ike", (1, 2))
def test_xl2tpd_sa_given_back(tunnel, ike):
    """The stock client hangs up: StopCCN, and the LNS's charon deletes the CHILD_SA and the IKE_SA, at both ends."""
    t = tunnel(ike=ike, esp="aes256-sha1" if ike == 1 else "aes256gcm128", **LNS).up()
    began = time.time()
    t.client.xl2tpd.disconnect()
    t.client.host.wait_log("xl2tpd", "(?i)closing down tunnel|connection closed|disconnect")
    for end in t.ends.values():
        wait_for("%s: no IKE_SA" % end.role, lambda: not end.charon.sas(), 15)
        wait_for("%s: no SA" % end.role, lambda: not xfrm.states(end.host))
    l2tp.wait_said(t.lns, "delete", result="done")
    assert ike_deletes(t, began)


def test_xl2tpd_sa_kept_for_second(tunnel):
    """Two tunnels on one SA: it stays when the first ends, and goes with the second."""
    t = tunnel(**LNS).start(xl2tpd=ONLY_LNS)
    t.ike()
    peer = l2tp.Peer(t.client.host, t.lns.host.address)
    first, second = peer.tunnel(7).up(), peer.tunnel(8).up()
    first.stop()
    l2tp.wait_said(t.lns, "down")
    peer.answered(2.5)      # the delay before an SA is given back is 1 s
    assert len(t.lns.charon.installed()) == 1 and not l2tp.said(t.lns, "delete")
    second.stop()
    wait_for("no IKE_SA", lambda: not t.lns.charon.sas() and not t.client.charon.sas(), 15)


def test_xl2tpd_sa_not_given_back(tunnel):
    """'sabus delete sa = no': the SA outlives its tunnel."""
    t = tunnel(**l2tp.lines(LNS, "lns", "sabus delete sa = no")).start(xl2tpd=ONLY_LNS)
    t.ike()
    peer = l2tp.Peer(t.client.host, t.lns.host.address)
    peer.tunnel(7).up().stop()
    l2tp.wait_said(t.lns, "down")
    peer.answered(2.5)
    assert len(t.lns.charon.installed()) == 1 and len(t.client.charon.installed()) == 1


# -- whose SA it is (RFC 3193 section 5.1.1) -----------------------------------------------------------

MAP = "/etc/sabus/identities"
IDENTITIES = {
    # what binds, the client's IKE identity, accepted
    "equal": ("equal", "user", True),
    "equal-other": ("equal", "mallory", False),
    "map": ("map " + MAP, "user.example.org", True),
    "map-other": ("map " + MAP, "mallory.example.org", False),
    "none-other": ("none", "mallory", True),
}


def identified(tunnel, bind, identity):
    t = tunnel(section_options={"lns": ("sabus bind identity = " + bind,)}, **LNS)
    t.client.edit(SWANCTL, "local {\n\t\t\tauth = psk", "local {\n\t\t\tauth = psk\n\t\t\tid = " + identity)
    t.lns.host.write(MAP, "# IKE identity, then who it may be\nuser.example.org user\nmallory.example.org somebody\n", 0o600)
    t.start()
    t.ike()
    t.dial()
    return t


@pytest.mark.parametrize("case", sorted(IDENTITIES))
def test_xl2tpd_identity(tunnel, case):
    """'sabus bind identity': a PPP user whom the IKE identity does not stand for is refused, in the log and to the peer."""
    bind, identity, accepted = IDENTITIES[case]
    t = identified(tunnel, bind, identity)
    if accepted:
        t.wait_up()
        t.ping()
        return
    told = wait_for("the peer is told", lambda: [p for p in t.client.ppp().find("rcvd") if "identity-mismatch" in p.body], 15)
    assert told
    line = wait_for("the LNS's log", lambda: t.lns.ppp().said("close|refuse"))[-1]
    assert line["reason"] == "identity-mismatch" and identity in line["text"] and "user" in line["text"], line
    t.wait_down()
    t.lns.xl2tpd.wait_exit(126)


# -- other clients ---------------------------------------------------------------------------------------

FOREIGN = dict(ike=1, esp="aes256-sha1", **LNS)
IKE = {"lns": {"IKE_PROPOSALS": "aes256-sha256-modp2048,aes256-sha256-modp1536"}}


@pytest.mark.parametrize("natt", (False, True), ids=("plain", "natt"))
def test_xl2tpd_libreswan(tunnel, natt):
    """libreswan (IKEv1, PSK) with Debian's xl2tpd as the client: up, protected; the SA goes with the tunnel (pluto's 'up' may make a new one)."""
    t = tunnel(values=IKE, natt=natt, **FOREIGN)
    pluto = clients.Libreswan(t, natt=natt)
    t.start(charon=ONLY_LNS)
    pluto.start()
    pluto.up()
    t.dial()
    t.wait_up()
    for origin in t.ends:
        t.ping(origin=origin)
    assert l2tp.said(t.lns, "accept")[-1]["natt"] == ("yes" if natt else "no")
    carried = set(xfrm.own_pair(t.lns.host))
    t.client.xl2tpd.disconnect()
    l2tp.wait_clean(t.lns, timeout=15)
    for end in t.ends.values():
        wait_for("%s: the tunnel's SA is gone" % end.role, lambda: not carried & {s["spi"] for s in xfrm.states(end.host)}, 15)


def test_xl2tpd_libreswan_sa_deleted(tunnel):
    """libreswan takes its connection down under the tunnel: the LNS ends session and tunnel, sa-gone."""
    t = tunnel(values=IKE, **FOREIGN)
    pluto = clients.Libreswan(t)
    t.start(charon=ONLY_LNS)
    pluto.start()
    pluto.up()
    t.dial()
    t.wait_up()
    t.client.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])    # its own xl2tpd would go on in the clear
    pluto.down()
    assert l2tp.wait_said(t.lns, "close")["reason"] == "sa-gone"
    l2tp.wait_clean(t.lns)


def test_xl2tpd_networkmanager(tunnel):
    """NetworkManager-l2tp's own service writes the configuration and starts ipsec, xl2tpd and pppd: up, protected, and hung up in order."""
    t = tunnel(values=IKE, **FOREIGN)
    nm = clients.NetworkManagerL2tp(t)
    t.start(charon=ONLY_LNS, xl2tpd=ONLY_LNS)
    nm.start()
    nm.connect()
    t.wait_up(30)
    for origin in t.ends:
        t.ping(origin=origin)
    assert "leftprotoport=udp/l2tp" in nm.file("ipsec.conf") and "[lac l2tp]" in nm.file("xl2tpd.conf")
    assert l2tp.said(t.lns, "accept")[-1]["reason"] == "ok-protected"
    nm.disconnect()
    l2tp.wait_clean(t.lns, timeout=20)
