# SPDX-License-Identifier: GPL-2.0-or-later
"""No protection, no link.  Each scenario has a stock control that shows what
would happen without sabus.

'role' is the end under test, the one with sabus; the other end is stock and would
talk in the clear."""

import signal
import time

import pytest

from lib import bus, inject, sanitize, xfrm
from lib.traffic import Pings
from lib.wait import SLOW, wait_for

BOTH = ("lns", "client")
OTHER = {"lns": "client", "client": "lns"}
ROLES = pytest.mark.parametrize("role", BOTH)
STOCK_PEER = "the stock peer talks in the clear, and without guard policies xl2tpd answers; PPP must not"
SHORT = ("sabus-wait 1000",)


@pytest.mark.clear_text_allowed(reason="negative control: shows that stock daemons leak")
def test_failclosed_stock_leaks_in_clear(tunnel, scene):
    """Stock daemons, wrong PSK: IKE fails, and the tunnel comes up in the clear."""
    t = tunnel(sabus=False, psk={"client": "wrong"}).start()
    assert t.ike(check=False).returncode != 0
    assert not t.lns.charon.installed()
    t.dial()
    t.wait_up()
    t.ping()
    assert len(t.wire.clear_l2tp()) > 6
    assert any("clear-text" in f for f in scene.faults(clear_text_allowed=False))
    assert not t.wire.esp_by_spi()


def never_up(t, seconds=2.5):
    """Nobody gets a ppp0 with an address in the time in which it would be up."""
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        assert not any(e.host.has_dev("ppp0") and e.host.ifaddr("ppp0") for e in t.ends.values())
        time.sleep(0.1)


def assert_refused(t, role, reason, timeout=15):
    """ROLE's pppd refuses for REASON, says so everywhere, and has not sent a PPP packet."""
    end = t.ends[role]
    said = wait_for("%s: refusal" % role, lambda: end.ppp().verdict(), timeout)
    assert (said["verdict"], said["reason"]) == ("refuse", reason), said
    assert said["text"] and said["remedy"] and said["peer"] == t.ends[OTHER[role]].host.address + ":1701", said
    end.xl2tpd.wait_exit(said["exit"])
    assert not end.ppp().packets and not end.host.has_dev("ppp0")
    never_up(t, 0.5)
    return said


def assert_no_ppp_in_clear(t, role):
    """On the wire: no PPP frame from ROLE, that is no L2TP data message (T bit not set)."""
    sent = [p for p in t.wire.clear_l2tp() if p.src == t.ends[role].host.address]
    assert not [p for p in sent if not p.raw[28] & 0x80]


# -- no SA -------------------------------------------------------------------------

def test_failclosed_wrong_psk(tunnel):
    """Wrong PSK, sabus and guard policies on both ends: no ppp0, and not one packet leaves."""
    t = tunnel(psk={"client": "wrong"}).start()
    assert t.ike(check=False).returncode != 0
    t.dial()
    never_up(t)
    assert xfrm.counters(t.client.host)["XfrmOutPolBlock"] > 0
    assert not t.wire.esp_by_spi() and not t.lns.host.pids("pppd") and not t.client.host.pids("pppd")


@ROLES
@pytest.mark.clear_text_allowed(reason="the stock peer talks in the clear")
def test_failclosed_wrong_psk_one_guard(tunnel, role):
    """Wrong PSK, a stock peer that talks in the clear: the end with guard policies neither answers nor asks."""
    t = tunnel(sabus={role: True}, psk={"client": "wrong"}).start()
    t.ike(check=False)
    t.dial()
    never_up(t)
    assert not [p for p in t.wire.clear_l2tp() if p.src == t.ends[role].host.address]
    blocked = xfrm.counters(t.ends[role].host)
    assert blocked["XfrmInPolBlock"] + blocked["XfrmOutPolBlock"] > 0


@ROLES
@pytest.mark.clear_text_allowed(reason=STOCK_PEER)
def test_failclosed_wrong_psk_no_guard(tunnel, role):
    """Wrong PSK and no guard policies: L2TP connects in the clear, pppd still refuses before its first packet, no-sa."""
    t = tunnel(sabus={role: True}, guard=False, psk={"client": "wrong"}, sabus_options=SHORT).start()
    assert t.ike(check=False).returncode != 0
    t.dial()
    assert_refused(t, role, "no-sa")
    assert_no_ppp_in_clear(t, role)


def test_failclosed_no_charon(tunnel):
    """No charon at all, guard policies: not one packet leaves."""
    t = tunnel().start(charon=False)
    t.dial()
    never_up(t)
    assert not t.wire.packets() or not [p for p in t.wire.packets() if p.kind != "other"]


