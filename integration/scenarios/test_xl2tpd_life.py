# SPDX-License-Identifier: GPL-2.0-or-later
"""One life: SA, tunnel, calls.  The SA's end is the tunnel's, at once and without a
trace; a rekey or the restart of a daemon is nobody's end.  The LNS has the patched
xl2tpd with the plugin."""

import itertools
import signal
import time

import pytest

from lib import l2tp, xfrm
from lib.traffic import Pings
from lib.wait import SLOW, wait_for

SWANCTL, XL2TPD_CONF = "/etc/swanctl/swanctl.conf", "/etc/xl2tpd/xl2tpd.conf"
PATCHED = "1.3.18"
ONLY_LNS = {"lns": True, "client": False}
LNS = dict(xl2tpd_options=l2tp.DEBUG, sabus={"lns": True}, xl2tpd={"lns": PATCHED, "client": "stock"}, xl2tpd_sabus={"lns": True})
BOTH = dict(xl2tpd_options=l2tp.DEBUG, xl2tpd=PATCHED, xl2tpd_sabus=True)
ENDS = ("lns", "client")
SECOND = 1.0     # from the end of the SA to the end of everything on it


def settle(t, *more):
    """charon leaves the PPP link alone (README, MOBIKE) and what it has rekeyed goes soon; MORE: lines for charon."""
    for end in t.ends.values():
        end.host.write("/etc/strongswan.d/scenario.conf", "charon-systemd {\n\tinterfaces_use = e0\n\tdelete_rekeyed_delay = 1\n%s}\n" % (
            "".join("\t%s\n" % m for m in more)))
    return t


def assert_all_gone(t, since, roles=("lns",), before=None, limit=SECOND):
    """On ROLES neither pppd nor device nor kernel tunnel nor entry on the bus is left, LIMIT seconds after SINCE (time.monotonic())
    as far as the guest's clock can be trusted; SINCE: the SA's end or a moment before it."""
    for r in roles:
        l2tp.wait_clean(t.ends[r], before if r == "lns" else None)
        took = time.monotonic() - since
        t.note("%s is clean %.2f s after" % (r, took))
        print("%s: %.2f s" % (r, took))
        assert took < limit + SLOW, "%s took %.2f s" % (r, took)


def same_address_again(t):
    """The address that the LNS gave is free: the next call gets it."""
    t.client.xl2tpd.stop()      # the stock client would keep its end of the tunnel for half a minute
    l2tp.wait_clean(t.client, timeout=15)
    t.client.xl2tpd.start()
    t.client.charon.terminate(ike="l2tp", force=True, check=False)
    t.ike()
    t.dial()
    t.wait_up()
    t.ping()
    assert t.lns.host.ifaddr("ppp0")[1] == "192.168.50.10"


# -- the SA ends ---------------------------------------------------------------------------

DELETED = [("ikev1", "client"), ("ikev1", "lns"), ("ikev2", "client"), ("ikev2", "lns"), ("marks", "lns"), ("1.3.20", "client")]


@pytest.mark.parametrize("case,by", DELETED)
def test_lifecycle_tunnel_sa_deleted(tunnel, case, by):
    """The CHILD_SA is deleted by either end: session, tunnel, kernel objects and bus entries are gone within a second; the address is free."""
    options = dict(LNS, marks=case == "marks")
    if case == "ikev1":
        options.update(ike=1, esp="aes256-sha1")
    if case == "1.3.20":
        options.update(xl2tpd={"lns": "1.3.20", "client": "stock"})
    t = settle(tunnel(**options)).start()
    before = l2tp.descriptors(t.lns.host)
    t.client.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])    # the stock client would go on in the clear
    t.ike()
    t.dial()
    t.wait_up()
    began = time.monotonic()
    t.ends[by].charon.terminate()
    assert l2tp.wait_said(t.lns, "close")["reason"] == "sa-gone"
    assert_all_gone(t, began, before=before)
    if case == "ikev2":
        same_address_again(t)


def test_lifecycle_tunnel_charon_stopped(tunnel):
    """The LNS's charon ends in order: all of it is gone within a second."""
    t = tunnel(**BOTH).up()
    t.lns.charon.settle()
    began = time.monotonic()
    t.lns.charon.stop()
    assert_all_gone(t, began, roles=ENDS)
    assert {l2tp.said(e, "close")[-1]["reason"] for e in t.ends.values()} == {"sa-gone"}


