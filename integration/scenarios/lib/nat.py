# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients behind one NAT: hosts 'lns' (10.9.0.1), 'nat' (10.9.0.254 outside) and
'c1', 'c2' ... (10.8.N.2), each client with an xl2tpd on UDP port 1701.

To the LNS all of them are 10.9.0.254 port 1701, once ESP is off: only the SA that a
packet came from tells whose it is.  The NAT is iptables' SNAT; what it forgets and
which ports it gives can be changed under the tunnels.
"""

import os
import re
import socket
import time

from lib import inject, xfrm
from lib.host import Host, cable
from lib.tunnel import PPP_LNS, Settings
from lib.wait import PATIENCE, wait_for
from lib.wire import Wire

OUTSIDE, OUTSIDE_OTHER = "10.9.0.254", "10.9.0.253"
IPTABLES = "iptables-legacy -w -t nat "


class Client:
    """A client: its End, and what the LNS knows of it."""

    def __init__(self, nat, end, number):
        self.nat, self.end, self.number, self.host = nat, end, number, end.host

    def ike(self, check=True):
        return self.end.charon.initiate(check=check)

    def dial(self):
        self.end.xl2tpd.connect()

    def is_up(self):
        return self.host.has_dev("ppp0") and self.host.ifaddr("ppp0") is not None

    def wait_up(self, timeout=PATIENCE):
        wait_for("ppp0 with an address on %s" % self.host.name, self.is_up, timeout)
        self.nat.note("%s: ppp0 up" % self.host.name)
        return self

    def wait_down(self, timeout=PATIENCE):
        wait_for("no ppp0 on %s" % self.host.name, lambda: not self.host.has_dev("ppp0"), timeout)
        return self

    def up(self):
        self.ike()
        self.dial()
        return self.wait_up()

    def address(self):
        """The one that the LNS gave it."""
        return self.host.ifaddr("ppp0")[0]

    def sa(self):
        """The LNS's newest installed SA of this client: id, inbound and outbound SPI, mark (0: none)."""
        found = [(int(c["uniqueid"]), c) for ike in self.nat.lns.charon.sas() if ike.get("remote-id") == self.host.address
                 for c in ike["children"] if c.get("state") == "INSTALLED"]
        assert found, "the LNS has no SA of %s" % self.host.name
        number, child = max(found, key=lambda x: x[0])
        return {"id": number, "in": int(child["spi-in"], 16), "out": int(child["spi-out"], 16),
                "mark": int(child.get("mark-in", "0").split("/")[0], 16)}

    def ids(self):
        """(tunnel id of the LNS, our tunnel id, call id of the LNS): what our messages to it carry."""
        log = self.host.log("xl2tpd")
        ours, theirs = re.findall(r"Connection established to \S+ \d+\.  Local: (\d+), Remote: (\d+)", log)[-1]
        call = re.findall(r"Call established with \S+ Local: \d+, Remote: (\d+)", log)[-1]
        return int(theirs), int(ours), int(call)

    def ping(self, count=10, check=True, wait=2):
        """To the LNS, through the tunnel; number of answers."""
        r = self.host.run(["ping", "-n", "-c", str(count), "-i", "0.05", "-W", str(wait), PPP_LNS], check=False,
                          timeout=60 + count)
        m = re.search(r"(\d+) received", r.stdout)
        got = int(m.group(1)) if m else 0
        if check:
            assert got == count, "%s: %d of %d\n%s" % (self.host.name, got, count, r.stdout + r.stderr)
        return got

    def ping_back(self, count=10):
        """From the LNS to this client's address; number of answers."""
        r = self.nat.lns.host.run(["ping", "-n", "-c", str(count), "-i", "0.05", "-W", "2", self.address()], check=False,
                                  timeout=60 + count)
        m = re.search(r"(\d+) received", r.stdout)
        return int(m.group(1)) if m else 0

    def send(self, *messages):
        """L2TP of our own making to the LNS, from port 1701, so through this client's SA."""
        s = inject.socket_in(self.host, socket.AF_INET, socket.SOCK_DGRAM)
        try:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((self.host.address, 1701))
            for m in messages:
                s.sendto(m, (self.nat.lns.host.address, 1701))
        finally:
            s.close()


    def send_clear(self, *messages):
        """L2TP of our own making to the LNS, past our IPsec: the NAT gets it as it is."""
        dev = "c%d" % self.number
        ether = inject.mac(self.nat.router, dev) + inject.mac(self.host) + b"\x08\x00"
        s = inject.socket_in(self.host, socket.AF_PACKET, socket.SOCK_RAW)
        try:
            s.bind(("e0", 0))
            for m in messages:
                s.send(ether + inject.datagram(self.host.address, self.nat.lns.host.address, m))
        finally:
            s.close()