@ROLES
@pytest.mark.clear_text_allowed(reason=STOCK_PEER)
def test_failclosed_no_charon_no_guard(tunnel, role):
    """No charon and no guard policies: sabusd knows nothing, which is not 'no SA needed': refused, sa-unknown."""
    t = tunnel(sabus={role: True}, guard=False, sabus_options=SHORT).start(charon=False)
    t.dial()
    assert_refused(t, role, "sa-unknown")
    assert_no_ppp_in_clear(t, role)


# -- nobody who knows of the SA ------------------------------------------------------

UNKNOWING = {
    "no-sabusd": (dict(sabusd=False), "bus-down"),
    "no-plugin": (dict(charon_sabus=False), "sa-unknown"),
    "stopped": (dict(), "bus-timeout"),
}


@ROLES
@pytest.mark.parametrize("what", sorted(UNKNOWING))
def test_failclosed_unknown(tunnel, role, what):
    """There is an SA, but nobody who says so (no sabusd, charon without its plugin, sabusd stopped): refused in time, with the reason."""
    options, reason = UNKNOWING[what]
    t = tunnel(sabus={role: True}, sabus_options=SHORT, **options).start()
    t.ike()
    if what == "stopped":
        t.ends[role].sabusd.pause()
    began = time.monotonic()
    t.dial()
    assert_refused(t, role, reason)
    assert time.monotonic() - began < 5 * SLOW
    assert t.lns.charon.installed()


@ROLES
def test_failclosed_sabusd_last(tunnel, role):
    """sabusd is started last: a pppd that waits for it goes on as soon as it is there, within sabus-wait."""
    t = tunnel(sabus={role: True}, sabusd=False, sabus_options=("sabus-wait 15000",)).start()
    t.ike()
    t.dial()
    t.ends[role].host.wait_log("pppd", "Plugin sabus.so loaded")
    assert not t.ends[role].ppp().decisions()
    t.ends[role].sabusd.start()
    t.wait_up()
    t.ping()
    assert t.ends[role].ppp().verdict()["reason"] == "ok-protected"


def test_failclosed_sabusd_last_redial(tunnel):
    """sabusd is started after the refusal: the next call comes up, nothing else was restarted."""
    t = tunnel(sabus={"client": True}, sabusd=False, sabus_options=SHORT).start()
    t.ike()
    t.dial()
    assert_refused(t, "client", "bus-down")
    t.client.sabusd.start()
    t.client.host.wait_log("charon", "sabus: bus-up ")
    t.client.xl2tpd.disconnect()
    wait_for("the refused call's pppds are gone", lambda: not any(e.host.pids("pppd") for e in t.ends.values()), 15)
    t.dial()
    t.wait_up()
    t.ping()


# -- the kernel: clear text that comes in, and what would go out ----------------------

BELTS = {
    # which of guard policies, pin, charon's policy are there; the counter of the one that drops
    "all": (True, True, True, "XfrmInTmplMismatch"),
    "pin": (False, True, False, "XfrmInTmplMismatch"),
    "policy": (False, False, True, "XfrmInTmplMismatch"),
}


def inject_clear(t, extra_controls=()):
    """From the client's address and port, in the clear, for the live session: pings
    inside data messages, and HELLO, StopCCN, CDN.  The number of packets."""
    said = t.lns.ppp().said("accept")[-1]
    tid, sid = (int(said[k].split("/")[0]) for k in ("tunnel", "session"))
    echo = inject.icmp_echo("192.168.50.10", "192.168.50.1")
    frames = [inject.data_message(tid, sid, echo)] * 5
    frames += [inject.data_message(tid, sid, b"\x05\x09\x00\x04", 0xc021)]      # LCP Terminate-Request
    frames += [inject.control_message(tid, 0, kind, ns) for kind in (6, 4) for ns in range(2, 6)]
    frames += [inject.control_message(tid, sid, 14, ns) for ns in range(2, 6)]
    wire = inject.Injector(t.client.host, t.lns.host)
    for frame in frames:
        wire.send(frame)
    wire.close()
    return len(frames)


def ppp_received(end):
    return int(end.host.run(["cat", "/sys/class/net/ppp0/statistics/rx_packets"]).stdout)


def drop_charons_policy(end, peer):
    end.host.run(["ip", "xfrm", "policy", "delete", "src", peer + "/32", "dst", end.host.address + "/32", "proto", "udp",
                  "sport", "1701", "dport", "1701", "dir", "in"])


