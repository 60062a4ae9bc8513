# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients behind one NAT, all with UDP source port 1701: to the LNS one and the same
address and port (lib/nat.py).  Marks tell them apart; without marks the second one
must be refused, never mixed up with the first.

The LNS has the patched xl2tpd and its plugin, the clients are stock."""

import re

import pytest

from lib import inject, xfrm
from lib.nat import OUTSIDE_OTHER
from lib.tunnel import PPP_LNS
from lib.traffic import Pings
from lib.wait import wait_for

RELEASES = pytest.mark.parametrize("release", ["1.3.18", "1.3.20"])
LNS = {"lns": True}


def natted(nat, clients=2, release="1.3.18", **more):
    """An LNS with all of sabus and marks; stock clients."""
    options = dict(sabus=LNS, xl2tpd={"lns": release}, xl2tpd_sabus=LNS, marks=True)
    return nat(clients, **dict(options, **more))


def assert_own_traffic(n, clients, count=20):
    """Data both ways, each client's over its own SA: the kernel's counters of all the other SAs rise by less."""
    pairs = {c: c.sa() for c in clients}
    addresses = [c.address() for c in clients]
    assert len(set(addresses)) == len(clients), addresses
    for c in clients:
        before = n.carried()
        c.ping(count)
        assert c.ping_back(count) == count, c.host.name
        risen = {spi: after - before.get(spi, 0) for spi, after in n.carried().items()}
        for other, pair in pairs.items():
            both = (risen[pair["in"]], risen[pair["out"]])
            assert min(both) >= 2 * count if other is c else max(both) < count, (c.host.name, other.host.name, both)


def assert_marked(n):
    """Each client's SA has a mark of its own."""
    marks = [c.sa()["mark"] for c in n.clients]
    assert all(marks) and len(set(marks)) == len(marks), marks


def undisturbed(n, client, what):
    """WHAT(), while CLIENT pings: no ping is lost."""
    pings = Pings(n, client.host.name)
    what()
    pings.more(20)
    assert pings.stop() == 0


def leave(client):
    """It hangs up; with the last tunnel the LNS ends the SA (RFC 3193 section 3.1)."""
    client.end.xl2tpd.disconnect()
    client.wait_down()
    if client.nat.settings.xl2tpd_sabus["lns"]:
        wait_for("no SA on " + client.host.name, lambda: not xfrm.states(client.host))


# -- marks ---------------------------------------------------------------------------

@RELEASES
def test_nat_two(nat, release):
    """Two clients, same port: each on its own SA and mark; one leaves, the other loses nothing; it comes back."""
    n = natted(nat, release=release).up()
    one, two = n.clients
    assert_marked(n)
    assert_own_traffic(n, n.clients)
    undisturbed(n, two, lambda: leave(one))
    undisturbed(n, two, one.up)
    assert_own_traffic(n, n.clients)


@pytest.mark.seconds(240)
def test_nat_ten(nat):
    """Ten clients, same port: all up, each over its own SA; one leaves, one rekeys, the others lose nothing."""
    n = natted(nat, clients=10).up()
    assert_marked(n)
    assert_own_traffic(n, n.clients, count=10)
    undisturbed(n, n.clients[4], lambda: leave(n.clients[2]))
    undisturbed(n, n.clients[9], n.clients[5].end.charon.rekey)
    assert_own_traffic(n, [c for c in n.clients if c is not n.clients[2]], count=10)


def rekeyed(n, client, rekey):
    """REKEY(), until the LNS has another SA of CLIENT, with the same mark."""
    old = client.sa()
    rekey()
    new = wait_for("another SA of " + client.host.name, lambda: client.sa()["id"] != old["id"] and client.sa())
    assert new["mark"] == old["mark"] and new["in"] != old["in"], (old, new)


@RELEASES
def test_nat_rekey(nat, release):
    """One of two clients rekeys, then the LNS rekeys it: the mark stays, neither client loses a ping."""
    n = natted(nat, release=release).up()
    one, two = n.clients
    for rekey in (one.end.charon.rekey, lambda: n.lns.charon.rekey(child_id=one.sa()["id"])):
        undisturbed(n, two, lambda: undisturbed(n, one, lambda: rekeyed(n, one, rekey)))
    assert_own_traffic(n, n.clients)