class Nat:
    """See README.md; OPTIONS are those of tunnel(), role 'client' is every client."""

    def __init__(self, logdir, clients=2, **options):
        self.logdir, self.began = logdir, time.monotonic()
        self.settings = Settings(**options)
        self.lns = self.settings.end("lns", logdir, "10.9.0.1")
        self.router = Host("nat", logdir)
        self.router.address = OUTSIDE
        self.ends = {"lns": self.lns}
        cable(self.lns.host, "e0", self.lns.host.address + "/24", self.router, "e0", OUTSIDE + "/24")
        self.settings.configure(self.lns, self.lns.host.address)
        self.clients = [self._client(n) for n in range(1, clients + 1)]
        self.router.run("echo 1 >/proc/sys/net/ipv4/ip_forward; " + self._snat("-A", OUTSIDE))
        self.wire = Wire(self.lns.host, logdir)
        self.note("configured, capturing")

    def _client(self, n):
        end = self.settings.end("client", self.logdir, "10.8.%d.2" % n, "c%d" % n)
        cable(end.host, "e0", end.host.address + "/24", self.router, "c%d" % n, "10.8.%d.1/24" % n)
        end.host.run("ip route add default via 10.8.%d.1" % n)
        self.settings.configure(end, self.lns.host.address)
        self.ends[end.host.name] = end
        return Client(self, end, n)

    @staticmethod
    def _snat(how, address, ports=""):
        return IPTABLES + "%s POSTROUTING -o e0 -p udp -j SNAT --to-source %s%s" % (how, address, ports and ":" + ports)

    def note(self, what):
        """One line in timeline.log: seconds since the construction."""
        with open(os.path.join(self.logdir, "timeline.log"), "a") as f:
            f.write("%7.2f  %s\n" % (time.monotonic() - self.began, what))

    # -- steps ---------------------------------------------------------------

    def start_lns(self):
        return self._start(self.lns, self.lns.role)

    def _start(self, end, role):
        if self.settings.run_sabusd[role]:
            end.sabusd.start()
        end.charon.start()
        end.xl2tpd.start()
        self.note("daemons run on " + end.host.name)

    def start(self):
        """The daemons of all hosts."""
        self.start_lns()
        for c in self.clients:
            self._start(c.end, "client")
        return self

    def up(self):
        """All clients, one after the other."""
        self.start()
        for c in self.clients:
            c.up()
        return self

    # -- what the NAT does -----------------------------------------------------

    def forget(self, address=OUTSIDE, ports="30000-39999"):
        """The NAT has lost its memory, and gives other ports (or another address) from now on."""
        self.router.run(IPTABLES + "-F POSTROUTING; " + self._snat("-A", address, ports) + "; conntrack -F")
        self.note("the NAT forgets; now %s:%s" % (address, ports))

    def move(self):
        """The NAT has another address outside."""
        self.router.run("ip addr del %s/24 dev e0; ip addr add %s/24 dev e0" % (OUTSIDE, OUTSIDE_OTHER))
        self.forget(OUTSIDE_OTHER)

    # -- questions -------------------------------------------------------------

    def carried(self):
        """Packets by SPI, as the LNS's kernel counts them."""
        return xfrm.used(self.lns.host)

    def encap_ports(self):
        """The ports of the peer in the LNS's SAs, by SPI of the outbound SA."""
        return {s["spi"]: s["encap"][1] for s in xfrm.states(self.lns.host) if s["src"] == self.lns.host.address and s["encap"]}

    def faults(self):
        return [f for e in self.ends.values() for f in e.host.faults()]

    def destroy(self):
        self.note("test over")
        for e in self.ends.values():
            e.host.destroy()
        self.router.destroy()
        self.wire.stop()
        self.note("torn down")