@pytest.mark.parametrize("belt", sorted(BELTS))
@pytest.mark.clear_text_allowed(reason="the test injects clear L2TP; asserted: nothing else of it is on the wire")
def test_failclosed_injected(tunnel, belt):
    """Clear L2TP from the peer's own 5-tuple into a live session: the kernel drops each packet, by the pin alone, by charon's policy alone, by all.

    The guard policies are for when there is no SA: see failclosed_wrong_psk_one_guard."""
    guard, pin, policy, counter = BELTS[belt]
    t = tunnel(guard=guard, sabus_options=() if pin else ("sabus-pin off",)).up()
    if not policy:
        drop_charons_policy(t.lns, t.client.host.address)
    before, received = xfrm.counters(t.lns.host), ppp_received(t.lns)
    count = inject_clear(t)
    wait_for("%s + %d" % (counter, count),
             lambda: xfrm.dropped(before, xfrm.counters(t.lns.host), counter) >= count)
    assert ppp_received(t.lns) == received
    t.ping()
    clear = t.wire.clear_l2tp()
    assert len(clear) == count and {p.src for p in clear} == {t.client.host.address}


@pytest.mark.clear_text_allowed(reason="negative control: without any belt the injected packets are taken")
def test_failclosed_injected_control(tunnel):
    """Negative control: no guard, no pin, no policy of charon's: the session takes what was injected."""
    t = tunnel(guard=False, sabus_options=("sabus-pin off",)).up()
    drop_charons_policy(t.lns, t.client.host.address)
    received = ppp_received(t.lns)
    inject_clear(t)
    wait_for("the injected packets in ppp0", lambda: ppp_received(t.lns) > received)


def outlive_sa(t):
    """The SAs go while neither pppd can react; both ends go on sending into the tunnel."""
    for end in t.ends.values():
        assert end.host.signal("pppd", signal.SIGSTOP) == 1
    t.client.charon.terminate()
    wait_for("no SA in either kernel", lambda: not any(xfrm.states(e.host) for e in t.ends.values()))
    t.note("SAs are gone, pppds are stopped")
    for origin in t.ends:
        t.ping(count=5, origin=origin, check=False, wait=1)


def sa_goes_under_stopped_pppd(t):
    """Both links end for sa-gone after their pppds could not react in time; what was on the wire before they ended."""
    t.ping()
    outlive_sa(t)
    clear = t.wire.clear_l2tp()
    for end in t.ends.values():
        # The sender is told that there is no route: 5 pings of its own and the answers' share.
        assert xfrm.snmp(end.host)["IpOutNoRoutes"] >= 5
        end.host.signal("pppd", signal.SIGCONT)
    t.wait_down()
    assert [e.ppp().said("close")[-1]["reason"] for e in t.ends.values()] == ["sa-gone", "sa-gone"]
    return clear


def test_failclosed_sa_gone(tunnel):
    """The SA goes while pppd is stopped: not one packet leaves, then or after pppd has ended the link."""
    sa_goes_under_stopped_pppd(tunnel().up())


@pytest.mark.clear_text_allowed(reason="without guard policies stock xl2tpd's own goodbye (CDN, StopCCN) may leave; asserted: no data message")
def test_failclosed_sa_gone_no_guard(tunnel):
    """The same without guard policies: the pin alone keeps all of the session's packets in the kernel."""
    t = tunnel(guard=False)
    t.up()
    assert not sa_goes_under_stopped_pppd(t)
    for role in t.ends:
        assert_no_ppp_in_clear(t, role)


@pytest.mark.clear_text_allowed(reason="negative control: without pin and guard the kernel goes on in the clear")
def test_failclosed_sa_gone_control(tunnel):
    """Negative control: no pin, no guard policies: the same leaks."""
    t = tunnel(guard=False, sabus_options=("sabus-pin off",)).up()
    outlive_sa(t)
    assert len(t.wire.clear_l2tp()) >= 10


# -- nonsense ------------------------------------------------------------------------

NONSENSE = (
    ("sabus-encryption", "maybe", "require, allow or prohibit"),
    ("sabus-ipsec", "no", "optional or required"),
    ("sabus-min-strength", "9", "broken, legacy, good or strong"),
    ("sabus-wait", "99", "from 100 to 60000"),
    ("sabus-wait", "60001", "from 100 to 60000"),
    ("sabus-wait", "1e3", "from 100 to 60000"),
    ("sabus-wait", "", "from 100 to 60000"),
    ("sabus-socket", "run/sabus", "absolute path"),
    ("sabus-socket", "/" + "x" * 200, "107"),
    ("sabus-compression", "yes", "keep or off"),
    ("sabus-tunnel-mode", "on", "accept or refuse"),
    ("sabus-path-mtu", "575", "from 576 to 65535"),
    ("sabus-mtu-cap", "-1", "from 128 to 65535"),
    ("sabus-mppe-timeout", "99999999999999999999", "from 1 to 600"),
    ("sabus-pin", "maybe", "on or off"),
)


