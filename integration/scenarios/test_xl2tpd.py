# SPDX-License-Identifier: GPL-2.0-or-later
"""xl2tpd with our patches and the plugin: what is let in, what is refused and how
that is told.  The LNS has the plugin; the client is stock where it does not matter."""

import re
import signal
import time

import pytest

from lib import clients, inject, l2tp, sanitize, xfrm
from lib.wait import wait_for

SWANCTL, XL2TPD_CONF = "/etc/swanctl/swanctl.conf", "/etc/xl2tpd/xl2tpd.conf"
PATCHED = "1.3.18"
ONLY_LNS = {"lns": True, "client": False}
LNS = dict(xl2tpd_options=l2tp.DEBUG, sabus={"lns": True}, xl2tpd={"lns": PATCHED, "client": "stock"}, xl2tpd_sabus={"lns": True})
BOTH = dict(xl2tpd_options=l2tp.DEBUG, xl2tpd=PATCHED, xl2tpd_sabus=True)


def guards(host):
    """Blocking policies for L2TP's port in the kernel."""
    return [p for p in xfrm.policies(host) if p["action"] == "block" and "1701" in p["sel"]]


# -- it loads, and works ---------------------------------------------------------------

STOCK = dict(xl2tpd={"lns": PATCHED, "client": "stock"})
LOADS = {
    "patched-alone": dict(STOCK),
    "lns": dict(LNS),
    "lns-1.3.20": dict(LNS, xl2tpd={"lns": "1.3.20", "client": "stock"}),
    "lns-marks": dict(LNS, marks=True),
    "lns-marks-without-saref": dict(LNS, marks=True, saref=False),
    "lns-ikev1-natt": dict(LNS, ike=1, natt=True, esp="aes256-sha1"),
    "both": dict(BOTH),
    "both-1.3.20": dict(BOTH, xl2tpd="1.3.20", marks=True),
}


def assert_told(end):
    """The accept line, the bus and pppd tell of the same tunnel and SA, the kernel's own."""
    spis = xfrm.own_pair(end.host)
    line = l2tp.said(end, "accept")[-1]
    assert line["reason"] == "ok-protected" and tuple(int(x, 16) for x in line["spi"].split("/")) == spis, line
    (tunnel,) = wait_for("%s: the tunnel on the bus" % end.role, lambda: l2tp.tunnels(end))
    (child,) = end.charon.installed()
    assert int(tunnel["sa_id"]) == int(child["uniqueid"]) and tunnel["state"] == "up" and tunnel["reason"] == "ok-protected", tunnel
    assert str(tunnel["tunnel_id"]) == line["tunnel"].split("/")[0], (tunnel, line)
    (session,) = end.sabusd.status()["sessions"]
    assert (int(session["spi_in"], 16), int(session["spi_out"], 16)) == spis, session
    pppd = end.ppp().verdict()
    assert pppd["tunnel"].split("/")[0] == line["tunnel"].split("/")[0] and pppd["sa"] == line["sa"], (pppd, line)
    command = end.host.log("xl2tpd")
    assert "sabus-join" in command and "%d" % tunnel["sa_id"] in re.search(r'sabus-join" *\n.*?"([^"]+)"', command).group(1)


@pytest.mark.parametrize("case", sorted(LOADS))
def test_xl2tpd_works(tunnel, case):
    """The patched daemon, with and without the plugin, with and without marks: the tunnel comes up, all witnesses agree, and it ends without a trace."""
    t = tunnel(**LOADS[case]).start()
    before = l2tp.descriptors(t.lns.host)
    t.ike()
    t.dial()
    t.wait_up()
    for origin in t.ends:
        t.ping(origin=origin)
    plugged = [e for r, e in t.ends.items() if t.settings.xl2tpd_sabus[r]]
    for end in plugged:
        assert_told(end)
    carried = t.wire.esp_by_spi()
    assert {s["spi"] for s in xfrm.states(t.lns.host)} == set(carried) and min(carried.values()) >= 6
    t.client.xl2tpd.disconnect()
    l2tp.wait_clean(t.lns, before, 15)
    for end in plugged:
        wait_for("%s: its SA was given back" % end.role, lambda: not xfrm.states(end.host))


# -- it refuses to start ------------------------------------------------------------------