@RELEASES
def test_nat_forged_control(nat, release):
    """StopCCN with the right ids and number of the first client, from the second one's SA: dropped and counted.  Control: from its own SA it ends the tunnel."""
    n = natted(nat, release=release).up()
    one, two = n.clients
    theirs, ours, _ = one.ids()
    stop = [inject.stopccn(theirs, ours, ns, 1) for ns in range(12)]
    marks = (theirs, two.sa()["mark"], one.sa()["mark"])
    undisturbed(n, one, lambda: two.send(*stop))
    n.lns.host.wait_log("xl2tpd", "packet 8 from .* for tunnel %d dropped: its mark is 0x%x, the tunnel's 0x%x" % marks)
    assert not re.search(r"closed to", n.lns.host.log("xl2tpd"))
    assert_own_traffic(n, n.clients)
    one.send(*stop)
    n.lns.host.wait_log("xl2tpd", r"closed to .*Local: %d, Remote: %d" % (theirs, ours))
    two.ping(5)


@RELEASES
def test_nat_forged_data(nat, release):
    """A ping with the right ids and addresses of the first client, from the second one's SA: dropped and counted.  Control: from its own SA it arrives."""
    n = natted(nat, release=release).up()
    one, two = n.clients
    theirs, _, call = one.ids()
    ping = inject.data_message(theirs, call, inject.icmp_echo(one.address(), PPP_LNS))

    def arrived(client):
        before = xfrm.snmp(n.lns.host)["IcmpInEchos"]
        client.send(*[ping] * 10)
        two.ping(5)     # comes after them
        return xfrm.snmp(n.lns.host)["IcmpInEchos"] - before - 5

    assert arrived(two) == 0
    assert arrived(one) == 10
    assert_own_traffic(n, n.clients)


def test_nat_marks_without_plugin(nat):
    """Patched xl2tpd with 'ipsec saref = mark', no plugin: marks alone keep two clients apart."""
    n = nat(2, sabus=False, xl2tpd={"lns": "1.3.18"}, marks=True).up()
    assert_marked(n)
    assert_own_traffic(n, n.clients)
    undisturbed(n, n.clients[0], lambda: leave(n.clients[1]))


# -- no marks ------------------------------------------------------------------------

@RELEASES
def test_nat_no_marks(nat, release):
    """Without marks the second client is refused with the remedy's name, and never gets the first one's tunnel."""
    n = natted(nat, release=release, marks=False).start()
    one, two = n.clients
    one.up().ping(5)
    two.ike()
    two.dial()
    for host in (n.lns.host, two.host):
        host.wait_log("xl2tpd", r"sabus: sa-ambiguous: .*marks")
    # The kernel answers the first one by the SA that came last: its link ends, rather than go there.
    said = wait_for("the first client's link to end", lambda: n.lns.ppp().said("close"))
    assert said[-1]["reason"] == "sa-ambiguous", said
    assert not two.host.has_dev("ppp0") and not two.host.pids("pppd")


@pytest.mark.parametrize("release", ["stock", "1.3.20-stock", "1.3.18"])
def test_nat_control_second_harms(nat, release):
    """Control: without marks and plugin the second client gets the first one's packets, and the first one nothing."""
    n = nat(2, sabus=False, xl2tpd={"lns": release}).start()
    one, two = n.clients
    one.up().ping(5)
    two.ike()
    pair, mate = one.sa(), two.sa()
    before = n.carried()
    assert one.ping(10, check=False, wait=1) == 0
    risen = {spi: after - before[spi] for spi, after in n.carried().items()}
    assert risen[pair["in"]] >= 10 and risen[pair["out"]] == 0 and risen[mate["out"]] >= 10, (risen, pair, mate)


# -- the NAT changes -----------------------------------------------------------------

@RELEASES
def test_nat_port_changes(nat, release):
    """The NAT forgets, and gives other ports: charon updates the SAs, the tunnels stay, pings go on."""
    n = natted(nat, release=release).up()
    before = [c.ids() for c in n.clients]
    ports = n.encap_ports()
    n.forget()
    for c in n.clients:
        pings = Pings(n, c.host.name)
        pings.more(20)
        pings.stop()
    after = n.encap_ports()
    assert set(after) == set(ports) and not set(after.values()) & set(ports.values()), (ports, after)
    assert all(30000 <= p < 40000 for p in after.values())
    assert [c.ids() for c in n.clients] == before and not n.lns.ppp().said("close")
    assert_own_traffic(n, n.clients)