def test_failclosed_bad_options(host):
    """Each nonsense value of a pppd option: option, value and range are named, pppd ends with 2; a good one is taken."""
    h = host("h")
    sane = ["env"] + ["%s=%s" % kv for kv in sanitize.environment().items()]
    for option, value, valid in NONSENSE:
        r = h.run(sane + ["pppd", "plugin", "sabus.so", option, value, "nodetach", "notty"], check=False)
        assert r.returncode == 2, (option, value, r)
        said = r.stdout + r.stderr
        assert option in said and "'%s'" % value[:60] in said.replace(value, value[:60]) and valid in said, said
    r = h.run(sane + ["pppd", "plugin", "sabus.so", "sabus-wait", "100", "dryrun", "notty"], check=False)
    assert r.returncode == 0, r


def test_failclosed_bad_option_no_link(tunnel):
    """A nonsense value in the LNS' options file: no link, pppd's status is 2, the log names the value."""
    t = tunnel(sabus_options={"lns": ("sabus-wait soon",)}).start()
    t.ike()
    t.dial()
    t.lns.xl2tpd.wait_exit(2)
    never_up(t, 0.5)


BAD_CHARON = (("socket", "run/sabus/sa.sock", "absolute path"), ("reconnect", "soon", "from 100ms to 60s"),
              ("reconnect", "61s", "from 100ms to 60s"))


@pytest.mark.parametrize("key,value,valid", BAD_CHARON)
def test_failclosed_bad_charon_option(tunnel, key, value, valid):
    """A nonsense value in strongswan.d: charon stays up and names it, and without its word there is no link."""
    t = tunnel(sabus={"lns": True}, sabus_options=SHORT)
    t.lns.edit("/etc/strongswan.d/charon/sabus.conf", "load = yes", "load = yes\n\t%s = %s" % (key, value))
    t.start()
    line = t.lns.host.wait_log("charon", r"sabus: .*%s.*" % key).group(0)
    assert value in line and valid in line, line
    t.ike()
    t.dial()
    assert_refused(t, "lns", "sa-unknown")


# -- nonsense on the bus -------------------------------------------------------------

def nonsense():
    """Packets that no client of the bus should send; name and bytes."""
    good = bus.hello()
    yield "short", good[:7]
    yield "cut", good[:-4]
    yield "longer than said", good + bytes(8)
    yield "length 0", b"\0\0\0\0" + good[4:]
    yield "length huge", b"\xff\xff\xff\x7f" + good[4:]
    yield "no version", bus.message(bus.HELLO)
    yield "version 99", bus.message(bus.HELLO, bus.attr(bus.A_VERSION, 99), bus.attr(bus.A_NAME, "x"))
    yield "attribute beyond the end", bus.message(bus.HELLO, b"\xff\xff\x01\x00abcd")
    yield "attribute of length 0", bus.message(bus.HELLO, b"\0\0\x01\x00abcd")
    yield "name without end", bus.message(bus.HELLO, bus.attr(bus.A_VERSION, 1), bus.attr(bus.A_NAME, b"x" * 4000))
    yield "oversized", good + bytes(60000)
    yield "noise", bytes((i * 167 + 13) & 0xff for i in range(512))
    yield "an SA before HELLO", bus.message(bus.SA_PUT, bus.nest(bus.A_SA, bus.attr(bus.SA_ID, 1)))


def after_hello():
    yield "unknown type", bus.message(999)
    yield "an SA of nothing", bus.message(bus.SA_PUT, bus.nest(bus.A_SA))
    yield "lookup without flow", bus.message(bus.LOOKUP, seq=1)
    yield "flow without address", bus.message(bus.LOOKUP, bus.nest(bus.A_FLOW), seq=1)
    yield "session of noise", bus.message(bus.SESSION_PUT, bus.nest(bus.A_SESSION, b"\xff\x00\x07\x00abcd"))
    yield "answer from a client", bus.message(bus.LOOKUP_ACK, bus.attr(bus.A_ANSWER, 2), seq=1)


def test_failclosed_nonsense_on_bus(tunnel):
    """Nonsense on all three sockets while a link is up: the sender is cut off, the link and sabusd notice nothing."""
    t = tunnel().up()
    pings = Pings(t)
    for path in (bus.SA_SOCK, bus.SESSION_SOCK, bus.READ_SOCK):
        for name, data in nonsense():
            c = bus.Client(t.lns.host, path, greet=False)
            c.send(data)
            assert c.closed(), (path, name)
        for name, data in after_hello() if path != bus.SA_SOCK else ():
            c = bus.Client(t.lns.host, path)
            c.send(data)
            assert c.closed(), (path, name)
    assert bus.Client(t.lns.host).lookup(t.lns.host.address, t.client.host.address)[0] == bus.PRESENT
    assert pings.stop() == 0
    assert "lost sabusd" not in t.lns.host.log("pppd") and "resync" not in t.lns.host.log("charon")