SECTION = "[lns default]\nip range = 192.168.50.10-192.168.50.99\nlocal ip = 192.168.50.1\n"
GLOBAL = "[global]\nport = 1701\n"
BAD = {     # what xl2tpd.conf says, and what the message must name
    "no-such-plugin": ("plugin = nowhere\n", "", ("nowhere", "xl2tpd-nowhere.so")),
    "no-such-file": ("plugin = /nowhere/x.so\n", "", ("/nowhere/x.so",)),
    "no-plugin-in-it": ("plugin = /usr/lib/x86_64-linux-gnu/libc.so.6\n", "", ("libc.so.6", "xl2tpd_plugin")),
    "version": ("plugin = /run/other.so\n", "", ("/run/other.so", "99.", "1.")),
    "unknown-option": ("plugin = sabus\nsabus ipsek = required\n", "", ("ipsek", "no such option", "xl2tpd-sabus(8)")),
    "no-such-word": ("plugin = sabus\nsabus ipsec = maybe\n", "", ("ipsec", "maybe", "optional or required")),
    "number": ("plugin = sabus\nsabus wait = soon\n", "", ("wait", "soon", "100 to 60000")),
    "too-small": ("plugin = sabus\nsabus wait = 99\n", "", ("wait", "99", "100 to 60000")),
    "network": ("plugin = sabus\nsabus clear peers = 10.9.0.0/33\n", "", ("clear peers", "10.9.0.0/33", "192.0.2.0/24")),
    "path": ("plugin = sabus\nsabus socket = run/sabus\n", "", ("socket", "run/sabus", "absolute path")),
    "section": ("plugin = sabus\n", "sabus bind identity = sometimes\n", ("bind identity", "sometimes", "none, equal or map FILE")),
    "wrong-section": ("plugin = sabus\n", "sabus guard = no\n", ("guard", "[lns]")),
    "without-plugin": ("sabus ipsec = required\n", "", ("sabus",)),
}
# A plugin for another interface: version and name come first in every one of them.
OTHER_PLUGIN = """
const struct { unsigned version; const char *name; void *hooks[64]; } xl2tpd_plugin = { 99 << 16, "other", { 0 } };
"""


def try_config(h, xl2tpd, text):
    """xl2tpd with this configuration; what it said by the time it ended, and whether it did by itself."""
    h.write(XL2TPD_CONF, text)
    sane = ["env"] + ["%s=%s" % kv for kv in sanitize.environment().items()]
    r = h.run(sane + ["timeout", "-s", "KILL", "20", xl2tpd, "-D", "-c", XL2TPD_CONF, "-p", "/run/xl2tpd.pid", "-C", "/run/xl2tpd/c"],
              check=False, timeout=60)
    return r.stdout + r.stderr, r.returncode


@pytest.mark.parametrize("release", ("1.3.18", "1.3.20"))
def test_xl2tpd_bad_config(host, release):
    """Another API version, missing file, unknown option, nonsense value: xl2tpd does not start, and names value, place and what would be right."""
    h = host("h")
    h.write("/run/other.c", OTHER_PLUGIN)
    h.run("cd /run && gcc -shared -fPIC -o other.so other.c")
    for case, (lines, in_section, names) in BAD.items():
        said, code = try_config(h, "/opt/xl2tpd-%s/sbin/xl2tpd" % release, GLOBAL + lines + SECTION + in_section)
        assert code not in (0, 124, 137, -9), (case, code, said)
        for name in names:
            assert name in said, (case, name, said)
        assert "1701" not in said.replace("port = 1701", "") or "Listening" not in said, (case, said)
    assert not guards(h)


# -- clear text ------------------------------------------------------------------------------

CLEAR = pytest.mark.clear_text_allowed(reason="the test injects clear L2TP; asserted: nothing else of it is on the wire")


def clear_messages(tid=0, session=0):
    """SCCRQ, HELLO, StopCCN and data, as a forger would send them."""
    frames = [inject.control_message(0, 0, l2tp.SCCRQ, 0, 0, l2tp.request(7))]
    frames += [inject.control_message(tid, 0, kind, ns) for kind in (l2tp.HELLO, l2tp.STOPCCN) for ns in range(2, 5)]
    frames += [inject.data_message(tid, session, inject.icmp_echo("192.168.50.10", "192.168.50.1"))] * 3
    return frames