def test_nat_address_changes(nat):
    """The NAT gets another address: L2TP cannot move, so the tunnel ends, sa-moved; the client can dial again."""
    n = natted(nat, clients=1, guard={"client": True}).up()     # the client says goodbye when its SA is gone
    one = n.clients[0]
    n.move()
    one.ping(20, check=False, wait=1)
    said = wait_for("the end of the link", lambda: n.lns.ppp().said("close"))
    assert said[-1]["reason"] == "sa-moved", said
    wait_for("no ppp0 on the LNS", lambda: not n.lns.host.has_dev("ppp0"))
    assert "remote endpoint changed" in n.lns.host.log("charon") and OUTSIDE_OTHER in n.lns.host.log("charon")
    wait_for("no SA", lambda: not xfrm.states(n.lns.host) and not xfrm.states(one.host))
    # A stock client tries to take leave of the old tunnel for half a minute, and dials no new one meanwhile.
    one.end.xl2tpd.stop()
    one.wait_down()
    one.end.xl2tpd.start()
    one.up()
    assert_own_traffic(n, n.clients)


# -- a firewall that remembers (hwdsl2/setup-ipsec-vpn#116) --------------------------

FIREWALL = """\
iptables-legacy -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables-legacy -A INPUT -p udp -m multiport --dports 500,4500 -j ACCEPT
iptables-legacy -A INPUT -p udp --dport 1701 -m policy --dir in --pol ipsec -j ACCEPT
iptables-legacy -A INPUT -p udp --dport 1701 -j DROP
"""


def answered_in_clear(n, client):
    """Does the LNS answer an SCCRQ in the clear?"""
    before = len([p for p in n.wire.clear_l2tp() if p.src == n.lns.host.address])
    client.send_clear(*[inject.sccrq(4711)] * 3)
    wait_for("three clear SCCRQ on the wire", lambda: len(n.wire.clear_l2tp()) >= 3)
    n.lns.host.run("ping -n -c 3 -i 0.2 %s" % n.router.address)     # time for an answer
    return len([p for p in n.wire.clear_l2tp() if p.src == n.lns.host.address]) > before


def remembered(n):
    """The tunnel was up, its SA is gone; the firewall still knows the connection."""
    one = n.clients[0]
    n.start()
    one.up().ping(3)
    one.end.charon.terminate(ike="l2tp")
    wait_for("no SA on the LNS", lambda: not xfrm.states(n.lns.host))
    known = n.lns.host.run("conntrack -L -p udp --orig-port-dst 1701").stdout
    assert "dport=1701" in known and "UNREPLIED" not in known, known
    return one


@pytest.mark.clear_text_allowed(reason="negative control: the firewall lets clear L2TP in")
def test_nat_control_conntrack_leak(nat):
    """Control, stock: a firewall that takes L2TP from IPsec only lets it in clear, once it has seen it from IPsec."""
    n = nat(1, sabus=False)
    n.lns.host.run(FIREWALL)
    n.lns.charon.start()
    n.lns.xl2tpd.start()
    assert not answered_in_clear(n, n.clients[0])
    n.lns.xl2tpd.stop()
    n.lns.charon.stop()
    assert answered_in_clear(n, remembered(n))


@RELEASES
@pytest.mark.clear_text_allowed(reason="the client sends in the clear; no answer may come")
def test_nat_conntrack_leak(nat, release):
    """The same firewall with sabus: the kernel drops clear L2TP, whatever the firewall remembers."""
    n = natted(nat, clients=1, release=release)
    n.lns.host.run(FIREWALL)
    one = remembered(n)
    before = xfrm.counters(n.lns.host)
    assert not answered_in_clear(n, one)
    assert xfrm.dropped(before, xfrm.counters(n.lns.host), "XfrmInPolBlock", "XfrmInTmplMismatch", "XfrmInNoPols") >= 3
    assert not n.lns.host.pids("pppd")