def test_lifecycle_tunnel_dpd(tunnel):
    """The client is off the net; charon's DPD finds out and drops the SA: the LNS is clean a second later, though no goodbye can be delivered."""
    t = tunnel(**LNS)
    t.lns.edit(SWANCTL, "encap = no", "encap = no\n\t\tdpd_delay = 1s")
    settle(t, "retransmit_timeout = 0.5", "retransmit_tries = 1")
    t.up()
    t.client.host.run("ip link set e0 down")
    wait_for("DPD", lambda: not xfrm.states(t.lns.host), 20)
    assert_all_gone(t, time.monotonic())
    assert l2tp.said(t.lns, "close")[-1]["reason"] == "sa-gone"


def test_lifecycle_tunnel_sa_expires(tunnel):
    """Nobody renews the SA (both charons are dead): the kernel lets it expire, and the tunnel ends with it."""
    t = tunnel(**LNS)
    for end in t.ends.values():
        end.edit(SWANCTL, "rekey_time = 0s", "rekey_time = 0s\n\t\t\t\tlife_time = 6s")
    t.client.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])
    t.up()
    for end in t.ends.values():
        end.charon.stop(signal.SIGKILL)
    l2tp.wait_said(t.lns, "keep")
    t.ping()
    wait_for("the kernel's SAs expire", lambda: not xfrm.states(t.lns.host), 20)
    assert_all_gone(t, time.monotonic())
    assert l2tp.said(t.lns, "close")[-1]["reason"] == "sa-gone"


def test_lifecycle_tunnel_no_new_calls(tunnel):
    """Under a tunnel whose SA has gone no new call is taken; the raw peer's next ICRQ finds no tunnel."""
    t = tunnel(**LNS).start(xl2tpd=ONLY_LNS)
    t.client.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])
    t.ike()
    peer = l2tp.Peer(t.client.host, t.lns.host.address)
    raw = peer.tunnel(7).up()
    t.lns.charon.terminate()
    assert l2tp.wait_said(t.lns, "close")["reason"] == "sa-gone"
    raw.send(l2tp.ICRQ, l2tp.u16(l2tp.A_SESSION, 9) + l2tp.u32(l2tp.A_SERIAL, 1))
    assert not [m for m in peer.answered(1) if m.kind == l2tp.ICRP]
    l2tp.wait_clean(t.lns)


# -- the SA changes --------------------------------------------------------------------------

@pytest.mark.parametrize("case", ("ikev2", "ikev1", "marks"))
def test_lifecycle_tunnel_rekey(tunnel, case):
    """CHILD_SA and IKE_SA are rekeyed from both ends: the tunnel stays, the plugin follows, and the SA that is given back at the end is the last one."""
    options = dict(LNS, marks=case == "marks")
    if case == "ikev1":
        options.update(ike=1, esp="aes256-sha1")
    t = settle(tunnel(**options)).up()
    pings = Pings(t)
    for number, by in enumerate(ENDS * 2, 1):
        t.ends[by].charon.rekey()
        wait_for("rekey %d" % number, lambda: len(l2tp.said(t.lns, "rekey")) >= number)
        if case != "ikev1":     # where the old one may stay until it expires
            wait_for("the old SA is gone", lambda: len(xfrm.states(t.lns.host)) == 2)
        pings.more()
    if case != "ikev1":
        for by in ENDS:
            t.ends[by].charon.rekey(ike="l2tp")
            pings.more()
    assert pings.stop() <= (4 * SLOW if case == "ikev1" else 0)
    last = {int(x, 16) for x in l2tp.said(t.lns, "rekey")[-1]["spi"].split("/")}
    assert last <= {s["spi"] for s in xfrm.states(t.lns.host)}
    assert not l2tp.said(t.lns, "close|down") and len(l2tp.tunnels(t.lns)) == 1
    t.client.xl2tpd.disconnect()
    l2tp.wait_clean(t.lns, timeout=15)
    wait_for("no IKE_SA", lambda: not t.lns.charon.sas() and not t.client.charon.sas(), 15)


def test_lifecycle_tunnel_mobike(tunnel):
    """The client's address changes: L2TP cannot move, tunnel and session end with a reason that says so."""
    t = tunnel(**LNS)
    t.client.edit(SWANCTL, "local_addrs = 10.9.0.2", "local_addrs = %any")
    settle(t)
    t.client.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])
    t.up()
    t.client.host.run("ip addr add 10.9.0.77/16 dev e0; ip addr del 10.9.0.2/24 dev e0")
    line = l2tp.wait_said(t.lns, "close", timeout=15)
    assert line["reason"] in ("sa-moved", "sa-gone"), line
    assert_all_gone(t, time.monotonic())


# -- daemons die and come back under a tunnel ---------------------------------------------------

