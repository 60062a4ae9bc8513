# SPDX-License-Identifier: GPL-2.0-or-later
"""What xl2tpd's plugin refuses, how the peer is told, and an answer that takes its time."""

import time

import pytest

from lib import clients, l2tp
from lib.traffic import Pings
from lib.wait import SLOW, wait_for

SWANCTL = "/etc/swanctl/swanctl.conf"
PATCHED = "1.3.18"
ONLY_LNS = {"lns": True, "client": False}
LNS = dict(xl2tpd_options=l2tp.DEBUG, sabus={"lns": True}, xl2tpd={"lns": PATCHED, "client": "stock"}, xl2tpd_sabus={"lns": True})


# -- refusals, as the peer gets them ----------------------------------------------------------------

SHORT = ("sabus wait = 1000",)
REFUSALS = {
    # what is wrong: options of tunnel(), lines of xl2tpd.conf, what to change in the LNS' swanctl.conf, the word
    "sa-weak": (dict(esp="aes256-sha1"), ("sabus min strength = strong",), None, "sa-weak"),
    "no-replay": (dict(), (), ("esp_proposals =", "replay_window = 0\n\t\t\t\tesp_proposals ="), "sa-no-replay"),
    "unknown": (dict(charon_sabus=False), SHORT, None, "sa-unknown"),
    "bus-down": (dict(sabusd=False), SHORT, None, "bus-down"),
    "bus-timeout": (dict(), SHORT, None, "bus-timeout"),
}


@pytest.mark.parametrize("case", sorted(REFUSALS))
def test_xl2tpd_refused(tunnel, case):
    """An SA that does not do, or nobody who knows of one: the peer gets StopCCN 2/6 with the reason's word, in time; the log has reason and remedy."""
    options, lines, change, word = REFUSALS[case]
    t = tunnel(**l2tp.lines(dict(LNS, **options), "lns", *lines))
    if change:
        t.lns.edit(SWANCTL, *change)
    t.start(xl2tpd=ONLY_LNS)
    t.ike()
    if case == "bus-timeout":
        t.lns.sabusd.pause()
    began = time.monotonic()
    answer = l2tp.Peer(t.client.host, t.lns.host.address).tunnel(7).ask()
    assert answer.kind == l2tp.STOPCCN and time.monotonic() - began < 4 * SLOW
    code, error, text = l2tp.result(answer)
    assert (code, error) == (2, 6) and text.startswith("sabus: %s: " % word), answer
    said = l2tp.wait_said(t.lns, "refuse", reason=word)
    assert said["text"] and said["remedy"] and said["peer"] == t.client.host.address + ":1701", said
    assert not t.lns.host.pids("pppd") and l2tp.kernel_objects(t.lns.host) == (0, 0)


def test_xl2tpd_refusal_on_the_wire(tunnel):
    """The refusal as anybody on the wire can read it (ESP-NULL): one StopCCN, nothing else; the stock client logs the reason."""
    t = tunnel(**l2tp.lines(dict(LNS, esp="null-sha256"), "lns", "sabus min strength = strong")).start()
    t.ike()
    t.dial()
    t.client.host.wait_log("xl2tpd", r"sabus: sa-weak: ")
    assert t.wire.readable(b"sabus: sa-weak: ", src=t.lns.host.address)
    assert not t.wire.readable(b"sabus: ", src=t.client.host.address)
    assert not t.lns.host.pids("pppd")


def test_xl2tpd_refusals_limited(tunnel):
    """Thirty refused SCCRQs of one peer: each is answered, the log has a few lines, and tells how many it left out."""
    t = tunnel(**l2tp.lines(dict(LNS, esp="aes256-sha1"), "lns", "sabus min strength = strong")).start(xl2tpd=ONLY_LNS)
    t.ike()
    peer = l2tp.Peer(t.client.host, t.lns.host.address)
    for tid in range(1, 31):
        assert peer.tunnel(tid).ask().kind == l2tp.STOPCCN
    assert 1 <= len(l2tp.said(t.lns, "refuse")) <= 15


# -- an answer that takes its time ------------------------------------------------------------------

def test_xl2tpd_deferred(tunnel):
    """sabusd is stopped (SIGSTOP): a new peer's SCCRQ is acknowledged and held back, an older tunnel's data flows on; when sabusd goes on, so does the tunnel."""
    t = tunnel(**l2tp.lines(LNS, "lns", "sabus wait = 20000"))
    clients.second_peer(t)
    t.up()
    t.client.charon.initiate("other")
    pings = Pings(t)
    t.lns.sabusd.pause()
    late = l2tp.Peer(t.client.host, t.lns.host.address, clients.OTHER).tunnel(7)
    late.send(l2tp.SCCRQ, l2tp.request(7))
    assert late.expect(l2tp.ZLB, l2tp.SCCRP, l2tp.STOPCCN).kind == l2tp.ZLB
    pings.more(20)
    assert not [m for m in late.peer.seen if m.kind != l2tp.ZLB]
    t.lns.sabusd.resume()
    assert late.expect(l2tp.SCCRP, l2tp.STOPCCN).kind == l2tp.SCCRP
    assert pings.stop() == 0


def test_xl2tpd_stopped_bus(tunnel):
    """sabusd stays stopped: the new peer is refused when 'sabus wait' is over, the older tunnel lives on."""
    t = tunnel(**l2tp.lines(LNS, "lns", *SHORT))
    clients.second_peer(t)
    t.up()
    t.client.charon.initiate("other")
    pings = Pings(t)
    t.lns.sabusd.pause()
    began = time.monotonic()
    answer = l2tp.Peer(t.client.host, t.lns.host.address, clients.OTHER).tunnel(7).ask()
    assert answer.kind == l2tp.STOPCCN and "sabus: bus-timeout: " in l2tp.result(answer)[2]
    assert 0.9 < time.monotonic() - began < 4 * SLOW
    pings.more(20)
    t.lns.sabusd.resume()
    assert pings.stop() == 0