def inject_clear(t, frames):
    wire = inject.Injector(t.client.host, t.lns.host)
    for f in frames:
        wire.send(f)
    wire.close()


def dropped(t):
    """Packets that the LNS's kernel has dropped: the socket's policy is asked first, where there is no socket the guard is."""
    return sum(xfrm.counters(t.lns.host)[n] for n in ("XfrmInTmplMismatch", "XfrmInPolBlock"))


def assert_dropped(t, frames):
    before, heard = dropped(t), t.lns.host.log("xl2tpd")
    inject_clear(t, frames)
    wait_for("%d more dropped" % len(frames), lambda: dropped(t) >= before + len(frames))
    assert "Start-Control-Connection-Request" not in t.lns.host.log("xl2tpd")[len(heard):]
    assert {p.src for p in t.wire.clear_l2tp()} == {t.client.host.address}


@CLEAR
def test_xl2tpd_clear_cold(tunnel):
    """Clear SCCRQ, HELLO and data to an LNS without any SA: the kernel drops each of them, xl2tpd hears nothing, nothing is answered."""
    t = tunnel(**LNS).start(xl2tpd=ONLY_LNS)
    assert_dropped(t, clear_messages())


@CLEAR
def test_xl2tpd_clear_cold_no_guard(tunnel):
    """The same with 'sabus guard = no': the socket's own policy drops them."""
    t = tunnel(**l2tp.lines(LNS, "lns", "sabus guard = no")).start(xl2tpd=ONLY_LNS)
    assert not guards(t.lns.host)
    assert_dropped(t, clear_messages())


@pytest.mark.clear_text_allowed(reason="negative control: patched xl2tpd without the plugin answers in the clear")
def test_xl2tpd_clear_control(tunnel):
    """Negative control: without the plugin (and without guard) a clear SCCRQ is answered."""
    t = tunnel(sabus=False, xl2tpd={"lns": PATCHED}).start(xl2tpd=ONLY_LNS, charon=False)
    peer = l2tp.Peer(t.client.host, t.lns.host.address)
    assert peer.tunnel(7).ask().kind == l2tp.SCCRP


@CLEAR
def test_xl2tpd_clear_warm(tunnel):
    """Clear SCCRQ, HELLO, StopCCN and data from the client's own port into its living tunnel: dropped, and the tunnel does not notice."""
    t = tunnel(**LNS).up()
    line = l2tp.said(t.lns, "accept")[-1]
    session = int(t.lns.ppp().said("accept")[-1]["session"].split("/")[0])
    assert_dropped(t, clear_messages(int(line["tunnel"].split("/")[0]), session))
    t.ping()
    assert not l2tp.said(t.lns, "close|down|refuse")


# -- guard policies --------------------------------------------------------------------------

@CLEAR
def test_xl2tpd_guard_first(tunnel):
    """A peer that asks in the clear all the time while xl2tpd starts: not one datagram is heard, the guard is there before the socket."""
    t = tunnel(**LNS)
    t.lns.sabusd.start()
    flood = t.client.host.spawn(["python3", "-c", """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("%s", 1701))
while True:
    try: s.sendto(bytes.fromhex("%s"), ("%s", 1701))
    except OSError: pass
    time.sleep(0.001)
""" % (t.client.host.address, inject.control_message(0, 0, l2tp.SCCRQ, 0, 0, l2tp.request(9)).hex(), t.lns.host.address)], "flood")
    wait_for("clear SCCRQs on the wire", t.wire.clear_l2tp)
    t.lns.xl2tpd.start()
    before = dropped(t)
    wait_for("more of them", lambda: dropped(t) >= before + 20)
    flood.may_end = True
    t.client.host.kill("flood")
    assert "Start-Control-Connection-Request" not in t.lns.host.log("xl2tpd")
    assert {p.src for p in t.wire.clear_l2tp()} == {t.client.host.address}