def test_lifecycle_tunnel_broker_restarts(tunnel):
    """sabusd killed -9 and started anew, both ends in turn: no ping is lost, tunnel and call are told again, and the tunnel still ends with its SA."""
    t = tunnel(**BOTH).up()
    pings = Pings(t)
    for end in t.ends.values():
        told = [(x["tunnel_id"], x["state"]) for x in l2tp.tunnels(end)]
        end.sabusd.stop(signal.SIGKILL)
        pings.more(20)
        end.sabusd.start()
        wait_for("%s: the tunnel is told again" % end.role, lambda: [(x["tunnel_id"], x["state"]) for x in l2tp.tunnels(end)] == told)
        wait_for("%s: its SA is known again" % end.role, lambda: end.sabusd.status()["sas"])
        pings.more()
    assert pings.stop() == 0
    began = time.monotonic()
    t.client.charon.terminate()
    assert_all_gone(t, began, roles=ENDS)


def test_lifecycle_tunnel_charon_restarts(tunnel):
    """charon killed -9 and started anew: the tunnel stays as long as the kernel holds the SA, and ends with it."""
    t = tunnel(**LNS).up()
    pings = Pings(t)
    t.lns.charon.stop(signal.SIGKILL)
    l2tp.wait_said(t.lns, "keep")
    pings.more()
    t.lns.charon.start()
    t.lns.host.wait_log("sabusd", r'sabus: publisher-synced name="charon" pid=\d+ sas=0\b(.|\n)*sabus: publisher-synced name="charon" pid=\d+ sas=0\b')
    pings.more(20)
    assert pings.stop() == 0
    t.client.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])
    began = time.monotonic()
    t.lns.host.run(["ip", "xfrm", "state", "flush"])
    assert_all_gone(t, began)


# -- start order ---------------------------------------------------------------------------------

def fast_client(t):
    """A stock client that dials by itself and is not patient: IKE by trap, xl2tpd tries anew each second."""
    t.client.edit(XL2TPD_CONF, "[lac vpn]", "[lac vpn]\nredial = yes\nredial timeout = 1\nmax redials = 1000")
    t.client.edit(XL2TPD_CONF, "[global]", "[global]\nmax retries = 2")
    settle(t, "retransmit_timeout = 0.5", "retransmit_base = 1", "retransmit_tries = 20")


STEPS = ("charon", "dial", "sabusd", "xl2tpd")


@pytest.mark.seconds(180)
@pytest.mark.parametrize("first", STEPS)
def test_lifecycle_start_order(tunnel, first):
    """sabusd, charon, xl2tpd and the client's dial in all 24 orders (six that begin with each): the tunnel comes up, nothing in the clear, and it ends without a trace."""
    t = tunnel(values={"client": {"START_ACTION": "trap"}}, **LNS)
    fast_client(t)
    start = {"sabusd": t.lns.sabusd.start, "charon": t.lns.charon.start, "xl2tpd": t.lns.xl2tpd.start,
             "dial": t.client.xl2tpd.connect}
    for others in itertools.permutations(s for s in STEPS if s != first):
        t.client.charon.start()
        t.client.xl2tpd.start()
        for step in (first,) + others:
            start[step]()
        t.wait_up(30)
        t.ping(count=1)
        t.note("%s: up" % " ".join((first,) + others))
        t.client.xl2tpd.stop()      # StopCCN, and no redial
        l2tp.wait_clean(t.lns, timeout=15)
        t.client.charon.stop()
        for stop in (t.lns.xl2tpd.stop, t.lns.charon.stop, t.lns.sabusd.stop):
            stop()
        for end in t.ends.values():
            wait_for("%s: no SA" % end.role, lambda: not xfrm.states(end.host))
            wait_for("%s: no pppd" % end.role, lambda: not end.host.pids("pppd"))


# -- kill -9 ---------------------------------------------------------------------------------------

PHASES = ("idle", "ike", "tunnel", "ppp", "traffic")


def reach(t, phase):
    """From idle to PHASE; the peer of our own that is at the other end, if one is."""
    if phase == "idle":
        return None
    t.client.charon.initiate()
    if phase == "ike":
        return None
    if phase in ("tunnel", "ppp"):      # a client that stops there
        t.client.xl2tpd.stop()
        raw = l2tp.Peer(t.client.host, t.lns.host.address).tunnel(7).up()
        if phase == "ppp":
            before = len(t.lns.host.log("pppd"))
            raw.call(9)
            t.lns.host.wait_log("pppd", r"^sent \[LCP ConfReq", after=before)
        return raw
    t.dial()
    t.wait_up()
    t.ping()
    return None