@CLEAR
def test_xl2tpd_guard_life(tunnel):
    """The guard goes at a clean end, stays after kill -9 (and drops), is taken over by the next start, and goes with that one's clean end."""
    t = tunnel(**LNS)
    t.lns.sabusd.start()
    t.lns.xl2tpd.start()
    there = sorted((p["sel"], p["dir"], p["priority"]) for p in guards(t.lns.host))
    assert {d for _, d, _ in there} >= {"in", "out"}
    t.lns.xl2tpd.stop()
    assert not guards(t.lns.host)
    t.lns.xl2tpd.start()
    t.lns.xl2tpd.stop(signal.SIGKILL)
    inject_clear(t, clear_messages())
    wait_for("dropped by the guard", lambda: xfrm.counters(t.lns.host)["XfrmInPolBlock"] >= len(clear_messages()))
    t.lns.xl2tpd.start()
    assert sorted((p["sel"], p["dir"], p["priority"]) for p in guards(t.lns.host)) == there
    t.lns.xl2tpd.stop()
    assert not guards(t.lns.host)


# -- not stronger than configured ----------------------------------------------------------------

@pytest.mark.clear_text_allowed(reason="'ipsec = optional': a peer without an SA may come in the clear")
def test_xl2tpd_optional(tunnel):
    """'sabus ipsec = optional': no guard, a peer without an SA is let in (ok-no-ipsec), one with an SA is held to it."""
    t = tunnel(sabus=False, sabusd={"lns": True}, charon_sabus={"lns": True}, xl2tpd={"lns": PATCHED}, xl2tpd_sabus={"lns": True},
               xl2tpd_options={"lns": ("sabus ipsec = optional", "sabus pppd plugin = no")}).start()
    assert not guards(t.lns.host)
    t.dial()
    t.wait_up()
    t.ping()
    assert l2tp.said(t.lns, "accept")[-1]["reason"] == "ok-no-ipsec"
    assert t.wire.clear_l2tp() and not t.wire.esp_by_spi()
    t.down()
    l2tp.wait_clean(t.lns)
    t.client.host.run("ip addr add %s/24 dev e0" % clients.OTHER)
    t.ike()
    began = time.time()
    peer = l2tp.Peer(t.client.host, t.lns.host.address)
    t.client.xl2tpd.stop()
    peer.tunnel(7).up()
    assert l2tp.said(t.lns, "accept")[-1]["reason"] == "ok-protected"
    assert not t.wire.clear_l2tp(began)


@pytest.mark.clear_text_allowed(reason="'clear peers': this peer may come in the clear")
def test_xl2tpd_clear_peers(tunnel):
    """'sabus clear peers': that network may come without an SA, and nobody else: their clear SCCRQ is dropped by the kernel."""
    t = tunnel(**l2tp.lines(LNS, "lns", "sabus clear peers = 10.9.0.2/32, 172.16.0.0/12"))
    t.start(xl2tpd=ONLY_LNS, charon=ONLY_LNS)
    assert guards(t.lns.host)
    t.client.host.run("ip addr add %s/24 dev e0" % clients.OTHER)
    other = l2tp.Peer(t.client.host, t.lns.host.address, clients.OTHER)
    before = dropped(t)
    other.send(inject.control_message(0, 0, l2tp.SCCRQ, 0, 0, l2tp.request(8)))
    wait_for("dropped", lambda: dropped(t) == before + 1)
    l2tp.Peer(t.client.host, t.lns.host.address).tunnel(7).up()
    assert l2tp.said(t.lns, "accept")[-1]["reason"] == "ok-clear-peer"
    assert not other.answered(1)
    assert {p.dst for p in t.wire.clear_l2tp() if p.src == t.lns.host.address} == {t.client.host.address}


# -- one peer's SA in another's tunnel (RFC 3193 section 3.3) ---------------------------------------

def test_xl2tpd_foreign_sa(tunnel):
    """A peer with an SA of its own sends into another peer's tunnel: StopCCN, HELLO, CDN and data are without effect there (C17)."""
    t = tunnel(**LNS)
    clients.second_peer(t)
    t.up()
    t.client.charon.initiate("other")
    assert len(xfrm.states(t.lns.host)) == 4
    line, pppd = l2tp.said(t.lns, "accept")[-1], t.lns.ppp().said("accept")[-1]
    tid, session = int(line["tunnel"].split("/")[0]), int(pppd["session"].split("/")[0])
    foreign = l2tp.Peer(t.client.host, t.lns.host.address, clients.OTHER)
    received = int(t.lns.host.run(["cat", "/sys/class/net/ppp0/statistics/rx_packets"]).stdout)
    used = sum(xfrm.used(t.lns.host).values())
    frames = [inject.control_message(tid, 0, kind, ns, nr, l2tp.u16(l2tp.A_TUNNEL, 77) + l2tp.avp(l2tp.A_RESULT, b"\0\1\0\0"))
              for kind in (l2tp.STOPCCN, l2tp.HELLO) for ns in range(6) for nr in (3, 4)]
    frames += [inject.control_message(tid, session, l2tp.CDN, ns, 4) for ns in range(6)]
    frames += [inject.data_message(tid, session, inject.icmp_echo("192.168.50.10", "192.168.50.1"))] * 5
    for f in frames:
        foreign.send(f)
    wait_for("the SA has carried them", lambda: sum(xfrm.used(t.lns.host).values()) >= used + len(frames))
    t.ping(count=10)
    # ours (LCP echoes may add one or two), none of the forged five
    assert int(t.lns.host.run(["cat", "/sys/class/net/ppp0/statistics/rx_packets"]).stdout) - received < 10 + 5
    assert not l2tp.said(t.lns, "close|down") and not [m for m in foreign.answered(0.5) if m.kind in (l2tp.STOPCCN, l2tp.CDN)]


def test_xl2tpd_ah(tunnel):
    """AH instead of ESP (RFC 3193 section 2.1 wants ESP for control, too): the socket's policy drops it, nothing is heard or answered."""
    t = tunnel(**dict(LNS, esp="aes256-sha256"))
    for end in t.ends.values():
        end.edit(SWANCTL, "esp_proposals = aes256-sha256", "ah_proposals = sha256")
    t.start(xl2tpd=ONLY_LNS)
    t.ike()
    peer, before = l2tp.Peer(t.client.host, t.lns.host.address), dropped(t)
    peer.tunnel(7).send(l2tp.SCCRQ, l2tp.request(7))
    wait_for("dropped", lambda: dropped(t) > before)
    assert {p.kind for p in t.wire.packets() if p.src == t.client.host.address} >= {"ah"}
    assert not peer.answered(1) and "Start-Control-Connection-Request" not in t.lns.host.log("xl2tpd")


# -- two addresses of the LNS -------------------------------------------------------------------------

SECOND = "10.9.0.9"


def test_xl2tpd_second_address(tunnel):
    """An LNS with two addresses and no listen-addr: the tunnel to the second one is answered from it, and works."""
    t = tunnel(values={"client": {"REMOTE": SECOND}}, **LNS)
    t.lns.host.run("ip addr add %s/24 dev e0" % SECOND)
    t.lns.edit(XL2TPD_CONF, "listen-addr = 10.9.0.1", "")
    t.lns.edit(SWANCTL, "local_addrs = 10.9.0.1", "local_addrs = %s" % SECOND)
    t.lns.edit(SWANCTL, "id = 10.9.0.1", "id = %s" % SECOND)
    t.up()
    t.ping()
    assert l2tp.said(t.lns, "accept")[-1]["local"] == SECOND + ":1701"
    assert {p.src for p in t.wire.packets() if p.kind == "esp"} == {SECOND, t.client.host.address}


@pytest.mark.parametrize("release,source", (("stock", "10.9.0.1"), (PATCHED, SECOND), ("1.3.20", SECOND)))
@pytest.mark.clear_text_allowed(reason="no IPsec at all: only the address of the answer is looked at")
def test_xl2tpd_source_address(tunnel, release, source):
    """Where the answer to an SCCRQ to the LNS's second address comes from; stock xl2tpd is the control."""
    t = tunnel(sabus=False, xl2tpd={"lns": release, "client": "stock"})
    t.lns.host.run("ip addr add %s/24 dev e0" % SECOND)
    t.lns.edit(XL2TPD_CONF, "listen-addr = 10.9.0.1", "")
    t.start(charon=False, xl2tpd=ONLY_LNS)
    answer = l2tp.Peer(t.client.host, SECOND).tunnel(7).ask()
    assert answer.kind == l2tp.SCCRP and answer.source == (source, 1701)