def kill(t, daemon):
    if daemon == "pppd":
        assert t.lns.host.signal("pppd", signal.SIGKILL) >= 1
        return
    {"sabusd": t.lns.sabusd, "charon": t.lns.charon, "xl2tpd": t.lns.xl2tpd}[daemon].stop(signal.SIGKILL)


def restart(t, daemon):
    if daemon != "pppd":
        {"sabusd": t.lns.sabusd, "charon": t.lns.charon, "xl2tpd": t.lns.xl2tpd}[daemon].start()


def back_to_idle(t, raw):
    """The client gives up what it had, and says so where anybody listens."""
    if raw:
        raw.send(l2tp.STOPCCN, l2tp.u16(l2tp.A_TUNNEL, raw.tid) + l2tp.avp(l2tp.A_RESULT, b"\0\1\0\0"))
        raw.peer.close()
    if t.client.host.daemons["xl2tpd"].running():
        t.client.xl2tpd.stop()
    wait_for("client: no pppd", lambda: not t.client.host.pids("pppd"), 15)
    t.client.charon.terminate(ike="l2tp", force=True, check=False)
    t.client.xl2tpd.start()


@pytest.mark.parametrize("daemon", ("sabusd", "charon", "xl2tpd", "pppd"))
def test_lifecycle_killed(tunnel, daemon):
    """kill -9 of one of the LNS's daemons in each phase (idle, IKE up, tunnel up, PPP negotiating, traffic), then its restart: nothing in the clear, no leak, and it works again."""
    t = settle(tunnel(**LNS))
    t.client.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])
    t.start()
    for phase in PHASES[3:] if daemon == "pppd" else PHASES:
        raw = reach(t, phase)
        kill(t, daemon)
        t.note("%s: %s killed" % (phase, daemon))
        if daemon == "xl2tpd":      # as systemd does with what is left of a unit whose daemon died
            t.lns.host.signal("pppd", signal.SIGTERM)
            wait_for("its pppds are gone", lambda: not t.lns.host.pids("pppd"), 15)
        restart(t, daemon)
        back_to_idle(t, raw)
        l2tp.wait_clean(t.lns, timeout=60)
        reach(t, "traffic")
        t.note("%s: works again" % phase)
        back_to_idle(t, None)
        l2tp.wait_clean(t.lns, timeout=20)
        if daemon == "charon":      # what the dead one left in the kernel is nobody's
            t.lns.host.run(["ip", "xfrm", "state", "flush"])
        wait_for("no SA", lambda: not xfrm.states(t.lns.host) and not xfrm.states(t.client.host), 15)


# -- often -------------------------------------------------------------------------------------------

@pytest.mark.seconds(240)
def test_lifecycle_hundred(tunnel):
    """100 connects and disconnects (90 tunnels, 89 of them with a call that gets a pppd, 10 whole ones with traffic): no address, pppd, SA, descriptor or broker entry is left."""
    t = settle(tunnel(**LNS))
    t.client.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])
    t.start()
    baseline = {name: l2tp.descriptors(t.lns.host, name) for name in ("xl2tpd", "sabusd", "charon-out")}
    t.client.xl2tpd.stop()
    t.ike()
    peer = l2tp.Peer(t.client.host, t.lns.host.address)
    keeper = peer.tunnel(100).up()      # the SA stays for this one
    for number in range(1, 90):
        raw = peer.tunnel(number).up()
        raw.call(number)
        wait_for("the LNS's pppd", lambda: t.lns.host.pids("pppd"))
        raw.stop()
        wait_for("its end", lambda: not t.lns.host.pids("pppd"), 15)
    keeper.stop()
    peer.close()
    l2tp.wait_clean(t.lns)
    wait_for("the SA was given back", lambda: not xfrm.states(t.lns.host) and not xfrm.states(t.client.host), 15)
    for _ in range(10):
        t.client.xl2tpd.start()
        t.ike()
        t.dial()
        t.wait_up()
        assert t.lns.host.ifaddr("ppp0")[1] == "192.168.50.10"
        t.ping(count=1)
        t.client.xl2tpd.stop()
        l2tp.wait_clean(t.lns, timeout=15)
        wait_for("the SA was given back", lambda: not xfrm.states(t.lns.host) and not xfrm.states(t.client.host), 15)
        wait_for("client: no pppd", lambda: not t.client.host.pids("pppd"), 15)
    after = {name: l2tp.descriptors(t.lns.host, name) for name in baseline}
    assert all(after[n] <= baseline[n] for n in ("xl2tpd", "sabusd")) and after["charon-out"] <= baseline["charon-out"] + 2, (baseline, after)
    status = t.lns.sabusd.status()
    assert not any(status.get(k) for k in ("sas", "sessions", "tunnels", "calls")), status
